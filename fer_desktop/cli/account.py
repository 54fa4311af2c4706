"""`fer-desktop login` and `logout`: connecting a Spotify account without the window."""

from __future__ import annotations

import sys
import threading
import webbrowser
from dataclasses import replace
from typing import TYPE_CHECKING

from fer_desktop.errors import (
    AppError,
    LoginError,
    MusicServiceError,
    NotLoggedInError,
    ServiceUnreachableError,
    SettingsError,
    UnfinishedPlaylistError,
)
from fer_desktop.playlist.draft import DraftStore
from fer_desktop.settings import SettingsStore
from fer_desktop.spotify.config import SpotifyConfig
from fer_desktop.spotify.limits import ServiceLimits
from fer_desktop.spotify.session import SpotifySession
from fer_desktop.spotify.token_store import MemoryTokenStore, open_token_store

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable
    from pathlib import Path

    from fer_desktop.settings import Settings
    from fer_desktop.spotify.token_store import TokenStore

_INTERRUPTED = 130


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the subcommands and their options."""
    login = subparsers.add_parser(
        "login",
        help="connect a Spotify account",
        description="Opens Spotify's page in the browser and waits for your consent.",
        epilog="Exit codes: 0 connected, 2 wrong settings, 3 not connected, 4 refused, 5 no network.",
    )
    login.add_argument("--client-id", metavar="ID", help="your Client ID; remembered")
    login.add_argument(
        "--store", choices=("keyring", "file"), help="where the login is kept; remembered (default: keyring)"
    )
    login.add_argument("--no-browser", action="store_true", help="only print the page's address")
    login.set_defaults(run=lambda args: attempt(lambda: _log_in(args)))
    logout = subparsers.add_parser("logout", help="disconnect the Spotify account and erase its login")
    logout.set_defaults(run=lambda args: attempt(lambda: _log_out(args)))


def attempt(work: Callable[[], None], left_behind: Callable[[], str] = lambda: "") -> int:
    """Does a command's work; prints its failure as one line, and returns the exit code.

    Args:
        work: Raises an AppError where it fails.
        left_behind: Where it was interrupted, says what was begun and how to go on; "" for nothing.
    """
    try:
        work()
    except AppError as error:
        print(f"fer-desktop: {error}", file=sys.stderr)
        return _exit_code(error)
    except KeyboardInterrupt:
        print(f"fer-desktop: stopped{left_behind()}", file=sys.stderr)
        return _INTERRUPTED
    return 0


def open_session(profile_dir: Path) -> SpotifySession:
    """Returns the session of the account that `login` connected; it cannot log in.

    Raises:
        SettingsError: The settings are unusable.
    """
    settings = SettingsStore.load(profile_dir).current
    config = SpotifyConfig.of(settings)
    store = _store(settings, profile_dir)
    limits = ServiceLimits(config.client_id, profile_dir)
    return SpotifySession(config, store, _print_address, limits)


def tell_what_login_lacks(session: SpotifySession) -> None:
    """Says on stderr that the login ends soon, or does not allow all that the settings ask for."""
    if session.missing_scopes:
        print(
            "fer-desktop: this login does not allow all that the settings ask for "
            f"({', '.join(session.missing_scopes)}); log in again to allow it",
            file=sys.stderr,
        )
    if session.ends_soon_on is not None:
        print(
            f"fer-desktop: this login ends on {session.ends_soon_on.isoformat()}; log in again before then",
            file=sys.stderr,
        )


def _log_in(args: argparse.Namespace) -> None:
    settings = SettingsStore.load(args.profile_dir)
    before = _store(settings.current, args.profile_dir)
    wanted = replace(
        settings.current,
        client_id=args.client_id or settings.current.client_id,
        token_store=args.store or settings.current.token_store,
    )
    config = SpotifyConfig.of(wanted)
    config.check_client_id()
    store = _store(wanted, args.profile_dir)
    if isinstance(store, MemoryTokenStore):
        raise SettingsError(
            "No usable keyring",
            "The login cannot be kept in this computer's keyring.",
            "Add --store file to keep it in a file that only you can read.",
        )
    limits = ServiceLimits(config.client_id, args.profile_dir)
    show_page = _print_address if args.no_browser else _open_in_browser
    session = SpotifySession(config, store, show_page, limits)
    account = session.connect(threading.Event())
    settings.update(client_id=wanted.client_id, token_store=wanted.token_store)
    if store.place != before.place and before.load() is not None:
        before.clear()
    print(f"Connected as {account.name}.")


def _log_out(args: argparse.Namespace) -> None:
    session = open_session(args.profile_dir)
    session.disconnect()
    DraftStore(args.profile_dir).clear()
    if session.storage_note:
        raise SettingsError(
            "Keyring not reached",
            "All else was erased, but an earlier login may still be in this computer's keyring.",
            "Unlock the keyring, then log out again.",
        )
    print("Disconnected. The login and all that came from Spotify were erased from this computer.")


def _store(settings: Settings, profile_dir: Path) -> TokenStore:
    client_id = SpotifyConfig.of(settings).client_id
    return open_token_store(settings.token_store, profile_dir, client_id)


def _open_in_browser(url: str) -> None:
    _print_address(url)
    if not webbrowser.open(url):
        print("fer-desktop: no browser opened; open the address yourself", file=sys.stderr)


def _print_address(url: str) -> None:
    print(f"Agree on this page, in a browser on this computer:\n{url}", flush=True)


def _exit_code(error: AppError) -> int:
    if isinstance(error, UnfinishedPlaylistError) and isinstance(error.__cause__, AppError):
        return _exit_code(error.__cause__)
    if isinstance(error, (NotLoggedInError, LoginError)):
        return 3
    if isinstance(error, ServiceUnreachableError):
        return 5
    return 4 if isinstance(error, MusicServiceError) else 2
