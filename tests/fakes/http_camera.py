"""A network camera on loopback: Motion JPEG over HTTP, with the faults of a camera."""

from __future__ import annotations

import threading
from enum import Enum, auto
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import cycle
from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fer_desktop.domain import Image

_FRAME_SECONDS = 1 / 30


class Fault(Enum):
    """What a camera does instead of sending pictures."""

    UNPLUGGED = auto()
    """The connection is cut, and new ones get no answer."""
    STALLED = auto()
    """The connection stays open, but nothing is sent."""
    BLACK = auto()
    """The shutter is closed."""
    FROZEN = auto()
    """The same picture is sent repeatedly."""


class HttpCamera:
    """Sends moving pictures, 30 a second; use as a context manager.

    Args:
        pictures: Sent in a loop; gray ones by default.
        gray: The approximate level of the gray ones.
        fault: The fault that it starts with.

    Attributes:
        connections: How often it was opened.
    """

    def __init__(self, pictures: Iterable[Image] = (), *, gray: int = 90, fault: Fault | None = None) -> None:
        self.connections = 0
        self._fault = fault
        self._changed = threading.Condition()
        self._closing = False
        shades = [np.full((48, 64, 3), gray + shade, np.uint8) for shade in (0, 4, 8, 4)]
        moving = [_part(picture) for picture in pictures] or [_part(shade) for shade in shades]
        black = _part(np.zeros((48, 64, 3), np.uint8))
        camera = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                camera.connections += 1
                if camera._next_fault() is Fault.UNPLUGGED:
                    return
                self.send_response(200)
                self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
                self.end_headers()
                for part in cycle(moving):
                    fault = camera._next_fault()
                    if camera._closing or fault is Fault.UNPLUGGED:
                        return
                    self.wfile.write({Fault.BLACK: black, Fault.FROZEN: moving[0]}.get(fault, part))  # type: ignore[arg-type]  # None is no fault
                    camera._wait_for_next_frame()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # its name in http.server
                """Says nothing."""

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request: object, client_address: object) -> None:
                """Says nothing: some tests make the client disconnect."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name="http camera")

    @property
    def url(self) -> str:
        """Its address, including a user name and a password."""
        return f"http://ada:secret@127.0.0.1:{self._server.server_port}/video.mjpg"

    def set_fault(self, fault: Fault | None) -> None:
        """Breaks the camera, or repairs it with None."""
        with self._changed:
            self._fault = fault
            self._changed.notify_all()

    def _next_fault(self) -> Fault | None:
        """Returns the current fault; waits while it is `STALLED`."""
        with self._changed:
            self._changed.wait_for(lambda: self._closing or self._fault is not Fault.STALLED)
            return self._fault

    def _wait_for_next_frame(self) -> None:
        with self._changed:
            self._changed.wait(_FRAME_SECONDS)

    def __enter__(self) -> HttpCamera:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _part(image: Image) -> bytes:
    jpeg = cv2.imencode(".jpg", image)[1].tobytes()
    return b"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n%b\r\n" % (len(jpeg), jpeg)
