"""PlaylistController in its Flow, with its real session and client, over HTTP against the sandbox."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fer_desktop.controllers.account import AccountController
from fer_desktop.controllers.camera import CameraController
from fer_desktop.controllers.flow import Flow, FlowState
from fer_desktop.controllers.playlist import PlaylistController
from fer_desktop.domain import Emotion
from fer_desktop.errors import ServiceUnreachableError, SettingsError, UnfinishedPlaylistError
from fer_desktop.music import MusicProvider
from fer_desktop.paths import resources_dir
from fer_desktop.playlist.draft import DraftStore
from fer_desktop.settings import Settings, SettingsStore
from fer_desktop.spotify.factory import sandbox_config
from fer_desktop.spotify.sandbox import Fault, Sandbox
from fer_desktop.spotify.session import SpotifySession
from fer_desktop.spotify.token_store import MemoryTokenStore
from fer_desktop.workers.inference_worker import InferenceWorker
from fer_desktop.workers.job_runner import JobRunner
from tests.fakes.app_bench import LONG
from tests.fakes.pipeline import ScriptedPipeline
from tests.fakes.source import SourceBench

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from fer_desktop.domain import Playlist, Track

MOODS = resources_dir() / "moods.toml"


class PlaylistBench:
    """A controller whose account is one of the sandbox's."""

    def __init__(self, sandbox: Sandbox, qtbot: QtBot, profile_dir: Path, moods_path: Path = MOODS) -> None:
        self.sandbox = sandbox
        self._qtbot = qtbot
        self._profile_dir = profile_dir
        self.closed = False
        self.settings = SettingsStore(profile_dir)
        self.jobs = JobRunner()
        self.account_jobs = JobRunner()
        self.store = MemoryTokenStore()
        drafts = DraftStore(profile_dir)
        self.account = AccountController(
            MusicProvider(sandbox_config(sandbox).capabilities, self.open_session),
            self.settings,
            self.account_jobs,
            drafts.clear,
        )
        self.controller = PlaylistController(self.account, self.jobs, moods_path, drafts, self.settings)
        camera = CameraController(SourceBench().supervisor, InferenceWorker(ScriptedPipeline))  # type: ignore[arg-type]  # not started
        self.flow = Flow(camera, self.controller, self.account, self.settings)
        self.open_url = sandbox.open_url
        self.tracks: list[tuple[Track, ...]] = []
        self.errors: list[Exception] = []
        self.playlists: list[Playlist] = []
        self.controller.tracks_found.connect(self.tracks.append)
        self.flow.failed.connect(self.errors.append)
        self.flow.created.connect(self.playlists.append)

    def open_session(self, settings: Settings, *_: object) -> SpotifySession:
        config = sandbox_config(self.sandbox, own_top_tracks=settings.own_top_tracks, cover=settings.cover)
        return SpotifySession(config, self.store, self.open_url)

    def state(self) -> FlowState:
        return self.flow.state

    def choose(self, emotion: Emotion) -> None:
        """Chooses an emotion, even if it is already chosen."""
        self.flow.choose(emotion)
        if self.flow.choice is None:
            self.flow.choose(emotion)

    def lists(self) -> int:
        return len(self.sandbox.playlists)

    def create(self, second: str = "new") -> None:
        """Creates the playlist and waits for the end."""
        self.flow.create(second)
        assert self.flow.working
        self.wait()

    def preview(self) -> None:
        """Searches for tracks and waits for the end."""
        self.flow.preview()
        assert self.flow.working
        self.wait()

    def wait(self) -> None:
        self._qtbot.waitUntil(lambda: not self.flow.working, timeout=LONG)

    def wait_until_held(self) -> None:
        """Waits until the service holds an answer back."""
        self._qtbot.waitUntil(self.sandbox.held.is_set, timeout=LONG)

    def restart(self) -> PlaylistBench:
        """Closes everything, and starts again with the same profile."""
        self.close()
        return PlaylistBench(self.sandbox, self._qtbot, self._profile_dir)

    def close(self) -> None:
        """Closes everything as the app does."""
        if self.closed:
            return
        self.closed = True
        self.account.cancel()
        self.controller.cancel()
        self.account_jobs.close(30)
        self.jobs.close(30)


