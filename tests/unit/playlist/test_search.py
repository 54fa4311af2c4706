"""Selection by properties; search over HTTP against the sandbox."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import date
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fer_desktop.domain import Emotion, EmotionScores, PlaylistPlan, SearchQuery, Track
from fer_desktop.errors import CancelledError, NoTracksError, ServiceRefusedError
from fer_desktop.paths import resources_dir
from fer_desktop.playlist.moods import FILE_NAME, load_moods
from fer_desktop.playlist.planner import Preferences, plan_playlist
from fer_desktop.playlist.search import find_tracks, select_tracks
from fer_desktop.spotify.factory import sandbox_session
from fer_desktop.spotify.sandbox.catalogue import songs
from tests.fakes.pipeline import scores_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fer_desktop.spotify.client import SpotifyClient
    from fer_desktop.spotify.sandbox import Sandbox

TODAY = date(2026, 11, 23)
DEFAULTS = Preferences()
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
)


@given(st.lists(st.lists(tracks)), st.lists(st.lists(tracks)), st.integers(0, 30))
def test_selection_has_no_duplicates_and_two_per_artist(
    first: list[list[Track]], second: list[list[Track]], count: int
) -> None:
    before = select_tracks(first, count)
    assert len(before) <= count
    chosen = before + select_tracks(second, count, before=before)
    assert len(chosen) <= 2 * count
    _assert_rules(chosen)


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
    )


def _assert_rules(chosen: Sequence[Track]) -> None:
    """No song twice, and nobody more than twice."""
    assert len({track.id for track in chosen}) == len(chosen)
    codes = [track.isrc for track in chosen if track.isrc]
    assert len(set(codes)) == len(codes)
    known = [
        (track.title.strip().lower(), track.artists[0].lower() if track.artists else "") for track in chosen
    ]
    assert len(set(known)) == len(known)
    appearances = Counter(artist for track in chosen for artist in {name.lower() for name in track.artists})
    assert max(appearances.values(), default=0) <= 2


@pytest.fixture
def service(sandbox: Sandbox) -> SpotifyClient:
    session = sandbox_session(sandbox, own_top_tracks=True)
    session.connect(threading.Event())
    sandbox.requests.clear()
    return session.service()


def _plan(
    emotion: Emotion = Emotion.HAPPY,
    preferences: Preferences = DEFAULTS,
    seed: int = 1,
    scores: EmotionScores | None = None,
) -> PlaylistPlan:
    return plan_playlist(emotion, MOODS, today=TODAY, preferences=preferences, seed=seed, scores=scores)


def _search(*words: str, track_count: int = 20) -> PlaylistPlan:
    """A plan without genres or chance."""
    queries = tuple(map(SearchQuery, words))
    return PlaylistPlan(Emotion.SAD, "Sad Vibes Playlist", "", (queries,), track_count)


def _find(service: SpotifyClient, plan: PlaylistPlan) -> tuple[Track, ...]:
    return find_tracks(service, plan, lambda _found, _wanted: None, threading.Event())


@pytest.mark.parametrize("lift", [False, True], ids=["match", "lift"])
@pytest.mark.parametrize("emotion", Emotion)
@pytest.mark.parametrize(("track_count", "most_requests"), [(5, 7), (20, 7), (50, 13), (100, 23)])
def test_a_full_list_within_the_allowed_requests(
    sandbox: Sandbox,
    service: SpotifyClient,
    emotion: Emotion,
    track_count: int,
    most_requests: int,
    *,
    lift: bool,
) -> None:
    found = _find(service, _plan(emotion, Preferences(track_count, lift=lift), seed=track_count))
    assert len(sandbox.requests) <= most_requests
    assert len(found) == track_count
    _assert_rules(found)


def test_each_keyword_is_a_reason(service: SpotifyClient) -> None:
    reasons = {track.reason for track in _find(service, _plan())}
    assert reasons == {f"keyword {word}" for word in MOODS[Emotion.HAPPY].keywords}


def test_lifting_begins_gently_and_ends_brightly(service: SpotifyClient) -> None:
    found = _find(service, _plan(Emotion.SAD, Preferences(lift=True)))
    gentle = {f"keyword {word}" for word in MOODS[Emotion.NEUTRAL].keywords}
    bright = {f"keyword {word}" for word in MOODS[Emotion.HAPPY].keywords}
    assert {track.reason for track in found[:10]} <= gentle
    assert {track.reason for track in found[10:]} <= bright


def test_a_mixed_face_gets_mixed_songs(service: SpotifyClient) -> None:
    mixed = scores_of(happy=0.5, neutral=0.1, sad=0.4)
    reasons = {track.reason for track in _find(service, _plan(scores=mixed))}
    assert len(reasons & {f"keyword {word}" for word in MOODS[Emotion.SAD].keywords}) >= 2
    assert len(reasons & {f"keyword {word}" for word in MOODS[Emotion.HAPPY].keywords}) >= 2


def test_the_same_seed_finds_the_same_and_another_one_does_not(service: SpotifyClient) -> None:
    preferences = Preferences(own_top_tracks=True)
    assert _find(service, _plan(preferences=preferences)) == _find(service, _plan(preferences=preferences))
    assert _find(service, _plan(seed=1)) != _find(service, _plan(seed=2))


def test_explicit_songs_can_be_left_out(service: SpotifyClient) -> None:
    everything = Preferences(100, own_top_tracks=True)
    assert any(track.explicit for track in _find(service, _plan(preferences=everything)))
    clean = Preferences(100, explicit=False, own_top_tracks=True)
    found = _find(service, _plan(preferences=clean))
    assert len(found) > 60
    assert not any(track.explicit for track in found)


def test_own_top_songs_are_mixed_in(sandbox: Sandbox, service: SpotifyClient) -> None:
    found = _find(service, _plan(preferences=Preferences(own_top_tracks=True)))
    own = [track for track in found if track.reason == "one of your top tracks"]
    assert 2 <= len(own) <= 6
    assert {track.id for track in own} <= {song.id for song in songs()[::7]}
    assert len(sandbox.requests) <= 7
    _assert_rules(found)


def test_what_is_missing_comes_from_playlists_where_they_may_be_read(
    sandbox: Sandbox, service: SpotifyClient
) -> None:
    sandbox.extended_quota = True
    found = _find(service, _search("Lemonade"))
    assert len(found) == 20
    assert {track.reason for track in found} == {"keyword Lemonade", "playlist Lemonade by somebody else"}
    _assert_rules(found)


def test_development_mode_goes_without_playlists(sandbox: Sandbox, service: SpotifyClient) -> None:
    found = _find(service, _search("Lemonade"))
    assert 0 < len(found) < 20
    asked = [each.status for each in sandbox.requests if each.path.startswith("/v1/playlists/")]
    assert asked == [403]
    _find(service, _search("Balcony"))
    assert [each.status for each in sandbox.requests if each.path.startswith("/v1/playlists/")] == [403]


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


def test_nothing_found_names_the_keywords(service: SpotifyClient) -> None:
    with pytest.raises(NoTracksError, match="xyzzy"):
        _find(service, _search("xyzzy"))


def test_fruitless_searches_end_at_the_allowed_requests(sandbox: Sandbox, service: SpotifyClient) -> None:
    with pytest.raises(NoTracksError):
        _find(service, _search(*(f"xyzzy{number}" for number in range(30))))
    assert len(sandbox.requests) == 7


def test_fewer_than_wanted_end_the_search(sandbox: Sandbox, service: SpotifyClient) -> None:
    found = _find(service, _search("Lemonade", track_count=100))
    assert 0 < len(found) < 100
    assert len(sandbox.requests) < 24


def test_a_failed_search_is_an_error_and_not_an_empty_result(
    sandbox: Sandbox, service: SpotifyClient
) -> None:
    sandbox.answer_next("/v1/search", 400, {"error": {"status": 400, "message": "Invalid limit"}})
    with pytest.raises(ServiceRefusedError, match="Invalid limit"):
        _find(service, _plan())
