"""A place for one value between two threads: the newest overwrites, so nothing queues and nothing lags."""

from __future__ import annotations

import threading
from typing import Generic, TypeVar

T = TypeVar("T")


class LatestSlot(Generic[T]):
    """Holds the latest value until it is taken. One consumer; any number of producers."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._value: T | None = None

    def put(self, value: T) -> bool:
        """Replaces the value.

        Returns:
            Whether the slot was empty: only then must the consumer be woken.
        """
        with self._changed:
            was_empty = self._value is None
            self._value = value
            self._changed.notify()
            return was_empty

    def take(self, timeout: float = 0.0) -> T | None:
        """Empties the slot; waits up to `timeout` seconds for a value, and returns None if none came."""
        with self._changed:
            if self._value is None and timeout > 0:
                self._changed.wait(timeout)
            value, self._value = self._value, None
            return value
