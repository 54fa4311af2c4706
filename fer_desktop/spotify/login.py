"""Login by authorization code with PKCE (RFC 7636), for apps that cannot keep a secret.

https://developer.spotify.com/documentation/web-api/tutorials/code-pkce-flow
"""

from __future__ import annotations

import base64
import hashlib
import secrets
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from fer_desktop.errors import CancelledError, LoginError, NotLoggedInError
from fer_desktop.spotify.loopback import LoopbackListener
from fer_desktop.spotify.token_store import Token
from fer_desktop.spotify.transport import TIMEOUTS_S, Transport, check, unexpected_answer
from fer_desktop.translation import _

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable

    from fer_desktop.spotify.config import SpotifyConfig


def code_challenge(verifier: str) -> str:
    """Returns the S256 challenge of a code verifier (RFC 7636, section 4.2)."""
    digest = hashlib.sha256(verifier.encode("ascii")).digest()
    return base64.urlsafe_b64encode(digest).decode("ascii").rstrip("=")


def log_in(
    config: SpotifyConfig, open_url: Callable[[str], None], cancel: threading.Event, deadline_s: float
) -> Token:
    """Lets the user log in on Spotify's page, and returns the token.

    Args:
        config: The Client ID and the servers.
        open_url: Shows a web page to the user; must not wait for it.
        cancel: Set by another thread to stop waiting for the user.
        deadline_s: How many seconds the user has.

    Raises:
        SettingsError: The Client ID is missing or malformed.
        LoginError: Declined, too late, not the answer to this login, the port is in use, or refused.
        ServiceUnreachableError: No connection, or Spotify is down.
        RateLimitError: Spotify asks you to wait.
        CancelledError: `cancel` was set.
    """
    config.check_client_id()
    scopes = tuple(config.needed_scopes())
    verifier = secrets.token_urlsafe(64)
    state = secrets.token_urlsafe(32)
    with LoopbackListener(config.redirect_port, state) as listener:
        redirect_uri = listener.redirect_uri
        question = {
            "client_id": config.client_id,
            "response_type": "code",
            "redirect_uri": redirect_uri,
            "state": state,
            "scope": " ".join(scopes),
            "code_challenge_method": "S256",
            "code_challenge": code_challenge(verifier),
        }
        if cancel.is_set():  # while a keyring was waiting for the user, for example
            raise CancelledError
        open_url(f"{config.accounts_url}authorize?{urlencode(question)}")
        code = listener.wait_for_code(cancel, deadline_s)
    now = time.time()
    try:
        grant = _ask_for_token(
            config,
            {
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": redirect_uri,
                "client_id": config.client_id,
                "code_verifier": verifier,
            },
        )
    except _GrantRefusedError as error:
        raise _login_refused(error.code) from error
    if not grant.get("refresh_token"):
        raise unexpected_answer()
    return _token(grant, refresh_token=str(grant["refresh_token"]), now=now, authorized_at=now, scopes=scopes)


def refresh(config: SpotifyConfig, token: Token) -> Token:
    """Returns the token that replaces this one.

    Spotify may send a new refresh token or none; if none comes, the old one stays valid.

    Raises:
        NotLoggedInError: The user revoked the permission, or its six months are over.
        LoginError: Spotify does not know the Client ID.
        ServiceUnreachableError: No connection, or Spotify is down; the token stays valid.
        RateLimitError: Spotify asks you to wait; the token stays valid.
    """
    now = time.time()
    try:
        grant = _ask_for_token(
            config,
            {
                "grant_type": "refresh_token",
                "refresh_token": token.refresh_token,
                "client_id": config.client_id,
            },
        )
    except _GrantRefusedError as error:
        if error.code == "invalid_grant":
            raise NotLoggedInError(
                _("The login has ended"),
                _("It was revoked at Spotify, or its six months are over."),
                _("Connect to Spotify again."),
            ) from error
        raise _login_refused(error.code) from error
    return _token(
        grant,
        refresh_token=str(grant.get("refresh_token") or token.refresh_token),
        now=now,
        authorized_at=token.authorized_at,
        scopes=token.scopes,
    )


class _GrantRefusedError(Exception):
    """The token endpoint's error code (RFC 6749, section 5.2)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def _ask_for_token(config: SpotifyConfig, form: dict[str, str]) -> dict[str, Any]:
    with Transport(config.accounts_url) as transport:
        response = transport.post(
            f"{config.accounts_url}api/token", data=form, timeout=TIMEOUTS_S, allow_redirects=False
        )
    try:
        body = response.json()
    except ValueError:
        body = None
    if response.status_code in {400, 401} and isinstance(body, dict):
        raise _GrantRefusedError(str(body.get("error", "")))
    check(response)
    if not isinstance(body, dict) or not body.get("access_token"):
        raise unexpected_answer()
    return body


def _token(
    grant: dict[str, Any], *, refresh_token: str, now: float, authorized_at: float, scopes: tuple[str, ...]
) -> Token:
    try:
        seconds = float(grant["expires_in"])
    except (KeyError, TypeError, ValueError):
        raise unexpected_answer() from None
    return Token(
        access_token=str(grant["access_token"]),
        refresh_token=refresh_token,
        expires_at=now + seconds,
        authorized_at=authorized_at,
        scopes=tuple(str(grant.get("scope") or "").split()) or scopes,
    )


def _login_refused(code: str) -> LoginError:
    if code == "invalid_client":
        return LoginError(
            _("Spotify does not know this Client ID"),
            _("It may be mistyped, or its app may have been deleted."),
            _("Copy it again from developer.spotify.com/dashboard, then connect again."),
        )
    return LoginError(
        _("Spotify did not complete the login"),
        _("It did not accept the response from its own login page."),
        _("Connect again."),
    )
