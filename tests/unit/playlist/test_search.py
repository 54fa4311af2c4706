"""Selection by properties; search over HTTP against the sandbox."""

from __future__ import annotations

import contextlib
import threading
from collections import Counter
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fer_desktop.domain import Emotion, EmotionScores, Playlist, PlaylistPlan, SearchQuery, Track
from fer_desktop.errors import CancelledError, NoTracksError, ServiceRefusedError
from fer_desktop.paths import resources_dir
from fer_desktop.playlist.moods import FILE_NAME, load_moods
from fer_desktop.playlist.planner import Preferences, plan_playlist
from fer_desktop.playlist.search import find_tracks, select_tracks
from fer_desktop.spotify.sandbox.catalogue import songs
from tests.fakes.made_up_music import MadeUpMusic, MadeUpService
from tests.fakes.pipeline import scores_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fer_desktop.music import MusicService
    from fer_desktop.spotify.client import SpotifyClient
    from fer_desktop.spotify.sandbox import Sandbox
    from fer_desktop.spotify.session import SpotifySession

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
def test_selection_takes_turns_and_is_as_full_as_possible(sizes: list[int], count: int) -> None:
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
    """No song twice, and no artist more than twice."""
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
def service(session: SpotifySession) -> SpotifyClient:
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


def _find(service: MusicService, plan: PlaylistPlan) -> tuple[Track, ...]:
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


def test_lifting_starts_gently_and_ends_brightly(service: SpotifyClient) -> None:
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
    own = [track for track in found if track.reason == "one of your top songs"]
    assert 2 <= len(own) <= 6
    assert {track.id for track in own} <= {song.id for song in songs()[::7]}
    assert len(sandbox.requests) <= 7
    _assert_rules(found)


def test_development_mode_goes_without_playlists(sandbox: Sandbox, service: SpotifyClient) -> None:
    found = _find(service, _search("Lemonade"))
    assert 0 < len(found) < 20
    asked = [each.status for each in sandbox.requests if each.path.startswith("/v1/playlists/")]
    assert asked == [403]
    _find(service, _search("Balcony"))
    assert [each.status for each in sandbox.requests if each.path.startswith("/v1/playlists/")] == [403]


def test_cancelling_stops_before_the_next_page(sandbox: Sandbox, service: SpotifyClient) -> None:
    cancel = threading.Event()
    with pytest.raises(CancelledError):
        find_tracks(service, _plan(), lambda _found, _wanted: cancel.set(), cancel)
    assert len(sandbox.requests) == 1


def test_a_failed_search_is_an_error_and_not_an_empty_result(
    sandbox: Sandbox, service: SpotifyClient
) -> None:
    sandbox.answer_next("/v1/search", 400, {"error": {"status": 400, "message": "Invalid limit"}})
    with pytest.raises(ServiceRefusedError, match="Invalid limit"):
        _find(service, _plan())


class _Shelf(MadeUpService):
    """Has what each test puts there, and remembers what it was asked for."""

    def __init__(self, **pages: Sequence[str]) -> None:
        """Takes the titles that each keyword finds, over all its pages."""
        super().__init__(MadeUpMusic())
        self.pages = pages
        self.shelves: dict[str, list[str]] = {}
        self.asked: list[object] = []

    def search_tracks(self, query: SearchQuery, *, limit: int) -> tuple[Track, ...]:
        self.asked.append((query.keyword, query.offset))
        assert limit == 10
        found = self.pages.get(query.keyword, ())
        return tuple(map(_track, found[query.offset : query.offset + limit]))

    def search_playlists(self, text: str) -> tuple[Playlist, ...]:
        self.asked.append(f"playlists {text}")
        return tuple(Playlist(name, name, "") for name in (text, "other") if text in self.shelves)

    def playlist_tracks(self, playlist_id: str) -> tuple[Track, ...]:
        self.asked.append(f"tracks of {playlist_id}")
        return tuple(map(_track, self.shelves[playlist_id]))


def _titles(prefix: str, count: int) -> list[str]:
    return [f"{prefix}{number}" for number in range(count)]


def test_pages_follow_one_another_until_there_is_enough() -> None:
    shelf = _Shelf(Sad=_titles("s", 100))
    seen: list[tuple[int, int]] = []
    plan = _search("Sad", track_count=25)
    found = find_tracks(shelf, plan, lambda *each: seen.append(each), threading.Event())
    assert [track.title for track in found] == _titles("s", 25)
    assert shelf.asked == [("Sad", 0), ("Sad", 10), ("Sad", 20)]
    assert seen == [(10, 25), (20, 25), (25, 25)]


@pytest.mark.parametrize(("first", "last"), [(980, 1000), (981, 991), (1000, 1000)])
def test_no_page_is_asked_for_beyond_the_last(first: int, last: int) -> None:
    shelf = _Shelf(Sad=_titles("s", 2000))
    step = (SearchQuery("Sad", offset=first),)
    _find(shelf, PlaylistPlan(Emotion.SAD, "", "", (step,), 100))
    assert [each for each in shelf.asked if isinstance(each, tuple)][-1] == ("Sad", last)


