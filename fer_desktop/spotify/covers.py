"""The small pictures of albums, which Spotify's image server gives to anyone."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from fer_desktop.errors import ServiceUnreachableError
from fer_desktop.spotify.config import is_on_this_computer

if TYPE_CHECKING:
    import threading
    from collections.abc import Iterator, Sequence

_log = logging.getLogger(__name__)


def fetch_covers(urls: Sequence[str], cancel: threading.Event) -> Iterator[tuple[str, bytes]]:
    """Yields each address with the content of its file; skips those that cannot be fetched.

    Covers are only decoration: without a connection, the rest is not requested either.

    Args:
        urls: Addresses that came with tracks.
        cancel: Set by another thread to stop before the next one.
    """
    # Imported here because it imports requests, which would delay the start of the window.
    from fer_desktop.spotify.transport import TIMEOUTS_S, Transport

    safe = [url for url in urls if urlsplit(url).scheme == "https" or is_on_this_computer(url)]
    if not safe:
        return
    with Transport(safe[0]) as transport:
        for url in safe:
            if cancel.is_set():
                return
            try:
                response = transport.get(url, timeout=TIMEOUTS_S)
            except ServiceUnreachableError as error:
                _log.info("no covers: %s", error)
                return
            if response.ok:
                yield url, response.content
