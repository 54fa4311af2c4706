"""The small album covers of a list of tracks, fetched while the list is already shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QUrl, Signal, Slot
from PySide6.QtGui import QPixmap
from PySide6.QtNetwork import QNetworkAccessManager, QNetworkReply, QNetworkRequest

from fer_desktop.spotify.config import is_on_this_computer

if TYPE_CHECKING:
    from collections.abc import Iterable

_TIMEOUT_MS = 10_000
_MAX_BYTES = 500_000
"""What is larger comes to a halt, and ends with the time."""


class CoverImages(QObject):
    """Fetches pictures and keeps those of the newest list. Lives on the GUI thread, which it never blocks.

    A picture that cannot be had is left out: a cover is no more than decoration.

    Signals:
        arrived: Another picture is there.
    """

    arrived = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._network = QNetworkAccessManager(self)
        self._network.setTransferTimeout(_TIMEOUT_MS)
        self._network.finished.connect(self._take)
        self._replies: dict[str, QNetworkReply] = {}
        self._pixmaps: dict[str, QPixmap] = {}

    def fetch(self, urls: Iterable[str]) -> None:
        """Gets the pictures of a list in place of those of the list before."""
        wanted = {url for url in urls if QUrl(url).scheme() == "https" or is_on_this_computer(url)}
        self._pixmaps = {url: pixmap for url, pixmap in self._pixmaps.items() if url in wanted}
        for url in self._replies.keys() - wanted:
            self._replies[url].abort()
        for url in wanted - self._pixmaps.keys() - self._replies.keys():
            reply = self._network.get(QNetworkRequest(QUrl(url)))
            reply.setReadBufferSize(_MAX_BYTES)
            self._replies[url] = reply

    def pixmap(self, url: str) -> QPixmap | None:
        """Returns a picture, None while it is not there."""
        return self._pixmaps.get(url)

    @Slot(QNetworkReply)
    def _take(self, reply: QNetworkReply) -> None:
        url = reply.request().url().toString()
        self._replies.pop(url, None)
        pixmap = QPixmap()
        # What is no picture, such as the page of a network that wants a sign-in, leaves it empty.
        if reply.error() == QNetworkReply.NetworkError.NoError and pixmap.loadFromData(reply.readAll()):
            self._pixmaps[url] = pixmap
            self.arrived.emit()
        reply.deleteLater()
