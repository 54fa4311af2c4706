"""The line below the header that says what happened and what to do next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QFrame, QLabel, QPushButton

from fer_desktop.translation import _
from fer_desktop.ui import theme
from fer_desktop.ui.layouts import column, row
from fer_desktop.ui.text import text_label
from fer_desktop.ui.wording import breakable

if TYPE_CHECKING:
    from fer_desktop.errors import AppError


class NotificationBar(QFrame):
    """Shows one AppError with its next step.

    Signals:
        dismissed: The user closed it.
    """

    dismissed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("card", True)
        self.title = QLabel()
        self.title.setProperty("error", True)
        theme.bold(self.title)
        self.message = text_label()
        self._close = QPushButton(_("Close"))
        self._close.clicked.connect(self.dismissed)
        words = column(self.title, self.message, spacing=2)
        line = row(words, self._close, owner=self, spacing=theme.SPACE * 2, growing=words)
        line.setContentsMargins(theme.SPACE * 2, theme.SPACE, theme.SPACE, theme.SPACE)
        self.setVisible(False)

    def show_error(self, error: AppError | None) -> None:
        """Shows an error, or hides the bar if there is none."""
        self.setVisible(error is not None)
        if error is None:
            return
        self.title.setText(error.title)
        self.message.setText(breakable(error.explanation))
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, str(error)))
