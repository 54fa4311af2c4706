"""From a plan to tracks: keyword searches, with the user's own top tracks, then playlists by keyword."""

from __future__ import annotations

import random
from collections import Counter, deque
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from fer_desktop.errors import CancelledError, NoTracksError
from fer_desktop.translation import N_, _, listed

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterable, Sequence

    from fer_desktop.domain import PlaylistPlan, SearchQuery, Track
    from fer_desktop.music import MusicService

_T = TypeVar("_T")

PAGE_SIZE = 10
MAX_PER_ARTIST = 2
_MAX_OFFSET = 1000
_OWN_REASON = N_("one of your top songs")


def find_tracks(
    service: MusicService,
    plan: PlaylistPlan,
    progress: Callable[[int, int], None],
    cancel: threading.Event,
) -> tuple[Track, ...]:
    """Finds the plan's tracks, with at most 7 requests for 20 of them and one more for each 5 beyond.

    Args:
        service: Queried one page at a time.
        plan: What to search for.
        progress: Gets, after each page, how many tracks there are and how many are wanted.
        cancel: Set by another thread to stop before the next page.

    Returns:
        The tracks in order; fewer than wanted if no more are found.

    Raises:
        NoTracksError: Nothing was found.
        CancelledError: `cancel` was set.
        MusicServiceError: The service failed.
    """
    search = _Search(service, plan, progress, cancel)
    if plan.own_top_tracks and service.capabilities.can_read_library:
        search.read_own_top_tracks()
    for number, queries in enumerate(plan.steps, start=1):
        search.add_stretch(
            queries,
            goal=plan.track_count * number // len(plan.steps),
            most_requests=search.requests_left // (len(plan.steps) - number + 1),
        )
    search.fill_from_playlists()
    if not search.chosen:
        raise NoTracksError(
            _("No songs found"),
            _("Nothing matches {keywords}.").format(keywords=listed(plan.keywords)),
            _("Choose other keywords in moods.toml, or try again later."),
        )
    return search.chosen


class _Search:
    """One search in progress.

    Attributes:
        chosen: The tracks so far.
        requests_left: How many more requests may be sent.
    """

    def __init__(
        self,
        service: MusicService,
        plan: PlaylistPlan,
        progress: Callable[[int, int], None],
        cancel: threading.Event,
    ) -> None:
        self.chosen: tuple[Track, ...] = ()
        self.requests_left = 7 + max(0, plan.track_count - 20) // 5
        self._service = service
        self._plan = plan
        self._progress = progress
        self._cancel = cancel
        self._own: list[Track] = []

    def read_own_top_tracks(self) -> None:
        """Gets the tracks that the user plays most, in random order, to be mixed in later."""
        tracks = self._page(self._service.top_tracks, _(_OWN_REASON))
        self._own = random.Random(self._plan.seed).sample(tracks, len(tracks))  # noqa: S311 - no secret

    def add_stretch(self, queries: Sequence[SearchQuery], *, goal: int, most_requests: int) -> None:
        """Searches page by page until there are `goal` tracks in total, or nothing new is found."""
        found: dict[str, list[Track]] = {query.keyword: [] for query in queries}
        waiting = list(queries)
        known_ids: set[str] = set()
        before = self.chosen
        while waiting and most_requests:
            # Every keyword gets its share, even if fewer of them would fill the list.
            query = next((each for each in waiting if not found[each.keyword]), waiting[0])
            if len(self.chosen) == goal and found[query.keyword]:
                break
            waiting.remove(query)
            most_requests -= 1
            page = self._page(
                partial(self._service.search_tracks, query, limit=PAGE_SIZE),
                _("keyword {keyword}").format(keyword=query.keyword),
            )
            fresh = [track for track in page if track.id not in known_ids]
            known_ids.update(track.id for track in fresh)
            found[query.keyword] += fresh
            # A short page does not mean the end, nor does a service's total; a page with nothing new does.
            if fresh and query.offset + PAGE_SIZE <= _MAX_OFFSET:
                waiting.append(replace(query, offset=query.offset + PAGE_SIZE))
            lists = [*found.values(), self._own] if goal == self._plan.track_count else found.values()
            self.chosen = before + select_tracks(lists, goal - len(before), before=before)
            self._progress(len(self.chosen), self._plan.track_count)

    def fill_from_playlists(self) -> None:
        """Fills the list from playlists found by keyword, if the app may read them."""
        for keyword in self._plan.keywords:
            if len(self.chosen) == self._plan.track_count or self.requests_left < 2:
                return
            playlists = self._ask(partial(self._service.search_playlists, keyword))
            if not playlists:
                continue
            first = playlists[0]
            tracks = self._page(
                partial(self._service.playlist_tracks, first.id), _("playlist {name}").format(name=first.name)
            )
            missing = self._plan.track_count - len(self.chosen)
            self.chosen += select_tracks([tracks], missing, before=self.chosen)
            self._progress(len(self.chosen), self._plan.track_count)

    def _page(self, request: Callable[[], Sequence[Track]], reason: str) -> list[Track]:
        return [
            replace(track, reason=reason)
            for track in self._ask(request)
            if self._plan.explicit or not track.explicit
        ]

    def _ask(self, request: Callable[[], _T]) -> _T:
        if self._cancel.is_set():
            raise CancelledError
        self.requests_left -= 1
        return request()


def select_tracks(
    found: Iterable[Sequence[Track]], count: int, before: Sequence[Track] = ()
) -> tuple[Track, ...]:
    """Picks tracks from several searches in turn, so that each gets its share.

    No two have the same id, recording code, or title and first artist; no artist appears more than twice.

    Args:
        found: The tracks of each search, best first.
        count: How many to pick at most.
        before: Tracks that are in the list already; the rules apply to them too.
    """
    chosen: list[Track] = []
    taken: set[tuple[str, ...]] = set().union(*(_identities(track) for track in before))
    appearances = Counter(artist for track in before for artist in _artists(track))

    def fits(track: Track) -> bool:
        return taken.isdisjoint(_identities(track)) and all(
            appearances[artist] < MAX_PER_ARTIST for artist in _artists(track)
        )

    turns = deque(iter(tracks) for tracks in found)
    while turns and len(chosen) < count:
        turn = turns.popleft()
        track = next(filter(fits, turn), None)
        if track is None:
            continue
        turns.append(turn)
        chosen.append(track)
        taken |= _identities(track)
        appearances.update(_artists(track))
    return tuple(chosen)


def _identities(track: Track) -> set[tuple[str, ...]]:
    """What identifies a song: two tracks that share any of it are the same song."""
    artists = _artists(track)
    identities = {("id", track.id), ("title", _folded(track.title), artists[0] if artists else "")}
    return identities | {("isrc", track.isrc.upper())} if track.isrc else identities


def _artists(track: Track) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_folded(artist) for artist in track.artists))


def _folded(words: str) -> str:
    return " ".join(words.split()).casefold()