@pytest.fixture
def bench(sandbox: Sandbox, qtbot: QtBot, profile: Path) -> Iterator[PlaylistBench]:
    bench = PlaylistBench(sandbox, qtbot, profile)
    yield bench
    bench.close()


def test_an_emotion_becomes_a_playlist_with_a_link(bench: PlaylistBench) -> None:
    steps: list[str] = []
    bench.controller.progressed.connect(lambda step, _done, _total: steps.append(step))
    bench.choose(Emotion.HAPPY)
    assert bench.state() is FlowState.PLANNED
    bench.create()
    assert bench.errors == []
    assert bench.state() is FlowState.CREATED
    (playlist,) = bench.playlists
    assert playlist.name == "Happy Vibes Playlist"
    assert len(playlist.tracks) == 20
    assert playlist.url
    (at_the_service,) = bench.sandbox.playlists
    assert at_the_service.name == playlist.name
    assert bench.account.account is not None
    assert "Found 20 of 20 songs" in steps


def test_a_second_playlist_needs_no_second_login(bench: PlaylistBench) -> None:
    for emotion in (Emotion.SAD, Emotion.ANGRY):
        bench.choose(emotion)
        bench.create()
    assert [playlist.name for playlist in bench.playlists] == ["Sad Vibes Playlist", "Angry Vibes Playlist"]
    assert sum(exchange.path == "/authorize" for exchange in bench.sandbox.requests) == 1


def test_after_a_failure_the_same_tracks_go_into_one_playlist(bench: PlaylistBench) -> None:
    bench.choose(Emotion.NEUTRAL)
    bench.sandbox.fail_next(Fault.ERROR_BEFORE_WORK, "/v1/me/playlists", method="POST")
    bench.create()
    assert isinstance(bench.errors[0], ServiceUnreachableError)
    assert bench.state() is FlowState.FAILED
    assert bench.controller.plan is not None
    bench.create()
    assert bench.playlists[0].tracks == bench.tracks[0]
    assert len(bench.tracks) == 1
    assert bench.lists() == 1


def test_an_unfinished_playlist_is_finished_by_the_next_try(bench: PlaylistBench) -> None:
    bench.choose(Emotion.SAD)
    bench.sandbox.fail_next(Fault.RATE_LIMIT, "/v1/playlists/*/items")
    bench.create()
    assert isinstance(bench.errors[0], UnfinishedPlaylistError)
    bench.create()
    assert bench.lists() == 1
    assert len(bench.sandbox.playlists[0].songs) == 20
    assert bench.playlists[0].tracks == bench.tracks[0]


def test_cancel_keeps_the_plan_and_does_not_wait_for_a_search(bench: PlaylistBench, qtbot: QtBot) -> None:
    bench.choose(Emotion.HAPPY)
    plan = bench.controller.plan
    bench.sandbox.fail_next(Fault.SLOW, "/v1/search")
    bench.flow.create()
    bench.wait_until_held()
    bench.flow.cancel()
    # The answer is still held back, and the request would time out much later.
    qtbot.waitUntil(lambda: bench.state() is FlowState.PLANNED, timeout=8_000)
    assert bench.controller.plan is plan
    assert bench.lists() == 0
    assert bench.errors == []
    bench.sandbox.let_go()
    bench.create()
    assert bench.lists() == 1


def test_cancel_after_the_playlist_was_created_offers_to_finish_it(bench: PlaylistBench) -> None:
    bench.choose(Emotion.HAPPY)
    bench.controller.progressed.connect(lambda step, *_: bench.flow.cancel() if "Creating" in step else None)
    bench.sandbox.fail_next(Fault.SLOW, "/v1/me/playlists", method="POST")
    bench.flow.create()
    bench.wait_until_held()
    bench.sandbox.let_go()
    bench.wait()
    assert isinstance(bench.errors[0], UnfinishedPlaylistError)
    assert bench.flow.unfinished
    bench.create()
    assert [len(made.songs) for made in bench.sandbox.playlists] == [20]


