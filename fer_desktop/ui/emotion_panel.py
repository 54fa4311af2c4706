"""The emotion that was read, its probability bars, and the choice by hand."""

from __future__ import annotations

from PySide6.QtCore import QEasingCurve, QEvent, QRectF, QSize, Qt, QVariantAnimation, Signal, Slot
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QLabel,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from fer_desktop.domain import Emotion, EmotionScores, FaceReading
from fer_desktop.emotions import EMOTIONS
from fer_desktop.translation import _
from fer_desktop.ui import theme
from fer_desktop.ui.emotion_icon import EmotionFace, emotion_icon
from fer_desktop.ui.layouts import column, row
from fer_desktop.ui.wording import emotion_word, percent

_EASE_MS = 150
_ICON_SIDE = 28


class EmotionBar(QWidget):
    """One probability as a word, a bar and a figure."""

    def __init__(self, emotion: Emotion) -> None:
        super().__init__()
        self._emotion = emotion
        self._shown = 0.0
        self._value: float | None = None
        self._look: tuple[str, int] | None = None
        self._easing = QVariantAnimation(self)
        self._easing.setDuration(_EASE_MS)
        self._easing.setEasingCurve(QEasingCurve.Type.OutCubic)
        self._easing.valueChanged.connect(self._on_eased)
        self.setFont(theme.tabular(self.font()))
        self._measure_words()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.set_value(None)

    @property
    def value(self) -> float | None:
        """The probability that the bar shows, None while nothing is read."""
        return self._value

    def set_value(self, value: float | None) -> None:
        """Moves the bar to a probability, or empties it."""
        if value == self._value and self.accessibleName():
            return
        self._value = value
        reading = _("no value") if value is None else percent(value)
        self.setAccessibleName(f"{emotion_word(self._emotion)} {reading}")
        target = value or 0.0
        self._easing.stop()
        if theme.reduced_motion() or not self.isVisible() or self._look_at(target) == self._look:
            self._on_eased(target)
            return
        self._easing.setStartValue(self._shown)
        self._easing.setEndValue(target)
        self._easing.start()

    def sizeHint(self) -> QSize:
        """One line of text with some space around it."""
        return QSize(200, QFontMetrics(self.font()).height() + theme.SPACE)

    def changeEvent(self, event: QEvent) -> None:
        """Measures the words again if the font changes."""
        if event.type() is QEvent.Type.FontChange:
            self._measure_words()
        super().changeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draws the word, the bar and the figure."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(self.palette().windowText().color())
        flags = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(
            0,
            0,
            self._word_width,
            self.height(),
            flags | Qt.AlignmentFlag.AlignLeft,
            emotion_word(self._emotion),
        )
        if self._value is not None:
            painter.drawText(
                self.width() - self._figure_width,
                0,
                self._figure_width,
                self.height(),
                flags | Qt.AlignmentFlag.AlignRight,
                percent(self._value),
            )
        track = self.track()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.tokens().track))
        painter.drawRoundedRect(track, 4, 4)
        filled = QRectF(track)
        filled.setWidth(track.width() * self._shown)
        # A bar that is narrower than its rounded corners would look like a blot.
        if filled.width() >= 1:
            painter.setClipRect(filled)
            painter.setBrush(theme.emotion_color(self._emotion))
            painter.drawRoundedRect(track, 4, 4)
        painter.end()

    @Slot(object)
    def _on_eased(self, shown: float) -> None:
        self._shown = float(shown)
        look = self._look_at(self._shown)
        if look != self._look:  # the bars of a calm face change by less than a pixel, 15 times a second
            self._look = look
            self.update()

    def _look_at(self, shown: float) -> tuple[str, int]:
        """Returns what the user sees of a bar that is filled by a share: the figure and the whole pixels."""
        figure = "" if self._value is None else percent(self._value)
        return figure, round(self.track().width() * self.devicePixelRatioF() * shown)

    def track(self) -> QRectF:
        """Returns where the share is drawn, next to the word."""
        width = self.width() - self._word_width - self._figure_width
        return QRectF(self._word_width, self.height() / 2 - 4, width, 8)

    def _measure_words(self) -> None:
        metrics = QFontMetrics(self.font())
        words = [metrics.horizontalAdvance(emotion_word(emotion)) for emotion in Emotion]
        self._word_width = max(words) + theme.SPACE * 2
        self._figure_width = metrics.horizontalAdvance(percent(1.0)) + theme.SPACE


