"""The part of the Web API that the app needs: an adapter around spotipy."""

from __future__ import annotations

import base64
import logging
import threading
import time
from concurrent.futures import Future, wait
from operator import methodcaller
from typing import TYPE_CHECKING, Any, Protocol

from fer_desktop.domain import Account, Playlist, Track
from fer_desktop.errors import (
    AppError,
    CancelledError,
    MissingScopeError,
    PlaylistForbiddenError,
    PlaylistGoneError,
    RateLimitError,
    ServiceUnreachableError,
)
from fer_desktop.spotify.transport import TIMEOUTS_S, TokenRejectedError, Transport, check, unexpected_answer
from fer_desktop.translation import _

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import spotipy

    from fer_desktop.domain import SearchQuery
    from fer_desktop.spotify.config import SpotifyConfig
    from fer_desktop.spotify.limits import ServiceLimits

# Its debug output contains access tokens.
logging.getLogger("spotipy").setLevel(logging.WARNING)

RETRY_PAUSES_S = (0.5, 2.0)
"""Before the second and the third try of a request that only reads."""

_RETRY_WITHIN_S = 10.0
_CANCEL_POLL_S = 0.05
_OWN_PAGES = 4
_BEFORE_LOOKING = 8
"""With the account's name before them, and playlist, tracks and cover after, at most 12 requests in total."""


class AccessToken(Protocol):
    """Where a client gets its access token from."""

    def __call__(self, rejected: str = "") -> str:
        """Returns a valid token other than `rejected`."""


