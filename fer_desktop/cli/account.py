"""`fer-desktop login` and `logout`: connecting an account of the music service without the window."""

from __future__ import annotations

import sys
import threading
import webbrowser
from dataclasses import replace
from typing import TYPE_CHECKING

from fer_desktop import services
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

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable
    from pathlib import Path

    from fer_desktop.music import MusicSession
    from fer_desktop.settings import Settings

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
        work: Raises an AppError if it fails.
        left_behind: After an interruption, returns what was started and how to finish it; "" for nothing.
    """
    try:
        work()
    except AppError as error:
        how = f" {_how_to_log_in()}" if isinstance(error, NotLoggedInError) else ""
        print(f"fer-desktop: {error}{how}", file=sys.stderr)
        return _exit_code(error)
    except KeyboardInterrupt:
        print(f"fer-desktop: stopped{left_behind()}", file=sys.stderr)
        return _INTERRUPTED
    return 0


def open_session(settings: Settings, profile_dir: Path, *, browser: bool = True) -> MusicSession:
    """Returns the session that the settings describe.

    Args:
        settings: The user's decisions.
        profile_dir: The folder of the profile.
        browser: Open the page of a login there, rather than only printing its address.

    Raises:
        SettingsError: The settings are unusable.
    """
    show_page = _open_in_browser if browser else _print_address
    return services.MUSIC.open_session(settings, profile_dir, show_page)


def warn_about_login(session: MusicSession) -> None:
    """Says on stderr if the login ends soon, or does not allow all that the settings need."""
    if session.missing_scopes:
        print(
            "fer-desktop: this login does not allow all that the settings need "
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
    before = open_session(settings.current, args.profile_dir)
    wanted = replace(
        settings.current,
        client_id=args.client_id or settings.current.client_id,
        token_store=args.store or settings.current.token_store,
    )
    session = open_session(wanted, args.profile_dir, browser=not args.no_browser)
    if session.storage_note:
        raise SettingsError(
            "No usable keyring",
            "The login cannot be kept in this computer's keyring.",
            "Add --store file to keep it in a file that only you can read.",
        )
    account = session.connect(threading.Event())
    settings.update(client_id=wanted.client_id, token_store=wanted.token_store)
    before.hand_over(session)
    print(f"Connected as {account.name}.")


def _log_out(args: argparse.Namespace) -> None:
    session = open_session(SettingsStore.load(args.profile_dir).current, args.profile_dir)
    name = session.capabilities.service_name
    session.disconnect()
    DraftStore(args.profile_dir).clear()
    if session.storage_note:
        raise SettingsError(
            "Keyring not reached",
            "Everything else was erased, but an earlier login may still be in this computer's keyring.",
            "Unlock the keyring, then log out again.",
        )
    print(f"Disconnected. The login and all data from {name} were erased from this computer.")


def _open_in_browser(url: str) -> None:
    _print_address(url)
    if not webbrowser.open(url):
        print("fer-desktop: no browser opened; open the address yourself", file=sys.stderr)


def _print_address(url: str) -> None:
    print(f"Agree on this page, in a browser on this computer:\n{url}", flush=True)


def _how_to_log_in() -> str:
    client_id = " --client-id ID" if services.MUSIC.capabilities.needs_client_id else ""
    return f"On the command line: fer-desktop login{client_id}"


def _exit_code(error: AppError) -> int:
    if isinstance(error, UnfinishedPlaylistError) and isinstance(error.__cause__, AppError):
        return _exit_code(error.__cause__)
    if isinstance(error, (NotLoggedInError, LoginError)):
        return 3
    if isinstance(error, ServiceUnreachableError):
        return 5
    return 4 if isinstance(error, MusicServiceError) else 2
