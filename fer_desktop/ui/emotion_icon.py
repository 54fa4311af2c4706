"""The faces that stand for the emotions: drawn, because emoji differ from system to system."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QIconEngine, QPainter, QPainterPath, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QWidget

from fer_desktop.emotions import EMOTIONS
from fer_desktop.ui import theme

if TYPE_CHECKING:
    from fer_desktop.domain import Emotion


def paint_emotion(painter: QPainter, rect: QRectF, emotion: Emotion, color: QColor) -> None:
    """Draws an emotion's face as lines of one colour into the largest centred square of `rect`."""
    side = min(rect.width(), rect.height())
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(rect.center())
    painter.scale(side / 24, side / 24)
    pen = QPen(color, 1.8, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.drawEllipse(QPointF(0, 0), 10, 10)
    face = EMOTIONS[emotion].face
    for start, control, end in face.lines:
        path = QPainterPath(QPointF(*start))
        path.quadTo(QPointF(*control), QPointF(*end))
        painter.drawPath(path)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color)
    for eye in face.eyes:
        painter.drawEllipse(QPointF(*eye), face.eye_radius, face.eye_radius)
    painter.restore()


class _EmotionIconEngine(QIconEngine):
    """Draws at the current size and colour scheme, so the icon is sharp and readable at any scale."""

    def __init__(self, emotion: Emotion) -> None:
        super().__init__()
        self._emotion = emotion

    def paint(self, painter: QPainter, rect: object, mode: QIcon.Mode, state: QIcon.State) -> None:
        paint_emotion(painter, QRectF(rect), self._emotion, theme.emotion_color(self._emotion))  # type: ignore[call-overload]  # QRect, as Qt's stub says on use

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        if size.isEmpty():  # requested while a window is being shrunk
            return QPixmap()
        pixmap = QPixmap(size)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        self.paint(painter, pixmap.rect(), mode, state)
        painter.end()
        return pixmap

    def clone(self) -> QIconEngine:
        return _EmotionIconEngine(self._emotion)


class EmotionFace(QWidget):
    """The face of an emotion; it may change many times a second."""

    def __init__(self, side: int) -> None:
        super().__init__()
        self._emotion: Emotion | None = None
        self.setFixedSize(side, side)

    def show_emotion(self, emotion: Emotion | None) -> None:
        """Shows an emotion's face, or none."""
        self.setVisible(emotion is not None)
        if emotion is not self._emotion:
            self._emotion = emotion
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draws the face."""
        if self._emotion is not None:
            painter = QPainter(self)
            paint_emotion(painter, QRectF(self.rect()), self._emotion, theme.emotion_color(self._emotion))
            painter.end()


def emotion_icon(emotion: Emotion) -> QIcon:
    """Returns the icon of an emotion."""
    return QIcon(_EmotionIconEngine(emotion))
