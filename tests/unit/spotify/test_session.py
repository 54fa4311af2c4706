from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from fer_desktop.domain import SearchQuery
from fer_desktop.errors import (
    CancelledError,
    LoginError,
    MusicServiceError,
    NotLoggedInError,
    ServiceRefusedError,
    ServiceUnreachableError,
)
from fer_desktop.spotify.factory import sandbox_config, sandbox_session
from fer_desktop.spotify.sandbox import Fault, Sandbox
from fer_desktop.spotify.sandbox.accounts import CLIENT_ID
from fer_desktop.spotify.session import SpotifySession
from fer_desktop.spotify.token_store import MemoryTokenStore
from tests.fakes.made_up_music import MadeUpMusic, MadeUpSession

if TYPE_CHECKING:
    from fer_desktop.domain import Account
    from fer_desktop.spotify.token_store import Token


@pytest.fixture
def store() -> MemoryTokenStore:
    return MemoryTokenStore()


@pytest.fixture
def session(store: MemoryTokenStore, sandbox: Sandbox) -> SpotifySession:
    return sandbox_session(sandbox, store)


def _kept(store: MemoryTokenStore) -> Token:
    token = store.load()
    assert token is not None
    return token


def _connect(session: SpotifySession) -> Account:
    return session.connect(threading.Event())


def _paths(sandbox: Sandbox) -> list[str]:
    return [exchange.path for exchange in sandbox.requests]


def test_connect_use_disconnect(session: SpotifySession, store: MemoryTokenStore) -> None:
    assert _connect(session).name == "Ada"
    assert session.connected
    assert session.service().search_tracks(SearchQuery("Happy"))
    session.disconnect()
    assert store.load() is None
    with pytest.raises(NotLoggedInError):
        session.service()


def test_without_a_login_nothing_is_requested(session: SpotifySession, sandbox: Sandbox) -> None:
    assert not session.connected
    with pytest.raises(NotLoggedInError, match="Connect"):
        session.service()
    assert not sandbox.requests


def test_the_next_start_finds_the_login(
    session: SpotifySession, store: MemoryTokenStore, sandbox: Sandbox
) -> None:
    _connect(session)
    sandbox.requests.clear()
    next_start = sandbox_session(sandbox, store)
    assert next_start.connected
    assert next_start.service().search_tracks(SearchQuery("Happy"))
    assert _paths(sandbox) == ["/v1/search"]


@pytest.mark.parametrize(("seconds_left", "refreshes"), [(-1.0, 1), (59.5, 1), (60.5, 0)])
def test_token_about_to_end_is_refreshed_before_use(
    session: SpotifySession,
    store: MemoryTokenStore,
    sandbox: Sandbox,
    monkeypatch: pytest.MonkeyPatch,
    seconds_left: float,
    refreshes: int,
) -> None:
    _connect(session)
    now = time.time()
    monkeypatch.setattr("fer_desktop.spotify.session.time.time", lambda: now)
    token = _kept(store)
    store.save(replace(token, expires_at=now + seconds_left))
    sandbox.requests.clear()
    client = sandbox_session(sandbox, store).service()
    for _ in range(2):
        assert client.search_tracks(SearchQuery("Happy"))
    assert _paths(sandbox) == [*["/api/token"] * refreshes, "/v1/search", "/v1/search"]
    assert (_kept(store).access_token != token.access_token) is bool(refreshes)


@pytest.mark.parametrize("client_id", [CLIENT_ID, "0" * 32], ids=["the same app", "another app"])
@pytest.mark.parametrize("logged_in", [False, True])
@pytest.mark.parametrize("successor_has_one", [False, True])
def test_a_session_of_changed_settings_continues_the_login(
    session: SpotifySession,
    store: MemoryTokenStore,
    sandbox: Sandbox,
    client_id: str,
    *,
    logged_in: bool,
    successor_has_one: bool,
) -> None:
    other_store = MemoryTokenStore()
    config = replace(sandbox_config(sandbox), client_id=client_id)
    successor = SpotifySession(config, other_store, sandbox.open_url)
    if successor_has_one:
        _connect(sandbox_session(sandbox, other_store))
    if logged_in:
        _connect(session)
    before, own = store.load(), other_store.load()
    session.hand_over(successor)
    assert store.load() is None
    assert not session.connected
    assert other_store.load() == (own or (before if client_id == CLIENT_ID else None))
    assert successor.connected is (other_store.load() is not None)


def test_a_session_with_the_same_store_finds_the_login_there(
    session: SpotifySession, store: MemoryTokenStore, sandbox: Sandbox
) -> None:
    _connect(session)
    session.hand_over(sandbox_session(sandbox, store, cover=True))
    assert store.load() is not None


def test_a_session_with_another_service_gets_nothing(
    session: SpotifySession, store: MemoryTokenStore
) -> None:
    _connect(session)
    session.hand_over(MadeUpSession(MadeUpMusic()))
    assert store.load() is None


def test_the_store_is_read_once(session: SpotifySession, sandbox: Sandbox) -> None:
    store = _CountingStore()
    first, second = sandbox_session(sandbox, store), sandbox_session(sandbox, store)
    _connect(first)
    assert first.connected
    assert store.loads == 0
    assert second.missing_scopes == ()
    assert second.service().search_tracks(SearchQuery("Happy"))
    assert store.loads == 1
    second.disconnect()
    assert not second.connected
    assert store.loads == 1


