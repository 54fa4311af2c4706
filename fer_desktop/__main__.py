"""The command `fer-desktop`: opens the window, or runs a command without one."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from fer_desktop.cli import commands

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Runs what the command line asks for.

    Args:
        argv: The arguments without the program's name; None for those of the process.

    Returns:
        The exit code: 0 done, 2 a user error or an unusable file; see the commands' help.
    """
    return commands.run(argv, open_window=_open_window, qt_version=_qt_version)


def _open_window(options: commands.WindowOptions) -> int:
    # Here, because the commands without a window need no Qt. onnxruntime first: on Windows it does not load
    # after Qt, which brings an older runtime library.
    import onnxruntime  # noqa: F401

    from fer_desktop.startup import run_window

    return run_window(options)


def _qt_version() -> str:
    import onnxruntime  # noqa: F401

    from fer_desktop.startup import qt_version

    return qt_version()


if __name__ == "__main__":
    sys.exit(main())
