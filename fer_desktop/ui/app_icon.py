"""The icon of the app, drawn at any size: for its window, and by the build for menus and installers."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap

from fer_desktop.domain import Emotion
from fer_desktop.ui import theme
from fer_desktop.ui.emotion_icon import paint_emotion

_SIDES = (16, 24, 32, 48, 64, 128, 256)


def app_icon() -> QIcon:
    """Returns the icon of the window."""
    icon = QIcon()
    for side in _SIDES:
        icon.addPixmap(app_pixmap(side))
    return icon


def app_pixmap(side: int) -> QPixmap:
    """Returns the icon as a square picture of `side` pixels: a smile on amber, the same in light and dark."""
    pixmap = QPixmap(side, side)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(theme.DARK.emotions[Emotion.HAPPY]))
    painter.drawRoundedRect(QRectF(0, 0, side, side), side * 0.22, side * 0.22)
    margin = side * 0.14
    face = QRectF(margin, margin, side - 2 * margin, side - 2 * margin)
    paint_emotion(painter, face, Emotion.HAPPY, QColor(theme.LIGHT.text))
    painter.end()
    return pixmap
