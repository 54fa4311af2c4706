"""What playlists are made with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fer_desktop.domain import Account, Playlist, Track


class MusicService(Protocol):
    """One account of a music service. Every method raises MusicServiceError where it fails."""

    def current_user(self) -> Account:
        """Returns whose account is connected."""

    def search_tracks(self, text: str, *, limit: int, offset: int) -> tuple[Track, ...]:
        """Returns a page of the tracks that match, best first; at most 10, from 0 to 1000 on."""

    def top_tracks(self) -> tuple[Track, ...]:
        """Returns the tracks that the user plays most; none where the login does not allow to know them."""

    def search_playlists(self, text: str) -> tuple[Playlist, ...]:
        """Returns playlists that match, best first; none where their tracks may not be read."""

    def playlist_tracks(self, playlist_id: str) -> tuple[Track, ...]:
        """Returns the first tracks of a playlist; none where they may not be read."""

    def find_playlist(self, name: str, mark: str, playlist_id: str) -> Playlist | None:
        """Returns the user's playlist of an id, or of a name whose description has a mark; None without one.

        Raises:
            MissingScopeError: The login does not show the user's playlists.
        """

    def create_playlist(self, name: str, description: str) -> Playlist:
        """Makes an empty playlist."""

    def replace_tracks(self, playlist_id: str, uris: Sequence[str]) -> None:
        """Puts tracks in place of all that a playlist has; at most 100. May be repeated.

        Raises:
            PlaylistGoneError: There is no such playlist of the user's.
        """

    def set_cover(self, playlist_id: str, jpeg: bytes) -> None:
        """Gives a playlist a picture; at most 190 KB."""
