"""The state of the playlist and of the account, and the commands that change it."""

from __future__ import annotations

import threading
from datetime import datetime
from enum import Enum, auto
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from fer_desktop.errors import AppError, CancelledError, UnfinishedPlaylistError
from fer_desktop.playlist.creation import create_playlist, find_tracks, finish_playlist
from fer_desktop.playlist.moods import load_moods
from fer_desktop.playlist.planner import plan_playlist

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from fer_desktop.domain import Account, Emotion, EmotionSnapshot, Playlist, PlaylistPlan, Track
    from fer_desktop.spotify.session import SpotifySession
    from fer_desktop.workers.job_runner import JobRunner


class PlaylistState(Enum):
    """Where the playlist stands."""

    EMPTY = auto()
    READY = auto()
    WORKING = auto()
    CREATED = auto()
    FAILED = auto()


_CAN_CREATE = (PlaylistState.READY, PlaylistState.FAILED)


class PlaylistController(QObject):
    """Plans a playlist for an emotion and has it created; connects the account where that is needed.

    Signals:
        state_changed: The new PlaylistState.
        plan_changed: The PlaylistPlan, or None.
        progressed: What happens now, how much of it is done, and of how much (0 where nobody knows).
        tracks_found: The tracks that the playlist will have.
        created: The Playlist that exists now.
        failed: The AppError that ended the work; the plan and the tracks that were found stay.
        account_changed: The Account, or None; and what to know about where its login is kept, "" for nothing.
        browser_requested: The address of the login page that the user is to see.
    """

    state_changed = Signal(object)
    plan_changed = Signal(object)
    progressed = Signal(str, int, int)
    tracks_found = Signal(object)
    created = Signal(object)
    failed = Signal(object)
    account_changed = Signal(object, str)
    browser_requested = Signal(str)

    _account_seen = Signal(object, str)
    _tracks_seen = Signal(object)

    def __init__(self, open_session: Callable[[], SpotifySession], jobs: JobRunner, moods_path: Path) -> None:
        """Creates a controller without an emotion.

        Args:
            open_session: Makes the session that the settings describe; called on the job thread.
            jobs: Runs what waits for the network.
            moods_path: The file of keywords and genres.
        """
        super().__init__()
        self._open_session = open_session
        self._jobs = jobs
        self._moods_path = moods_path
        self._session: SpotifySession | None = None
        self._state = PlaylistState.EMPTY
        self._plan: PlaylistPlan | None = None
        self._tracks: tuple[Track, ...] = ()
        self._unfinished: UnfinishedPlaylistError | None = None
        self._account: Account | None = None
        self._storage_note = ""
        self._chosen_by_hand = False
        self._cancel = threading.Event()
        self._account_seen.connect(self._on_account)
        self._tracks_seen.connect(self._on_tracks)

    @property
    def state(self) -> PlaylistState:
        """Where the playlist stands."""
        return self._state

    @property
    def plan(self) -> PlaylistPlan | None:
        """What the playlist will be."""
        return self._plan

    @property
    def account(self) -> Account | None:
        """Whose playlist it will be; None until an account answered."""
        return self._account

    @property
    def storage_note(self) -> str:
        """What the user should know about where the login is kept, "" for nothing."""
        return self._storage_note

    @property
    def connected(self) -> bool:
        """Whether an account answered, so that there is something to disconnect."""
        return self._account is not None

    @property
    def chosen_by_hand(self) -> bool:
        """Whether the user picked the emotion, rather than a capture."""
        return self._chosen_by_hand

    def set_snapshot(self, snapshot: EmotionSnapshot) -> None:
        """Plans a playlist for a capture."""
        self._begin(snapshot.emotion, by_hand=False)

    def set_emotion(self, emotion: Emotion) -> None:
        """Plans a playlist for an emotion that the user picked."""
        self._begin(emotion, by_hand=True)

    def release(self) -> None:
        """The capture or choice was given up: forgets a plan that nothing was done for yet."""
        self._chosen_by_hand = False
        if self._state is PlaylistState.READY:
            self._plan = None
            self._set_state(PlaylistState.EMPTY)
            self.plan_changed.emit(None)

    def create(self) -> None:
        """Has the planned playlist created; after a failure it goes on where it stopped."""
        if self._plan is None or self._state not in _CAN_CREATE or self._jobs.busy:
            return
        plan, tracks, unfinished = self._plan, self._tracks, self._unfinished
        self._cancel = cancel = threading.Event()
        self._set_state(PlaylistState.WORKING)
        self.progressed.emit("Beginning\N{HORIZONTAL ELLIPSIS}", 0, 0)
        self._jobs.run(
            lambda: self._make(plan, tracks, unfinished, cancel), self._on_created, self._on_failed
        )

    def cancel(self) -> None:
        """Stops the work at the next step; what was found stays."""
        self._cancel.set()

    def reopen_session(self) -> None:
        """The settings of the account changed: the next work uses the new ones."""
        self._session = None
        self._on_account(None, "")

    def disconnect_account(self) -> None:
        """Forgets the login, here and where it is kept."""
        if not self._jobs.busy:
            self._jobs.run(self._disconnect, lambda _: self._on_account(None, ""), self.failed.emit)

    def _begin(self, emotion: Emotion, *, by_hand: bool) -> None:
        if self._state is PlaylistState.WORKING:
            return
        try:
            moods = load_moods(self._moods_path)
        except AppError as error:
            self.failed.emit(error)
            return
        self._chosen_by_hand = by_hand
        now = datetime.now().astimezone()
        self._plan = plan_playlist(emotion, moods[emotion], today=now.date(), seed=int(now.timestamp()))
        self._tracks = ()
        self._unfinished = None
        self._set_state(PlaylistState.READY)
        self.plan_changed.emit(self._plan)

    # On the job thread

    def _make(
        self,
        plan: PlaylistPlan,
        tracks: tuple[Track, ...],
        unfinished: UnfinishedPlaylistError | None,
        cancel: threading.Event,
    ) -> Playlist:
        service = self._connected_session(cancel).service()
        if unfinished is not None:
            self.progressed.emit("Adding the missing tracks", 0, 0)
            return finish_playlist(service, unfinished)
        if not tracks:
            tracks = find_tracks(service, plan, progress=self._report_search, cancel=cancel)
            self._tracks_seen.emit(tracks)
        self.progressed.emit("Creating the playlist", 0, 0)
        return create_playlist(service, plan, tracks)

    def _connected_session(self, cancel: threading.Event) -> SpotifySession:
        if self._session is None:
            self._session = self._open_session()
        if not self._session.connected:
            self.progressed.emit("Waiting for your consent in the browser", 0, 0)
            self._account_seen.emit(self._session.connect(cancel), self._session.storage_note)
        elif self._account is None:
            account = self._session.service().current_user()
            self._account_seen.emit(account, self._session.storage_note)
        return self._session

    def _report_search(self, done: int, total: int) -> None:
        self.progressed.emit(f"Found {done} of {total} tracks", done, total)

    def _disconnect(self) -> None:
        if self._session is None:
            self._session = self._open_session()
        self._session.disconnect()

    # Back on the GUI thread

    @Slot(object, str)
    def _on_account(self, account: Account | None, storage_note: str) -> None:
        self._account = account
        self._storage_note = storage_note
        self.account_changed.emit(account, storage_note)

    @Slot(object)
    def _on_tracks(self, tracks: tuple[Track, ...]) -> None:
        self._tracks = tracks
        self.tracks_found.emit(tracks)

    def _on_created(self, playlist: Playlist) -> None:
        self._tracks = playlist.tracks
        self._unfinished = None
        self._set_state(PlaylistState.CREATED)
        self.created.emit(playlist)

    def _on_failed(self, error: AppError) -> None:
        if isinstance(error, CancelledError):
            self._set_state(PlaylistState.READY)
            self.plan_changed.emit(self._plan)
            self.tracks_found.emit(self._tracks)
            return
        if isinstance(error, UnfinishedPlaylistError):
            self._unfinished = error
        self._set_state(PlaylistState.FAILED)
        self.failed.emit(error)

    def _set_state(self, state: PlaylistState) -> None:
        if state is not self._state:
            self._state = state
            self.state_changed.emit(state)
