"""The settings: the Spotify account, where its login is kept, and what every playlist is like."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from fer_desktop.controllers.playlist import PlaylistState
from fer_desktop.playlist.planner import MAX_TRACKS, MIN_TRACKS
from fer_desktop.spotify.config import redirect_uri_to_register
from fer_desktop.ui import theme
from fer_desktop.ui.tick_box import TickBox

if TYPE_CHECKING:
    from fer_desktop.controllers.account import AccountController
    from fer_desktop.settings import Settings

_SECOND = (("ask", "Ask"), ("update", "Update the one there is"), ("new", "Make another"))
_PORTS = (1024, 65535)


class SettingsDialog(QDialog):
    """Changes take effect with Save.

    Signals:
        account_changed: What a login depends on was changed.
        saved: The settings object was changed and is to be written.
        set_up_requested: Connect was clicked; what was changed here is saved.
    """

    account_changed = Signal()
    saved = Signal()
    set_up_requested = Signal()

    def __init__(
        self, settings: Settings, account: AccountController, parent: QWidget, *, demo: bool
    ) -> None:
        """Builds the dialog; in a demo there is no account of the user's own to connect."""
        super().__init__(parent)
        self.setWindowTitle("Settings")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._settings = settings
        self._account = account
        self._working = False
        self.account = QLabel()
        self.account.setWordWrap(True)
        self.account.setTextFormat(Qt.TextFormat.PlainText)  # a name comes from outside
        self.connect_button = QPushButton()
        self.connect_button.clicked.connect(self._connect)
        self.disconnect_button = QPushButton("Disconnect and erase")
        self.disconnect_button.clicked.connect(account.disconnect_account)
        self.in_keyring = QRadioButton("In the system's keyring")
        self.in_file = QRadioButton("In a file that only this user can read")
        in_file = settings.token_store == "file"  # noqa: S105  # the name of a place, no secret
        (self.in_file if in_file else self.in_keyring).setChecked(True)
        self.port = QLineEdit(str(settings.redirect_port or ""))
        self.port.setPlaceholderText("any that is free")
        self.port.setAccessibleName("Port of the login")
        self.port.setMaxLength(5)
        self.port.textChanged.connect(self._say_redirect_uri)
        self.redirect_uri = QLabel()
        self.redirect_uri.setWordWrap(True)
        theme.small(self.redirect_uri)
        self.track_count = QSpinBox()
        self.track_count.setRange(MIN_TRACKS, MAX_TRACKS)
        self.track_count.setValue(settings.track_count)
        self.explicit = TickBox("With songs marked as explicit")
        self.explicit.setChecked(settings.explicit_tracks)
        self.own_top_tracks = TickBox("With some of the songs that I play most")
        self.own_top_tracks.setChecked(settings.own_top_tracks)
        self.cover = TickBox("With a cover in the mood's colour")
        self.cover.setChecked(settings.cover)
        self.permissions = QLabel("Spotify asks for your consent to the last two.")
        self.permissions.setWordWrap(True)
        theme.small(self.permissions)
        self.second = QComboBox()
        self.second.setAccessibleName("A second one on the same day")
        for value, words in _SECOND:
            self.second.addItem(words, value)
        self.second.setCurrentIndex(self.second.findData(settings.second_playlist))
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Save | QDialogButtonBox.StandardButton.Cancel
        )
        self.accept_button = buttons.button(QDialogButtonBox.StandardButton.Save)
        buttons.accepted.connect(self._save)
        buttons.rejected.connect(self.reject)
        self.connect_button.setVisible(not demo)
        self._lay_out(buttons)
        account.changed.connect(self._show_account)
        self._show_account()
        self._say_redirect_uri()

    @Slot(object)
    def show_playlist_state(self, state: PlaylistState) -> None:
        """Erases nothing while a playlist is being made: its next step would write anew what was erased."""
        self._working = state is PlaylistState.WORKING
        self._show_account()

    @Slot()
    def _show_account(self) -> None:
        account = self._account.account
        connected = self._account.has_login
        name = account.name if account is not None else "Connected" if connected else "Not connected"
        self.account.setText(f"{name}\n{self._account.storage_note}".rstrip())
        self.disconnect_button.setEnabled(connected and not self._working)
        self.disconnect_button.setToolTip("Once the playlist is made or cancelled" if self._working else "")
        again = "again" if connected else "Spotify"
        self.connect_button.setText(f"Connect {again}\N{HORIZONTAL ELLIPSIS}")

    @Slot()
    def _say_redirect_uri(self) -> None:
        port = self._chosen_port()
        good = port is not None
        self.accept_button.setEnabled(good)
        self.connect_button.setEnabled(good)
        self.redirect_uri.setText(
            f"Redirect URI in Spotify's dashboard: {redirect_uri_to_register(port)}"
            if port is not None
            else f"A port is a number from {_PORTS[0]} to {_PORTS[1]}."
        )

    def _chosen_port(self) -> int | None:
        text = self.port.text().strip()
        if not text:
            return 0
        good = text.isascii() and text.isdecimal() and _PORTS[0] <= int(text) <= _PORTS[1]
        return int(text) if good else None

    @Slot()
    def _connect(self) -> None:
        self._save()
        self.set_up_requested.emit()

    @Slot()
    def _save(self) -> None:
        settings = self._settings
        before = self._account_settings()
        settings.token_store = "file" if self.in_file.isChecked() else "keyring"
        settings.redirect_port = self._chosen_port() or 0
        settings.own_top_tracks = self.own_top_tracks.isChecked()
        settings.cover = self.cover.isChecked()
        settings.track_count = self.track_count.value()
        settings.explicit_tracks = self.explicit.isChecked()
        settings.second_playlist = self.second.currentData()
        self.saved.emit()
        if self._account_settings() != before:
            self.account_changed.emit()
        self.accept()

    def _account_settings(self) -> tuple[object, ...]:
        settings = self._settings
        return settings.token_store, settings.redirect_port, settings.own_top_tracks, settings.cover

    def _lay_out(self, buttons: QDialogButtonBox) -> None:
        page = QWidget()
        form = QFormLayout(page)
        form.setContentsMargins(0, 0, theme.SPACE, 0)
        form.setSpacing(theme.SPACE)
        row = QHBoxLayout()
        row.setSpacing(theme.SPACE)
        row.addWidget(self.connect_button)
        row.addWidget(self.disconnect_button)
        row.addStretch(1)
        form.addRow(_heading("Spotify account"))
        form.addRow("Account", self.account)
        form.addRow("", row)
        form.addRow("Keep the login", self.in_keyring)
        form.addRow("", self.in_file)
        form.addRow("Port of the login", self.port)
        form.addRow("", self.redirect_uri)
        form.addRow(_heading("Playlists"))
        form.addRow("Tracks", self.track_count)
        form.addRow("", self.explicit)
        form.addRow("", self.own_top_tracks)
        form.addRow("", self.cover)
        form.addRow("", self.permissions)
        form.addRow("A second one on a day", self.second)
        column = QVBoxLayout(self)
        column.setContentsMargins(*[theme.SPACE * 3] * 4)
        column.setSpacing(theme.SPACE * 2)
        column.addWidget(theme.scrolled(page), 1)
        column.addWidget(buttons)
        self.resize(540, min(600, self.screen().availableSize().height() - theme.SPACE * 10))


def _heading(text: str) -> QLabel:
    label = QLabel(text)
    theme.bold(label)
    return label