def test_a_preview_creates_nothing_and_only_chosen_tracks_go_in_in_their_order(bench: PlaylistBench) -> None:
    bench.choose(Emotion.HAPPY)
    bench.preview()
    assert bench.state() is FlowState.PREVIEWED
    assert bench.lists() == 0
    (found,) = bench.tracks
    chosen = found[5:1:-1]
    bench.flow.choose_tracks(chosen)
    bench.create()
    assert bench.playlists[0].tracks == chosen
    assert [song.uri for song in bench.sandbox.playlists[0].songs] == [track.uri for track in chosen]
    assert len(bench.tracks) == 1


@pytest.mark.parametrize(
    ("fault", "method", "path"),
    [
        (Fault.RATE_LIMIT, "POST", "/v1/me/playlists"),
        (Fault.CUT_AFTER_WORK, "POST", "/v1/me/playlists"),
        (Fault.QUOTA_EXCEEDED, "PUT", "/v1/playlists/*/items"),
        (Fault.EMPTY_SUCCESS, "PUT", "/v1/playlists/*/items"),
    ],
)
def test_chosen_tracks_survive_a_failure(bench: PlaylistBench, fault: Fault, method: str, path: str) -> None:
    bench.choose(Emotion.HAPPY)
    bench.preview()
    chosen = bench.tracks[0][3:9]
    bench.flow.choose_tracks(chosen)
    bench.sandbox.fail_next(fault, path, method=method)
    bench.create()
    assert bench.controller.tracks == chosen
    if bench.state() is FlowState.FAILED:
        bench.create()
    assert [len(made.songs) for made in bench.sandbox.playlists] == [6]


@pytest.mark.parametrize(
    ("path", "fault"),
    [("/v1/search", fault) for fault in Fault if fault is not Fault.SLOW]
    + [
        (path, fault)
        for path in ("/api/token", "/v1/me/")
        for fault in (Fault.CUT_AFTER_WORK, Fault.PLAIN_TEXT, Fault.RATE_LIMIT)
    ],
)
def test_any_fault_before_the_playlist_is_created_costs_only_another_try(
    bench: PlaylistBench, path: str, fault: Fault
) -> None:
    bench.choose(Emotion.HAPPY)
    plan = bench.controller.plan
    bench.sandbox.fail_next(fault, path)
    bench.create()
    assert bench.controller.plan is plan
    if bench.state() is FlowState.FAILED:
        assert bench.lists() == 0
        bench.create()
    assert [len(made.songs) for made in bench.sandbox.playlists] == [20]


@pytest.mark.parametrize(("setting", "lists"), [("update", 1), ("new", 2)])
def test_the_setting_can_answer_for_the_user(bench: PlaylistBench, setting: str, lists: int) -> None:
    bench.settings.update(second_playlist=setting)
    for _ in range(2):
        bench.choose(Emotion.SAD)
        bench.create("")
    assert bench.lists() == lists


@pytest.mark.parametrize("fault", [Fault.CUT_BEFORE_WORK, Fault.CUT_AFTER_WORK])
def test_the_next_start_offers_to_finish(bench: PlaylistBench, fault: Fault) -> None:
    bench.choose(Emotion.SAD)
    bench.preview()
    chosen = bench.tracks[0][:4]
    bench.flow.choose_tracks(chosen)
    bench.sandbox.fail_next(fault, "/v1/me/playlists", method="POST")
    bench.sandbox.fail_next(Fault.CUT_BEFORE_WORK, "/v1/me/playlists", method="GET", times=3)
    bench.create()
    again = bench.restart()
    again.flow.resume()
    assert again.state() is FlowState.FAILED
    assert again.flow.unfinished
    assert again.controller.tracks == chosen
    assert isinstance(again.errors[0], UnfinishedPlaylistError)
    again.create()
    again.close()
    (made,) = bench.sandbox.playlists
    assert [song.uri for song in made.songs] == [track.uri for track in chosen]


