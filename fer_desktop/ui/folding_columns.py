"""Two columns that become one in a narrow window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QBoxLayout, QWidget

from fer_desktop.ui import theme

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent

_MARGINS = 4 * theme.SPACE
"""Of the window, left and right together."""

_FOLD_WIDTH = 1000 - _MARGINS
_STACK_WIDTH = 720 - _MARGINS
"""Narrower than this, two panels side by side would wrap their lines too often."""

_SIDE_WIDTH = 392
_UNBOUNDED = 16_777_215  # Qt's QWIDGETSIZE_MAX


class FoldingColumns(QWidget):
    """The main part on the left and a column of two panels, or the panels below the main part."""

    def __init__(self, main: QWidget, upper: QWidget, lower: QWidget) -> None:
        super().__init__()
        self._side = QWidget()
        self._panels = QBoxLayout(QBoxLayout.Direction.TopToBottom, self._side)
        self._panels.setContentsMargins(0, 0, 0, 0)
        self._panels.setSpacing(theme.SPACE * 2)
        self._panels.addWidget(upper)
        self._panels.addWidget(lower, 1)
        self._columns = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._columns.setContentsMargins(0, 0, 0, 0)
        self._columns.setSpacing(theme.SPACE * 2)
        self._columns.addWidget(main, 1)
        self._columns.addWidget(self._side)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Folds or unfolds."""
        super().resizeEvent(event)
        width = event.size().width()
        folded = width < _FOLD_WIDTH
        down, across = QBoxLayout.Direction.TopToBottom, QBoxLayout.Direction.LeftToRight
        self._columns.setDirection(down if folded else across)
        self._panels.setDirection(across if folded and width >= _STACK_WIDTH else down)
        self._panels.setStretch(0, 1 if folded and width >= _STACK_WIDTH else 0)
        self._side.setMinimumWidth(0 if folded else _SIDE_WIDTH)
        self._side.setMaximumWidth(_UNBOUNDED if folded else _SIDE_WIDTH)
