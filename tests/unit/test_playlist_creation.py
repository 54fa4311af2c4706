"""Selection by properties; search, creation and completion over HTTP against the sandbox."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import date
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fer_desktop.domain import Emotion, PlaylistPlan, SearchQuery, Track
from fer_desktop.errors import (
    CancelledError,
    NoTracksError,
    RateLimitError,
    ServiceRefusedError,
    ServiceUnreachableError,
    UnfinishedPlaylistError,
)
from fer_desktop.paths import resources_dir
from fer_desktop.playlist.creation import create_playlist, find_tracks, finish_playlist, select_tracks
from fer_desktop.playlist.moods import FILE_NAME, load_moods
from fer_desktop.playlist.planner import plan_playlist
from fer_desktop.spotify.config import SpotifyConfig
from fer_desktop.spotify.sandbox import Sandbox
from fer_desktop.spotify.session import SpotifySession
from fer_desktop.spotify.token_store import MemoryTokenStore

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fer_desktop.spotify.client import SpotifyClient

TODAY = date(2026, 11, 23)
MOODS = load_moods(resources_dir() / FILE_NAME)

few = st.integers(0, 12).map(str)
tracks = st.builds(
    Track,
    id=few,
    uri=st.just("spotify:track:1"),
    title=st.sampled_from(["Sun", "sun ", "Rain", "Wind", "Fog"]),
    artists=st.lists(st.sampled_from(["Ada", "ada", "Bob", "Cy", "Di"]), max_size=3).map(tuple),
    duration_ms=st.just(1),
    url=st.just(""),
    isrc=st.one_of(st.just(""), few),
    keyword=st.just(""),
)


@given(st.lists(st.lists(tracks)), st.integers(0, 30))
def test_selection_has_no_duplicates_and_two_per_artist(found: list[list[Track]], count: int) -> None:
    chosen = select_tracks(found, count)
    assert len(chosen) <= count
    assert len({track.id for track in chosen}) == len(chosen)
    codes = [track.isrc for track in chosen if track.isrc]
    assert len(set(codes)) == len(codes)
    songs = [
        (track.title.strip().lower(), track.artists[0].lower() if track.artists else "") for track in chosen
    ]
    assert len(set(songs)) == len(songs)
    appearances = Counter(artist for track in chosen for artist in {name.lower() for name in track.artists})
    assert max(appearances.values(), default=0) <= 2


@given(st.lists(st.integers(0, 12), min_size=1, max_size=6), st.integers(1, 30))
def test_selection_takes_turns_and_is_full_where_it_can_be(sizes: list[int], count: int) -> None:
    found = [[_track(f"{keyword}.{rank}") for rank in range(size)] for keyword, size in enumerate(sizes)]
    chosen = select_tracks(found, count)
    assert len(chosen) == min(count, sum(sizes))
    shares = Counter(track.id.split(".")[0] for track in chosen)
    for keyword, size in enumerate(sizes):
        assert shares[str(keyword)] >= min(size, count // len(sizes))


def _track(name: str) -> Track:
    return Track(
        id=name,
        uri=f"spotify:track:{name}",
        title=name,
        artists=(f"artist of {name}",),
        duration_ms=1,
        url="",
        isrc="",
        keyword="",
    )


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


@pytest.fixture
def service(sandbox: Sandbox) -> SpotifyClient:
    config = SpotifyConfig(sandbox.client_id, sandbox.api_url, sandbox.accounts_url)
    session = SpotifySession(config, MemoryTokenStore(), sandbox.open_url)
    session.connect(threading.Event())
    sandbox.requests.clear()
    return session.service()


def _plan(emotion: Emotion = Emotion.HAPPY, track_count: int = 20, seed: int = 1) -> PlaylistPlan:
    return plan_playlist(emotion, MOODS[emotion], today=TODAY, track_count=track_count, seed=seed)


def _find(service: SpotifyClient, plan: PlaylistPlan) -> tuple[Track, ...]:
    return find_tracks(service, plan, lambda _found, _wanted: None, threading.Event())


@pytest.mark.parametrize("emotion", Emotion)
@pytest.mark.parametrize(("track_count", "most_requests"), [(5, 12), (20, 12), (100, 28)])
def test_a_full_playlist_within_the_allowed_requests(
    sandbox: Sandbox, service: SpotifyClient, emotion: Emotion, track_count: int, most_requests: int
) -> None:
    plan = _plan(emotion, track_count)
    found = _find(service, plan)
    playlist = create_playlist(service, plan, found)
    assert len(sandbox.requests) <= most_requests
    assert {track.keyword for track in found} == set(MOODS[emotion].keywords)
    assert len(found) == track_count
    assert playlist.name == f"{emotion.title} Vibes Playlist"
    assert playlist.tracks == found
    (made,) = sandbox.playlists
    assert (made.name, made.url, made.public) == (playlist.name, playlist.url, False)
    assert [song.uri for song in made.songs] == [track.uri for track in found]


def test_the_same_seed_finds_the_same_and_another_one_does_not(service: SpotifyClient) -> None:
    assert _find(service, _plan(seed=1)) == _find(service, _plan(seed=1))
    assert _find(service, _plan(seed=1)) != _find(service, _plan(seed=2))


def test_progress_rises_to_what_is_wanted(service: SpotifyClient) -> None:
    seen: list[tuple[int, int]] = []
    find_tracks(service, _plan(), lambda found, wanted: seen.append((found, wanted)), threading.Event())
    assert seen == sorted(seen)
    assert seen[-1] == (20, 20)


def test_cancelling_stops_before_the_next_page(sandbox: Sandbox, service: SpotifyClient) -> None:
    cancel = threading.Event()
    with pytest.raises(CancelledError):
        find_tracks(service, _plan(), lambda _found, _wanted: cancel.set(), cancel)
    assert len(sandbox.requests) == 1


def test_nothing_found_names_the_keywords_and_creates_nothing(
    sandbox: Sandbox, service: SpotifyClient
) -> None:
    query = SearchQuery("xyzzy", "xyzzy")
    with pytest.raises(NoTracksError, match="xyzzy"):
        _find(service, PlaylistPlan(Emotion.SAD, "Sad Vibes Playlist", "", (query,), 20))
    assert not sandbox.playlists


def test_fruitless_searches_end_at_the_allowed_requests(sandbox: Sandbox, service: SpotifyClient) -> None:
    queries = tuple(SearchQuery(f"xyzzy{number}", f"xyzzy{number}") for number in range(30))
    with pytest.raises(NoTracksError):
        _find(service, PlaylistPlan(Emotion.SAD, "Sad Vibes Playlist", "", queries, 20))
    assert len(sandbox.requests) == 10


def test_fewer_than_wanted_end_the_search(sandbox: Sandbox, service: SpotifyClient) -> None:
    query = SearchQuery("Lemonade", "Lemonade")
    found = _find(service, PlaylistPlan(Emotion.HAPPY, "Happy Vibes Playlist", "", (query,), 100))
    assert 0 < len(found) < 100
    assert len(sandbox.requests) < 26


def test_a_failed_search_is_an_error_and_not_an_empty_result(
    sandbox: Sandbox, service: SpotifyClient
) -> None:
    sandbox.answer_next("/v1/search", 400, {"error": {"status": 400, "message": "Invalid limit"}})
    with pytest.raises(ServiceRefusedError, match="Invalid limit"):
        _find(service, _plan())


def test_unfinished_playlist_is_named_and_can_be_finished(sandbox: Sandbox, service: SpotifyClient) -> None:
    plan = _plan()
    found = _find(service, plan)
    sandbox.requests.clear()
    sandbox.answer_next("/v1/playlists/*/items", 429, headers={"Retry-After": "30"})
    with pytest.raises(UnfinishedPlaylistError) as caught:
        create_playlist(service, plan, found)
    unfinished = caught.value
    assert isinstance(unfinished.__cause__, RateLimitError)
    assert unfinished.playlist.url in unfinished.message
    assert "0 of 20" in unfinished.message
    assert unfinished.missing == found
    assert len(sandbox.requests) == 2
    finished = finish_playlist(service, unfinished)
    assert finished.tracks == found
    (made,) = sandbox.playlists
    assert [song.uri for song in made.songs] == [track.uri for track in found]
    # The answer may have been lost after the work was done: doing it again must change nothing.
    assert finish_playlist(service, unfinished) == finished
    assert len(made.songs) == 20


def test_creation_without_an_answer_is_not_repeated_and_says_to_look(
    sandbox: Sandbox, service: SpotifyClient
) -> None:
    plan = _plan()
    found = _find(service, plan)
    sandbox.requests.clear()
    sandbox.answer_next("/v1/me/playlists", 0)
    with pytest.raises(ServiceUnreachableError) as caught:
        create_playlist(service, plan, found)
    assert caught.value.maybe_done
    assert "Look for it" in caught.value.hint
    assert [exchange.method for exchange in sandbox.requests] == ["POST"]


def test_refused_creation_leaves_nothing(sandbox: Sandbox, service: SpotifyClient) -> None:
    plan = _plan()
    found = _find(service, plan)
    sandbox.answer_next("/v1/me/playlists", 403, {"error": {"status": 403, "message": "Forbidden"}})
    with pytest.raises(ServiceRefusedError):
        create_playlist(service, plan, found)
    assert not sandbox.playlists


def test_more_than_a_hundred_go_in_several_requests(sandbox: Sandbox, service: SpotifyClient) -> None:
    found = _find(service, _plan(track_count=100)) + _find(service, _plan(Emotion.SAD))
    playlist = create_playlist(service, _plan(), found)
    assert [exchange.path.rpartition("/")[2] for exchange in sandbox.requests][-3:] == [
        "playlists",
        "items",
        "items",
    ]
    assert [song.uri for song in sandbox.playlists[0].songs] == [track.uri for track in playlist.tracks]
    assert len(playlist.tracks) == 120


def test_no_tracks_is_a_mistake(sandbox: Sandbox, service: SpotifyClient) -> None:
    with pytest.raises(ValueError, match="tracks"):
        create_playlist(service, _plan(), ())
    assert not sandbox.playlists
