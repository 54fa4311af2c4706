"""The privacy notice before the first camera start, where the picture will be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QPushButton, QWidget

from fer_desktop.translation import N_, _
from fer_desktop.ui import theme
from fer_desktop.ui.layouts import column, row
from fer_desktop.ui.text import text_label
from fer_desktop.ui.wording import any_emotion, emotion_word

if TYPE_CHECKING:
    from fer_desktop.vision.model_card import ModelCard

_NOTICE = (
    N_("The camera picture is read for one thing: whether a face looks {emotions}."),
    N_(
        "The picture stays on this computer and is not recorded. Only search words, such as “Joy”, go to "
        "Spotify."
    ),
    N_(
        "Others in the picture get a box too: ask them first. Not for use at work, in education, hiring or "
        "monitoring."
    ),
)

_TEXT_WIDTH = 720
"""Longer lines are hard to read."""


class WelcomePanel(QFrame):
    """What the app infers, how often it is wrong, and three ways to start.

    Signals:
        start_requested: Start camera was clicked.
        photo_requested: Open photo was clicked.
        mood_requested: Choose mood was clicked.
    """

    start_requested = Signal()
    photo_requested = Signal()
    mood_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("card", True)
        heading = text_label(_("Turn how you look into music"))
        theme.headline(heading)
        self.how_wrong = text_label()
        self.start_button = QPushButton(_("Start camera"))
        theme.make_primary(self.start_button, primary=True)
        self.photo_button = QPushButton(_("Open photo"))
        self.mood_button = QPushButton(_("Choose mood"))
        self.start_button.clicked.connect(self.start_requested)
        self.photo_button.clicked.connect(self.photo_requested)
        self.mood_button.clicked.connect(self.mood_requested)
        words = QWidget()
        words.setMaximumWidth(_TEXT_WIDTH)
        purpose, *rest = (text_label(_(line).format(emotions=any_emotion())) for line in _NOTICE)
        column(
            heading,
            purpose,
            self.how_wrong,
            *rest,
            theme.SPACE,
            row(self.start_button, self.photo_button, self.mood_button, None),
            owner=words,
            spacing=theme.SPACE * 2,
        )
        # In a row because, unlike a column, it asks for the height at the width that it gives.
        column(None, row(words), None, owner=self, margin=theme.SPACE * 4)
        self.show_model(None)

    def show_model(self, card: ModelCard | None) -> None:
        """Shows how often the model is wrong, as measured in its card."""
        if card is None:
            self.how_wrong.setText(
                _("The app is often wrong: take its answer as a guess, not as the truth about you.")
            )
            return
        wrong = round((1 - card.test_accuracy) * 100)
        weakest = min(card.test_recall, key=lambda emotion: card.test_recall[emotion])
        missed = round((1 - card.test_recall[weakest]) * 100)
        self.how_wrong.setText(
            _(
                "The answer is a guess, not the truth about you: of 100 test faces the app named {wrong} "
                "differently from the people who looked at them, and of 100 that look {emotion} it missed "
                "{missed}."
            ).format(wrong=wrong, missed=missed, emotion=emotion_word(weakest))
        )
