"""What the user is told outside of any panel, one notice at a time."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from fer_desktop.errors import AppError


class NotificationCenter(QObject):
    """Holds the notice that the notification bar shows.

    Signals:
        changed: The AppError to show, or None.
    """

    changed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._current: AppError | None = None

    def notify(self, error: AppError) -> None:
        """Shows a failure instead of the current notice; one that is already shown is not shown again."""
        if self._current is None or str(error) != str(self._current):
            self._current = error
            self.changed.emit(error)

    def dismiss(self, *kinds: type[AppError]) -> None:
        """Removes the notice; if kinds are named, only one of these."""
        if self._current is not None and isinstance(self._current, kinds or AppError):
            self._current = None
            self.changed.emit(None)
