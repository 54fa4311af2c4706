"""A music service that has nothing in common with Spotify: no HTTP, no Client ID, no library, no covers."""

# ruff: noqa: ARG002 - the arguments are the protocol's

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from fer_desktop.domain import Account, Playlist, Track
from fer_desktop.music import MusicCapabilities, MusicProvider, not_connected

if TYPE_CHECKING:
    import threading
    from collections.abc import Sequence

    from fer_desktop.domain import SearchQuery
    from fer_desktop.music import MusicSession

CAPABILITIES = MusicCapabilities(
    "made-up",
    "Made Up",
    "https://made-up.example/?q=",
    can_read_library=False,
    can_set_cover=False,
)


@dataclass
class MadeUpMusic:
    """The service: its playlists, and the searches that it got."""

    lists: dict[str, list[str]] = field(default_factory=dict)
    searches: list[SearchQuery] = field(default_factory=list)
    connected: bool = False
    fails_to_connect: bool = False

    @property
    def provider(self) -> MusicProvider:
        """What is registered."""
        return MusicProvider(CAPABILITIES, lambda *_: MadeUpSession(self))


class MadeUpSession:
    """Connects without asking anyone."""

    capabilities = CAPABILITIES
    missing_scopes = ()
    ends_soon_on = None
    storage_note = ""

    def __init__(self, music: MadeUpMusic) -> None:
        self._music = music

    @property
    def connected(self) -> bool:
        return self._music.connected

    def connect(self, cancel: threading.Event) -> Account:
        if self._music.fails_to_connect:
            raise not_connected(CAPABILITIES)
        self._music.connected = True
        return self.service(cancel).current_user()

    def service(self, cancel: threading.Event | None = None) -> MadeUpService:
        if not self.connected:
            raise not_connected(CAPABILITIES)
        return MadeUpService(self._music)

    def hand_over(self, successor: MusicSession) -> None:
        """Its successor finds the login where this one left it."""

    def disconnect(self) -> None:
        self._music.connected = False


class MadeUpService:
    """Has ten songs for every word, and refuses what its capabilities rule out."""

    capabilities = CAPABILITIES

    def __init__(self, music: MadeUpMusic) -> None:
        self._music = music

    def current_user(self) -> Account:
        return Account("1", "Bob")

    def search_tracks(self, query: SearchQuery, *, limit: int) -> tuple[Track, ...]:
        self._music.searches.append(query)
        names = [f"{query.keyword} {query.genre} {query.offset + number}" for number in range(limit)]
        return tuple(Track(name, f"made-up:{name}", name, (name,), 1000, "", "") for name in names)

    def top_tracks(self) -> tuple[Track, ...]:
        raise AssertionError("it cannot read a library")

    def search_playlists(self, text: str) -> tuple[Playlist, ...]:
        return ()

    def playlist_tracks(self, playlist_id: str) -> tuple[Track, ...]:
        return ()

    def find_playlist(self, name: str, mark: str, playlist_id: str) -> Playlist | None:
        return self._playlist(playlist_id, name) if playlist_id in self._music.lists else None

    def create_playlist(self, name: str, description: str) -> Playlist:
        playlist_id = str(len(self._music.lists))
        self._music.lists[playlist_id] = []
        return self._playlist(playlist_id, name)

    def replace_tracks(self, playlist_id: str, uris: Sequence[str]) -> None:
        self._music.lists[playlist_id] = list(uris)

    def set_cover(self, playlist_id: str, jpeg: bytes) -> None:
        raise AssertionError("it cannot set a cover")

    def _playlist(self, playlist_id: str, name: str) -> Playlist:
        return Playlist(playlist_id, name, f"https://made-up.example/{playlist_id}")
