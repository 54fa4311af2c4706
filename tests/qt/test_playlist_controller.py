"""PlaylistController with its real session and client, over HTTP against the sandbox."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fer_desktop.controllers.playlist import PlaylistController, PlaylistState
from fer_desktop.domain import Emotion
from fer_desktop.errors import ServiceUnreachableError, SettingsError, UnfinishedPlaylistError
from fer_desktop.paths import resources_dir
from fer_desktop.spotify.config import SpotifyConfig
from fer_desktop.spotify.sandbox import Sandbox
from fer_desktop.spotify.sandbox.catalogue import made_up_id
from fer_desktop.spotify.session import SpotifySession
from fer_desktop.spotify.token_store import MemoryTokenStore
from fer_desktop.workers.job_runner import JobRunner

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from fer_desktop.domain import Playlist, Track


class Bench:
    """A controller whose account is one of the sandbox's."""

    def __init__(self, sandbox: Sandbox, moods_path: Path) -> None:
        self.sandbox = sandbox
        self.jobs = JobRunner()
        self.controller = PlaylistController(self._open_session, self.jobs, moods_path)
        self.tracks: list[tuple[Track, ...]] = []
        self.errors: list[Exception] = []
        self.playlists: list[Playlist] = []
        self.controller.tracks_found.connect(self.tracks.append)
        self.controller.failed.connect(self.errors.append)
        self.controller.created.connect(self.playlists.append)

    def _open_session(self) -> SpotifySession:
        config = SpotifyConfig(self.sandbox.client_id, self.sandbox.api_url, self.sandbox.accounts_url)
        return SpotifySession(config, MemoryTokenStore(), self.sandbox.open_url)

    def state(self) -> PlaylistState:
        return self.controller.state

    def create(self, qtbot: QtBot) -> None:
        """Presses Create Playlist and waits until it is done with."""
        done = len(self.errors) + len(self.playlists)
        self.controller.create()
        qtbot.waitUntil(lambda: len(self.errors) + len(self.playlists) > done, timeout=30_000)


@pytest.fixture
def bench(qtbot: QtBot) -> Iterator[Bench]:
    with Sandbox() as sandbox:
        bench = Bench(sandbox, resources_dir() / "moods.toml")
        yield bench
        bench.jobs.close(30)


def test_an_emotion_becomes_a_playlist_with_a_link(bench: Bench, qtbot: QtBot) -> None:
    steps: list[str] = []
    bench.controller.progressed.connect(lambda step, _done, _total: steps.append(step))
    bench.controller.set_emotion(Emotion.HAPPY)
    assert bench.state() is PlaylistState.READY
    bench.create(qtbot)
    assert bench.errors == []
    assert bench.state() is PlaylistState.CREATED
    (playlist,) = bench.playlists
    assert playlist.name == "Happy Vibes Playlist"
    assert len(playlist.tracks) == 20
    assert playlist.url
    (at_the_service,) = bench.sandbox.playlists
    assert at_the_service.name == playlist.name
    assert bench.controller.account is not None
    assert "Found 20 of 20 tracks" in steps


def test_a_second_playlist_needs_no_second_login(bench: Bench, qtbot: QtBot) -> None:
    for emotion in (Emotion.SAD, Emotion.ANGRY):
        bench.controller.set_emotion(emotion)
        bench.create(qtbot)
    assert [playlist.name for playlist in bench.playlists] == ["Sad Vibes Playlist", "Angry Vibes Playlist"]
    assert sum(exchange.path == "/authorize" for exchange in bench.sandbox.requests) == 1


def test_after_a_failure_the_same_tracks_go_into_one_playlist(bench: Bench, qtbot: QtBot) -> None:
    bench.controller.set_emotion(Emotion.NEUTRAL)
    bench.sandbox.answer_next("/v1/me/playlists", 503)
    bench.create(qtbot)
    assert isinstance(bench.errors[0], ServiceUnreachableError)
    assert bench.state() is PlaylistState.FAILED
    assert bench.controller.plan is not None
    bench.create(qtbot)
    assert bench.playlists[0].tracks == bench.tracks[0]
    assert len(bench.tracks) == 1
    assert len(bench.sandbox.playlists) == 1


def test_an_unfinished_playlist_is_finished_by_the_next_try(bench: Bench, qtbot: QtBot) -> None:
    bench.controller.set_emotion(Emotion.SAD)
    bench.sandbox.answer_next(f"/v1/playlists/{made_up_id('playlist 0')}/items", 429)
    bench.create(qtbot)
    assert isinstance(bench.errors[0], UnfinishedPlaylistError)
    bench.create(qtbot)
    assert len(bench.sandbox.playlists) == 1
    assert len(bench.sandbox.playlists[0].songs) == 20
    assert bench.playlists[0].tracks == bench.tracks[0]


def test_cancel_keeps_the_plan(bench: Bench, qtbot: QtBot) -> None:
    bench.controller.set_emotion(Emotion.HAPPY)
    bench.controller.progressed.connect(lambda *_: bench.controller.cancel())
    with qtbot.waitSignal(bench.controller.plan_changed, timeout=30_000) as changed:
        bench.controller.create()
    assert changed.args == [bench.controller.plan]
    assert bench.state() is PlaylistState.READY
    assert bench.sandbox.playlists == ()
    assert bench.errors == []


def test_giving_up_a_plan_forgets_it_but_not_a_created_playlist(bench: Bench, qtbot: QtBot) -> None:
    bench.controller.set_emotion(Emotion.HAPPY)
    bench.controller.release()
    assert bench.controller.plan is None
    assert bench.state() is PlaylistState.EMPTY
    bench.controller.set_emotion(Emotion.HAPPY)
    bench.create(qtbot)
    bench.controller.release()
    assert bench.state() is PlaylistState.CREATED


def test_disconnect_forgets_the_account(bench: Bench, qtbot: QtBot) -> None:
    bench.controller.set_emotion(Emotion.HAPPY)
    bench.create(qtbot)
    with qtbot.waitSignal(bench.controller.account_changed) as changed:
        bench.controller.disconnect_account()
    assert changed.args == [None, ""]
    assert not bench.controller.connected


def test_broken_keywords_are_named(qtbot: QtBot, tmp_path: Path) -> None:
    moods_path = tmp_path / "moods.toml"
    moods_path.write_text("[happy\n", encoding="utf-8")
    with Sandbox() as sandbox:
        bench = Bench(sandbox, moods_path)
        bench.controller.set_emotion(Emotion.HAPPY)
    (error,) = bench.errors
    assert isinstance(error, SettingsError)
    assert "moods.toml" in str(error)
    assert bench.state() is PlaylistState.EMPTY
