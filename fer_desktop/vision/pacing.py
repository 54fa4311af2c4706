"""Keeping time: a source that has its frames at once delivers them at a steady rate."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Metronome:
    """Ticks at a steady rate; a late caller does not get the missed ticks in a burst.

    Args:
        rate: Ticks per second.
        now: Seconds on the monotonic clock.
        sleep: Waits for some seconds.
    """

    def __init__(
        self,
        rate: float,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._period = 1 / rate
        self._now = now
        self._sleep = sleep
        self._due = now()
        self._number = -1

    def wait(self) -> tuple[int, float]:
        """Waits for the next tick, the first of which comes at once.

        Returns:
            Its number, from 0, and the time in seconds.
        """
        remaining = self._due - self._now()
        if remaining > 0:
            self._sleep(remaining)
        now = self._now()
        self._due = max(self._due + self._period, now)
        self._number += 1
        return self._number, now
