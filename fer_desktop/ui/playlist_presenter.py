"""Shows the playlist on its card, and the assistant that connects an account."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QUrl, Signal, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QDialog

from fer_desktop.controllers.flow import FlowState
from fer_desktop.errors import SettingsError
from fer_desktop.translation import _, ngettext
from fer_desktop.ui.connect_dialog import ConnectDialog
from fer_desktop.ui.dialogs import raise_open

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from fer_desktop.controllers.account import AccountController
    from fer_desktop.controllers.covers import CoversController
    from fer_desktop.controllers.flow import Flow
    from fer_desktop.controllers.notifications import NotificationCenter
    from fer_desktop.controllers.playlist import PlaylistController
    from fer_desktop.domain import Playlist, PlaylistPlan
    from fer_desktop.errors import AppError
    from fer_desktop.settings import SettingsStore
    from fer_desktop.ui.playlist_panel import PlaylistPanel


class PlaylistPresenter(QObject):
    """Connects the flow, the playlist and the account with the playlist's card.

    Signals:
        announced: Words for the screen reader.
    """

    announced = Signal(str)

    def __init__(
        self,
        panel: PlaylistPanel,
        flow: Flow,
        playlist: PlaylistController,
        account: AccountController,
        covers: CoversController,
        notifications: NotificationCenter,
        settings: SettingsStore,
        window: QWidget,
    ) -> None:
        """Connects the parts; dialogs open over `window`."""
        super().__init__(window)
        self._panel = panel
        self._flow = flow
        self._account = account
        self._notifications = notifications
        self._settings = settings
        self._window = window
        playlist.plan_changed.connect(self._on_plan)
        playlist.progressed.connect(panel.show_progress)
        playlist.tracks_found.connect(panel.show_tracks)
        playlist.tracks_found.connect(covers.fetch)
        covers.arrived.connect(panel.tracks.show_cover)
        flow.state_changed.connect(self._on_state)
        flow.changed.connect(self._on_changed)
        flow.created.connect(self._on_created)
        flow.failed.connect(self._on_failed)
        flow.assistant_needed.connect(self.open_assistant)
        account.browser_requested.connect(self._on_browser_requested)
        account.changed.connect(self._on_account)
        account.failed.connect(self._on_account_failed)
        account.ends_soon.connect(notifications.notify)
        panel.create_requested.connect(flow.create)
        panel.preview_requested.connect(flow.preview)
        panel.update_requested.connect(partial(flow.create, "update"))
        panel.another_requested.connect(partial(flow.create, "new"))
        panel.cancel_requested.connect(flow.cancel)
        panel.leave_requested.connect(flow.discard)
        panel.set_up_requested.connect(flow.set_up)
        panel.lift_chosen.connect(lambda lift: settings.update(lift_mood=lift))
        panel.choice_changed.connect(flow.choose_tracks)
        self._on_account()

    @Slot()
    def open_assistant(self) -> None:
        """Opens the assistant that connects an account; work that needed the account then continues."""
        if raise_open(self._window, ConnectDialog):
            return
        try:
            dialog = ConnectDialog(self._settings, self._account, self._window)
        except SettingsError as error:
            self._notifications.notify(error)
            return
        dialog.finished.connect(
            lambda result: self._flow.end_set_up(connected=result == QDialog.DialogCode.Accepted)
        )
        self._flow.begin_set_up()
        dialog.show()

    # What the flow and the playlist report

    @Slot(object)
    def _on_plan(self, plan: PlaylistPlan | None) -> None:
        if plan is None:
            self._panel.show_empty()
        else:
            self._panel.show_plan(plan)

    @Slot(object)
    def _on_state(self, state: FlowState) -> None:
        flow = self._flow
        if state in (FlowState.PLANNED, FlowState.PREVIEWED):
            self._panel.show_ready()
        elif flow.working:
            self._panel.show_progress(_("Starting…"), 0, 0)
        elif state is FlowState.ASKED and flow.playlist is not None:
            self._panel.show_question(flow.playlist)
            self.announced.emit(
                _("You created “{link}” today. Replace its songs with new ones?").format(
                    link=flow.playlist.name
                )
            )
        elif state is FlowState.CREATED and flow.playlist is not None:
            self._panel.show_created(flow.playlist)
        elif state is FlowState.FAILED and flow.error is not None:
            self._panel.show_error(flow.error, set_up=flow.needs_account, unfinished=flow.unfinished)

    @Slot()
    def _on_changed(self) -> None:
        self._panel.allow(
            create=self._flow.can_create,
            choose_tracks=self._flow.can_choose_tracks,
            set_up=self._flow.can_set_up,
        )

    @Slot(object)
    def _on_created(self, playlist: Playlist) -> None:
        count = len(playlist.tracks)
        self.announced.emit(
            ngettext(
                "{name} is ready, with {count} song.", "{name} is ready, with {count} songs.", count
            ).format(name=playlist.name, count=count)
        )

    @Slot(object)
    def _on_failed(self, error: AppError) -> None:
        if error is self._flow.error:
            self.announced.emit(str(error))
        else:
            self._notifications.notify(error)

    # What the account reports; the assistant shows that itself while it is open

    @Slot(str)
    def _on_browser_requested(self, url: str) -> None:
        if self._flow.setting_up:
            return
        opened = QDesktopServices.openUrl(QUrl(url))
        if self._flow.working:  # otherwise the card has no work that its Cancel could stop
            self._panel.show_login(url, opened=opened)

    @Slot(object)
    def _on_account_failed(self, error: AppError) -> None:
        if not self._flow.setting_up:
            self._notifications.notify(error)

    @Slot()
    def _on_account(self) -> None:
        self._panel.show_account(
            self._account.account, self._account.storage_note, offered=self._flow.offers_account
        )
