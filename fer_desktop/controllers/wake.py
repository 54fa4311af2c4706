"""Notices that the computer was asleep."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal, Slot

if TYPE_CHECKING:
    from collections.abc import Callable

_TICK_MS = 1000
_JUMP_SECONDS = 10.0


class WakeWatch(QObject):
    """Looks at the clock on the wall once a second; a jump means that nothing ran meanwhile.

    Args:
        now: Seconds on the wall's clock: the monotonic one stands still during sleep on some systems.

    Signals:
        woken: The computer has just woken up.
    """

    woken = Signal()

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        super().__init__()
        self._now = now
        self._last = now()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.look)
        self._timer.start(_TICK_MS)

    @Slot()
    def look(self) -> None:
        """Compares the clock with the last look."""
        now = self._now()
        if now - self._last > _JUMP_SECONDS:
            self.woken.emit()
        self._last = now
