"""Notices that the computer is going to sleep, and that it was asleep."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

from PySide6.QtCore import SLOT, QObject, QTimer, Signal, Slot

if TYPE_CHECKING:
    from collections.abc import Callable

_TICK_MS = 1000
_JUMP_SECONDS = 10.0


class WakeWatch(QObject):
    """Looks at the wall clock once a second; a jump means that nothing ran in between.

    Linux also announces that the computer is going to sleep: `PrepareForSleep` of org.freedesktop.login1. It
    does not wait until the camera is released, which takes a frame; waking fixes what came too late.

    Args:
        now: Seconds on the wall clock: the monotonic one stops during sleep on some systems.

    Signals:
        falling_asleep: The computer is about to go to sleep; only on systems that announce it.
        woken: The computer has just woken up, or stays awake after all.
    """

    falling_asleep = Signal()
    woken = Signal()

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        super().__init__()
        self._now = now
        self._last = now()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.look)
        self._timer.start(_TICK_MS)
        if sys.platform.startswith("linux"):
            QTimer.singleShot(_TICK_MS, self, self.listen)  # after the window is shown

    @Slot()
    def look(self) -> None:
        """Compares the clock with the last look."""
        now = self._now()
        if now - self._last > _JUMP_SECONDS:
            self.woken.emit()
        self._last = now

    @Slot()
    def listen(self) -> None:
        """Asks logind to say when the computer goes to sleep; does nothing if there is none."""
        # Here, because its library is needed for nothing else, and not on other systems.
        from PySide6.QtDBus import QDBusConnection

        bus = QDBusConnection.systemBus()
        if bus.isConnected():
            bus.connect(
                "org.freedesktop.login1",
                "/org/freedesktop/login1",
                "org.freedesktop.login1.Manager",
                "PrepareForSleep",
                self,
                SLOT("on_sleep(bool)"),  # type: ignore[call-overload]  # the stub wants bytes, Qt takes none
            )

    @Slot(bool)
    def on_sleep(self, begins: bool) -> None:
        """Called over D-Bus before the computer goes to sleep, and after."""
        (self.falling_asleep if begins else self.woken).emit()
