"""The assistant that connects Spotify: why your own Client ID, how to get it, and the login."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QUrl, Slot
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QWidget,
)

from fer_desktop.spotify.config import SpotifyConfig, is_client_id, redirect_uri_to_register
from fer_desktop.translation import N_, _
from fer_desktop.ui import theme
from fer_desktop.ui.layouts import column, row
from fer_desktop.ui.text import login_text, show_rich_text, text_label

if TYPE_CHECKING:
    from PySide6.QtGui import QCloseEvent
    from PySide6.QtWidgets import QHBoxLayout, QLayout

    from fer_desktop.controllers.account import AccountController
    from fer_desktop.errors import AppError
    from fer_desktop.settings import SettingsStore

DASHBOARD_URL = "https://developer.spotify.com/dashboard"
_LETTERS = 32
_WHY = N_(
    "Spotify serves an app like this one only with a Client ID of your own. Creating one takes two minutes, "
    "once. It costs nothing, but its owner needs Premium, and at most five people can use it."
)


class ConnectDialog(QDialog):
    """Guides the user to a connected account; accepted once one is connected."""

    def __init__(self, settings: SettingsStore, account: AccountController, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Connect Spotify"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._settings = settings
        self._account = account
        self._login_url = ""
        self.dashboard_button = QPushButton(_("Open dashboard"))
        self.dashboard_button.clicked.connect(lambda: QDesktopServices.openUrl(QUrl(DASHBOARD_URL)))
        self.redirect_uri = QLineEdit()
        self.redirect_uri.setReadOnly(True)
        self.redirect_uri.setAccessibleName(_("Redirect URI"))
        self.copy_button = QPushButton(_("Copy"))
        self.copy_button.setAccessibleName(_("Copy the redirect URI"))
        self.copy_button.clicked.connect(
            lambda: QGuiApplication.clipboard().setText(self.redirect_uri.text())
        )
        self.client_id = QLineEdit(SpotifyConfig.of(settings.current).client_id)
        self.client_id.setPlaceholderText(_("Client ID"))
        self.client_id.setAccessibleName(_("Client ID"))
        self.client_id.setClearButtonEnabled(True)
        self.client_id.textChanged.connect(self._check)
        self.verdict = text_label(small=True)
        self.consent = text_label(small=True)
        self.state = text_label()
        self.progress = QProgressBar()
        self.progress.setRange(0, 0)
        self.progress.setTextVisible(False)
        self.progress.setAccessibleName(_("Waiting for your consent"))
        self.copy_login_button = QPushButton(_("Copy address"))
        self.copy_login_button.clicked.connect(lambda: QGuiApplication.clipboard().setText(self._login_url))
        self.connect_button = QPushButton(_("Connect"))
        theme.make_primary(self.connect_button, primary=True)
        self.connect_button.setDefault(True)
        self.connect_button.clicked.connect(self._connect)
        self.cancel_button = QPushButton(_("Cancel"))
        self.cancel_button.clicked.connect(self._cancel)
        self._lay_out()
        self._say_settings()
        self._show_waiting(False)
        self._say("", error=False)
        self._check()
        account.browser_requested.connect(self._on_browser_requested)
        account.connecting_changed.connect(self._show_waiting)
        account.changed.connect(self._on_account)
        account.failed.connect(self._on_failed)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Cancels a pending login."""
        self._account.cancel()
        super().closeEvent(event)

    def reject(self) -> None:
        """Cancels a pending login, also on Escape."""
        self._account.cancel()
        super().reject()

    @Slot()
    def _check(self) -> None:
        """Shows whether the pasted text looks like a Client ID."""
        text = self.client_id.text().strip()
        good = is_client_id(text)
        if good:
            verdict = _("This looks like a Client ID.")
        elif not text:
            verdict = _("It has {count} letters and digits. There is no secret to copy.").format(
                count=_LETTERS
            )
        elif not text.isalnum() or not text.isascii():
            verdict = _("A Client ID has only letters and digits.")
        else:
            verdict = _("That is {count} of {total} letters and digits.").format(
                count=len(text), total=_LETTERS
            )
        self.verdict.setText(verdict)
        self.connect_button.setEnabled(good)

    @Slot()
    def _connect(self) -> None:
        self._settings.update(client_id=self.client_id.text().strip())
        self._say("", error=False)
        self._account.reopen()
        self._account.connect_account()

    @Slot()
    def _cancel(self) -> None:
        if self._account.connecting:
            self._account.cancel()
        else:
            self.reject()

    @Slot(str)
    def _on_browser_requested(self, url: str) -> None:
        self._login_url = url
        self._say(login_text(url, opened=QDesktopServices.openUrl(QUrl(url))), error=False)

    @Slot(bool)
    def _show_waiting(self, waits: bool) -> None:  # a Qt slot
        self.progress.setVisible(waits)
        self.copy_login_button.setVisible(waits)
        self.connect_button.setEnabled(not waits and is_client_id(self.client_id.text().strip()))
        self.client_id.setEnabled(not waits)
        if not waits and not self.state.property("error"):
            self._say("", error=False)

    @Slot()
    def _on_account(self) -> None:
        self._say_settings()  # they may have changed while this dialog was open
        if self._account.account is not None:
            self.accept()

    @Slot(object)
    def _on_failed(self, error: AppError) -> None:
        self._say(str(error), error=True)
        self.client_id.setFocus()

    def _say_settings(self) -> None:
        """Shows what the login will ask for and where it comes back to."""
        self.redirect_uri.setText(redirect_uri_to_register(self._settings.current.redirect_port))
        consent = SpotifyConfig.of(self._settings.current).needed_scopes().values()
        self.consent.setText("\n".join(f"\u2022 {each}" for each in consent))

    def _say(self, words: str, *, error: bool) -> None:
        show_rich_text(self.state, html.escape(words) if error else words)
        self.state.setProperty("error", error)
        self.state.style().unpolish(self.state)
        self.state.style().polish(self.state)
        self.state.setVisible(bool(words))

    def _lay_out(self) -> None:
        heading = QLabel(_("Connect Spotify"))
        theme.headline(heading)
        steps = QWidget()
        column(
            heading,
            text_label(_(_WHY)),
            theme.SPACE,
            _step(
                "1",
                _("Open Spotify's dashboard, log in there and choose Create app."),
                row(self.dashboard_button, None),
            ),
            _step(
                "2",
                _(
                    "Give it a name that does not begin with “Spot”, tick Web API, and enter this "
                    "redirect URI, letter for letter:"
                ),
                row(self.redirect_uri, self.copy_button),
            ),
            _step("3", _("Under User Management, add the name and e-mail address of your Spotify account.")),
            _step("4", _("Copy the app's Client ID and paste it here."), self.client_id, self.verdict),
            _step("5", _("Connect. Spotify's page then asks whether FER Desktop may:"), self.consent),
            None,
            owner=steps,
        ).setContentsMargins(0, 0, theme.SPACE, 0)
        page = theme.scrolled(steps)
        column(
            page,
            self.state,
            self.progress,
            row(self.copy_login_button, None, self.cancel_button, self.connect_button),
            owner=self,
            margin=theme.SPACE * 3,
            growing=page,
        )
        self.resize(560, min(560, self.screen().availableSize().height() - theme.SPACE * 10))


def _step(number: str, words: str, *below: QWidget | QLayout) -> QHBoxLayout:
    mark = QLabel(number)
    theme.bold(mark)
    mark.setFixedWidth(theme.SPACE * 2)
    mark.setAlignment(Qt.AlignmentFlag.AlignTop)
    step = column(text_label(words), *below, spacing=theme.SPACE // 2)
    return row(mark, step, growing=step)