class SpotifyClient:
    """One account, for one piece of work on one thread.

    Requests that only read are tried up to three times within ten seconds; those that change something are
    sent once.

    Every method raises:
        NotLoggedInError: The login has ended.
        ServiceRefusedError: Spotify said no; the error says why.
        RateLimitError: Spotify asks you to wait.
        ServiceUnreachableError: No connection, Spotify is down, or its response is unexpected.
        CancelledError: `cancel` was set; a request that changes something is awaited anyway.
    """

    def __init__(
        self,
        config: SpotifyConfig,
        access_token: AccessToken,
        *,
        cancel: threading.Event,
        missing_scopes: Sequence[str],
        limits: ServiceLimits,
    ) -> None:
        """Creates a client.

        Args:
            config: The servers.
            access_token: Returns the token for each request.
            cancel: Set by another thread to stop waiting for requests that only read.
            missing_scopes: What the login does not allow, and is therefore not requested.
            limits: What Spotify refused before; new refusals are remembered there.
        """
        # Imported here because it imports redis: together they delay the start of the window the most.
        import spotipy

        self.capabilities = config.capabilities
        self._access_token = access_token
        self._cancel = cancel
        self._missing_scopes = missing_scopes
        self._limits = limits
        self._sent = 0
        transport = Transport(config.api_url)
        # Before spotipy sees a failure: it crashes on some bodies, and loses the status of others.
        transport.hooks["response"] = [lambda response, **_: check(response)]
        # With our own session, it neither repeats requests nor sleeps when it is told to wait.
        self._spotipy = spotipy.Spotify(requests_session=transport, requests_timeout=TIMEOUTS_S)
        self._spotipy.prefix = config.api_url

    def current_user(self) -> Account:
        """Returns whose account is connected."""
        answer = self._read(lambda api: api.me())
        user_id = _text(answer, "id")
        return Account(id=user_id, name=str(answer.get("display_name") or user_id))

    def search_tracks(self, query: SearchQuery, *, limit: int = 10) -> tuple[Track, ...]:
        """Returns one page of the tracks that match, best first.

        Args:
            query: Its offset is 0 to 1000.
            limit: 1 to 10, Development Mode's largest page.
        """
        text = f'{query.keyword} genre:"{query.genre}"' if query.genre else query.keyword
        answer = self._read(lambda api: api.search(text, limit=limit, offset=query.offset, type="track"))
        return _tracks(_rows(answer.get("tracks")))

    def top_tracks(self) -> tuple[Track, ...]:
        """Returns up to 50 tracks that the user plays most; none if the login does not allow it."""
        if "user-top-read" in self._missing_scopes:
            return ()
        return _tracks(_rows(self._read(lambda api: api.current_user_top_tracks(limit=50))))

    def search_playlists(self, text: str) -> tuple[Playlist, ...]:
        """Returns up to 10 playlists that match, best first; none once Spotify has refused their tracks."""
        if self._limits.playlists_unreadable:
            return ()
        answer = self._read(lambda api: api.search(text, limit=10, type="playlist"))
        return tuple(_playlist(row) for row in _rows(answer.get("playlists")) if row.get("id"))

    def playlist_tracks(self, playlist_id: str) -> tuple[Track, ...]:
        """Returns up to 50 tracks of a playlist; none if Spotify does not allow reading it."""
        try:
            answer = self._read(
                lambda api: api.playlist_items(playlist_id, limit=50, additional_types=("track",))
            )
        except PlaylistGoneError as error:
            if isinstance(error, PlaylistForbiddenError):
                self._limits.remember_unreadable_playlists()
            return ()
        return _tracks([row.get("item") or row.get("track") for row in _rows(answer)])

    def find_playlist(self, name: str, mark: str, playlist_id: str) -> Playlist | None:
        """Returns the user's playlist of an id, or of a name whose description has a mark; None without one.

        Looks through up to 200, or fewer after many other requests; a new one is at the top.

        Raises:
            MissingScopeError: The login does not show the user's playlists, so it may or may not exist.
        """
        if "playlist-read-private" in self._missing_scopes:
            raise MissingScopeError(
                _("A permission is missing"),
                _('This login does not show whether "{name}" already exists.').format(name=name),
                _("Connect to Spotify again and agree to what its page lists."),
            )
        for page in range(max(1, min(_OWN_PAGES, _BEFORE_LOOKING - self._sent))):
            answer = self._read(methodcaller("current_user_playlists", limit=50, offset=page * 50))
            rows = [row for row in _rows(answer) if row.get("id")]
            for row in rows:
                marked = row.get("name") == name and mark in str(row.get("description"))
                if marked or row["id"] == playlist_id:
                    return _playlist(row)
            if not rows or not answer.get("next"):
                break
        return None

    def create_playlist(self, name: str, description: str) -> Playlist:
        """Creates an empty playlist that is not shown on the user's profile."""
        answer = _object(
            self._send(
                lambda api: api.current_user_playlist_create(name, public=False, description=description)
            )
        )
        _text(answer, "id")
        return _playlist({"name": name} | answer)

    def replace_tracks(self, playlist_id: str, uris: Sequence[str]) -> None:
        """Replaces all tracks of a playlist; at most 100."""
        answer = self._send(lambda api: api.playlist_replace_items(playlist_id, list(uris)))
        _text(_object(answer), "snapshot_id")

    def set_cover(self, playlist_id: str, jpeg: bytes) -> None:
        """Gives a playlist a picture of at most 190 KB; does nothing if the login does not allow it."""
        if "ugc-image-upload" not in self._missing_scopes:
            text = base64.b64encode(jpeg).decode("ascii")
            self._send(lambda api: api.playlist_upload_cover_image(playlist_id, text))

    def _read(self, request: Callable[[spotipy.Spotify], Any]) -> dict[str, Any]:
        """Sends a request that changes nothing, again if that may help."""
        end = time.monotonic() + _RETRY_WITHIN_S
        for pause in RETRY_PAUSES_S:
            try:
                return _object(self._answer(request))
            except (ServiceUnreachableError, RateLimitError) as error:
                self._wait(pause, end, error)
        return _object(self._answer(request))

    def _answer(self, request: Callable[[spotipy.Spotify], Any]) -> Any:  # noqa: ANN401 - whatever JSON comes
        """Sends a request that changes nothing, and waits for its answer until `cancel` is set.

        A request cannot be aborted: an abandoned one ends by its time-outs, on its own thread.
        """
        if self._cancel.is_set():
            raise CancelledError
        answer: Future[Any] = Future()

        def ask() -> None:
            try:
                answer.set_result(self._send(request))
            except Exception as error:  # noqa: BLE001 - raised where the answer is awaited
                answer.set_exception(error)

        threading.Thread(target=ask, name="request to Spotify", daemon=True).start()
        while not wait([answer], _CANCEL_POLL_S).done:
            if self._cancel.is_set():
                raise CancelledError
        return answer.result()

    def _wait(self, pause: float, end: float, error: AppError) -> None:
        """Waits for the next try; raises the error if there is no time for one."""
        if isinstance(error, RateLimitError):
            # Without a time, seconds will not be enough.
            if error.retry_after is None:
                raise error
            pause = max(pause, error.retry_after)
        if time.monotonic() + pause >= end:
            raise error
        if self._cancel.wait(pause):
            raise CancelledError from error

    def _send(self, request: Callable[[spotipy.Spotify], Any]) -> Any:  # noqa: ANN401 - whatever JSON comes
        """Sends a request once, and once more with a fresh token if Spotify rejected the token."""
        self._limits.check()
        self._sent += 1
        token = self._access_token()
        self._spotipy.set_auth(token)
        try:
            try:
                return request(self._spotipy)
            except TokenRejectedError:
                self._spotipy.set_auth(self._access_token(rejected=token))
                return request(self._spotipy)
        except RateLimitError as error:
            if error.retry_after is not None:
                self._limits.remember_wait(error.retry_after)
            raise


