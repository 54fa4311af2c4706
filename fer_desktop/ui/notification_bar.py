"""The line below the header that says what happened and what to do next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout

from fer_desktop.translation import _
from fer_desktop.ui import theme
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
        self.message = QLabel()
        self.message.setWordWrap(True)
        self.message.setTextFormat(Qt.TextFormat.PlainText)  # the name of a file comes from outside
        self._close = QPushButton(_("Close"))
        self._close.clicked.connect(self.dismissed)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self.title)
        words.addWidget(self.message)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.SPACE * 2, theme.SPACE, theme.SPACE, theme.SPACE)
        row.setSpacing(theme.SPACE * 2)
        row.addLayout(words, 1)
        row.addWidget(self._close)
        self.setVisible(False)

    def show_error(self, error: AppError | None) -> None:
        """Shows an error, or hides the bar if there is none."""
        self.setVisible(error is not None)
        if error is None:
            return
        self.title.setText(error.title)
        self.message.setText(breakable(f"{error.message} {error.hint}".strip()))
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, str(error)))
