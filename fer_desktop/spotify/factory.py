"""Makes every session with Spotify: for the window, the commands, the demo and the tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fer_desktop.errors import ClientIdError
from fer_desktop.music import MusicCapabilities, MusicProvider, NoAccountSession
from fer_desktop.spotify.config import CAPABILITIES, SpotifyConfig, redirect_uri_to_register
from fer_desktop.spotify.covers import fetch_covers
from fer_desktop.spotify.limits import ServiceLimits
from fer_desktop.spotify.session import SpotifySession
from fer_desktop.spotify.token_store import FileTokenStore, MemoryTokenStore, open_token_store

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from fer_desktop.music import MusicSession
    from fer_desktop.settings import Settings
    from fer_desktop.spotify.sandbox import Sandbox
    from fer_desktop.spotify.token_store import TokenStore


def open_session(settings: Settings, profile_dir: Path, show_page: Callable[[str], None]) -> MusicSession:
    """Returns the session with Spotify that the settings describe; see `MusicProvider`.

    Raises:
        SettingsError: The address of a server is not safe.
    """
    config = SpotifyConfig.of(settings)
    limits = ServiceLimits(config.client_id, profile_dir)
    try:
        config.check_client_id()
    except ClientIdError as unusable:
        # Without a Client ID there is no login to keep, and no one has to unlock a keyring for it.

        def erase() -> None:
            FileTokenStore(profile_dir, "").clear()
            limits.clear()

        return NoAccountSession(CAPABILITIES, unusable, erase)
    store = open_token_store(settings.token_store, profile_dir, config.client_id)
    return SpotifySession(config, store, show_page, limits)


SPOTIFY = MusicProvider(CAPABILITIES, open_session, fetch_covers, redirect_uri_to_register)


def sandbox_provider(sandbox: Sandbox) -> MusicProvider:
    """Returns a running sandbox as a music service; it consents to every login automatically."""

    def open_session(settings: Settings, _profile_dir: Path, _show_page: object) -> MusicSession:
        return sandbox_session(sandbox, own_top_tracks=settings.own_top_tracks, cover=settings.cover)

    return MusicProvider(sandbox_config(sandbox).capabilities, open_session, fetch_covers)


def sandbox_session(
    sandbox: Sandbox,
    store: TokenStore | None = None,
    *,
    own_top_tracks: bool = False,
    cover: bool = False,
    limits: ServiceLimits | None = None,
) -> SpotifySession:
    """Returns a session with a running sandbox.

    Args:
        sandbox: The server; also the browser.
        store: Where the login is kept; None keeps it in the session alone.
        own_top_tracks: As for `SpotifyConfig`.
        cover: As for `SpotifyConfig`.
        limits: As for `SpotifySession`.
    """
    config = sandbox_config(sandbox, own_top_tracks=own_top_tracks, cover=cover)
    return SpotifySession(config, store or MemoryTokenStore(), sandbox.open_url, limits)


def sandbox_config(sandbox: Sandbox, *, own_top_tracks: bool = False, cover: bool = False) -> SpotifyConfig:
    """Returns the Client ID and the servers of a running sandbox; see `SpotifyConfig`."""
    return SpotifyConfig(
        sandbox.client_id,
        sandbox.api_url,
        sandbox.accounts_url,
        own_top_tracks=own_top_tracks,
        cover=cover,
        capabilities=MusicCapabilities(
            "sandbox", "sandbox", f"{sandbox.pages_url}search/", has_account=False
        ),
    )