def _object(answer: object) -> dict[str, Any]:
    if not isinstance(answer, dict):
        raise unexpected_answer()
    return answer


def _text(answer: dict[str, Any], name: str) -> str:
    value = answer.get(name)
    if not isinstance(value, str) or not value:
        raise unexpected_answer()
    return value


def _rows(page: object) -> list[dict[str, Any]]:
    """Returns the rows of a page, without the gaps that Spotify leaves."""
    if not isinstance(page, dict) or not isinstance(page.get("items") or [], list):
        raise unexpected_answer()
    return [row for row in page.get("items") or [] if isinstance(row, dict)]


def _page_url(thing: dict[str, Any]) -> str:
    urls = thing.get("external_urls")
    return str(urls.get("spotify") or "") if isinstance(urls, dict) else ""


def _playlist(row: dict[str, Any]) -> Playlist:
    return Playlist(id=str(row["id"]), name=str(row.get("name") or ""), url=_page_url(row))


def _tracks(rows: Sequence[object]) -> tuple[Track, ...]:
    return tuple(track for track in map(_track, rows) if track is not None)


def _track(item: object) -> Track | None:
    """Returns a track; None for a gap, or for a song without an id."""
    if not isinstance(item, dict) or not all(item.get(name) for name in ("id", "uri", "name")):
        return None
    codes, artists, duration = item.get("external_ids"), item.get("artists"), item.get("duration_ms")
    return Track(
        id=str(item["id"]),
        uri=str(item["uri"]),
        title=str(item["name"]),
        artists=tuple(
            str(artist["name"])
            for artist in (artists if isinstance(artists, list) else ())
            if isinstance(artist, dict) and artist.get("name")
        ),
        duration_ms=duration if isinstance(duration, int) else 0,
        url=_page_url(item),
        isrc=str(codes.get("isrc") or "") if isinstance(codes, dict) else "",
        cover_url=_cover_url(item.get("album")),
        explicit=item.get("explicit") is True,
    )


def _cover_url(album: object) -> str:
    """Returns the smallest picture of an album; Spotify lists the widest first."""
    images = album.get("images") if isinstance(album, dict) else None
    last = images[-1] if isinstance(images, list) and images else None
    return str(last.get("url") or "") if isinstance(last, dict) else ""
