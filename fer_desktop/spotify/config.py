"""Which app Spotify knows us as, and where its servers are."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from fer_desktop.errors import ClientIdError, SettingsError
from fer_desktop.music import MusicCapabilities
from fer_desktop.translation import _

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fer_desktop.settings import Settings

CAPABILITIES = MusicCapabilities(
    "spotify",
    "Spotify",
    "https://open.spotify.com/search/",
    needs_client_id=True,
    app_address="spotify:playlist:",
)
LOOPBACK = "127.0.0.1"
_API_URL = "https://api.spotify.com/v1/"
_ACCOUNTS_URL = "https://accounts.spotify.com/"
_THIS_COMPUTER = frozenset({LOOPBACK, "::1", "localhost"})
_CLIENT_ID = re.compile(r"[0-9A-Za-z]{32}")


@dataclass(frozen=True, slots=True)
class SpotifyConfig:
    """One Client ID and the servers that it is used with.

    Attributes:
        client_id: From Spotify's dashboard; "" if the user has not entered one yet.
        api_url: Base of the Web API, ends with "/".
        accounts_url: Base of the login, ends with "/".
        redirect_port: The local port that receives Spotify's answer to a login; 0 takes a free one.
        own_top_tracks: A login requests access to the user's top tracks.
        cover: A login requests permission to upload covers.
        capabilities: What the servers can do.
    """

    client_id: str
    api_url: str = _API_URL
    accounts_url: str = _ACCOUNTS_URL
    redirect_port: int = 0
    own_top_tracks: bool = False
    cover: bool = False
    capabilities: MusicCapabilities = CAPABILITIES

    @classmethod
    def of(cls, settings: Settings, environment: Mapping[str, str] = os.environ) -> SpotifyConfig:
        """Returns what the settings and FER_SPOTIFY_API_URL, _ACCOUNTS_URL and _CLIENT_ID say.

        Args:
            settings: Their Client ID takes precedence over the environment's.
            environment: The environment variables.

        Raises:
            SettingsError: A URL is neither https nor on this computer.
        """
        return cls(
            client_id=settings.client_id or environment.get("FER_SPOTIFY_CLIENT_ID", ""),
            api_url=_base_url(environment, "FER_SPOTIFY_API_URL", _API_URL),
            accounts_url=_base_url(environment, "FER_SPOTIFY_ACCOUNTS_URL", _ACCOUNTS_URL),
            redirect_port=settings.redirect_port,
            own_top_tracks=settings.own_top_tracks,
            cover=settings.cover,
        )

    def needed_scopes(self) -> dict[str, str]:
        """Returns the permissions that a login requests, each with its purpose; no more than needed."""
        scopes = {
            "playlist-modify-private": _("create the playlist and add songs to it"),
            # Spotify sometimes makes a playlist public that was requested as private.
            "playlist-modify-public": _("add songs even if Spotify made it public"),
            "playlist-read-private": _("find it again if an answer was lost, so that there is only one"),
        }
        if self.own_top_tracks:
            scopes["user-top-read"] = _("mix in the songs that you play most")
        if self.cover:
            scopes["ugc-image-upload"] = _("give it a cover")
        return scopes

    def check_client_id(self) -> None:
        """Checks the Client ID: Spotify would refuse a wrong one only in the browser, without telling us.

        Raises:
            ClientIdError: There is none, or it does not have the form of one.
        """
        if not self.client_id:
            raise no_client_id()
        if not is_client_id(self.client_id):
            raise ClientIdError(
                _("Not a Client ID"),
                _("A Client ID has 32 letters and digits; what was entered does not."),
                _("Copy it again from your app's page at developer.spotify.com/dashboard."),
            )


def no_client_id() -> ClientIdError:
    """Returns the error of a login without a Client ID."""
    return ClientIdError(
        _("No Client ID"),
        _("Connecting to Spotify needs a Client ID of your own."),
        _("Create one at developer.spotify.com/dashboard; on a command line, add it with --client-id."),
    )


def redirect_uri_to_register(port: int) -> str:
    """Returns what the user enters in Spotify's dashboard; `port` 0 stands for any.

    If it is registered without a port, a login may use any
    (https://developer.spotify.com/documentation/web-api/concepts/redirect_uri).
    """
    return f"http://{LOOPBACK}:{port}/callback" if port else f"http://{LOOPBACK}/callback"


def is_client_id(text: str) -> bool:
    """Whether a text has the form of a Client ID."""
    return _CLIENT_ID.fullmatch(text) is not None


def is_on_this_computer(url: str) -> bool:
    """Whether a URL's server is this computer."""
    return urlsplit(url).hostname in _THIS_COMPUTER


def _base_url(environment: Mapping[str, str], name: str, default: str) -> str:
    url = environment.get(name, default)
    try:
        scheme, host = urlsplit(url).scheme, urlsplit(url).hostname
    except ValueError:
        scheme, host = "", None
    if not host or not (scheme == "https" or (scheme == "http" and host in _THIS_COMPUTER)):
        raise SettingsError(
            _("Unsafe server address"),
            _("{name} is {url}, which is neither https nor on this computer.").format(name=name, url=url),
            _("Correct {name} or remove it.").format(name=name),
        )
    return url.rstrip("/") + "/"