class _CountingStore(MemoryTokenStore):
    loads = 0

    def load(self) -> Token | None:
        self.loads += 1
        return super().load()


def test_many_threads_refresh_once(session: SpotifySession, sandbox: Sandbox) -> None:
    _connect(session)
    sandbox.accounts.expire_access_tokens()
    sandbox.requests.clear()
    clients = [session.service() for _ in range(6)]
    with ThreadPoolExecutor(len(clients)) as pool:
        pages = list(pool.map(lambda client: client.search_tracks(SearchQuery("Happy")), clients))
    assert all(pages)
    assert _paths(sandbox).count("/api/token") == 1


def test_a_new_refresh_token_of_another_process_is_used(
    session: SpotifySession, store: MemoryTokenStore, sandbox: Sandbox
) -> None:
    _connect(session)
    other = sandbox_session(sandbox, store)
    sandbox.accounts.new_refresh_tokens = True
    for each in (other, session, other):
        sandbox.accounts.expire_access_tokens()
        assert each.service().search_tracks(SearchQuery("Happy"))
    sandbox.accounts.revoke()
    with pytest.raises(NotLoggedInError):
        session.service().search_tracks(SearchQuery("Happy"))
    assert store.load() is None


@pytest.mark.parametrize("erased_meanwhile", [False, True])
def test_revoked_permission_logs_out(
    session: SpotifySession, store: MemoryTokenStore, sandbox: Sandbox, *, erased_meanwhile: bool
) -> None:
    _connect(session)
    sandbox.accounts.revoke()
    if erased_meanwhile:
        store.clear()
    with pytest.raises(NotLoggedInError, match="Connect"):
        session.service().search_tracks(SearchQuery("Happy"))
    assert not session.connected
    assert store.load() is None
    assert _connect(session).id


@pytest.mark.parametrize("status", [0, 429, 500, 503])
def test_failing_refresh_keeps_the_login(
    session: SpotifySession, store: MemoryTokenStore, sandbox: Sandbox, status: int
) -> None:
    _connect(session)
    before = store.load()
    sandbox.accounts.expire_access_tokens()
    for _ in range(1 if status == 429 else 3):
        sandbox.answer_next("/api/token", status)
    client = session.service()
    with pytest.raises(MusicServiceError):
        client.search_tracks(SearchQuery("Happy"))
    assert session.connected
    assert store.load() == before
    assert client.search_tracks(SearchQuery("Happy"))


def test_account_that_spotify_does_not_serve(
    session: SpotifySession, store: MemoryTokenStore, sandbox: Sandbox
) -> None:
    sandbox.accounts.listed = False
    with pytest.raises(ServiceRefusedError, match="User Management"):
        _connect(session)
    assert not session.connected
    assert store.load() is None


def test_login_survives_a_failing_first_request(session: SpotifySession, sandbox: Sandbox) -> None:
    sandbox.fail_next(Fault.PLAIN_TEXT, "/v1/me/", times=3)
    with pytest.raises(ServiceUnreachableError):
        _connect(session)
    assert session.connected


def test_one_login_at_a_time(store: MemoryTokenStore, sandbox: Sandbox) -> None:
    opened = threading.Event()
    session = SpotifySession(sandbox_config(sandbox), store, lambda _url: opened.set())
    cancel = threading.Event()
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(session.connect, cancel)
        assert opened.wait(10)
        with pytest.raises(LoginError, match="already running"):
            session.connect(threading.Event())
        cancel.set()
        with pytest.raises(CancelledError):
            first.result(10)
    assert not session.connected
    assert _connect(sandbox_session(sandbox, store)).id


def test_declined_login_keeps_the_one_before(session: SpotifySession, sandbox: Sandbox) -> None:
    _connect(session)
    sandbox.accounts.consents = False
    with pytest.raises(LoginError):
        _connect(session)
    assert session.service().search_tracks(SearchQuery("Happy"))


@pytest.mark.parametrize(
    ("days_ago", "days_left"), [(0, None), (165, None), (166, 14), (167, 13), (190, -10)]
)
def test_the_end_of_the_login_is_known_two_weeks_before(
    session: SpotifySession,
    store: MemoryTokenStore,
    sandbox: Sandbox,
    days_ago: int,
    days_left: int | None,
) -> None:
    _connect(session)
    store.save(replace(_kept(store), authorized_at=time.time() - days_ago * 86_400))
    today = datetime.now().astimezone().date()
    end = None if days_left is None else today + timedelta(days=days_left)
    assert sandbox_session(sandbox, store).ends_soon_on == end


def test_a_login_with_fewer_permissions_is_recognized(
    session: SpotifySession, store: MemoryTokenStore, sandbox: Sandbox
) -> None:
    _connect(session)
    assert session.missing_scopes == ()
    more = sandbox_session(sandbox, store, cover=True)
    assert list(more.missing_scopes) == ["ugc-image-upload"]
    _connect(more)
    assert list(more.missing_scopes) == []
