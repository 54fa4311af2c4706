"""The settings dialog, built from the settings' declarations, and the account of the music service."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, Signal, Slot
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QPushButton,
    QSpinBox,
    QWidget,
)

from fer_desktop.translation import _
from fer_desktop.ui import theme
from fer_desktop.ui.layouts import column, row
from fer_desktop.ui.text import text_label
from fer_desktop.ui.tick_box import TickBox

if TYPE_CHECKING:
    from fer_desktop.controllers.account import AccountController
    from fer_desktop.controllers.flow import Flow
    from fer_desktop.music import MusicCapabilities
    from fer_desktop.settings import Setting, SettingsStore


class _Field(QObject):
    """One setting in the form: its editor, and the value that the user entered.

    Signals:
        changed: The user changed the value.

    Attributes:
        editor: A check box, a number, or a choice.
    """

    changed = Signal()

    def __init__(self, setting: Setting, value: bool | int | str, parent: QObject) -> None:
        super().__init__(parent)
        self.editor: TickBox | QSpinBox | QComboBox
        allowed = setting.allowed
        if allowed is None:
            self.editor = TickBox(_(setting.label))
            self.editor.setChecked(bool(value))
            self.editor.toggled.connect(self.changed)
        elif isinstance(allowed, range):
            self.editor = QSpinBox()
            self.editor.setRange(allowed.start, allowed.stop - 1)
            if setting.default_label:
                # Qt shows this label for the minimum, which is one below the range.
                self.editor.setMinimum(allowed.start - 1)
                self.editor.setSpecialValueText(_(setting.default_label))
            self.editor.setValue(int(value))
            self.editor.valueChanged.connect(self.changed)
        else:
            self.editor = QComboBox()
            for choice, words in allowed.items():
                self.editor.addItem(_(words), choice)
            self.editor.setCurrentIndex(self.editor.findData(value))
            self.editor.currentIndexChanged.connect(self.changed)
        self.editor.setAccessibleName(_(setting.label))
        self.editor.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.editor.installEventFilter(self)
        self._setting = setting

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Lets the wheel scroll the dialog instead of changing a value that passes under the pointer."""
        if event.type() is QEvent.Type.Wheel and not self.editor.hasFocus():
            event.ignore()
            return True
        return super().eventFilter(watched, event)

    def value(self) -> bool | int | str:
        """Returns the value that the user entered."""
        if isinstance(self.editor, TickBox):
            return self.editor.isChecked()
        if isinstance(self.editor, QSpinBox):
            is_number = self.editor.value() > self.editor.minimum() or not self._setting.default_label
            return self.editor.value() if is_number else self._setting.default
        chosen: str = self.editor.currentData()
        return chosen


class SettingsDialog(QDialog):
    """Shows the settings; changes take effect with Save.

    Signals:
        set_up_requested: Connect was clicked; the changes are saved.
    """

    set_up_requested = Signal()

    def __init__(
        self, settings: SettingsStore, account: AccountController, flow: Flow, parent: QWidget
    ) -> None:
        """Builds the dialog."""
        super().__init__(parent)
        self.setWindowTitle(_("Settings"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._settings = settings
        self._account = account
        self._flow = flow
        self.account = text_label()
        self.connect_button = QPushButton()
        self.connect_button.clicked.connect(self._connect)
        self.connect_button.setVisible(account.capabilities.has_account)
        self.disconnect_button = QPushButton(_("Disconnect and erase"))
        self.disconnect_button.clicked.connect(account.disconnect_account)
        unused = _unused(account.capabilities)
        self._offered = [setting for setting in settings.current.offered() if setting.name not in unused]
        self._fields = {
            setting.name: _Field(setting, getattr(settings.current, setting.name), self)
            for setting in self._offered
        }
        self.redirect_uri = text_label(small=True)
        if port := self._fields.get("redirect_port"):
            port.changed.connect(self._say_redirect_uri)
            self._say_redirect_uri()
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Save | QDialogButtonBox.StandardButton.Cancel
        )
        self.accept_button = buttons.button(QDialogButtonBox.StandardButton.Save)
        theme.make_primary(self.accept_button, primary=True)
        buttons.accepted.connect(self._save)
        buttons.rejected.connect(self.reject)
        self._lay_out(buttons)
        account.changed.connect(self._show_account)
        flow.changed.connect(self._show_account)
        self._show_account()

    def editor(self, name: str) -> QWidget:
        """Returns the editor of a setting."""
        return self._fields[name].editor

    @Slot()
    def _show_account(self) -> None:
        account = self._account.account
        connected = self._account.has_login
        name = account.name if account is not None else _("Connected") if connected else _("Not connected")
        self.account.setText(f"{name}\n{self._account.storage_note}".rstrip())
        self.connect_button.setEnabled(self._flow.can_set_up)
        self.disconnect_button.setEnabled(self._flow.can_disconnect)
        for button in (self.connect_button, self.disconnect_button):
            button.setToolTip(
                _("Available once the playlist is created or cancelled") if self._flow.working else ""
            )
        service = self._account.capabilities.service_name
        self.connect_button.setText(
            _("Connect again…") if connected else _("Connect {service}…").format(service=service)
        )

    @Slot()
    def _say_redirect_uri(self) -> None:
        port = self._fields["redirect_port"].value()
        self.redirect_uri.setText(
            _("Redirect URI in {service}'s dashboard: {uri}").format(
                service=self._account.capabilities.service_name, uri=self._account.redirect_uri(int(port))
            )
        )

    @Slot()
    def _connect(self) -> None:
        self._save()
        self.set_up_requested.emit()

    @Slot()
    def _save(self) -> None:
        self._settings.update(**{name: field.value() for name, field in self._fields.items()})
        self.accept()

    def _lay_out(self, buttons: QDialogButtonBox) -> None:
        page = QWidget()
        form = QFormLayout(page)
        form.setContentsMargins(0, 0, theme.SPACE, 0)
        form.setSpacing(theme.SPACE)
        service = self._account.capabilities.service_name
        form.addRow(_heading(_("Your {service} account").format(service=service), above=False))
        form.addRow(self.account)
        form.addRow(row(self.connect_button, self.disconnect_button, None))
        group = ""
        for setting in self._offered:
            if setting.group != group:
                form.addRow(_heading(_(setting.group), above=True))
                group = setting.group
            editor = self.editor(setting.name)
            # A check box has its label next to it.
            form.addRow("" if setting.allowed is None else _(setting.label), editor)
            if setting.note:
                form.addRow("", text_label(_(setting.note), small=True))
            if setting.name == "redirect_port":
                form.addRow("", self.redirect_uri)
        column(theme.scrolled(page), buttons, owner=self, margin=theme.SPACE * 3, spacing=theme.SPACE * 2)
        self.resize(560, min(640, self.screen().availableSize().height() - theme.SPACE * 10))


def _unused(music: MusicCapabilities) -> set[str]:
    """Returns the settings that make no difference with a music service."""
    return ({"token_store"} if not music.has_account else set()) | (
        {"redirect_port"} if not music.needs_client_id else set()
    )


def _heading(text: str, *, above: bool) -> QLabel:
    """Returns a heading; `above` adds space between it and the previous group."""
    label = QLabel(text)
    theme.bold(label)
    label.setContentsMargins(0, theme.SPACE * 2 if above else 0, 0, 0)
    return label
