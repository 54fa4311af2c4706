"""The sandbox's HTTP server."""

from __future__ import annotations

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
from urllib.parse import parse_qsl, unquote, urlsplit

import requests

from fer_desktop.spotify.config import LOOPBACK
from fer_desktop.spotify.sandbox.accounts import CLIENT_ID, Accounts
from fer_desktop.spotify.sandbox.catalogue import picture, search, songs
from fer_desktop.spotify.sandbox.faults import NO_ANSWER, CannedAnswer, Fault, canned
from fer_desktop.spotify.sandbox.web_api import SandboxPlaylist, WebApi, refusal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

_REMEMBERED = 1000
_BROWSER_TIMEOUT_S = 10
_STOP_POLL_S = 0.02
_LONGEST_HOLD_S = 30

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
class _Planned:
    """What happens to the next request to its path; see `Fault`."""

    method: str
    path: str
    answer: CannedAnswer | None
    after_work: bool


class Sandbox:
    """Simulates Spotify on a free port of this computer, from `__enter__` to `__exit__`.

    Attributes:
        client_id: The only app that it knows.
        api_url: Base of its Web API.
        accounts_url: Base of its login.
        pages_url: Base of its pages for people.
        accounts: Its login server.
        web_api: Its Web API.
        held: Set while an answer waits for `let_go`.
        requests: The latest exchanges, oldest first.
    """

    def __init__(self) -> None:
        self._server = _Server(self)
        host_url = f"http://{LOOPBACK}:{self._server.server_address[1]}/"
        self.client_id = CLIENT_ID
        self.api_url = f"{host_url}v1/"
        self.accounts_url = host_url
        self.pages_url = host_url
        self.accounts = Accounts()
        self.requests: deque[Exchange] = deque(maxlen=_REMEMBERED)
        self.web_api = WebApi(host_url)
        self._planned: list[_Planned] = []
        self._let_go = threading.Event()
        self.held = threading.Event()
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
        return tuple(self.web_api.playlists.values())

    def delete_playlist(self, playlist_id: str) -> None:
        """Simulates a user who deletes a playlist."""
        with self._lock:
            del self.web_api.playlists[playlist_id]

    def __enter__(self) -> Sandbox:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.let_go()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        for browser in self._browsers:
            browser.join()

    def open_url(self, url: str) -> None:
        """Simulates the browser of a user who consents: opens a login page and follows its redirect."""
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
        """Gives the next request to such a path this answer, without carrying it out.

        Args:
            path: Such as "/v1/search" or "/v1/playlists/*/items".
            status: 0 hangs up without an answer.
            body: As it is sent, or an object to send as JSON.
            headers: In addition to the content's type and length.
        """
        with self._lock:
            self._planned.append(_Planned("*", path, canned(status, body, headers), after_work=False))

    def fail_next(self, fault: Fault, path: str, *, method: str = "*", times: int = 1) -> None:
        """Makes the next requests to such a path fail.

        Args:
            fault: What goes wrong.
            path: Such as "/v1/search" or "/v1/playlists/*/items".
            method: Such as "POST"; "*" for any.
            times: How many requests fail.
        """
        with self._lock:
            self._planned += [_Planned(method, path, fault.answer, fault.after_work)] * times

    def heal(self) -> None:
        """Cancels all faults that have not occurred yet."""
        with self._lock:
            self._planned.clear()

    def let_go(self) -> None:
        """Releases the answers that `Fault.SLOW` holds back."""
        self._let_go.set()

    def hold(self) -> None:
        """Holds back the answers of `Fault.SLOW` again, after `let_go`."""
        self._let_go.clear()

    def answer(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> CannedAnswer:
        """Returns the answer to a request: the planned one, or else what Spotify would answer."""
        parts = urlsplit(url)
        with self._lock:
            planned = next((each for each in self._planned if _meets(each, method, parts.path)), None)
            if planned is not None:
                self._planned.remove(planned)
            answer = planned.answer if planned else None
            if answer is None or (planned is not None and planned.after_work):
                done = self._true_answer(method, url, headers, body)
                answer = answer or done
            self.requests.append(
                Exchange(method, url, headers, body, answer.status, answer.headers, answer.body)
            )
        if planned is not None and planned.answer is None:
            self.held.set()
            self._let_go.wait(_LONGEST_HOLD_S)
        return answer

    def _true_answer(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> CannedAnswer:
        parts = urlsplit(url)
        if parts.path == "/authorize":
            return self._login_page(dict(parse_qsl(parts.query)))
        if method == "POST" and parts.path == "/api/token":
            return _json(*self.accounts.token(dict(parse_qsl(body.decode()))))
        if parts.path.startswith("/v1/"):
            return self._api_answer(method, url, headers, body)
        return self._page(unquote(parts.path))

    def _login_page(self, question: Mapping[str, str]) -> CannedAnswer:
        status, text = self.accounts.authorize(question)
        if status == HTTPStatus.FOUND:
            return CannedAnswer(status, {"Location": text}, b"")
        return _html(status, "Sandbox", text)

    def _api_answer(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> CannedAnswer:
        scopes = self.accounts.scopes(headers.get("Authorization", ""))
        if isinstance(scopes, str):
            return _json(*refusal(HTTPStatus.UNAUTHORIZED, scopes))
        if self.accounts.refusal():
            return _json(*refusal(HTTPStatus.FORBIDDEN, self.accounts.refusal()))
        parts = urlsplit(url)
        query = dict(parse_qsl(parts.query))
        return _json(*self.web_api.answer(method, parts.path.removeprefix("/v1"), query, body, scopes))

    def _page(self, path: str) -> CannedAnswer:
        """Returns the page behind the link of a playlist, a song, a search or a picture."""
        if path.startswith("/image/") and path.endswith(".png"):
            content = picture(path.rpartition("/")[2])
            return CannedAnswer(HTTPStatus.OK, {"Content-Type": "image/png"}, content)
        _, kind, thing_id = path.split("/") if path.count("/") == 2 else ("", "", "")
        if kind == "search":
            found = (f"{song.title} - {', '.join(song.artists)}" for song in search(thing_id)[:20])
            return _html(HTTPStatus.OK, f"Search: {thing_id}", *found)
        if kind == "playlist" and thing_id in self.web_api.playlists:
            playlist = self.web_api.playlists[thing_id]
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
        """Ignores a client that hangs up early: that is not a failure of the sandbox."""
        _log.info("a connection to the sandbox broke off", exc_info=True)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = 10

    def do_GET(self) -> None:
        """Passes the request on and writes the answer."""
        length = int(self.headers.get("Content-Length") or 0)
        url = f"http://{self.headers.get('Host')}{self.path}"
        answer = self.server.sandbox.answer(
            self.command, url, dict(self.headers.items()), self.rfile.read(length)
        )
        if answer.status == NO_ANSWER:
            return
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    do_POST = do_PUT = do_DELETE = do_GET  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Logs nothing: the exchanges are in `Sandbox.requests`."""


def _meets(planned: _Planned, method: str, path: str) -> bool:
    return fnmatchcase(method, planned.method) and fnmatchcase(path, planned.path)


def _browse(url: str) -> None:
    with requests.Session() as browser:
        browser.trust_env = False
        try:
            browser.get(url, timeout=_BROWSER_TIMEOUT_S)
        except requests.RequestException:
            # The app gave up the login before the answer came.
            _log.info("the sandbox's browser did not get through", exc_info=True)


def _json(status: HTTPStatus, content: dict[str, object]) -> CannedAnswer:
    return canned(status, content or b"")


def _html(status: HTTPStatus, title: str, *paragraphs: str) -> CannedAnswer:
    text = "".join(f"<p>{escape(paragraph)}</p>" for paragraph in paragraphs)
    page = (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        f"<title>{escape(title)}</title><h1>{escape(title)}</h1>{text}</html>"
    )
    headers = {"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": "default-src 'none'"}
    return CannedAnswer(status, headers, page.encode())
