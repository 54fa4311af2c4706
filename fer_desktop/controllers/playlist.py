"""The state of the playlist, and the commands that change it."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum, auto
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from fer_desktop.domain import PlaylistPlan
from fer_desktop.errors import AppError, CancelledError, UnfinishedPlaylistError
from fer_desktop.playlist.creation import make_playlist
from fer_desktop.playlist.draft import PlaylistDraft, Stage
from fer_desktop.playlist.moods import load_moods
from fer_desktop.playlist.planner import Preferences, plan_playlist
from fer_desktop.playlist.search import find_tracks
from fer_desktop.translation import _, date_words, ngettext

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from fer_desktop.controllers.account import AccountController
    from fer_desktop.domain import Emotion, EmotionScores, EmotionSnapshot, Playlist, Track
    from fer_desktop.music import MusicService
    from fer_desktop.playlist.draft import DraftStore
    from fer_desktop.settings import SettingsStore
    from fer_desktop.workers.job_runner import JobRunner

_log = logging.getLogger(__name__)


class PlaylistState(Enum):
    """Where the playlist stands."""

    EMPTY = auto()
    READY = auto()
    WORKING = auto()
    CREATED = auto()
    FAILED = auto()


_CAN_CREATE = (PlaylistState.READY, PlaylistState.FAILED)


@dataclass(frozen=True, slots=True)
class _Occasion:
    """What a plan is made for."""

    emotion: Emotion
    scores: EmotionScores | None


class PlaylistController(QObject):
    """Plans a playlist for an emotion, has its tracks found, and has it created.

    Signals:
        state_changed: The new PlaylistState.
        plan_changed: The PlaylistPlan, or None.
        progressed: What happens now, how much of it is done, and of how much (0 where nobody knows).
        tracks_found: The tracks that were found for the playlist.
        second_asked: The Playlist of today for the same emotion: is it to be updated?
        created: The Playlist that exists now.
        failed: The AppError that ended the work; the plan and the tracks that were found stay.
    """

    state_changed = Signal(object)
    plan_changed = Signal(object)
    progressed = Signal(str, int, int)
    tracks_found = Signal(object)
    second_asked = Signal(object)
    created = Signal(object)
    failed = Signal(object)

    _tracks_seen = Signal(object)
    _draft_seen = Signal(object)

    def __init__(
        self,
        account: AccountController,
        jobs: JobRunner,
        moods_path: Path,
        drafts: DraftStore,
        settings: SettingsStore,
    ) -> None:
        """Creates a controller without an emotion.

        Args:
            account: Gives the connection to the music service.
            jobs: Runs what waits for the network.
            moods_path: The file of keywords and genres.
            drafts: Where a playlist that was begun is remembered.
            settings: What the user wants of every playlist.
        """
        super().__init__()
        self._account = account
        self._jobs = jobs
        self._moods_path = moods_path
        self._drafts = drafts
        self._settings = settings
        self._state = PlaylistState.EMPTY
        self._occasion: _Occasion | None = None
        self._preferences = Preferences.of(settings.current)
        self._plan: PlaylistPlan | None = None
        self._tracks: tuple[Track, ...] = ()
        self._draft: PlaylistDraft | None = None
        self._chosen_by_hand = False
        self._cancel = threading.Event()
        self._tracks_seen.connect(self._on_tracks)
        self._draft_seen.connect(self._on_draft)

    @property
    def state(self) -> PlaylistState:
        """Where the playlist stands."""
        return self._state

    @property
    def plan(self) -> PlaylistPlan | None:
        """What the playlist will be."""
        return self._plan

    @property
    def tracks(self) -> tuple[Track, ...]:
        """What will be in it, in order; empty while nothing was searched for."""
        return self._tracks

    @property
    def unfinished(self) -> bool:
        """Whether something half-made may be at the music service."""
        return self._draft is not None and self._draft.stage in (Stage.SENT, Stage.MADE)

    @property
    def chosen_by_hand(self) -> bool:
        """Whether the user picked the emotion, rather than a capture."""
        return self._chosen_by_hand

    def set_snapshot(self, snapshot: EmotionSnapshot) -> None:
        """Plans a playlist for a capture."""
        self._begin(_Occasion(snapshot.emotion, snapshot.reading.scores), by_hand=False)

    def set_emotion(self, emotion: Emotion) -> None:
        """Plans a playlist for an emotion that the user picked."""
        self._begin(_Occasion(emotion, None), by_hand=True)

    def plan_again(self) -> None:
        """Plans for the same occasion where the settings changed, unless the playlist was begun."""
        changed = Preferences.of(self._settings.current) != self._preferences
        if changed and self._occasion is not None and self._state in _CAN_CREATE and not self.unfinished:
            self._begin(self._occasion, by_hand=self._chosen_by_hand)

    def choose_tracks(self, tracks: Sequence[Track]) -> None:
        """The user ticked, unticked or moved tracks: only these go into the playlist, in this order."""
        if self._state in _CAN_CREATE:
            self._tracks = tuple(tracks)

    def release(self) -> None:
        """The capture or choice was given up: forgets a plan that nothing was done for yet."""
        self._chosen_by_hand = False
        if self._state is PlaylistState.READY:
            self._clear()

    def preview(self) -> None:
        """Has the tracks found, without making anything."""
        plan = self._plan
        if plan is None or self._state not in _CAN_CREATE or self._jobs.busy:
            return
        cancel = self._start_work()
        self._jobs.run(
            lambda: self._find(self._service(cancel), plan, cancel), self._on_previewed, self._on_failed
        )

    def create(self, second: str = "") -> None:
        """Has the playlist made of the found tracks; finds them first where there are none.

        After a failure it goes on where it stopped.

        Args:
            second: What to do where the emotion has a list of today: "update" it or make a "new" one; "" for
                what the settings say, which may be to ask.
        """
        plan, tracks = self._plan, self._tracks
        if plan is None or self._state not in _CAN_CREATE or self._jobs.busy:
            return
        draft = self._draft
        if draft is None:
            try:
                before = self._drafts.load(plan.emotion)
            except AppError as error:
                self._on_failed(error)
                return
            if before is not None and before.stage in (Stage.SENT, Stage.MADE):
                draft = before
            elif before is not None and before.finished and before.started_on == _today():
                second = second or self._settings.current.second_playlist
                if second == "ask":
                    self.second_asked.emit(before.playlist)
                    return
                draft = before if second == "update" else None
        cancel = self._start_work()
        cover = self._settings.current.cover
        self._jobs.run(
            lambda: self._make(plan, tracks, draft, cancel, cover=cover), self._on_created, self._on_failed
        )

    def cancel(self) -> None:
        """Stops the work at the next step; what was found stays."""
        if self._state is PlaylistState.WORKING and not self._cancel.is_set():
            self._cancel.set()
            self.progressed.emit(_("Stopping after this step…"), 0, 0)

    def resume(self) -> None:
        """Offers to finish a playlist that the app was closed over."""
        try:
            draft = self._drafts.unfinished(self._account.capabilities.service)
        except AppError as error:
            self.failed.emit(error)
            return
        if draft is None or self._state is not PlaylistState.EMPTY:
            return
        self._draft = draft
        self._plan = PlaylistPlan(draft.emotion, draft.name, draft.description, (), len(draft.tracks))
        self.plan_changed.emit(self._plan)
        self._on_tracks(draft.tracks)
        self._on_failed(_not_finished(draft))

    def discard(self) -> None:
        """Leaves an unfinished playlist as it is and forgets it."""
        draft = self._draft
        if draft is None or self._state is not PlaylistState.FAILED:
            return
        try:
            self._drafts.forget(draft)
        except AppError as error:
            self._on_failed(error)
            return
        self._clear()

    def _begin(self, occasion: _Occasion, *, by_hand: bool) -> None:
        if self._state is PlaylistState.WORKING:
            return
        try:
            moods = load_moods(self._moods_path)
        except AppError as error:
            self.failed.emit(error)
            return
        self._chosen_by_hand = by_hand
        self._occasion = occasion
        self._preferences = Preferences.of(self._settings.current)
        self._plan = plan_playlist(
            occasion.emotion,
            moods,
            today=_today(),
            preferences=self._preferences,
            scores=occasion.scores,
        )
        self._tracks = ()
        self._draft = None
        self._set_state(PlaylistState.READY)
        self.plan_changed.emit(self._plan)

    def _clear(self) -> None:
        self._plan = self._draft = self._occasion = None
        self._tracks = ()
        self._set_state(PlaylistState.EMPTY)
        self.plan_changed.emit(None)

    def _start_work(self) -> threading.Event:
        self._cancel = threading.Event()
        self._set_state(PlaylistState.WORKING)
        self.progressed.emit(_("Beginning…"), 0, 0)
        return self._cancel

    # On the job thread

    def _service(self, cancel: threading.Event) -> MusicService:
        return self._account.connected_session(cancel).service(cancel)

    def _find(self, service: MusicService, plan: PlaylistPlan, cancel: threading.Event) -> tuple[Track, ...]:
        tracks = find_tracks(service, plan, progress=self._report_search, cancel=cancel)
        self._tracks_seen.emit(tracks)
        return tracks

    def _make(
        self,
        plan: PlaylistPlan,
        tracks: tuple[Track, ...],
        draft: PlaylistDraft | None,
        cancel: threading.Event,
        *,
        cover: bool,
    ) -> Playlist:
        service = self._service(cancel)
        tracks = tracks or self._find(service, plan, cancel)
        if draft is not None:
            draft = draft.with_tracks(tracks)
        else:
            draft = PlaylistDraft.of(plan, tracks, _today(), service.capabilities.service)
        self._keep(draft)
        return make_playlist(service, draft, self._keep, cancel, cover=cover)

    def _keep(self, draft: PlaylistDraft) -> None:
        self._draft_seen.emit(draft)
        self._drafts.keep(draft)

    def _report_search(self, done: int, total: int) -> None:
        self.progressed.emit(_("Found {done} of {total} tracks").format(done=done, total=total), done, total)

    # Back on the GUI thread

    @Slot(object)
    def _on_tracks(self, tracks: tuple[Track, ...]) -> None:
        self._tracks = tracks
        self.tracks_found.emit(tracks)

    @Slot(object)
    def _on_draft(self, draft: PlaylistDraft) -> None:
        self._draft = draft
        if draft.stage is Stage.SENT:
            doing = _("Updating the playlist") if draft.playlist_id else _("Creating the playlist")
            self.progressed.emit(doing, 0, 0)
        elif draft.stage is Stage.MADE:
            count = len(draft.tracks)
            self.progressed.emit(
                ngettext("Adding {count} track", "Adding {count} tracks", count).format(count=count), 0, 0
            )

    def _on_previewed(self, _tracks: object) -> None:
        self._set_state(PlaylistState.READY)

    def _on_created(self, playlist: Playlist) -> None:
        self._draft = None
        _log.info("playlist made")
        self._set_state(PlaylistState.CREATED)
        self.created.emit(playlist)

    def _on_failed(self, error: AppError) -> None:
        if isinstance(error, CancelledError):
            if self._draft is None or not self.unfinished:
                self._set_state(PlaylistState.READY)
                return
            error = _not_finished(self._draft)
        self._set_state(PlaylistState.FAILED)
        self.failed.emit(error)

    def _set_state(self, state: PlaylistState) -> None:
        if state is not self._state:
            self._state = state
            self.state_changed.emit(state)


def _today() -> date:
    return datetime.now().astimezone().date()


def _not_finished(draft: PlaylistDraft) -> UnfinishedPlaylistError:
    return UnfinishedPlaylistError(
        _("A playlist is not finished"),
        _('"{name}" of {date} was begun, and its songs may be missing.').format(
            name=draft.name, date=date_words(draft.started_on)
        ),
        _("Finish it now, or leave it as it is."),
        playlist=draft.playlist,
    )
