"""A network camera on loopback: Motion JPEG over HTTP."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import cv2

if TYPE_CHECKING:
    from fer_desktop.domain import Image

_GIVE_UP_SECONDS = 20.0


class HttpCamera:
    """Sends the same picture `count` times, then closes the connection; use as a context manager.

    Args:
        image: The picture.
        count: How often it is sent.
        answers: Whether it answers at once; else it stays silent far longer than any client should wait.
    """

    def __init__(self, image: Image, count: int, *, answers: bool = True) -> None:
        jpeg = cv2.imencode(".jpg", image)[1].tobytes()
        part = b"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n%b\r\n" % (len(jpeg), jpeg)
        closing = self._closing = threading.Event()

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if not answers:
                    closing.wait(_GIVE_UP_SECONDS)
                self.send_response(200)
                self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
                self.end_headers()
                self.wfile.write(part * count)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # its name in http.server
                """Says nothing."""

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request: object, client_address: object) -> None:
                """Says nothing: the client went away, which is what some tests are about."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, name="http camera")

    @property
    def url(self) -> str:
        """Its address, with a name and a password in it."""
        return f"http://ada:secret@127.0.0.1:{self._server.server_port}/video.mjpg"

    def __enter__(self) -> HttpCamera:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
