"""Connects the playlist's card with the playlist and the account: who says what, and what is shown for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QUrl, Signal, Slot
from PySide6.QtGui import QDesktopServices

from fer_desktop.controllers.playlist import PlaylistState
from fer_desktop.errors import (
    ClientIdError,
    LoginError,
    MissingScopeError,
    NotLoggedInError,
    SettingsError,
)
from fer_desktop.translation import _, ngettext
from fer_desktop.ui.connect_dialog import ConnectDialog
from fer_desktop.ui.dialogs import raise_open

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QWidget

    from fer_desktop.controllers.account import AccountController
    from fer_desktop.controllers.covers import CoversController
    from fer_desktop.controllers.playlist import PlaylistController
    from fer_desktop.domain import Playlist, PlaylistPlan
    from fer_desktop.errors import AppError
    from fer_desktop.settings import SettingsStore
    from fer_desktop.ui.playlist_panel import PlaylistPanel

_MENDED_BY_CONNECTING = (LoginError, MissingScopeError, NotLoggedInError)


class PlaylistSection(QObject):
    """Everything about playlists that the window shows.

    Signals:
        advanced: The next step is another one now.
        announced: Words for the screen reader.
        failed: An AppError that belongs to no step of the card.
    """

    advanced = Signal()
    announced = Signal(str)
    failed = Signal(object)

    def __init__(
        self,
        panel: PlaylistPanel,
        playlist: PlaylistController,
        account: AccountController,
        covers: CoversController,
        settings: SettingsStore,
        window: QWidget,
    ) -> None:
        """Connects the parts; dialogs open over `window`."""
        super().__init__(window)
        self._panel = panel
        self._playlist = playlist
        self._account = account
        self._settings = settings
        self._window = window
        playlist.state_changed.connect(self._on_state)
        playlist.plan_changed.connect(self._on_plan)
        playlist.progressed.connect(panel.show_progress)
        playlist.tracks_found.connect(panel.show_tracks)
        playlist.tracks_found.connect(covers.fetch)
        covers.arrived.connect(panel.tracks.show_cover)
        playlist.second_asked.connect(self._on_second_asked)
        playlist.created.connect(self._on_created)
        playlist.failed.connect(self._on_failed)
        account.browser_requested.connect(self._on_browser_requested)
        account.changed.connect(self._on_account)
        account.failed.connect(self._on_account_failed)
        account.ends_soon.connect(self.failed)
        panel.create_requested.connect(lambda: self._begin(playlist.create))
        panel.preview_requested.connect(lambda: self._begin(playlist.preview))
        panel.update_requested.connect(lambda: self._begin(lambda: playlist.create("update")))
        panel.another_requested.connect(lambda: self._begin(lambda: playlist.create("new")))
        panel.cancel_requested.connect(self._on_cancel)
        panel.leave_requested.connect(playlist.discard)
        panel.set_up_requested.connect(self.set_up)
        panel.lift_chosen.connect(lambda lift: settings.update(lift_mood=lift))
        panel.choice_changed.connect(playlist.choose_tracks)
        self._assistant_open = False
        self._waits_for_account = False
        self._asked_for: Callable[[], None] = playlist.create

    def _begin(self, work: Callable[[], None]) -> None:
        self._asked_for = work
        if not raise_open(self._window, ConnectDialog):  # two logins at once would be in each other's way
            work()

    @Slot()
    def set_up(self) -> None:
        """Opens the assistant that connects the account; goes on with what waited for it."""
        if raise_open(self._window, ConnectDialog):
            return
        try:
            dialog = ConnectDialog(self._settings, self._account, self._window)
        except SettingsError as error:
            self.failed.emit(error)
            return
        dialog.accepted.connect(self._on_connected)
        dialog.finished.connect(self._on_assistant_closed)
        self._assistant_open = True
        dialog.show()

    @Slot()
    def _on_assistant_closed(self) -> None:
        self._assistant_open = False

    @Slot()
    def _on_connected(self) -> None:
        if self._playlist.state is PlaylistState.FAILED and self._waits_for_account:
            self._asked_for()

    @Slot()
    def _on_cancel(self) -> None:
        self._playlist.cancel()
        if self._playlist.state is PlaylistState.READY:  # the question of a second one
            self._panel.show_ready()
            self.advanced.emit()

    @Slot(object)
    def _on_state(self, state: PlaylistState) -> None:
        if state is PlaylistState.READY:
            self._panel.show_ready()
        self.advanced.emit()

    @Slot(object)
    def _on_plan(self, plan: PlaylistPlan | None) -> None:
        if plan is None:
            self._panel.show_empty()
        else:
            self._panel.show_plan(plan)
        self.advanced.emit()

    @Slot(object)
    def _on_second_asked(self, playlist: Playlist) -> None:
        self._panel.show_question(playlist)
        self.advanced.emit()
        self.announced.emit(
            _("You made “{link}” today. Should it get new songs in place of its own?").format(
                link=playlist.name
            )
        )

    @Slot(object)
    def _on_created(self, playlist: Playlist) -> None:
        self._panel.show_created(playlist)
        self.advanced.emit()
        count = len(playlist.tracks)
        self.announced.emit(
            ngettext(
                "{name} is ready, with {count} track.", "{name} is ready, with {count} tracks.", count
            ).format(name=playlist.name, count=count)
        )

    @Slot(object)
    def _on_failed(self, error: AppError) -> None:
        if self._playlist.state is not PlaylistState.FAILED:
            self.failed.emit(error)
            return
        no_client_id = isinstance(error, ClientIdError)
        # What left a playlist unfinished is the cause of that error.
        set_up = no_client_id or any(
            isinstance(each, _MENDED_BY_CONNECTING) for each in (error, error.__cause__)
        )
        self._waits_for_account = set_up
        if set_up:
            self._account.look()  # there may be none any more
        self._panel.show_error(error, set_up=set_up, unfinished=self._playlist.unfinished)
        self.advanced.emit()
        self.announced.emit(str(error))
        if no_client_id:
            self.set_up()

    @Slot(str)
    def _on_browser_requested(self, url: str) -> None:
        if not self._assistant_open:
            self._panel.show_login(url, opened=QDesktopServices.openUrl(QUrl(url)))

    @Slot(object)
    def _on_account_failed(self, error: AppError) -> None:
        if not self._assistant_open:  # it says so itself
            self.failed.emit(error)

    @Slot()
    def _on_account(self) -> None:
        self._panel.show_account(
            self._account.account, self._account.storage_note, connected=self._account.has_login
        )