@pytest.mark.parametrize(
    ("path", "method"),
    [
        ("/authorize", "GET"),
        ("/api/token", "POST"),
        ("/v1/me/", "GET"),
        ("/v1/search", "GET"),
        ("/v1/me/playlists", "POST"),
        ("/v1/playlists/*/items", "PUT"),
    ],
)
def test_the_app_may_be_closed_in_the_middle_of_each_step(
    bench: PlaylistBench, path: str, method: str
) -> None:
    bench.sandbox.fail_next(Fault.SLOW, path, method=method)
    bench.choose(Emotion.SAD)
    bench.flow.create()
    bench.wait_until_held()
    bench.account.cancel()
    bench.flow.cancel()
    bench.sandbox.let_go()
    again = bench.restart()
    again.flow.resume()
    if not again.flow.unfinished and not bench.sandbox.playlists:
        again.choose(Emotion.SAD)
    if again.controller.plan is not None:
        again.create()
    again.close()
    assert again.errors == [] or isinstance(again.errors[0], UnfinishedPlaylistError)
    assert [len(made.songs) for made in bench.sandbox.playlists] == [20]


def test_finishing_can_be_cancelled_and_done_later(bench: PlaylistBench) -> None:
    bench.choose(Emotion.SAD)
    bench.sandbox.fail_next(Fault.CUT_BEFORE_WORK, "/v1/me/playlists", method="POST")
    bench.create()
    bench.flow.create()
    bench.flow.cancel()
    bench.wait()
    assert bench.state() is FlowState.FAILED
    assert isinstance(bench.errors[-1], UnfinishedPlaylistError)
    bench.create()
    assert [len(made.songs) for made in bench.sandbox.playlists] == [20]


@pytest.mark.parametrize("deleted", [False, True], ids=["there", "deleted"])
def test_everything_together_takes_at_most_twelve_requests(bench: PlaylistBench, *, deleted: bool) -> None:
    bench.settings.update(own_top_tracks=True, cover=True)
    bench.choose(Emotion.HAPPY)
    bench.create()
    again = bench.restart()
    again.store = bench.store
    again.settings.update(own_top_tracks=True, cover=True)
    if deleted:
        bench.sandbox.delete_playlist(bench.playlists[0].id)
        service = again.open_session(again.settings.current).service()
        for number in range(220):
            service.create_playlist("another", str(number))
    bench.sandbox.requests.clear()
    again.choose(Emotion.HAPPY)
    again.create("update")
    again.close()
    assert again.errors == []
    assert bench.lists() == (221 if deleted else 1)
    assert len([each for each in bench.sandbox.requests if each.path.startswith("/v1/")]) <= 12


def test_an_unfinished_playlist_gets_the_tracks_of_a_new_plan(bench: PlaylistBench) -> None:
    bench.choose(Emotion.SAD)
    bench.sandbox.fail_next(Fault.RATE_LIMIT, "/v1/playlists/*/items")
    bench.create()
    bench.choose(Emotion.SAD)
    bench.create("")
    assert [len(made.songs) for made in bench.sandbox.playlists] == [20]


def test_broken_keywords_are_named(sandbox: Sandbox, qtbot: QtBot, tmp_path: Path) -> None:
    moods_path = tmp_path / "moods.toml"
    moods_path.write_text("[happy\n", encoding="utf-8")
    bench = PlaylistBench(sandbox, qtbot, tmp_path, moods_path)
    bench.flow.choose(Emotion.HAPPY)
    (error,) = bench.errors
    assert isinstance(error, SettingsError)
    assert "moods.toml" in str(error)
    assert bench.state() is FlowState.EMPTY
