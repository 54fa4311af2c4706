"""How far long work is, said every few seconds."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_SECONDS = 5.0


class Progress:
    """Says "Data: 4000 of 40000 faces written" now and then; nothing for what is done at once."""

    def __init__(self, report: Callable[[str], None], total: int, what: str) -> None:
        """Starts the clock.

        Args:
            report: Takes the lines.
            total: When it is done.
            what: The words behind the numbers, such as "faces written".
        """
        self._report, self._total, self._what = report, total, what
        self._said = time.monotonic()

    def reached(self, done: int) -> None:
        """Says that `done` of the total is done, unless something was said a moment ago."""
        now = time.monotonic()
        if now - self._said >= _SECONDS:
            self._report(f"Data: {done} of {self._total} {self._what}")
            self._said = now