class EmotionPanel(QFrame):
    """The card next to the picture.

    Signals:
        emotion_chosen: The Emotion whose button was clicked.
    """

    emotion_chosen = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("card", True)
        self.lead = QLabel()
        theme.small(self.lead)
        self._face = EmotionFace(_ICON_SIDE)
        self.word = QLabel()
        theme.headline(self.word)
        self.word.setMinimumHeight(_ICON_SIDE)
        self.word.setFont(theme.tabular(self.word.font()))
        self.bars = {emotion: EmotionBar(emotion) for emotion in EMOTIONS}
        self.choices = {emotion: self._choice(emotion) for emotion in EMOTIONS}
        self._group = QButtonGroup(self)
        self._group.setExclusive(True)
        for button in self.choices.values():
            self._group.addButton(button)
        self._lay_out()
        self.show_waiting()

    def show_waiting(self) -> None:
        """Shows that no face is read."""
        self._say(_("Now"), None, _("No face yet"))
        self._set_bars(None)

    def show_reading(self, reading: FaceReading, *, captured: bool) -> None:
        """Shows the reading of a face; `captured` if it is the one in the capture."""
        emotion = reading.scores.dominant
        lead = _("In the capture you look") if captured else _("You look")
        if reading.unsure:
            self._say(lead, None, _("not clearly one of these"))
        else:
            self._say(lead, emotion, f"{emotion_word(emotion)}   {percent(reading.scores[emotion])}")
        self._set_bars(reading.scores)

    def show_chosen(self, emotion: Emotion) -> None:
        """Shows an emotion that the user chose, without any probabilities."""
        self._say(_("You chose"), emotion, emotion_word(emotion))
        self._set_bars(None)

    def show_choices(self, chosen: Emotion | None, *, can_choose: bool) -> None:
        """Checks only the emotion that was chosen by hand, and enables the buttons."""
        self._group.setExclusive(chosen is not None)
        for emotion, button in self.choices.items():
            button.setChecked(emotion is chosen)
            button.setEnabled(can_choose)
        self._group.setExclusive(True)

    def _say(self, lead: str, emotion: Emotion | None, words: str) -> None:
        self.lead.setText(lead)
        self.word.setText(words)
        self._face.show_emotion(emotion)

    def _set_bars(self, scores: EmotionScores | None) -> None:
        for emotion, bar in self.bars.items():
            bar.set_value(None if scores is None else scores[emotion])

    def _choice(self, emotion: Emotion) -> QToolButton:
        button = QToolButton()
        button.setIcon(emotion_icon(emotion))
        button.setIconSize(QSize(22, 22))
        button.setCheckable(True)
        button.setToolTip(_("Create a playlist for: {emotion}").format(emotion=emotion_word(emotion)))
        button.setAccessibleName(_("Choose {emotion}").format(emotion=emotion_word(emotion)))
        button.clicked.connect(lambda: self.emotion_chosen.emit(emotion))
        return button

    def _lay_out(self) -> None:
        choose = QLabel(_("Or choose:"))
        theme.small(choose)
        column(
            self.lead,
            row(self._face, self.word, growing=self.word),
            theme.SPACE // 2,
            *self.bars.values(),
            theme.SPACE,
            row(choose, *self.choices.values(), None),
            None,
            owner=self,
            margin=theme.SPACE * 2,
            spacing=theme.SPACE // 2,
        )
