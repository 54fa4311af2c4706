from __future__ import annotations

import socket
import sys
import threading
from typing import TYPE_CHECKING

import pytest
import requests

from fer_desktop.errors import CancelledError, LoginError
from fer_desktop.spotify.loopback import LoopbackListener

if TYPE_CHECKING:
    from collections.abc import Iterator

STATE = "one-time-state"
FORGED = "/callback?code=forged&state=" + STATE
TIMEOUT_S = 10


@pytest.fixture
def listener() -> Iterator[LoopbackListener]:
    with LoopbackListener(0, STATE) as running:
        yield running


def _get(url: str) -> requests.Response:
    return requests.get(url, timeout=TIMEOUT_S)


def _port(listener: LoopbackListener) -> int:
    return int(listener.redirect_uri.split(":")[2].split("/")[0])


def _wait(listener: LoopbackListener) -> str:
    return listener.wait_for_code(threading.Event(), TIMEOUT_S)


def test_gives_the_code(listener: LoopbackListener) -> None:
    page = _get(f"{listener.redirect_uri}?code=abc&state={STATE}&code=def&state=other")
    assert page.status_code == 200
    assert page.headers["Cache-Control"] == "no-store"
    assert _wait(listener) == "abc"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has 127.0.0.2 without set-up")
def test_listens_on_no_other_address(listener: LoopbackListener) -> None:
    port = _port(listener)
    with pytest.raises(ConnectionRefusedError), socket.create_connection(("127.0.0.2", port), TIMEOUT_S):
        pass


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        ("GET", "/favicon.ico", {}),
        ("GET", "/", {}),
        ("GET", "/callback/", {}),
        ("GET", "/Callback?code=forged&state=" + STATE, {}),
        ("GET", "/other?code=forged&state=" + STATE, {}),
        ("GET", "/callback", {}),
        ("GET", "/callback?state=" + STATE, {}),
        ("GET", FORGED, {"Host": "evil.example"}),
        *((method, FORGED, {}) for method in ("POST", "HEAD", "PUT", "EVIL")),
    ],
)
def test_other_requests_get_404_and_change_nothing(
    listener: LoopbackListener, method: str, path: str, headers: dict[str, str]
) -> None:
    url = listener.redirect_uri.removesuffix("/callback") + path
    answer = requests.request(method, url, headers=headers, timeout=TIMEOUT_S)
    assert answer.status_code == 404
    assert method not in answer.reason + answer.text
    _get(f"{listener.redirect_uri}?code=good&state={STATE}")
    assert _wait(listener) == "good"


def test_echoes_nothing(listener: LoopbackListener) -> None:
    script = "<script>alert(1)</script>"
    pages = [
        _get(f"{listener.redirect_uri}/{script}?{script}"),
        _get(f"{listener.redirect_uri}?error={script}&state={STATE}"),
    ]
    assert all("script" not in page.text for page in pages)
    with pytest.raises(LoginError) as caught:
        _wait(listener)
    assert "script" not in str(caught.value)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        (f"error=access_denied&state={STATE}", "declined"),
        (f"error=invalid_scope&error=other&code=abc&state={STATE}", "invalid_scope"),
        *((f"code=forged&state={wrong}", "another login") for wrong in ("wrong", "", "w\u00f6rng")),
    ],
)
def test_an_answer_without_a_valid_code_fails_the_login(
    listener: LoopbackListener, query: str, words: str
) -> None:
    _get(f"{listener.redirect_uri}?{query}")
    with pytest.raises(LoginError, match=words):
        _wait(listener)


def test_first_answer_counts(listener: LoopbackListener) -> None:
    _get(f"{listener.redirect_uri}?code=first&state={STATE}")
    _get(f"{listener.redirect_uri}?code=second&state={STATE}")
    assert _wait(listener) == "first"


def test_a_silent_connection_delays_neither_the_answer_nor_the_end_of_the_app(
    listener: LoopbackListener,
) -> None:
    port = _port(listener)
    before = set(threading.enumerate())
    assert all(thread.daemon for thread in before if thread.name == "login listener")
    with socket.create_connection(("127.0.0.1", port), TIMEOUT_S):
        _get(f"{listener.redirect_uri}?code=abc&state={STATE}")
        started = set(threading.enumerate()) - before
        assert started
        assert all(thread.daemon for thread in started)
        assert _wait(listener) == "abc"


def test_waits_as_long_as_the_deadline_allows(listener: LoopbackListener) -> None:
    class AnswersAtTheThirdLook(threading.Event):
        looks = 0

        def is_set(self) -> bool:
            self.looks += 1
            if self.looks == 3:
                _get(f"{listener.redirect_uri}?code=abc&state={STATE}")
            return False

    assert listener.wait_for_code(AnswersAtTheThirdLook(), TIMEOUT_S) == "abc"


def test_no_answer(listener: LoopbackListener) -> None:
    with pytest.raises(LoginError, match="in time"):
        listener.wait_for_code(threading.Event(), 0.0)


def test_cancelled(listener: LoopbackListener) -> None:
    cancel = threading.Event()
    cancel.set()
    with pytest.raises(CancelledError):
        listener.wait_for_code(cancel, TIMEOUT_S)


def test_port_in_use_and_free_again() -> None:
    with LoopbackListener(0, STATE) as first:
        port = _port(first)
        with pytest.raises(LoginError, match=str(port)):
            LoopbackListener(port, STATE)
        _get(f"{first.redirect_uri}?code=abc&state={STATE}")
    with LoopbackListener(port, STATE) as second:
        assert second.redirect_uri == first.redirect_uri
