"""The ring around the focused widget, for those whose style draws no visible one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QRectF, Qt, Slot
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractItemView, QAbstractSpinBox, QApplication, QComboBox, QLabel, QWidget

from fer_desktop.ui import theme

if TYPE_CHECKING:
    from PySide6.QtGui import QShowEvent

_WITHOUT_RING = (QAbstractItemView, QAbstractSpinBox, QComboBox, QLabel)


class FocusRing(QObject):
    """Draws a ring over the focused label with links, field or list, in all windows."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._ring: _Ring | None = None
        QApplication.instance().focusChanged.connect(self._on_focus_changed)  # type: ignore[union-attr]  # a QApplication

    @Slot(QWidget, QWidget)
    def _on_focus_changed(self, _before: QWidget | None, now: QWidget | None) -> None:
        if self._ring is not None:
            self._ring.deleteLater()
            self._ring = None
        if isinstance(now, _WITHOUT_RING):
            self._ring = _Ring(now)
            self._ring.destroyed.connect(self._on_destroyed)
            self._ring.show()

    @Slot()
    def _on_destroyed(self) -> None:
        if self.sender() is self._ring:
            self._ring = None


class _Ring(QWidget):
    """Covers its parent and lets the mouse through."""

    def __init__(self, covered: QWidget) -> None:
        super().__init__(covered)
        self._covered = covered
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        covered.installEventFilter(self)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._cover()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Resize:
            self._cover()
        return super().eventFilter(watched, event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(theme.tokens().text), 2))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 4, 4)
        painter.end()

    def _cover(self) -> None:
        self.setGeometry(self._covered.rect())
