"""From a plan to a playlist at the music service: search first, create second, add third."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from fer_desktop.errors import (
    AppError,
    CancelledError,
    NoTracksError,
    ServiceUnreachableError,
    UnfinishedPlaylistError,
)

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterable, Sequence

    from fer_desktop.domain import Account, Playlist, PlaylistPlan, Track

PAGE_SIZE = 10
MAX_PER_ARTIST = 2
_MAX_PER_REQUEST = 100
_MAX_OFFSET = 1000


class MusicService(Protocol):
    """What playlists are made with. Every method raises MusicServiceError where it fails."""

    def current_user(self) -> Account:
        """Returns whose account is connected."""

    def search_tracks(self, text: str, *, limit: int, offset: int) -> tuple[Track, ...]:
        """Returns a page of the tracks that match, best first; at most 10, from 0 to 1000 on."""

    def create_playlist(self, name: str, description: str) -> Playlist:
        """Makes an empty playlist."""

    def add_tracks(self, playlist_id: str, uris: Sequence[str]) -> None:
        """Appends tracks to a playlist; at most 100."""

    def replace_tracks(self, playlist_id: str, uris: Sequence[str]) -> None:
        """Puts tracks in place of all that a playlist has; at most 100."""


def find_tracks(
    service: MusicService,
    plan: PlaylistPlan,
    progress: Callable[[int, int], None],
    cancel: threading.Event,
) -> tuple[Track, ...]:
    """Searches for the plan's tracks, with at most 10 requests for 20 of them and one more per 5 beyond.

    Args:
        service: Is asked for one page at a time.
        plan: What to search for.
        progress: Is told after each page how many tracks there are, and how many are wanted.
        cancel: Set by another thread to stop before the next page.

    Returns:
        The tracks in their order; fewer than wanted where no more are found.

    Raises:
        NoTracksError: Nothing was found.
        CancelledError: `cancel` was set.
        MusicServiceError: The service failed.
    """
    found: dict[str, list[Track]] = {query.keyword: [] for query in plan.queries}
    known_ids: set[str] = set()
    waiting = list(plan.queries)
    requests_left = 10 + max(0, plan.track_count - 20) // 5
    chosen: tuple[Track, ...] = ()
    while requests_left and waiting:
        # Every keyword has its share, even where fewer of them would fill the playlist.
        query = next((each for each in waiting if not found[each.keyword]), waiting[0])
        if len(chosen) == plan.track_count and found[query.keyword]:
            break
        if cancel.is_set():
            raise CancelledError
        waiting.remove(query)
        page = service.search_tracks(query.text, limit=PAGE_SIZE, offset=query.offset)
        requests_left -= 1
        fresh = [replace(track, keyword=query.keyword) for track in page if track.id not in known_ids]
        known_ids.update(track.id for track in fresh)
        found[query.keyword] += fresh
        # A short page is no sign of the end, nor are Spotify's totals; nothing new is.
        if fresh and query.offset + PAGE_SIZE <= _MAX_OFFSET:
            waiting.append(replace(query, offset=query.offset + PAGE_SIZE))
        chosen = select_tracks(found.values(), plan.track_count)
        progress(len(chosen), plan.track_count)
    if not chosen:
        raise NoTracksError(
            "No songs found",
            f"Nothing matches {', '.join(found)}.",
            "Choose other keywords in moods.toml, or try again later.",
        )
    return chosen


def select_tracks(found: Iterable[Sequence[Track]], count: int) -> tuple[Track, ...]:
    """Picks tracks from several searches in turn, so that each has its share.

    No two have the same id, recording code, or title and first artist; no artist is on more than two.

    Args:
        found: The tracks of each search, best first.
        count: How many to pick at most.
    """
    chosen: list[Track] = []
    taken: set[tuple[str, ...]] = set()
    appearances: Counter[str] = Counter()

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


def create_playlist(service: MusicService, plan: PlaylistPlan, tracks: Sequence[Track]) -> Playlist:
    """Makes the plan's playlist with these tracks. No request is repeated.

    Args:
        service: Gets one request to create, and one per 100 tracks to add.
        plan: Gives the name and the description.
        tracks: At least one.

    Raises:
        UnfinishedPlaylistError: The playlist was made, but not all tracks were added.
        ServiceUnreachableError: The playlist was not made, or, with `maybe_done`, perhaps was.
        MusicServiceError: The playlist was not made.
        ValueError: There are no tracks.
    """
    if not tracks:
        raise ValueError("a playlist needs tracks")
    try:
        playlist = service.create_playlist(plan.name, plan.description)
    except ServiceUnreachableError as error:
        if not error.maybe_done:
            raise
        raise ServiceUnreachableError(
            error.title,
            f'{error.message} Whether "{plan.name}" was made is not known.',
            "Look for it in Spotify before you create it again.",
            maybe_done=True,
        ) from error
    return _fill(service, playlist, tracks, service.add_tracks)


def finish_playlist(service: MusicService, unfinished: UnfinishedPlaylistError) -> Playlist:
    """Puts all tracks into a playlist that `create_playlist` left unfinished.

    Some may be in it already, though the answer never came: so its tracks are replaced, which can be done any
    number of times.

    Raises:
        UnfinishedPlaylistError: It is still not finished.
    """
    tracks = unfinished.playlist.tracks + unfinished.missing
    return _fill(service, unfinished.playlist, tracks, service.replace_tracks)


def _fill(
    service: MusicService,
    playlist: Playlist,
    tracks: Sequence[Track],
    put_first: Callable[[str, Sequence[str]], None],
) -> Playlist:
    for start in range(0, len(tracks), _MAX_PER_REQUEST):
        put = put_first if start == 0 else service.add_tracks
        try:
            put(playlist.id, [track.uri for track in tracks[start : start + _MAX_PER_REQUEST]])
        except AppError as error:
            surely = "at least " if isinstance(error, ServiceUnreachableError) and error.maybe_done else ""
            songs = f"{surely}{start} of {len(tracks)} songs"
            raise UnfinishedPlaylistError(
                "The playlist is not finished",
                f'"{playlist.name}" exists with {songs}: {playlist.url} {error.message}',
                error.hint,
                playlist=replace(playlist, tracks=tuple(tracks[:start])),
                missing=tuple(tracks[start:]),
            ) from error
    return replace(playlist, tracks=tuple(tracks))


def _identities(track: Track) -> set[tuple[str, ...]]:
    """By what two tracks are known to be the same song."""
    artists = _artists(track)
    identities = {("id", track.id), ("title", _folded(track.title), artists[0] if artists else "")}
    return identities | {("isrc", track.isrc.upper())} if track.isrc else identities


def _artists(track: Track) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_folded(artist) for artist in track.artists))


def _folded(words: str) -> str:
    return " ".join(words.split()).casefold()
