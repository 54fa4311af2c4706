"""What is shown while there is no picture: that it is off or being opened, or why there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QDesktopServices
from PySide6.QtWidgets import QFrame, QPushButton

from fer_desktop.errors import CameraError
from fer_desktop.translation import _
from fer_desktop.ui import theme
from fer_desktop.ui.layouts import column, row
from fer_desktop.ui.text import text_label
from fer_desktop.ui.wording import breakable

if TYPE_CHECKING:
    from fer_desktop.errors import AppError


class IdlePanel(QFrame):
    """Shows the state, with the buttons that change it.

    Signals:
        start_requested: Start camera, or Try again, was clicked.
        photo_requested: Open photo was clicked.
    """

    start_requested = Signal()
    photo_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("card", True)
        self.title, self.message = text_label(), text_label()
        theme.headline(self.title)
        for label in (self.title, self.message):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.start_button = QPushButton()
        self.photo_button = QPushButton(_("Open photo"))
        self.start_button.clicked.connect(self.start_requested)
        self.photo_button.clicked.connect(self.photo_requested)
        self._settings_url = ""
        self.settings_button = QPushButton(_("Privacy settings"))
        self.settings_button.clicked.connect(lambda: QDesktopServices.openUrl(QUrl(self._settings_url)))
        column(
            None,
            self.title,
            self.message,
            row(None, self.start_button, self.settings_button, self.photo_button, None),
            None,
            owner=self,
            margin=theme.SPACE * 4,
            spacing=theme.SPACE * 2,
        )

    def show_opening(self, *, camera: bool) -> None:
        """The source is being opened; `camera` if it is one and not a file."""
        title = _("Opening the camera…") if camera else _("Opening the picture…")
        self._say(title, _("Some cameras take a few seconds.") if camera else "", "")

    def show_off(self) -> None:
        """The user switched the camera off."""
        self._say(_("The camera is off"), _("Nothing is seen or read."), _("Start camera"))

    def show_error(self, error: AppError, *, again: bool) -> None:
        """There is no picture for a reason; `again` if the app keeps trying."""
        words = error.explanation
        if again:
            words += "\n\n" + _("The picture returns automatically as soon as possible.")
        self._say(error.title, words, _("Try now") if again else _("Try again"))
        self._settings_url = error.settings_url if isinstance(error, CameraError) else ""
        self.settings_button.setVisible(bool(self._settings_url))
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, str(error)))

    def _say(self, title: str, message: str, start: str) -> None:
        self.title.setText(title)
        self.message.setText(breakable(message))
        if not start and self.isAncestorOf(self.window().focusWidget()):
            self.setFocus()  # otherwise Qt moves it from the hidden button to one of another panel
        self.start_button.setText(start)
        self.start_button.setVisible(bool(start))
        self.photo_button.setVisible(bool(start))
        self.settings_button.hide()
