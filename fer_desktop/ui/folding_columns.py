"""Two columns that become one where the window is narrow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QBoxLayout, QWidget

from fer_desktop.ui import theme

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent

_FOLD_WIDTH = 1000 - 4 * theme.SPACE
"""The window's 1000 pixels less its margins."""

_SIDE_WIDTH = 392
_UNBOUNDED = 16_777_215  # Qt's QWIDGETSIZE_MAX


class FoldingColumns(QWidget):
    """The main part at the left and a side column of fixed width, or the side under the main part."""

    def __init__(self, main: QWidget, side: QWidget) -> None:
        super().__init__()
        self._side = side
        self._columns = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._columns.setContentsMargins(0, 0, 0, 0)
        self._columns.setSpacing(theme.SPACE * 2)
        self._columns.addWidget(main, 1)
        self._columns.addWidget(side)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Folds or unfolds."""
        super().resizeEvent(event)
        narrow = event.size().width() < _FOLD_WIDTH
        down, across = QBoxLayout.Direction.TopToBottom, QBoxLayout.Direction.LeftToRight
        self._columns.setDirection(down if narrow else across)
        self._side.setMinimumWidth(0 if narrow else _SIDE_WIDTH)
        self._side.setMaximumWidth(_UNBOUNDED if narrow else _SIDE_WIDTH)