def test_a_page_with_nothing_new_is_the_last_one() -> None:
    shelf = _Shelf(Sad=[*_titles("s", 10), *_titles("s", 10), *_titles("t", 10)])
    assert len(_find(shelf, _search("Sad"))) == 10
    assert shelf.asked == [("Sad", 0), ("Sad", 10), "playlists Sad"]


def test_every_keyword_has_its_share_even_if_one_would_be_enough() -> None:
    shelf = _Shelf(Sad=_titles("s", 100), Cry=_titles("c", 100), Tear=())
    found = _find(shelf, _search("Sad", "Cry", "Tear", track_count=6))
    assert [track.title for track in found] == ["s0", "c0", "s1", "c1", "s2", "c2"]
    assert [track.reason for track in found[:2]] == ["keyword Sad", "keyword Cry"]
    assert shelf.asked == [("Sad", 0), ("Cry", 0), ("Tear", 0)]


def test_each_stretch_has_its_share_of_tracks_and_requests() -> None:
    steps = tuple(tuple(SearchQuery(f"{each}{step}") for each in "abcd") for step in (1, 2))
    plan = PlaylistPlan(Emotion.SAD, "", "", steps, 21)
    shelf = _Shelf(a1=_titles("s", 30), a2=_titles("t", 6), b2=_titles("u", 6))
    assert [track.title[0] for track in _find(shelf, plan)] == [*"s" * 10, *"tu" * 5, "t"]
    fruitless = _Shelf(d2=_titles("t", 30))
    assert [track.title for track in _find(fruitless, plan)] == _titles("t", 10)
    assert fruitless.asked[:7] == [
        *((f"{each}1", 0) for each in "abc"),
        *((f"{each}2", 0) for each in "abcd"),
    ]


@pytest.mark.parametrize(
    ("track_count", "requests"), [(5, 7), (20, 7), (24, 7), (25, 8), (29, 8), (30, 9), (100, 23)]
)
def test_fruitless_searches_end_at_the_allowed_requests(track_count: int, requests: int) -> None:
    shelf = _Shelf()
    with pytest.raises(NoTracksError, match="k0, k1"):
        _find(shelf, _search(*_titles("k", 30), track_count=track_count))
    assert len(shelf.asked) == requests


def test_playlists_fill_what_is_missing_while_requests_are_left() -> None:
    shelf = _Shelf(a=_titles("a", 3))
    shelf.shelves = {"b": _titles("b", 10)}
    seen: list[tuple[int, int]] = []
    plan = _search("a", "b", track_count=8)
    found = find_tracks(shelf, plan, lambda *each: seen.append(each), threading.Event())
    assert [track.title for track in found] == [*_titles("a", 3), *_titles("b", 5)]
    assert found[-1].reason == "playlist b"
    searches = [("a", 0), ("b", 0), ("a", 10)]
    assert shelf.asked == [*searches, "playlists a", "playlists b", "tracks of b"]
    assert seen[-1] == (8, 8)
    shelf.asked.clear()
    assert len(_find(shelf, _search("a", track_count=3))) == 3
    assert shelf.asked == [("a", 0)]


@pytest.mark.parametrize(("keywords", "asks"), [(5, True), (6, False)])
def test_a_playlist_takes_two_requests(keywords: int, *, asks: bool) -> None:
    shelf = _Shelf()
    shelf.shelves = {"k0": _titles("t", 30)}
    with contextlib.nullcontext() if asks else pytest.raises(NoTracksError):
        assert len(_find(shelf, _search(*_titles("k", keywords)))) == 20
    assert ("playlists k0" in shelf.asked) is asks


@pytest.mark.parametrize(
    ("changes", "same"),
    [
        ({}, True),
        ({"id": "2"}, True),
        ({"id": "2", "title": "Rain"}, True),
        ({"id": "2", "title": "Rain", "isrc": ""}, False),
        ({"id": "2", "title": " SUN", "isrc": "other"}, True),
        ({"id": "2", "artists": ("ADA", "Bob"), "isrc": ""}, True),
        ({"id": "2", "artists": ("Bob", "Ada"), "isrc": ""}, False),
        ({"id": "2", "artists": (), "isrc": ""}, False),
        ({"id": "2", "title": "Rain", "isrc": "qz1"}, True),
    ],
)
def test_which_tracks_are_the_same_song(changes: dict[str, Any], *, same: bool) -> None:
    one = replace(_track("1"), title="Sun", artists=("Ada",), isrc="QZ1")
    other = replace(one, **changes)
    assert len(select_tracks([[one, other]], 5)) == (1 if same else 2)
    assert len(select_tracks([[other]], 5, before=[one])) == (0 if same else 1)


def test_an_artist_may_appear_twice() -> None:
    tracks = [replace(_track(name), artists=("Ada", name)) for name in "abc"]
    assert select_tracks([tracks], 5) == tuple(tracks[:2])
    assert select_tracks([tracks[1:]], 5, before=tracks[:1]) == (tracks[1],)
