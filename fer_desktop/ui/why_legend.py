"""The legend of the Why view: the scale of the map, and in plain words what it means and what it does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Slot
from PySide6.QtGui import QColor, QLinearGradient, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from fer_desktop.translation import _
from fer_desktop.ui import theme
from fer_desktop.ui.face_map import COLORS, STOPS
from fer_desktop.ui.layouts import column, row
from fer_desktop.ui.text import text_label
from fer_desktop.ui.wording import emotion_word

if TYPE_CHECKING:
    from fer_desktop.domain import OcclusionMap


class WhyLegend(QWidget):
    """Under the picture: the scale of the map, and in plain words what it shows."""

    def __init__(self) -> None:
        super().__init__()
        self.text = text_label(small=True)
        little, scale, much = QLabel(_("little")), _Scale(), QLabel(_("much"))
        for label in (little, much):
            theme.small(label)
        column(row(little, scale, much, growing=scale), self.text, owner=self, spacing=theme.SPACE // 2)
        self.show_live()

    def show_live(self) -> None:
        """Explains the map of the live picture."""
        self.text.setText(
            _(
                "Bright: where the network pays attention (CBAM). It shows where it looks, not why it "
                "decides, and is often much the same for every face. Capture to see which parts count."
            )
        )

    def show_waiting(self) -> None:
        """Says that the captured picture is being examined."""
        self.text.setText(_("Covering the parts of the face one by one, to see which of them count."))

    @Slot(object)
    def show_occlusion(self, found: OcclusionMap) -> None:
        """Explains the map of the captured picture."""
        if found.drop:
            words = _(
                "Bright: what the reading relied on. With the brightest part covered, {emotion} falls by "
                "{points} percentage points. It shows what the network used, not whether it is right."
            )
        else:
            words = _(
                "No single part decides: the reading stays {emotion} whichever is covered. It shows what the "
                "network used, not whether it is right."
            )
        self.text.setText(words.format(emotion=emotion_word(found.emotion), points=round(found.drop * 100)))


class _Scale(QWidget):
    """The colours of the map, from little to much."""

    def __init__(self) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """A thin bar."""
        return QSize(120, theme.SPACE)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draws the bar."""
        gradient = QLinearGradient(QPointF(0, 0), QPointF(self.width(), 0))
        for stop, color in zip(STOPS, COLORS, strict=True):
            gradient.setColorAt(stop, QColor(*color))
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(gradient)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
        painter.end()
