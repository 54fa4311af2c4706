"""The listener that receives Spotify's answer to a login from the browser (RFC 8252, section 7.3)."""

from __future__ import annotations

import hmac
import logging
import os
import re
import socketserver
import threading
import time
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from fer_desktop.errors import CancelledError, LoginError
from fer_desktop.spotify.config import LOOPBACK
from fer_desktop.translation import _

if TYPE_CHECKING:
    from types import TracebackType

_POLL_S = 0.1
_STOP_POLL_S = 0.02
_PAGE = (
    b'<!doctype html><html lang="en"><meta charset="utf-8"><title>FER Desktop</title>'
    b"<p>You can close this page and return to FER Desktop.</p></html>"
)

_log = logging.getLogger(__name__)


class LoopbackListener:
    """Waits on this computer for one answer to one login. A context manager; listens from the start.

    Only GET /callback counts; everything else gets 404 and changes nothing. No response echoes a request.
    """

    def __init__(self, port: int, state: str) -> None:
        """Starts to listen.

        Args:
            port: 0 takes a free one.
            state: The login's one-time value, which the answer must contain.

        Raises:
            LoginError: The port is in use.
        """
        try:
            self._server = _Server(port, state)
        except OSError as error:
            raise LoginError(
                _("Port in use"),
                _("Another program uses port {port} of this computer.").format(port=port),
                _("Close that program, or choose another port for the login."),
            ) from error
        self._thread = threading.Thread(
            target=self._server.serve_forever,
            kwargs={"poll_interval": _STOP_POLL_S},
            name="login listener",
            daemon=True,
        )
        self._thread.start()

    @property
    def redirect_uri(self) -> str:
        """Where Spotify should send the browser."""
        return f"http://{self._server.address}/callback"

    def wait_for_code(self, cancel: threading.Event, deadline_s: float) -> str:
        """Returns the authorization code.

        Args:
            cancel: Set by another thread to stop waiting.
            deadline_s: How many seconds to wait.

        Raises:
            LoginError: Declined, refused by Spotify, not the answer to this login, or none came in time.
            CancelledError: `cancel` was set.
        """
        end = time.monotonic() + deadline_s
        while not self._server.answered.wait(_POLL_S):
            if cancel.is_set():
                raise CancelledError
            if time.monotonic() > end:
                raise LoginError(
                    _("No answer to the login"),
                    _("No one agreed on Spotify's page in time."),
                    _("Connect again. If the page shows INVALID_CLIENT, check Client ID and redirect URI."),
                )
        if self._server.failure is not None:
            raise self._server.failure
        return self._server.code

    def __enter__(self) -> LoopbackListener:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(socketserver.ThreadingTCPServer):
    """One thread per connection: browsers open spare ones and send nothing on them."""

    daemon_threads = True
    # Without it, a fixed port stays in use for a minute after a login; on Windows it would let others share.
    allow_reuse_address = os.name == "posix"

    def __init__(self, port: int, state: str) -> None:
        super().__init__((LOOPBACK, port), _Callback)
        self.address = f"{LOOPBACK}:{self.server_address[1]}"
        self.answered = threading.Event()
        self.code = ""
        self.failure: LoginError | None = None
        self._state = state
        self._lock = threading.Lock()

    def take(self, query: dict[str, list[str]]) -> None:
        """Takes a callback's parameters; only the first callback counts."""
        with self._lock:
            if self.answered.is_set():
                return
            state = query.get("state", [""])[0]
            error = query.get("error", [""])[0]
            if not hmac.compare_digest(state.encode(), self._state.encode()):
                self.failure = LoginError(
                    _("Not the answer to this login"),
                    _("The browser sent an answer that belongs to another login."),
                    _("Close other Spotify pages and connect again."),
                )
            elif error == "access_denied":
                self.failure = LoginError(
                    _("Login declined"),
                    _("You did not agree on Spotify's page."),
                    _("Connect again and choose Agree to let FER Desktop create playlists."),
                )
            elif error:
                word = error if re.fullmatch(r"[a-z_]{1,40}", error) else _("an unknown error")
                self.failure = LoginError(
                    _("Spotify refused the login"),
                    _("It reports {word}.").format(word=word),
                    _("Check the Client ID, then connect again."),
                )
            else:
                self.code = query["code"][0]
            self.answered.set()

    def handle_error(self, request: object, client_address: object) -> None:  # noqa: ARG002
        """Ignores a browser that hangs up early: that is not a failure of the login."""
        _log.info("a connection to the login listener broke off", exc_info=True)


class _Callback(BaseHTTPRequestHandler):
    server: _Server
    server_version = "FER-Desktop"
    sys_version = ""
    timeout = 10

    def do_GET(self) -> None:
        """Answers the browser."""
        url = urlsplit(self.path)
        query = parse_qs(url.query)
        # Any other Host means a web page whose own name was made to resolve to this computer.
        for_us = url.path == "/callback" and self.headers.get("Host") == self.server.address
        if not for_us or not ("code" in query or "error" in query):
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        try:
            self.send_response(HTTPStatus.OK)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(_PAGE)))
            self.send_header("Cache-Control", "no-store")
            self.send_header("Content-Security-Policy", "default-src 'none'")
            self.send_header("Referrer-Policy", "no-referrer")
            self.end_headers()
            self.wfile.write(_PAGE)
        finally:
            # After the page, as a command may end with its login; and even if the browser hung up.
            self.server.take(query)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:  # noqa: ARG002
        """Answers 404 to everything but a callback; the base class would echo the method."""
        self.send_response(HTTPStatus.NOT_FOUND)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Logs nothing: the request line contains the code."""
