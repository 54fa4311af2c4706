"""Keeps time: a source whose frames are always available delivers them at a steady rate."""

from __future__ import annotations

import math
import time
from collections import deque
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


class RateLimit:
    """Lets through at most `rate` frames a second, evenly spread over those of a faster source.

    Args:
        rate: Frames per second.
    """

    _SLACK = 0.4
    """Share of the time between two frames by which one may come early: no camera is perfectly regular."""

    def __init__(self, rate: float) -> None:
        self._period = 1 / rate
        self._due = -math.inf

    def passes(self, at: float) -> bool:
        """Returns whether the frame that was captured `at` seconds may pass."""
        early = self._due - at
        if self._SLACK * self._period < early <= self._period:
            return False
        # A pause earns no credit.
        self._due = self._period + (self._due if abs(early) <= self._period else at)
        return True


class RateMeter:
    """Measures how often something happens, over the last thirty times."""

    _TIMES = 30

    def __init__(self) -> None:
        self._times: deque[float] = deque(maxlen=self._TIMES)

    def tick(self, at: float) -> None:
        """Notes that it happened at `at` seconds."""
        self._times.append(at)

    def clear(self) -> None:
        """Starts over."""
        self._times.clear()

    @property
    def rate(self) -> float:
        """Times per second; 0 while it is not known."""
        seconds = self._times[-1] - self._times[0] if self._times else 0.0
        return (len(self._times) - 1) / seconds if seconds else 0.0  # some clocks stand still for 16 ms
