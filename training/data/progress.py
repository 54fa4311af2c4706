"""Progress of long work, reported every few seconds."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_SECONDS = 5.0


class Progress:
    """Reports "Data: 4000 of 40000 faces written" from time to time; nothing if the work is short."""

    def __init__(self, report: Callable[[str], None], total: int, what: str) -> None:
        """Starts the clock.

        Args:
            report: Takes the lines.
            total: The number at which the work is done.
            what: What is counted, such as "faces written".
        """
        self._report, self._total, self._what = report, total, what
        self._said = time.monotonic()

    def reached(self, done: int) -> None:
        """Reports that `done` of the total is done, unless the last report was a moment ago."""
        now = time.monotonic()
        if now - self._said >= _SECONDS:
            self._report(f"Data: {done} of {self._total} {self._what}")
            self._said = now
