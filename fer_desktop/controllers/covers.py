"""The album covers of the tracks on screen: fetched while the list is already shown."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from fer_desktop.domain import Track
    from fer_desktop.errors import AppError
    from fer_desktop.workers.job_runner import JobRunner


class CoversController(QObject):
    """Fetches the covers of the newest list.

    Signals:
        arrived: The address of a cover and the content of its file, bytes.
    """

    arrived = Signal(str, object)

    def __init__(
        self,
        jobs: JobRunner,
        fetch_covers: Callable[[Sequence[str], threading.Event], Iterable[tuple[str, bytes]]],
    ) -> None:
        """Creates a controller.

        Args:
            jobs: Runs what waits for the network.
            fetch_covers: As in `MusicProvider`.
        """
        super().__init__()
        self._fetch_covers = fetch_covers
        self._jobs = jobs
        self._cancel = threading.Event()
        self._waiting: tuple[str, ...] = ()

    def fetch(self, tracks: Sequence[Track]) -> None:
        """Fetches the covers of these tracks; drops those of an earlier list."""
        self._cancel.set()
        self._waiting = tuple(dict.fromkeys(track.cover_url for track in tracks if track.cover_url))
        self._begin()

    def cancel(self) -> None:
        """Drops what has not arrived yet."""
        self._waiting = ()
        self._cancel.set()

    def _begin(self) -> None:
        if self._jobs.busy or not self._waiting:
            return
        self._cancel = cancel = threading.Event()
        urls, self._waiting = self._waiting, ()
        self._jobs.run(lambda: self._fetch(urls, cancel), lambda _: self._begin(), self._on_failed)

    def _fetch(self, urls: tuple[str, ...], cancel: threading.Event) -> None:
        for url, content in self._fetch_covers(urls, cancel):
            self.arrived.emit(url, content)

    def _on_failed(self, _error: AppError) -> None:
        self._begin()
