"""Runs one long call at a time off the GUI thread, and brings its result back to it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt, Signal, Slot

from fer_desktop.errors import AppError
from fer_desktop.translation import _

if TYPE_CHECKING:
    from collections.abc import Callable


class JobRunner(QObject):
    """One job at a time; its result arrives on the GUI thread. Lives on the GUI thread.

    A job is bounded by the time-outs of its calls; one that is still running when the app ends is left behind
    in a daemon thread after the deadline of `close`.
    """

    _finished = Signal(object, object)

    def __init__(self) -> None:
        super().__init__()
        self._thread: threading.Thread | None = None
        self._finished.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    @property
    def busy(self) -> bool:
        """Whether a job is running, or its result has not been delivered yet."""
        return self._thread is not None

    def run(
        self, work: Callable[[], Any], on_result: Callable[[Any], None], on_error: Callable[[AppError], None]
    ) -> None:
        """Calls `work` on a thread; then, on the GUI thread, `on_result` with its value or `on_error`.

        Raises:
            RuntimeError: A job is running; callers must not start a second one.
        """
        if self._thread is not None:
            raise RuntimeError("a job is running")
        self._thread = threading.Thread(
            target=self._call, args=(work, on_result, on_error), name="job", daemon=True
        )
        self._thread.start()

    def close(self, deadline: float) -> bool:
        """Waits at most `deadline` seconds for the running job; its result is no longer delivered.

        Returns:
            Whether it has ended.
        """
        self._finished.disconnect(self._deliver)
        if self._thread is not None:
            self._thread.join(deadline)
        return self._thread is None or not self._thread.is_alive()

    def _call(
        self, work: Callable[[], Any], on_result: Callable[[Any], None], on_error: Callable[[AppError], None]
    ) -> None:
        receiver: Callable[[Any], None] = on_error
        value: object = AppError(
            _("Something unexpected went wrong"),
            _("FER Desktop ran into an unknown problem."),
            _("Try again. The log in the profile folder has details."),
        )
        try:
            value = work()
            receiver = on_result
        except AppError as error:
            value = error
        finally:
            # An unexpected exception ends the job, too, and continues to the crash dialog.
            self._finished.emit(receiver, value)

    @Slot(object, object)
    def _deliver(self, receiver: Callable[[Any], None], value: object) -> None:
        self._thread = None
        receiver(value)
