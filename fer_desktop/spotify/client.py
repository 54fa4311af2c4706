"""The Web API, as much of it as the app needs: one adapter around spotipy."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Protocol

from fer_desktop.domain import Account, Playlist, Track
from fer_desktop.spotify.transport import TIMEOUTS_S, TokenRejectedError, Transport, check, senseless_answer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import spotipy

    from fer_desktop.spotify.config import SpotifyConfig

# Its debug lines hold access tokens.
logging.getLogger("spotipy").setLevel(logging.WARNING)


class AccessToken(Protocol):
    """Where a client gets its access token from."""

    def __call__(self, rejected: str = "") -> str:
        """Returns a token that lives, another one than `rejected`."""


class SpotifyClient:
    """One piece of work with one account; for one thread.

    Every method raises:
        NotLoggedInError: The login has ended.
        ServiceRefusedError: Spotify said no; the error says why.
        RateLimitError: Spotify asks to wait.
        ServiceUnreachableError: No connection, Spotify is down, or its answer makes no sense.
    """

    def __init__(self, config: SpotifyConfig, access_token: AccessToken) -> None:
        # Here, because it brings redis: together they would hold up the start of the window most of all.
        import spotipy

        self._access_token = access_token
        transport = Transport(config.api_url)
        # Before spotipy sees a failure: it stumbles over some bodies, and loses the status of others.
        transport.hooks["response"] = [lambda response, **_: check(response)]
        # With a session of ours, it neither repeats requests nor sleeps when it is told to wait.
        self._spotipy = spotipy.Spotify(requests_session=transport, requests_timeout=TIMEOUTS_S)
        self._spotipy.prefix = config.api_url

    def current_user(self) -> Account:
        """Returns whose account is connected."""
        answer = self._ask(lambda api: api.me())
        user_id = _text(answer, "id")
        return Account(id=user_id, name=str(answer.get("display_name") or user_id))

    def search_tracks(self, text: str, *, limit: int = 10, offset: int = 0) -> tuple[Track, ...]:
        """Returns one page of the tracks that match, best first, with empty keywords.

        Args:
            text: Words, and filters such as genre:"rock".
            limit: 1 to 10, Development Mode's largest page.
            offset: 0 to 1000.
        """
        answer = self._ask(lambda api: api.search(text, limit=limit, offset=offset, type="track"))
        page = answer.get("tracks")
        if not isinstance(page, dict):
            raise senseless_answer()
        return tuple(track for track in map(_track, page.get("items") or ()) if track is not None)

    def create_playlist(self, name: str, description: str) -> Playlist:
        """Makes an empty playlist that is not shown on the user's profile."""
        answer = self._ask(
            lambda api: api.current_user_playlist_create(name, public=False, description=description)
        )
        return Playlist(
            id=_text(answer, "id"),
            name=str(answer.get("name") or name),
            url=_page_url(answer),
            tracks=(),
        )

    def add_tracks(self, playlist_id: str, uris: Sequence[str]) -> None:
        """Appends tracks to a playlist; at most 100."""
        # spotipy's own method sends a bare list, which Spotify's description of the endpoint does not have.
        answer = self._ask(
            lambda api: api._post(f"playlists/{playlist_id}/items", payload={"uris": list(uris)})
        )
        _text(answer, "snapshot_id")

    def replace_tracks(self, playlist_id: str, uris: Sequence[str]) -> None:
        """Puts tracks in place of all that a playlist has; at most 100."""
        answer = self._ask(
            lambda api: api._put(f"playlists/{playlist_id}/items", payload={"uris": list(uris)})
        )
        _text(answer, "snapshot_id")

    def _ask(self, request: Callable[[spotipy.Spotify], Any]) -> dict[str, Any]:
        """Sends a request, and once more with a fresh token where Spotify did not take the token."""
        token = self._access_token()
        self._spotipy.set_auth(token)
        try:
            answer = request(self._spotipy)
        except TokenRejectedError:
            self._spotipy.set_auth(self._access_token(rejected=token))
            answer = request(self._spotipy)
        if not isinstance(answer, dict):
            raise senseless_answer()
        return answer


def _text(answer: dict[str, Any], name: str) -> str:
    value = answer.get(name)
    if not isinstance(value, str) or not value:
        raise senseless_answer()
    return value


def _page_url(thing: dict[str, Any]) -> str:
    urls = thing.get("external_urls")
    return str(urls.get("spotify") or "") if isinstance(urls, dict) else ""


def _track(item: object) -> Track | None:
    """Returns a search result, None where Spotify sends a gap or a song that it has no id for."""
    if not isinstance(item, dict) or not all(item.get(name) for name in ("id", "uri", "name")):
        return None
    codes = item.get("external_ids")
    return Track(
        id=str(item["id"]),
        uri=str(item["uri"]),
        title=str(item["name"]),
        artists=tuple(
            str(artist["name"])
            for artist in item.get("artists") or ()
            if isinstance(artist, dict) and artist.get("name")
        ),
        duration_ms=int(item.get("duration_ms") or 0),
        url=_page_url(item),
        isrc=str(codes.get("isrc") or "") if isinstance(codes, dict) else "",
        keyword="",
    )
