"""Login and refresh over HTTP: the sandbox consents, a real listener takes the answer."""

from __future__ import annotations

import logging
import threading
import traceback
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from fer_desktop.errors import (
    CancelledError,
    LoginError,
    MusicServiceError,
    NotLoggedInError,
    RateLimitError,
    ServiceRefusedError,
    ServiceUnreachableError,
    SettingsError,
)
from fer_desktop.spotify.factory import sandbox_config
from fer_desktop.spotify.login import code_challenge, log_in, refresh

if TYPE_CHECKING:
    from fer_desktop.spotify.config import SpotifyConfig
    from fer_desktop.spotify.sandbox import Sandbox
    from fer_desktop.spotify.token_store import Token

DEADLINE_S = 10.0


@pytest.fixture
def config(sandbox: Sandbox) -> SpotifyConfig:
    return sandbox_config(sandbox)


def _log_in(config: SpotifyConfig, sandbox: Sandbox) -> Token:
    return log_in(config, sandbox.open_url, threading.Event(), DEADLINE_S)


def _token_requests(sandbox: Sandbox) -> list[dict[str, list[str]]]:
    return [parse_qs(each.request_body.decode()) for each in sandbox.requests if each.path == "/api/token"]


def test_code_challenge_of_rfc_7636_appendix_b() -> None:
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    assert code_challenge(verifier) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_log_in(config: SpotifyConfig, sandbox: Sandbox) -> None:
    token = _log_in(config, sandbox)
    assert sandbox.accounts.scopes(f"Bearer {token.access_token}") == set(config.needed_scopes())
    assert set(token.scopes) == set(config.needed_scopes())
    assert token.expires_at == token.authorized_at + 3600


def test_no_more_scopes_are_requested_than_needed(config: SpotifyConfig) -> None:
    least = {"playlist-modify-private", "playlist-modify-public", "playlist-read-private"}
    assert set(config.needed_scopes()) == least
    more = replace(config, own_top_tracks=True, cover=True)
    assert set(more.needed_scopes()) == least | {"user-top-read", "ugc-image-upload"}
    assert all(more.needed_scopes().values())


def test_an_answer_without_scopes_grants_what_was_requested(config: SpotifyConfig, sandbox: Sandbox) -> None:
    grant: dict[str, object] = {"access_token": "a", "expires_in": 60, "refresh_token": "r"}
    sandbox.answer_next("/api/token", 200, grant)
    assert set(_log_in(config, sandbox).scopes) == set(config.needed_scopes())


def test_every_login_has_its_own_secrets(config: SpotifyConfig, sandbox: Sandbox) -> None:
    _log_in(config, sandbox)
    _log_in(config, sandbox)
    first, second = (
        parse_qs(urlsplit(each.url).query) for each in sandbox.requests if each.path == "/authorize"
    )
    assert first["state"] != second["state"]
    assert first["code_challenge"] != second["code_challenge"]
    verifiers = [form["code_verifier"][0] for form in _token_requests(sandbox)]
    assert {len(each["state"][0]) for each in (first, second)} == {43}
    assert {len(verifier) for verifier in verifiers} == {86}
    assert [code_challenge(verifier) for verifier in verifiers] == [
        first["code_challenge"][0],
        second["code_challenge"][0],
    ]


def test_fixed_port(config: SpotifyConfig, sandbox: Sandbox) -> None:
    _log_in(config, sandbox)
    port = urlsplit(_token_requests(sandbox)[0]["redirect_uri"][0]).port
    assert port is not None
    _log_in(replace(config, redirect_port=port), sandbox)
    assert _token_requests(sandbox)[1]["redirect_uri"] == [f"http://127.0.0.1:{port}/callback"]


def test_denied_and_then_agreed(config: SpotifyConfig, sandbox: Sandbox) -> None:
    sandbox.accounts.consents = False
    with pytest.raises(LoginError, match="declined"):
        _log_in(config, sandbox)
    sandbox.accounts.consents = True
    assert _log_in(config, sandbox).access_token


def test_malformed_client_id_opens_no_page(config: SpotifyConfig, sandbox: Sandbox) -> None:
    with pytest.raises(SettingsError):
        _log_in(replace(config, client_id="mistyped"), sandbox)
    assert not sandbox.requests


def test_unknown_client_id_ends_in_time_and_says_what_to_check(
    config: SpotifyConfig, sandbox: Sandbox
) -> None:
    with pytest.raises(LoginError) as caught:
        log_in(replace(config, client_id="f" * 32), sandbox.open_url, threading.Event(), 0.5)
    assert "INVALID_CLIENT" in caught.value.hint


def test_a_login_that_was_cancelled_before_it_starts_shows_no_page(config: SpotifyConfig) -> None:
    cancel = threading.Event()
    cancel.set()
    shown: list[str] = []
    with pytest.raises(CancelledError):
        log_in(config, shown.append, cancel, DEADLINE_S)
    assert not shown


def test_cancelled(config: SpotifyConfig) -> None:
    cancel = threading.Event()
    with pytest.raises(CancelledError):
        log_in(config, lambda _url: cancel.set(), cancel, DEADLINE_S)


