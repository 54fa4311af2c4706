"""The privacy notice before the first camera start, in the place where the picture will be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout

from fer_desktop.ui import theme

if TYPE_CHECKING:
    from fer_desktop.vision.model_card import ModelCard

_NOTICE = (
    "The camera picture is read for one thing: whether a face looks angry, happy, neutral or sad.",
    (
        "It stays on this computer. Nothing is recorded. Only search words, such as \u201cJoy\u201d, go to "
        "Spotify."
    ),
    (
        "Others in the picture get a box too: ask them first. Not for use at work, in education, hiring or "
        "monitoring."
    ),
)


class WelcomePanel(QFrame):
    """What the app infers, how often it is wrong, and three ways to begin.

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
        heading = QLabel("Turn how you look into music")
        theme.headline(heading)
        heading.setWordWrap(True)
        self.how_wrong = QLabel()
        self.how_wrong.setWordWrap(True)
        self.start_button = QPushButton("Start camera")
        self.start_button.setProperty("primary", True)
        self.photo_button = QPushButton("Open photo")
        self.mood_button = QPushButton("Choose mood")
        self.start_button.clicked.connect(self.start_requested)
        self.photo_button.clicked.connect(self.photo_requested)
        self.mood_button.clicked.connect(self.mood_requested)
        column = QVBoxLayout()
        column.setSpacing(theme.SPACE * 2)
        column.addWidget(heading)
        for index, line in enumerate(_NOTICE):
            label = QLabel(line)
            label.setWordWrap(True)
            column.addWidget(label)
            if index == 0:
                column.addWidget(self.how_wrong)
        buttons = QHBoxLayout()
        buttons.setSpacing(theme.SPACE)
        for button in (self.start_button, self.photo_button, self.mood_button):
            buttons.addWidget(button)
        buttons.addStretch(1)
        column.addSpacing(theme.SPACE)
        column.addLayout(buttons)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(*[theme.SPACE * 4] * 4)
        outer.addStretch(1)
        outer.addLayout(column)
        outer.addStretch(1)
        outer.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.show_model(None)

    def show_model(self, card: ModelCard | None) -> None:
        """Says how often the model is wrong, as its card has measured it."""
        if card is None:
            self.how_wrong.setText("It is often wrong: take it as a guess, not as the truth about you.")
            return
        wrong = round((1 - card.test_accuracy) * 100)
        weakest = min(card.test_recall, key=lambda emotion: card.test_recall[emotion])
        missed = round((1 - card.test_recall[weakest]) * 100)
        self.how_wrong.setText(
            f"It is a guess, not the truth about you: of 100 test faces it named {wrong} differently from "
            f"the people who looked at them, and missed {missed} of 100 {weakest.value} ones."
        )
