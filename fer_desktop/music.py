"""What the app needs of a music service: protocols for each one, and the session without an account."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from fer_desktop.errors import NotLoggedInError
from fer_desktop.translation import _

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterable, Sequence
    from datetime import date
    from pathlib import Path

    from fer_desktop.domain import Account, Playlist, SearchQuery, Track
    from fer_desktop.errors import AppError
    from fer_desktop.settings import Settings


@dataclass(frozen=True, slots=True)
class MusicCapabilities:
    """What a music service is called, and what it can do.

    Attributes:
        service: Its key, which drafts name it by ("spotify").
        service_name: What users call it ("Spotify").
        search_page: Address of its page that shows a search; the words are appended.
        has_account: Users connect an account of their own, and can disconnect it.
        needs_client_id: Connecting takes a Client ID, which the window's assistant helps to get.
        can_read_library: It tells what the user plays most.
        can_set_cover: Playlists can be given a picture.
        app_address: Opens a playlist in the user's app once the playlist's id is appended; "" for no app.
    """

    service: str
    service_name: str
    search_page: str
    has_account: bool = True
    needs_client_id: bool = False
    can_read_library: bool = True
    can_set_cover: bool = True
    app_address: str = ""


class MusicService(Protocol):
    """A connected account, for one piece of work. Every method raises MusicServiceError if it fails."""

    @property
    def capabilities(self) -> MusicCapabilities:
        """What it can do; nothing else is requested."""

    def current_user(self) -> Account:
        """Returns whose account is connected."""

    def search_tracks(self, query: SearchQuery, *, limit: int) -> tuple[Track, ...]:
        """Returns the tracks that match, best first, starting at the query's offset (0 to 1000).

        Args:
            query: Translated into the service's own search syntax.
            limit: 1 to 10.
        """

    def top_tracks(self) -> tuple[Track, ...]:
        """Returns the tracks that the user plays most; none if the login does not allow it."""

    def search_playlists(self, text: str) -> tuple[Playlist, ...]:
        """Returns playlists that match, best first; none if their tracks may not be read."""

    def playlist_tracks(self, playlist_id: str) -> tuple[Track, ...]:
        """Returns the first tracks of a playlist; none if they may not be read."""

    def find_playlist(self, name: str, mark: str, playlist_id: str) -> Playlist | None:
        """Returns the user's playlist with an id, or with a name and a mark in its description; None if none.

        Raises:
            MissingScopeError: The login does not show the user's playlists.
        """

    def create_playlist(self, name: str, description: str) -> Playlist:
        """Creates an empty playlist."""

    def replace_tracks(self, playlist_id: str, uris: Sequence[str]) -> None:
        """Replaces all tracks of a playlist; at most 100. May be repeated.

        Raises:
            PlaylistGoneError: The user has no such playlist.
        """

    def set_cover(self, playlist_id: str, jpeg: bytes) -> None:
        """Gives a playlist a picture of at most 190 KB; does nothing if the login does not allow it."""


class MusicSession(Protocol):
    """The connection to one account, from the first login to the last request.

    Safe to use from several threads. Every call may wait for the network or the keyring: none belongs on a
    GUI thread.
    """

    @property
    def capabilities(self) -> MusicCapabilities:
        """What can be done with it."""

    @property
    def connected(self) -> bool:
        """Whether there is a login; the service may have ended it meanwhile.

        Raises:
            SettingsError: The kept login cannot be read; `missing_scopes` and `ends_soon_on` raise it too.
        """

    @property
    def missing_scopes(self) -> tuple[str, ...]:
        """What the settings need and the login does not allow; a new login would."""

    @property
    def ends_soon_on(self) -> date | None:
        """The day on which the service ends the login, if that is soon."""

    @property
    def storage_note(self) -> str:
        """What the user should know about where the login is kept; "" if it is kept where they chose."""

    def connect(self, cancel: threading.Event) -> Account:
        """Lets the user log in, and returns whose account it is.

        Args:
            cancel: Set by another thread to stop waiting for the user.

        Raises:
            SettingsError: Something that a login needs is missing, or the login cannot be kept.
            MusicServiceError: The login failed.
            CancelledError: `cancel` was set; the user may have agreed before that, and is connected then.
        """

    def service(self, cancel: threading.Event | None = None) -> MusicService:
        """Returns the connected account's service; get one for each piece of work.

        Args:
            cancel: Set by another thread to stop waiting for requests that only read.

        Raises:
            NotLoggedInError: No account is connected.
            SettingsError: The kept login cannot be read.
        """

    def hand_over(self, successor: MusicSession) -> None:
        """Lets the session of changed settings continue this login if it can, and erases the login here.

        If both keep it in the same place, it stays there for the successor.

        Raises:
            SettingsError: A kept login cannot be read or written.
        """

    def disconnect(self) -> None:
        """Erases the login, and what the service said about it.

        Raises:
            SettingsError: Something cannot be erased.
        """


@dataclass(frozen=True, slots=True)
class MusicProvider:
    """A music service as it is registered.

    Attributes:
        capabilities: What its sessions can do once an account is connected.
        open_session: Makes the session for the settings, with the profile's folder, and what shows a login
            page to the user. May wait for the keyring.
        fetch_covers: Returns the addresses of album covers, each with the content of its file, without those
            that cannot be fetched; takes addresses that came with tracks, and what is set to stop.
        redirect_uri: Returns what the user registers with the service for a login port, 0 for any port; asked
            only if a login needs a Client ID.
    """

    capabilities: MusicCapabilities
    open_session: Callable[[Settings, Path, Callable[[str], None]], MusicSession]
    fetch_covers: Callable[[Sequence[str], threading.Event], Iterable[tuple[str, bytes]]] = (
        lambda _urls, _cancel: ()
    )
    redirect_uri: Callable[[int], str] = lambda _port: ""


class NoAccountSession:
    """A session without an account: nothing is connected, and no playlist can be created."""

    connected = False
    missing_scopes: tuple[str, ...] = ()
    ends_soon_on = None
    storage_note = ""

    def __init__(self, service: MusicCapabilities, missing: AppError, erase: Callable[[], None]) -> None:
        """Creates a session.

        Args:
            service: The music service.
            missing: Says what connecting an account needs.
            erase: Erases what may be left of an earlier login.
        """
        self.capabilities = replace(
            service, has_account=False, can_read_library=False, can_set_cover=False, app_address=""
        )
        self._missing = missing
        self._erase = erase

    def connect(self, cancel: threading.Event) -> Account:  # noqa: ARG002 - there is nothing to wait for
        """Says what is missing."""
        raise self._missing

    def service(self, cancel: threading.Event | None = None) -> MusicService:  # noqa: ARG002
        """Says that nothing is connected."""
        raise not_connected(self.capabilities)

    def hand_over(self, successor: MusicSession) -> None:
        """Does nothing: there is no login to continue."""

    def disconnect(self) -> None:
        """Erases what may be left of an earlier login."""
        self._erase()


def not_connected(capabilities: MusicCapabilities) -> NotLoggedInError:
    """Returns the error of work for which no account is connected."""
    name = capabilities.service_name
    return NotLoggedInError(
        _("Not connected to {service}").format(service=name),
        _("There is no login on this computer."),
        _("Connect to {service} first.").format(service=name),
    )
