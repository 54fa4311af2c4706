"""The sandbox's HTTP server."""

from __future__ import annotations

import json
import logging
import socketserver
import threading
from collections import deque
from dataclasses import dataclass
from fnmatch import fnmatchcase
from html import escape
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

import requests

from fer_desktop.spotify.config import LOOPBACK
from fer_desktop.spotify.sandbox.accounts import CLIENT_ID, Accounts
from fer_desktop.spotify.sandbox.catalogue import songs
from fer_desktop.spotify.sandbox.web_api import SandboxPlaylist, WebApi, refusal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

_REMEMBERED = 1000
_BROWSER_TIMEOUT_S = 10
_STOP_POLL_S = 0.02

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its answer."""

    method: str
    url: str
    request_headers: Mapping[str, str]
    request_body: bytes
    status: int
    answer_headers: Mapping[str, str]
    answer_body: bytes

    @property
    def path(self) -> str:
        """The URL's path, such as "/v1/search"."""
        return urlsplit(self.url).path


@dataclass(frozen=True, slots=True)
class _CannedAnswer:
    status: int
    headers: Mapping[str, str]
    body: bytes


class Sandbox:
    """Plays Spotify on a free port of this computer, from `__enter__` to `__exit__`.

    Attributes:
        client_id: The one app that it knows.
        api_url: Base of its Web API.
        accounts_url: Base of its login.
        accounts: Its login server.
        requests: The latest exchanges, oldest first.
    """

    def __init__(self) -> None:
        self._server = _Server(self)
        host_url = f"http://{LOOPBACK}:{self._server.server_address[1]}/"
        self.client_id = CLIENT_ID
        self.api_url = f"{host_url}v1/"
        self.accounts_url = host_url
        self.accounts = Accounts()
        self.requests: deque[Exchange] = deque(maxlen=_REMEMBERED)
        self._web_api = WebApi(host_url)
        self._canned: list[tuple[str, _CannedAnswer]] = []
        self._lock = threading.Lock()
        self._thread = threading.Thread(
            target=self._server.serve_forever,
            kwargs={"poll_interval": _STOP_POLL_S},
            name="sandbox",
            daemon=True,
        )
        self._browsers: list[threading.Thread] = []

    @property
    def playlists(self) -> tuple[SandboxPlaylist, ...]:
        """The user's playlists, the oldest first."""
        return tuple(self._web_api.playlists.values())

    def __enter__(self) -> Sandbox:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        for browser in self._browsers:
            browser.join()

    def open_url(self, url: str) -> None:
        """Plays the browser of a user who consents: opens a login page and goes where it sends them."""
        browser = threading.Thread(target=_browse, args=(url,), name="sandbox browser", daemon=True)
        self._browsers = [each for each in self._browsers if each.is_alive()] + [browser]
        browser.start()

    def answer_next(
        self,
        path: str,
        status: int,
        body: bytes | dict[str, object] = b"",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Gives the next request to such a path this answer, and does nothing of what it asks for.

        Args:
            path: Such as "/v1/search" or "/v1/playlists/*/items".
            status: 0 hangs up without an answer.
            body: As it goes out, or an object that goes out as JSON.
            headers: Besides the content's type and length.
        """
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        with self._lock:
            self._canned.append((path, _CannedAnswer(status, headers or {}, content)))

    def _answer(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> _CannedAnswer:
        with self._lock:
            parts = urlsplit(url)
            canned = next((each for each in self._canned if fnmatchcase(parts.path, each[0])), None)
            if canned is not None:
                self._canned.remove(canned)
                answer = canned[1]
            elif parts.path == "/authorize":
                answer = self._login_page(dict(parse_qsl(parts.query)))
            elif method == "POST" and parts.path == "/api/token":
                answer = _json(*self.accounts.token(dict(parse_qsl(body.decode()))))
            elif parts.path.startswith("/v1/"):
                answer = self._api_answer(method, url, headers, body)
            else:
                answer = self._page(parts.path)
            self.requests.append(
                Exchange(method, url, headers, body, answer.status, answer.headers, answer.body)
            )
            return answer

    def _login_page(self, question: Mapping[str, str]) -> _CannedAnswer:
        status, text = self.accounts.authorize(question)
        if status == HTTPStatus.FOUND:
            return _CannedAnswer(status, {"Location": text}, b"")
        return _html(status, "Sandbox", text)

    def _api_answer(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> _CannedAnswer:
        scopes = self.accounts.scopes(headers.get("Authorization", ""))
        if isinstance(scopes, str):
            return _json(*refusal(HTTPStatus.UNAUTHORIZED, scopes))
        parts = urlsplit(url)
        query = dict(parse_qsl(parts.query))
        return _json(*self._web_api.answer(method, parts.path.removeprefix("/v1"), query, body, scopes))

    def _page(self, path: str) -> _CannedAnswer:
        """What a person sees who follows the link of a playlist or a song."""
        _, kind, thing_id = path.split("/") if path.count("/") == 2 else ("", "", "")
        if kind == "playlist" and thing_id in self._web_api.playlists:
            playlist = self._web_api.playlists[thing_id]
            rows = (f"{song.title} - {', '.join(song.artists)}" for song in playlist.songs)
            return _html(HTTPStatus.OK, playlist.name, playlist.description, *rows)
        song = next((song for song in songs() if (kind, song.id) == ("track", thing_id)), None)
        if song is not None:
            return _html(HTTPStatus.OK, song.title, ", ".join(song.artists), "A made-up song of the demo.")
        return _html(HTTPStatus.NOT_FOUND, "Sandbox", "There is no such page.")


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    request_queue_size = 20

    def __init__(self, sandbox: Sandbox) -> None:
        super().__init__((LOOPBACK, 0), _Handler)
        self.sandbox = sandbox

    def handle_error(self, request: object, client_address: object) -> None:  # noqa: ARG002
        """A client that hangs up early is no failure of the sandbox."""
        _log.info("a connection to the sandbox broke off", exc_info=True)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = 10

    def do_GET(self) -> None:
        """Passes the request on and writes the answer."""
        length = int(self.headers.get("Content-Length") or 0)
        url = f"http://{self.headers.get('Host')}{self.path}"
        answer = self.server.sandbox._answer(
            self.command, url, dict(self.headers.items()), self.rfile.read(length)
        )
        if answer.status == 0:
            return
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    do_POST = do_PUT = do_DELETE = do_GET  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Says nothing: the exchanges are in `Sandbox.requests`."""


def _browse(url: str) -> None:
    with requests.Session() as browser:
        browser.trust_env = False
        try:
            browser.get(url, timeout=_BROWSER_TIMEOUT_S)
        except requests.RequestException:
            # The app gave the login up before the answer came.
            _log.info("the sandbox's browser did not get through", exc_info=True)


def _json(status: HTTPStatus, content: dict[str, object]) -> _CannedAnswer:
    return _CannedAnswer(
        status, {"Content-Type": "application/json; charset=utf-8"}, json.dumps(content).encode()
    )


def _html(status: HTTPStatus, title: str, *paragraphs: str) -> _CannedAnswer:
    text = "".join(f"<p>{escape(paragraph)}</p>" for paragraph in paragraphs)
    page = (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        f"<title>{escape(title)}</title><h1>{escape(title)}</h1>{text}</html>"
    )
    headers = {"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": "default-src 'none'"}
    return _CannedAnswer(status, headers, page.encode())