def test_answer_to_another_login(config: SpotifyConfig, sandbox: Sandbox) -> None:
    def forge(url: str) -> None:
        redirect_uri = parse_qs(urlsplit(url).query)["redirect_uri"][0]
        requests.get(f"{redirect_uri}?code=forged&state=forged", timeout=DEADLINE_S)

    with pytest.raises(LoginError, match="another login"):
        log_in(config, forge, threading.Event(), DEADLINE_S)
    assert not _token_requests(sandbox)
    assert _log_in(config, sandbox).access_token


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (400, b'{"error": "invalid_grant"}', LoginError),
        (400, b'{"error": "invalid_client"}', LoginError),
        (401, b'{"error": "invalid_client"}', LoginError),
        (402, b'{"error": "invalid_client"}', ServiceRefusedError),
        (429, b"", RateLimitError),
        (500, b"oops", ServiceUnreachableError),
        (0, b"", ServiceUnreachableError),
        (200, b"", ServiceUnreachableError),
        (200, b"<html>hotel</html>", ServiceUnreachableError),
        (200, b"[]", ServiceUnreachableError),
        (200, b'{"access_token": "a"}', ServiceUnreachableError),
        (200, b'{"access_token": "a", "refresh_token": "r"}', ServiceUnreachableError),
        (200, b'{"access_token": "", "refresh_token": "r", "expires_in": 60}', ServiceUnreachableError),
        (200, b'{"access_token": "a", "refresh_token": "", "expires_in": 60}', ServiceUnreachableError),
        (200, b'{"access_token": "a", "refresh_token": "r", "expires_in": null}', ServiceUnreachableError),
        (200, b'{"access_token": "a", "refresh_token": "r", "expires_in": "x"}', ServiceUnreachableError),
    ],
)
def test_failures_of_the_token_request(
    config: SpotifyConfig, sandbox: Sandbox, status: int, body: bytes, kind: type[Exception]
) -> None:
    sandbox.answer_next("/api/token", status, body)
    with pytest.raises(kind):
        _log_in(config, sandbox)
    assert len(_token_requests(sandbox)) == 1
    assert _log_in(config, sandbox).access_token


@pytest.mark.parametrize(
    ("code", "words"), [("invalid_client", "does not know"), ("invalid_grant", "did not complete")]
)
def test_a_refused_login_has_its_reason(
    config: SpotifyConfig, sandbox: Sandbox, code: str, words: str
) -> None:
    sandbox.answer_next("/api/token", 400, {"error": code})
    with pytest.raises(LoginError, match=words):
        _log_in(config, sandbox)


def test_no_redirect_takes_the_secrets_elsewhere(config: SpotifyConfig, sandbox: Sandbox) -> None:
    sandbox.answer_next("/api/token", 307, headers={"Location": f"{sandbox.accounts_url}elsewhere"})
    with pytest.raises(ServiceUnreachableError):
        _log_in(config, sandbox)
    assert [each.path for each in sandbox.requests][-1] == "/api/token"


@pytest.mark.parametrize("body", [b'{"error": "invalid_grant"}', b"oops", b"[]"])
def test_no_secret_gets_into_a_crash_report(
    config: SpotifyConfig, sandbox: Sandbox, caplog: pytest.LogCaptureFixture, body: bytes
) -> None:
    caplog.set_level(logging.DEBUG, "fer_desktop")
    sandbox.answer_next("/api/token", 400, body)
    with pytest.raises(MusicServiceError) as caught:
        _log_in(config, sandbox)
    report = "".join(traceback.format_exception(caught.value)) + repr(caught.value) + caplog.text
    (form,) = _token_requests(sandbox)
    assert form["code"][0] not in report
    assert form["code_verifier"][0] not in report


def test_refresh_changes_only_the_access_token(config: SpotifyConfig, sandbox: Sandbox) -> None:
    token = _log_in(config, sandbox)
    fresh = refresh(config, token)
    assert fresh.access_token != token.access_token
    assert fresh.refresh_token == token.refresh_token
    assert fresh.authorized_at == token.authorized_at
    assert fresh.scopes == token.scopes
    assert refresh(config, fresh).access_token != fresh.access_token


@pytest.mark.parametrize(("sent", "kept"), [("new", "new"), ("", "old"), (None, "old")])
def test_refresh_takes_a_new_refresh_token(
    config: SpotifyConfig, sandbox: Sandbox, sent: str | None, kept: str
) -> None:
    token = _log_in(config, sandbox)
    sandbox.answer_next("/api/token", 200, {"access_token": "a", "expires_in": 60, "refresh_token": sent})
    fresh = refresh(config, token)
    assert fresh.refresh_token == {"new": "new", "old": token.refresh_token}[kept]
    assert fresh.scopes == token.scopes


def test_refresh_tokens_that_work_once(config: SpotifyConfig, sandbox: Sandbox) -> None:
    sandbox.accounts.new_refresh_tokens = True
    first = _log_in(config, sandbox)
    second = refresh(config, first)
    assert second.refresh_token != first.refresh_token
    assert refresh(config, second).access_token
    with pytest.raises(NotLoggedInError):
        refresh(config, first)


def test_revoked(config: SpotifyConfig, sandbox: Sandbox) -> None:
    token = _log_in(config, sandbox)
    sandbox.accounts.revoke()
    with pytest.raises(NotLoggedInError, match="revoked"):
        refresh(config, token)


def test_proxy_settings_do_not_apply_to_this_computer(
    config: SpotifyConfig, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert _log_in(config, sandbox).access_token
