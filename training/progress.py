"""How far long work is, and how long it takes."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_SECONDS = 5.0


def duration(seconds: float) -> str:
    """Returns a length of time in hours and minutes, or in seconds if it is short."""
    minutes = round(seconds / 60)
    if minutes < 2:
        return f"{seconds:.0f} s"
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min"


class Timer:
    """Tells whether the interval has passed since the last start."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self.start()

    def start(self) -> None:
        """Restarts it each time."""
        self._started = time.monotonic()

    @property
    def is_over(self) -> bool:
        """Whether the seconds have passed."""
        return time.monotonic() - self._started >= self._seconds


class Progress:
    """Reports "Data: 4000 of 40000 faces written" from time to time, and nothing if done in a moment."""

    def __init__(self, report: Callable[[str], None], total: int, what: str) -> None:
        """Starts the clock.

        Args:
            report: Takes the lines.
            total: The number at the end.
            what: The text after the numbers, such as "faces written".
        """
        self._report, self._total, self._what = report, total, what
        self._pause = Timer(_SECONDS)

    def reached(self, done: int) -> None:
        """Reports that `done` of the total is done, unless there was a report a moment ago."""
        if self._pause.is_over:
            self._pause.start()
            self._report(f"Data: {done} of {self._total} {self._what}")
