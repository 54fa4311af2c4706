"""The settings: the Spotify account and where its login is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from fer_desktop.spotify.config import redirect_uri_to_register
from fer_desktop.ui import theme

if TYPE_CHECKING:
    from fer_desktop.controllers.account import AccountController
    from fer_desktop.settings import Settings

_WHY_CLIENT_ID = (
    "Spotify asks everyone who uses such an app for a Client ID of their own (with Premium). Make one at "
    f"developer.spotify.com/dashboard, with the redirect URI {redirect_uri_to_register(0)}, and paste it."
)


class SettingsDialog(QDialog):
    """Changes take effect with Save.

    Signals:
        saved: The settings object was changed and is to be written.
    """

    saved = Signal()

    def __init__(self, settings: Settings, account: AccountController, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Settings")
        self.setMinimumWidth(480)
        self._settings = settings
        self._account = account
        self.client_id = QLineEdit(settings.client_id)
        self.client_id.setPlaceholderText("32 letters and digits")
        self.client_id.setClearButtonEnabled(True)
        why = QLabel(_WHY_CLIENT_ID)
        why.setWordWrap(True)
        theme.small(why)
        self.in_keyring = QRadioButton("In the system's keyring")
        self.in_file = QRadioButton("In a file that only this user can read")
        in_file = settings.token_store == "file"  # noqa: S105  # the name of a place, no secret
        (self.in_file if in_file else self.in_keyring).setChecked(True)
        self.account = QLabel()
        self.account.setWordWrap(True)
        self.disconnect_button = QPushButton("Disconnect and erase")
        self.disconnect_button.clicked.connect(account.disconnect_account)
        form = QFormLayout()
        form.setSpacing(theme.SPACE)
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        form.addRow("Spotify Client ID", self.client_id)
        form.addRow(why)
        form.addRow("Keep the login", self.in_keyring)
        form.addRow("", self.in_file)
        form.addRow("Account", self.account)
        form.addRow("", self.disconnect_button)
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Save | QDialogButtonBox.StandardButton.Cancel
        )
        self.accept_button = buttons.button(QDialogButtonBox.StandardButton.Save)
        buttons.accepted.connect(self._save)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(*[theme.SPACE * 3] * 4)
        column.setSpacing(theme.SPACE * 2)
        column.addLayout(form)
        column.addWidget(buttons)
        account.changed.connect(self._show_account)
        self._show_account()

    @Slot()
    def _show_account(self) -> None:
        account = self._account.account
        name = account.name if account is not None else "Not connected"
        self.account.setText(f"{name}\n{self._account.storage_note}".rstrip())
        self.disconnect_button.setEnabled(self._account.has_login)

    @Slot()
    def _save(self) -> None:
        self._settings.client_id = self.client_id.text().strip()
        self._settings.token_store = "file" if self.in_file.isChecked() else "keyring"
        self.saved.emit()
        self.accept()
