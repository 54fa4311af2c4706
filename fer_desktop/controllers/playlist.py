"""The playlist in progress: its plan, tracks and draft, and the jobs that wait for the music service."""

from __future__ import annotations

import logging
import threading
from datetime import date, datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from fer_desktop.domain import PlaylistPlan
from fer_desktop.errors import AppError, CancelledError, UnfinishedPlaylistError
from fer_desktop.playlist.creation import make_playlist
from fer_desktop.playlist.draft import PlaylistDraft, Stage
from fer_desktop.playlist.moods import load_moods
from fer_desktop.playlist.planner import Preferences, plan_playlist
from fer_desktop.playlist.resume import Ask, BeginNew, Wish, decide
from fer_desktop.playlist.search import find_tracks
from fer_desktop.translation import _, date_words, ngettext

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from fer_desktop.controllers.account import AccountController
    from fer_desktop.domain import Emotion, EmotionScores, Playlist, Track
    from fer_desktop.music import MusicService
    from fer_desktop.playlist.draft import DraftStore
    from fer_desktop.settings import SettingsStore
    from fer_desktop.workers.job_runner import JobRunner

_log = logging.getLogger(__name__)


class PlaylistController(QObject):
    """Plans a playlist, and finds its tracks and creates it on the job thread. `Flow` decides when.

    Signals:
        plan_changed: The PlaylistPlan, or None.
        progressed: The current step, how much of it is done, and the total (0 if it is not known).
        tracks_found: The tracks that were found for the playlist.
        previewed: `preview` has succeeded.
        created: `create` has succeeded; the Playlist that exists now.
        failed: The AppError that ended either; the plan and the tracks that were found stay.
    """

    plan_changed = Signal(object)
    progressed = Signal(str, int, int)
    tracks_found = Signal(object)
    previewed = Signal()
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
        """Creates a controller without a plan.

        Args:
            account: Connects to the music service.
            jobs: Runs what waits for the network.
            moods_path: The file of keywords and genres.
            drafts: Remembers playlists that were started.
            settings: The user's wishes for every playlist.
        """
        super().__init__()
        self._account = account
        self._jobs = jobs
        self._moods_path = moods_path
        self._drafts = drafts
        self._settings = settings
        self._scores: EmotionScores | None = None
        self._plan: PlaylistPlan | None = None
        self._found: tuple[Track, ...] = ()
        self._tracks: tuple[Track, ...] = ()
        self._draft: PlaylistDraft | None = None
        self._cancel = threading.Event()
        self._tracks_seen.connect(self._on_tracks)
        self._draft_seen.connect(self._on_draft)

    @property
    def plan(self) -> PlaylistPlan | None:
        """What the playlist will be."""
        return self._plan

    @property
    def found(self) -> tuple[Track, ...]:
        """The tracks that were found for it; empty before a search."""
        return self._found

    @property
    def tracks(self) -> tuple[Track, ...]:
        """The tracks that it will have, in order: those of `found` that the user wants."""
        return self._tracks

    @property
    def unfinished(self) -> bool:
        """Whether the music service may have this playlist without its tracks."""
        return self._draft is not None and self._draft.stage in (Stage.SENT, Stage.MADE)

    def plan_for(self, emotion: Emotion, scores: EmotionScores | None = None) -> None:
        """Plans a new playlist for an emotion.

        Args:
            emotion: What it is for.
            scores: Those of the captured face; None if the emotion was chosen by hand.

        Raises:
            SettingsError: The file of keywords cannot be read; the previous plan stays.
        """
        self._plan = plan_playlist(
            emotion,
            load_moods(self._moods_path),
            today=_today(),
            preferences=Preferences.of(self._settings.current),
            scores=scores,
        )
        self._scores = scores
        self._found = self._tracks = ()
        self._draft = None
        self.plan_changed.emit(self._plan)

    def plan_again(self) -> None:
        """Plans for the same emotion with the current settings.

        Raises:
            SettingsError: See `plan_for`.
        """
        self.plan_for(self._planned().emotion, self._scores)

    def choose_tracks(self, tracks: Sequence[Track]) -> None:
        """Keeps only these of the found tracks, in this order."""
        self._tracks = tuple(tracks)

    def clear(self) -> None:
        """Forgets the plan."""
        self._plan = self._draft = self._scores = None
        self._found = self._tracks = ()
        self.plan_changed.emit(None)

    def preview(self) -> None:
        """Finds the tracks of the plan, without creating anything."""
        plan = self._planned()
        cancel = self._cancel = threading.Event()
        self._jobs.run(
            lambda: self._find(self._service(cancel), plan, cancel),
            lambda _tracks: self.previewed.emit(),
            self._on_failed,
        )

    def create(self, answer: str = "") -> Playlist | None:
        """Creates the playlist with the chosen tracks; finds tracks first if there was no search.

        After a failure it continues where it stopped.

        Args:
            answer: What to do if today's playlist for the emotion exists: "update" it or create a "new" one;
                "" leaves it to the setting, which may be to ask.

        Returns:
            Today's playlist if the user has to be asked first; nothing was started then.

        Raises:
            SettingsError: The file of unfinished playlists cannot be read.
        """
        plan, tracks, draft = self._planned(), self._tracks, self._draft
        settings = self._settings.current
        if draft is None:
            decision = decide(
                self._drafts.load(plan.emotion),
                service=self._account.capabilities.service,
                today=_today(),
                wish=Wish(answer or settings.second_playlist, new=answer == "new", fresh=True),
            )
            if isinstance(decision, Ask):
                return decision.draft.playlist
            draft = None if isinstance(decision, BeginNew) else decision.draft
        cancel = self._cancel = threading.Event()
        self._jobs.run(
            lambda: self._make(plan, tracks, draft, cancel, cover=settings.cover),
            self._on_created,
            self._on_failed,
        )
        return None

    def cancel(self) -> None:
        """Stops before the next step; the tracks that were found stay."""
        if self._jobs.busy and not self._cancel.is_set():
            self._cancel.set()
            self.progressed.emit(_("Stopping after this step…"), 0, 0)

    def resume(self) -> UnfinishedPlaylistError | None:
        """Loads a playlist that was left unfinished when the app was closed.

        Returns:
            What to tell the user about it, None if there is none.

        Raises:
            SettingsError: The file of unfinished playlists cannot be read.
        """
        draft = self._drafts.unfinished(self._account.capabilities.service)
        if draft is None:
            return None
        self._draft = draft
        self._plan = PlaylistPlan(
            draft.emotion, draft.name, draft.description, (), draft.track_count, lift=draft.lift
        )
        self.plan_changed.emit(self._plan)
        self._on_tracks(draft.tracks)
        return _not_finished(draft)

    def discard(self) -> None:
        """Forgets an unfinished playlist, which stays as it is at the music service.

        Raises:
            SettingsError: The file of unfinished playlists cannot be written.
        """
        if self._draft is not None:
            self._drafts.forget(self._draft)

    def _planned(self) -> PlaylistPlan:
        if self._plan is None:
            raise RuntimeError("there is no plan")
        return self._plan

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
            draft = draft.with_tracks(tracks, plan)
        else:
            draft = PlaylistDraft.of(plan, tracks, _today(), service.capabilities.service)
        self._keep(draft)
        return make_playlist(service, draft, self._keep, cancel, cover=cover)

    def _keep(self, draft: PlaylistDraft) -> None:
        self._draft_seen.emit(draft)
        self._drafts.keep(draft)

    def _report_search(self, done: int, total: int) -> None:
        self.progressed.emit(_("Found {done} of {total} songs").format(done=done, total=total), done, total)

    # Back on the GUI thread

    @Slot(object)
    def _on_tracks(self, tracks: tuple[Track, ...]) -> None:
        self._found = self._tracks = tracks
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
                ngettext("Adding {count} song", "Adding {count} songs", count).format(count=count), 0, 0
            )

    def _on_created(self, playlist: Playlist) -> None:
        self._draft = None
        _log.info("playlist made")
        self.created.emit(playlist)

    def _on_failed(self, error: AppError) -> None:
        if isinstance(error, CancelledError) and self._draft is not None and self.unfinished:
            error = _not_finished(self._draft)
        self.failed.emit(error)


def _today() -> date:
    return datetime.now().astimezone().date()


def _not_finished(draft: PlaylistDraft) -> UnfinishedPlaylistError:
    return UnfinishedPlaylistError(
        _("A playlist is not finished"),
        _('"{name}" was started on {date}. Some of its songs may be missing.').format(
            name=draft.name, date=date_words(draft.started_on)
        ),
        _("Finish it now, or leave it as it is."),
    )
