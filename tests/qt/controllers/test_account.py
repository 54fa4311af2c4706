"""AccountController with its real session, over HTTP against the sandbox."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from fer_desktop.controllers.account import AccountController
from fer_desktop.music import MusicProvider
from fer_desktop.settings import SettingsStore
from fer_desktop.spotify import session as session_module
from fer_desktop.spotify.config import CAPABILITIES
from fer_desktop.spotify.factory import sandbox_config
from fer_desktop.spotify.loopback import LoopbackListener
from fer_desktop.spotify.sandbox import Fault, Sandbox
from fer_desktop.spotify.session import SpotifySession
from fer_desktop.spotify.token_store import MemoryTokenStore
from fer_desktop.workers.job_runner import JobRunner

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from fer_desktop.errors import AppError
    from fer_desktop.music import MusicSession

LONG = 30_000
TIMEOUT_S = 10


class Bench:
    """A controller whose account is one of the sandbox's."""

    def __init__(self, sandbox: Sandbox, profile_dir: Path) -> None:
        self.sandbox = sandbox
        self.config = sandbox_config(sandbox)
        self.store = MemoryTokenStore("Only until it is closed.")
        self.open_url: Callable[[str], None] = sandbox.open_url
        self.jobs = JobRunner()
        self.erased = 0
        self.controller = AccountController(
            MusicProvider(CAPABILITIES, self._open_session),
            SettingsStore(profile_dir),
            self.jobs,
            self._erase,
        )
        self.errors: list[AppError] = []
        self.ends: list[AppError] = []
        self.controller.failed.connect(self.errors.append)
        self.controller.ends_soon.connect(self.ends.append)

    def _open_session(self, *_: object) -> MusicSession:
        return SpotifySession(self.config, self.store, lambda url: self.open_url(url))

    def _erase(self) -> None:
        self.erased += 1

    def has_login(self) -> bool:
        return self.controller.has_login

    def connect(self, qtbot: QtBot) -> None:
        self.controller.connect_account()
        qtbot.waitUntil(lambda: not self.jobs.busy, timeout=LONG)


@pytest.fixture
def bench(qtbot: QtBot, tmp_path: Path) -> Iterator[Bench]:
    with Sandbox() as sandbox:
        bench = Bench(sandbox, tmp_path)
        yield bench
        bench.controller.cancel()
        bench.jobs.close(30)


def test_connect_and_disconnect(bench: Bench, qtbot: QtBot) -> None:
    waits: list[bool] = []
    bench.controller.connecting_changed.connect(waits.append)
    bench.connect(qtbot)
    assert bench.errors == []
    account = bench.controller.account
    assert account is not None
    assert account.name == "Ada"
    assert bench.has_login()
    assert bench.controller.storage_note == "Only until it is closed."
    assert waits == [True, False]
    bench.controller.disconnect_account()
    qtbot.waitUntil(lambda: not bench.jobs.busy, timeout=LONG)
    assert not bench.has_login()
    assert bench.controller.account is None
    assert bench.store.load() is None
    assert bench.erased == 1


def _deny(bench: Bench) -> None:
    bench.sandbox.accounts.consents = False


def _answer_another_login(bench: Bench) -> None:
    def forge(url: str) -> None:
        redirect_uri = parse_qs(urlsplit(url).query)["redirect_uri"][0]
        requests.get(f"{redirect_uri}?code=forged&state=forged", timeout=TIMEOUT_S)

    bench.open_url = forge


def _have_no_browser(bench: Bench) -> None:
    bench.open_url = lambda _url: None


def _be_unlisted(bench: Bench) -> None:
    bench.sandbox.accounts.listed = False


def _mistype_the_client_id(bench: Bench) -> None:
    bench.config = replace(bench.config, client_id="mistyped")


def _be_refused_the_client_id(bench: Bench) -> None:
    bench.sandbox.answer_next("/api/token", 400, {"error": "invalid_client"})


def _lose_the_connection(bench: Bench) -> None:
    bench.sandbox.fail_next(Fault.CUT_BEFORE_WORK, "/api/token")


