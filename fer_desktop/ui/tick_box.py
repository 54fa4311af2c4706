"""The check box of the track list and the settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QCheckBox, QStyle, QStyleOptionButton

from fer_desktop.ui import theme

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

TICK_SIDE = 16


def draw_tick(painter: QPainter, left: int, middle: int, *, ticked: bool) -> None:
    """Draws the box, visible in both colour schemes: `left` is its edge, `middle` the y of its centre."""
    colors = theme.tokens()
    box = QRect(left, middle - TICK_SIDE // 2, TICK_SIDE, TICK_SIDE)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(colors.accent if ticked else colors.muted), 2))
    painter.setBrush(QColor(colors.accent if ticked else colors.surface))
    painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), 3, 3)
    if ticked:
        tick = QPainterPath()
        tick.moveTo(box.left() + 4, box.top() + 8)
        tick.lineTo(box.left() + 7, box.top() + 11)
        tick.lineTo(box.left() + 12, box.top() + 5)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(colors.on_accent), 2))
        painter.drawPath(tick)


class TickBox(QCheckBox):
    """A check box drawn like that of a track: Fusion's is hardly visible in the dark scheme."""

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draws box, label and focus."""
        option = QStyleOptionButton()
        self.initStyleOption(option)
        style = self.style()
        indicator = style.subElementRect(QStyle.SubElement.SE_CheckBoxIndicator, option, self)
        option.rect = style.subElementRect(QStyle.SubElement.SE_CheckBoxContents, option, self).translated(
            4, 0
        )
        painter = QPainter(self)
        style.drawControl(QStyle.ControlElement.CE_CheckBoxLabel, option, painter, self)
        draw_tick(painter, indicator.left(), indicator.center().y() + 1, ticked=self.isChecked())
        if self.hasFocus():
            painter.setPen(QPen(QColor(theme.tokens().accent), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(self.rect().adjusted(1, 1, -1, -1), 4, 4)
        painter.end()
