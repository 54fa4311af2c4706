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
TIMEOUT_S = 10


@pytest.fixture
def listener() -> Iterator[LoopbackListener]:
    with LoopbackListener(0, STATE) as running:
        yield running


def _get(url: str, **headers: str) -> requests.Response:
    return requests.get(url, headers=headers, timeout=TIMEOUT_S)


def _wait(listener: LoopbackListener) -> str:
    return listener.wait_for_code(threading.Event(), TIMEOUT_S)


def test_gives_the_code(listener: LoopbackListener) -> None:
    page = _get(f"{listener.redirect_uri}?code=abc&state={STATE}&code=def&state=other")
    assert page.status_code == 200
    assert page.headers["Cache-Control"] == "no-store"
    assert _wait(listener) == "abc"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has 127.0.0.2 without set-up")
def test_listens_on_no_other_address(listener: LoopbackListener) -> None:
    port = int(listener.redirect_uri.split(":")[2].split("/")[0])
    with pytest.raises(ConnectionRefusedError), socket.create_connection(("127.0.0.2", port), TIMEOUT_S):
        pass


@pytest.mark.parametrize(
    "path",
    [
        "/favicon.ico",
        "/",
        "/callback/",
        "/Callback?code=abc&state=" + STATE,
        "/other?code=abc&state=" + STATE,
        "/callback",
        "/callback?state=" + STATE,
    ],
)
def test_other_requests_get_404_and_change_nothing(listener: LoopbackListener, path: str) -> None:
    host = listener.redirect_uri.removesuffix("/callback")
    assert _get(host + path).status_code == 404
    _get(f"{listener.redirect_uri}?code=good&state={STATE}")
    assert _wait(listener) == "good"


def test_another_name_of_this_computer_is_refused(listener: LoopbackListener) -> None:
    forged = _get(f"{listener.redirect_uri}?code=forged&state={STATE}", Host="evil.example")
    assert forged.status_code == 404
    _get(f"{listener.redirect_uri}?code=good&state={STATE}")
    assert _wait(listener) == "good"


@pytest.mark.parametrize("method", ["POST", "HEAD", "PUT", "EVIL"])
def test_other_methods_change_nothing(listener: LoopbackListener, method: str) -> None:
    url = f"{listener.redirect_uri}?code=forged&state={STATE}"
    answer = requests.request(method, url, timeout=TIMEOUT_S)
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


def test_denied(listener: LoopbackListener) -> None:
    _get(f"{listener.redirect_uri}?error=access_denied&state={STATE}")
    with pytest.raises(LoginError, match="declined"):
        _wait(listener)


def test_refused_by_spotify(listener: LoopbackListener) -> None:
    _get(f"{listener.redirect_uri}?error=invalid_scope&error=other&code=abc&state={STATE}")
    with pytest.raises(LoginError, match="invalid_scope"):
        _wait(listener)


@pytest.mark.parametrize("state", ["wrong", "", "w\u00f6rng"])
def test_wrong_state(listener: LoopbackListener, state: str) -> None:
    _get(f"{listener.redirect_uri}?code=forged&state={state}")
    with pytest.raises(LoginError, match="another login"):
        _wait(listener)


def test_first_answer_counts(listener: LoopbackListener) -> None:
    _get(f"{listener.redirect_uri}?code=first&state={STATE}")
    _get(f"{listener.redirect_uri}?code=second&state={STATE}")
    assert _wait(listener) == "first"


def test_its_threads_do_not_delay_the_end_of_the_app(listener: LoopbackListener) -> None:
    port = int(listener.redirect_uri.split(":")[2].split("/")[0])
    before = set(threading.enumerate())
    assert all(thread.daemon for thread in before if thread.name == "login listener")
    with socket.create_connection(("127.0.0.1", port), TIMEOUT_S):
        _get(f"{listener.redirect_uri}?code=abc&state={STATE}")
        started = set(threading.enumerate()) - before
        assert started
        assert all(thread.daemon for thread in started)


def test_silent_connection_does_not_block(listener: LoopbackListener) -> None:
    port = int(listener.redirect_uri.split(":")[2].split("/")[0])
    with socket.create_connection(("127.0.0.1", port), TIMEOUT_S):
        _get(f"{listener.redirect_uri}?code=abc&state={STATE}")
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
        port = int(first.redirect_uri.split(":")[2].split("/")[0])
        with pytest.raises(LoginError, match=str(port)):
            LoopbackListener(port, STATE)
        _get(f"{first.redirect_uri}?code=abc&state={STATE}")
    with LoopbackListener(port, STATE) as second:
        assert second.redirect_uri == first.redirect_uri
