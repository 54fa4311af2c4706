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
from tests.fakes.app_bench import LONG

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from fer_desktop.errors import AppError
    from fer_desktop.music import MusicSession

TIMEOUT_S = 10


class SandboxAccount:
    """A controller whose account is one of the sandbox's."""

    def __init__(self, sandbox: Sandbox, qtbot: QtBot, profile_dir: Path) -> None:
        self.sandbox = sandbox
        self._qtbot = qtbot
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

    def connect(self) -> None:
        self.controller.connect_account()
        self.wait()

    def wait(self) -> None:
        self._qtbot.waitUntil(lambda: not self.jobs.busy, timeout=LONG)


@pytest.fixture
def account(sandbox: Sandbox, qtbot: QtBot, tmp_path: Path) -> Iterator[SandboxAccount]:
    account = SandboxAccount(sandbox, qtbot, tmp_path)
    yield account
    account.controller.cancel()
    account.jobs.close(30)


def test_connect_and_disconnect(account: SandboxAccount) -> None:
    waits: list[bool] = []
    account.controller.connecting_changed.connect(waits.append)
    account.connect()
    assert account.errors == []
    whose = account.controller.account
    assert whose is not None
    assert whose.name == "Ada"
    assert account.has_login()
    assert account.controller.storage_note == "Only until it is closed."
    assert waits == [True, False]
    account.controller.disconnect_account()
    account.wait()
    assert not account.has_login()
    assert account.controller.account is None
    assert account.store.load() is None
    assert account.erased == 1


def _deny(account: SandboxAccount) -> None:
    account.sandbox.accounts.consents = False


def _answer_another_login(account: SandboxAccount) -> None:
    def forge(url: str) -> None:
        redirect_uri = parse_qs(urlsplit(url).query)["redirect_uri"][0]
        requests.get(f"{redirect_uri}?code=forged&state=forged", timeout=TIMEOUT_S)

    account.open_url = forge


def _have_no_browser(account: SandboxAccount) -> None:
    account.open_url = lambda _url: None


def _be_unlisted(account: SandboxAccount) -> None:
    account.sandbox.accounts.listed = False


def _mistype_the_client_id(account: SandboxAccount) -> None:
    account.config = replace(account.config, client_id="mistyped")


def _be_refused_the_client_id(account: SandboxAccount) -> None:
    account.sandbox.answer_next("/api/token", 400, {"error": "invalid_client"})


def _lose_the_connection(account: SandboxAccount) -> None:
    account.sandbox.fail_next(Fault.CUT_BEFORE_WORK, "/api/token")


@pytest.mark.parametrize(
    ("trouble", "words"),
    [
        (_deny, "declined"),
        (_answer_another_login, "another login"),
        (_have_no_browser, "INVALID_CLIENT"),  # a page that shows that does not answer either
        (_be_unlisted, "User Management"),
        (_mistype_the_client_id, "32 letters"),
        (_be_refused_the_client_id, "does not know this Client ID"),
        (_lose_the_connection, "connection"),
    ],
)
def test_each_failure_has_its_message_and_the_next_attempt_works(
    account: SandboxAccount,
    monkeypatch: pytest.MonkeyPatch,
    trouble: Callable[[SandboxAccount], None],
    words: str,
) -> None:
    good = account.config
    if trouble is _have_no_browser:
        monkeypatch.setattr(session_module, "LOGIN_DEADLINE_S", 0.3)
    trouble(account)
    account.connect()
    (error,) = account.errors
    assert words in str(error)
    assert not account.has_login()
    assert not account.controller.connecting
    monkeypatch.undo()
    account.config, account.open_url = good, account.sandbox.open_url
    account.sandbox.accounts.consents = account.sandbox.accounts.listed = True
    account.controller.reopen()
    account.connect()
    assert account.has_login()


def test_port_taken(account: SandboxAccount) -> None:
    with LoopbackListener(0, "state") as other:
        port = int(other.redirect_uri.split(":")[2].split("/")[0])
        account.config = replace(account.config, redirect_port=port)
        account.connect()
    assert str(port) in str(account.errors[0])
    account.connect()
    assert account.has_login()


def test_cancelled_login_is_no_failure(account: SandboxAccount) -> None:
    account.open_url = lambda _url: account.controller.cancel()
    account.connect()
    assert account.errors == []
    assert not account.has_login()


def test_a_second_login_while_one_runs_changes_nothing(account: SandboxAccount, qtbot: QtBot) -> None:
    pages: list[str] = []
    account.open_url = pages.append
    account.controller.connect_account()
    qtbot.waitUntil(lambda: bool(pages), timeout=LONG)
    account.controller.connect_account()
    assert len(pages) == 1
    account.sandbox.open_url(pages[0])
    qtbot.waitUntil(lambda: account.has_login(), timeout=LONG)


@pytest.mark.parametrize("path", ["/v1/me/", "/api/token"])
def test_a_login_without_an_answer_is_shown_correctly(account: SandboxAccount, path: str) -> None:
    account.sandbox.fail_next(Fault.CUT_BEFORE_WORK, path, times=3)
    account.connect()
    assert len(account.errors) == 1
    assert account.has_login() is (account.store.load() is not None) is (path == "/v1/me/")


def test_disconnecting_while_a_login_runs_is_reported(account: SandboxAccount, qtbot: QtBot) -> None:
    account.open_url = lambda _url: None
    account.controller.connect_account()
    qtbot.waitUntil(lambda: account.controller.connecting, timeout=LONG)
    account.controller.disconnect_account()
    assert [error.title for error in account.errors] == ["Please wait"]
    account.controller.cancel()
    account.wait()


def test_a_login_of_an_earlier_start_is_found(account: SandboxAccount, qtbot: QtBot) -> None:
    account.controller.look()
    account.wait()
    assert not account.has_login()
    account.connect()
    account.controller.reopen()
    assert not account.has_login()
    account.controller.look()
    qtbot.waitUntil(lambda: account.has_login(), timeout=LONG)
    assert account.ends == []


def test_the_end_of_the_login_is_announced(account: SandboxAccount, qtbot: QtBot) -> None:
    account.connect()
    token = account.store.load()
    assert token is not None
    account.store.save(replace(token, authorized_at=time.time() - 170 * 86_400))
    account.controller.reopen()
    account.controller.look()
    qtbot.waitUntil(lambda: bool(account.ends), timeout=LONG)
    assert "ends soon" in account.ends[0].title