@pytest.mark.parametrize(
    ("trouble", "words"),
    [
        (_deny, "declined"),
        (_answer_another_login, "another login"),
        (_have_no_browser, "INVALID_CLIENT"),  # nor does a page that shows it ever answer
        (_be_unlisted, "User Management"),
        (_mistype_the_client_id, "32 letters"),
        (_be_refused_the_client_id, "does not know this Client ID"),
        (_lose_the_connection, "connection"),
    ],
)
def test_each_failure_has_its_words_and_the_next_attempt_works(
    bench: Bench,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
    trouble: Callable[[Bench], None],
    words: str,
) -> None:
    good = bench.config
    if trouble is _have_no_browser:
        monkeypatch.setattr(session_module, "LOGIN_DEADLINE_S", 0.3)
    trouble(bench)
    bench.connect(qtbot)
    (error,) = bench.errors
    assert words in str(error)
    assert not bench.has_login()
    assert not bench.controller.connecting
    monkeypatch.undo()
    bench.config, bench.open_url = good, bench.sandbox.open_url
    bench.sandbox.accounts.consents = bench.sandbox.accounts.listed = True
    bench.controller.reopen()
    bench.connect(qtbot)
    assert bench.has_login()


def test_port_taken(bench: Bench, qtbot: QtBot) -> None:
    with LoopbackListener(0, "state") as other:
        port = int(other.redirect_uri.split(":")[2].split("/")[0])
        bench.config = replace(bench.config, redirect_port=port)
        bench.connect(qtbot)
    assert str(port) in str(bench.errors[0])
    bench.connect(qtbot)
    assert bench.has_login()


def test_cancelled_login_is_no_failure(bench: Bench, qtbot: QtBot) -> None:
    bench.open_url = lambda _url: bench.controller.cancel()
    bench.connect(qtbot)
    assert bench.errors == []
    assert not bench.has_login()


def test_a_second_login_while_one_runs_changes_nothing(bench: Bench, qtbot: QtBot) -> None:
    pages: list[str] = []
    bench.open_url = pages.append
    bench.controller.connect_account()
    qtbot.waitUntil(lambda: bool(pages), timeout=LONG)
    bench.controller.connect_account()
    assert len(pages) == 1
    bench.sandbox.open_url(pages[0])
    qtbot.waitUntil(lambda: bench.has_login(), timeout=LONG)


@pytest.mark.parametrize("path", ["/v1/me/", "/api/token"])
def test_a_login_that_nobody_answers_for_is_shown_as_what_it_is(
    bench: Bench, qtbot: QtBot, path: str
) -> None:
    bench.sandbox.fail_next(Fault.CUT_BEFORE_WORK, path, times=3)
    bench.connect(qtbot)
    assert len(bench.errors) == 1
    assert bench.has_login() is (bench.store.load() is not None) is (path == "/v1/me/")


def test_disconnecting_while_a_login_runs_is_not_lost_in_silence(bench: Bench, qtbot: QtBot) -> None:
    bench.open_url = lambda _url: None
    bench.controller.connect_account()
    qtbot.waitUntil(lambda: bench.controller.connecting, timeout=LONG)
    bench.controller.disconnect_account()
    assert [error.title for error in bench.errors] == ["Not yet"]
    bench.controller.cancel()
    qtbot.waitUntil(lambda: not bench.jobs.busy, timeout=LONG)


def test_a_login_of_an_earlier_start_is_found(bench: Bench, qtbot: QtBot) -> None:
    bench.controller.look()
    qtbot.waitUntil(lambda: not bench.jobs.busy, timeout=LONG)
    assert not bench.has_login()
    bench.connect(qtbot)
    bench.controller.reopen()
    assert not bench.has_login()
    bench.controller.look()
    qtbot.waitUntil(lambda: bench.has_login(), timeout=LONG)
    assert bench.ends == []


def test_the_end_of_the_login_is_announced(bench: Bench, qtbot: QtBot) -> None:
    bench.connect(qtbot)
    token = bench.store.load()
    assert token is not None
    bench.store.save(replace(token, authorized_at=time.time() - 170 * 86_400))
    bench.controller.reopen()
    bench.controller.look()
    qtbot.waitUntil(lambda: bool(bench.ends), timeout=LONG)
    assert "ends soon" in bench.ends[0].title
