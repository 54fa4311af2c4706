"""What Spotify refused is not requested again, even after a restart, until everything is erased."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING

import pytest

from fer_desktop.domain import SearchQuery
from fer_desktop.errors import RateLimitError, SettingsError
from fer_desktop.spotify.factory import sandbox_session
from fer_desktop.spotify.limits import FILE_NAME, LONGEST_WAIT_S, ServiceLimits
from fer_desktop.spotify.sandbox import Fault, Sandbox
from fer_desktop.spotify.token_store import MemoryTokenStore

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from fer_desktop.spotify.session import SpotifySession

DAY_S = 86_400.0
ID, OTHER_ID = "a" * 32, "b" * 32


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Returns what sets the clock; waits are not shortened here."""
    monkeypatch.setattr("fer_desktop.spotify.limits.LONGEST_WAIT_S", LONGEST_WAIT_S)

    def put(seconds: float) -> None:
        monkeypatch.setattr("fer_desktop.spotify.limits.time.time", lambda: seconds)

    return put


def _session(sandbox: Sandbox, profile_dir: Path, store: MemoryTokenStore) -> SpotifySession:
    session = sandbox_session(sandbox, store, limits=ServiceLimits(sandbox.client_id, profile_dir))
    if not session.connected:
        session.connect(threading.Event())
    sandbox.requests.clear()
    return session


def test_no_request_is_sent_before_the_time_that_spotify_named(sandbox: Sandbox, tmp_path: Path) -> None:
    store = MemoryTokenStore()
    session = _session(sandbox, tmp_path, store)
    sandbox.fail_next(Fault.QUOTA_EXCEEDED, "/v1/search")
    with pytest.raises(RateLimitError):
        session.service().search_tracks(SearchQuery("x"))
    for each in (session, _session(sandbox, tmp_path, store)):  # the second one: after a restart
        with pytest.raises(RateLimitError, match=r"Try again after \d\d:\d\d"):
            each.service().search_tracks(SearchQuery("x"))
        with pytest.raises(RateLimitError):
            each.service().create_playlist("n", "")
    assert not [each for each in sandbox.requests if each.path.startswith("/v1/")]


def test_the_wait_ends(tmp_path: Path, clock: Callable[[float], None]) -> None:
    clock(1000.0)
    limits = ServiceLimits(ID, tmp_path)
    limits.check()
    limits.remember_wait(30)
    clock(1029.0)
    with pytest.raises(RateLimitError) as caught:
        ServiceLimits(ID, tmp_path).check()
    assert caught.value.retry_after == 1
    clock(1029.5)
    limits.check()


def test_no_wait_is_longer_than_a_day(tmp_path: Path, clock: Callable[[float], None]) -> None:
    clock(10 * DAY_S)
    limits = ServiceLimits(ID, tmp_path)
    limits.remember_wait(9_999_999)
    for seconds in (10 * DAY_S, 11 * DAY_S - 1):
        clock(seconds)
        with pytest.raises(RateLimitError):
            limits.check()
    for seconds in (11 * DAY_S, 10 * DAY_S - 1):  # the second one: the clock was set back
        clock(seconds)
        limits.check()


def test_refused_playlists_are_remembered_even_after_a_restart(sandbox: Sandbox, tmp_path: Path) -> None:
    store = MemoryTokenStore()
    service = _session(sandbox, tmp_path, store).service()
    (playlist,) = service.search_playlists("Happy")
    assert service.playlist_tracks(playlist.id) == ()
    assert service.search_playlists("Joy") == ()
    assert len(sandbox.requests) == 2
    later = _session(sandbox, tmp_path, store)
    assert later.service().search_playlists("Joy") == ()
    assert not sandbox.requests
    later.disconnect()
    assert not (tmp_path / FILE_NAME).exists()
    assert _session(sandbox, tmp_path, store).service().search_playlists("Joy")


def test_a_playlist_that_is_gone_says_nothing_about_others(sandbox: Sandbox, tmp_path: Path) -> None:
    service = _session(sandbox, tmp_path, MemoryTokenStore()).service()
    sandbox.answer_next("/v1/playlists/*/items", 404)
    assert service.playlist_tracks("gone") == ()
    assert service.search_playlists("Joy")


def test_another_client_id_starts_without_limits(tmp_path: Path) -> None:
    limits = ServiceLimits(ID, tmp_path)
    limits.remember_wait(100)
    limits.remember_unreadable_playlists()
    assert ServiceLimits(ID, tmp_path).playlists_unreadable
    other = ServiceLimits(OTHER_ID, tmp_path)
    other.check()
    assert not other.playlists_unreadable


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "{}", json.dumps({"client_id": ID, "playlists_unreadable": True, "wait_until": "x"})],
)
def test_a_damaged_file_counts_as_none(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE_NAME).write_text(text)
    limits = ServiceLimits(ID, tmp_path)
    limits.check()
    limits.remember_wait(100)
    with pytest.raises(RateLimitError):
        ServiceLimits(ID, tmp_path).check()


def test_a_file_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text('{"version": 2}')
    limits = ServiceLimits(ID, tmp_path)
    limits.remember_wait(100)
    with pytest.raises(RateLimitError):
        limits.check()
    assert (tmp_path / FILE_NAME).read_text() == '{"version": 2}'


def test_if_the_file_cannot_be_written_the_limits_still_hold(tmp_path: Path) -> None:
    (tmp_path / "profile").write_text("a file where the folder should be")
    limits = ServiceLimits(ID, tmp_path / "profile")
    limits.remember_wait(100)
    with pytest.raises(RateLimitError):
        limits.check()


def test_a_file_that_cannot_be_erased_is_named(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).mkdir()
    limits = ServiceLimits(ID, tmp_path)
    limits.check()
    with pytest.raises(SettingsError, match=FILE_NAME):
        limits.clear()


def test_without_a_folder_nothing_is_kept(clock: Callable[[float], None]) -> None:
    clock(1000.0)
    limits = ServiceLimits(ID)
    limits.remember_wait(100)
    limits.remember_unreadable_playlists()
    limits.clear()
    limits.check()
    assert not limits.playlists_unreadable
