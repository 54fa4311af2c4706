"""The command line: its options, and which command each one leads to."""

from __future__ import annotations

import argparse
import errno
import io
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from fer_desktop import __version__
from fer_desktop.cli import account, analyze, face, playlist, self_test
from fer_desktop.errors import AppError
from fer_desktop.paths import default_profile_dir

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_EXIT_USER_ERROR = 2
_EXIT_BROKEN_PIPE = 141  # as shells count it: 128 + SIGPIPE


@dataclass(frozen=True, slots=True)
class WindowOptions:
    """What the window is started with.

    Attributes:
        profile_dir: The folder of settings, log and login.
        source: Where the picture comes from; None for what the settings say.
        demo: Sample photos and the sandbox instead of the camera and Spotify.
        say: Prints a line to the terminal.
    """

    profile_dir: Path
    source: str | None
    demo: bool
    say: Callable[[str], None]


def run(
    argv: Sequence[str] | None,
    *,
    open_window: Callable[[WindowOptions], int],
    qt_version: Callable[[], str],
) -> int:
    """Parses the arguments and runs their command; without one, opens the window.

    Args:
        argv: The arguments without the program's name; None for those of the process.
        open_window: Opens the window and returns its exit code.
        qt_version: Loads Qt and returns its version.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A title that a terminal or pipe cannot show must not fail a command that has done its work.
        sys.stdout.reconfigure(errors="backslashreplace")
    args = _parser().parse_args(argv)
    try:
        if args.self_test:
            return self_test.run(qt_version)
        if args.command is not None:
            exit_code: int = args.run(args)
            if sys.stdout is not None:  # Windows gives a program without a console none
                sys.stdout.flush()
            return exit_code
        return open_window(WindowOptions(args.profile_dir, args.source, args.demo, _say))
    except AppError as error:
        print(f"fer-desktop: {error}", file=sys.stderr)
        return _EXIT_USER_ERROR
    except BrokenPipeError:  # the reader of the output has seen enough, as `head` does
        _drop_output()
        return _EXIT_BROKEN_PIPE
    except OSError as error:
        if args.command is None or error.errno != errno.ENOSPC:  # the window writes nothing here
            raise
        _drop_output()
        print(
            f"fer-desktop: The output cannot be written ({error.strerror}). Free some space.", file=sys.stderr
        )
        return _EXIT_USER_ERROR


def _drop_output() -> None:
    """Discards what would still be flushed when Python exits."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _say(line: str) -> None:
    print(line, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="fer-desktop",
        description="Reads a facial expression from the webcam and turns it into a Spotify playlist. "
        "Without a command it opens the window.",
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    parser.add_argument(
        "--demo",
        action="store_true",
        help="sample photos instead of the camera, a local sandbox instead of Spotify; without a display, "
        "the whole tour runs automatically and writes screenshots to demo-output/",
    )
    parser.add_argument(
        "--source",
        metavar="camera:0|FILE|FOLDER|URL",
        help="where the picture comes from (default: the camera used last)",
    )
    parser.add_argument(
        "--profile-dir",
        type=Path,
        default=default_profile_dir(),
        metavar="DIR",
        help="folder of the settings, the log and the login (default: %(default)s)",
    )
    parser.add_argument(
        "--self-test",
        action="store_true",
        help="load model, cascade and Qt, read a bundled photo, print one JSON line",
    )
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands without a window")
    for module in (analyze, face, account, playlist):
        module.add_parser(subparsers)
    for command in subparsers.choices.values():
        # Added again so that it may also follow the command; without it, the one before the command applies.
        command.add_argument(
            "--profile-dir", type=Path, default=argparse.SUPPRESS, metavar="DIR", help=argparse.SUPPRESS
        )
    return parser
