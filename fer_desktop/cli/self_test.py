"""`fer-desktop --self-test`: does this installation hold all that it needs?"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def run(qt_version: Callable[[], str]) -> int:
    """Loads all parts and analyses a bundled photo; prints one JSON line; returns 0, or 2 with one line on stderr.

    Args:
        qt_version: Loads Qt and returns its version; raises ImportError where it cannot.
    """
    raise NotImplementedError
