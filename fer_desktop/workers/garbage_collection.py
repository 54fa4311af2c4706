"""Keeps Python's garbage collector to the GUI thread."""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer, Slot

_INTERVAL_MS = 2000


class GuiThreadCollector(QObject):
    """Collects garbage on the GUI thread, and nowhere else, from `__enter__` to `__exit__`.

    By default, Python collects on whichever thread allocates next. If that is a worker and the garbage holds
    a widget, Qt destroys the widget on a thread that it does not belong to, and crashes.
    """

    def __init__(self) -> None:
        super().__init__()
        self._timer = QTimer(self)
        self._timer.setInterval(_INTERVAL_MS)
        self._timer.timeout.connect(self._collect)

    def __enter__(self) -> None:
        gc.collect()
        # What was imported stays: without looking at it again, each collection takes a millisecond.
        gc.freeze()
        gc.disable()
        self._timer.start()

    @Slot()
    def _collect(self) -> None:
        gc.collect()

    def __exit__(self, *_: object) -> None:
        self._timer.stop()
        gc.unfreeze()
        gc.enable()
