"""The sandbox's login server: authorization code with PKCE, and token refresh, as Spotify checks them."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
import time
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

CLIENT_ID = "fe5a4db0c0ffee00fe5a4db0c0ffee00"
TOKEN_LIFE_S = 3600


@dataclass(frozen=True, slots=True)
class _Consent:
    """What an authorization code stands for."""

    challenge: str
    redirect_uri: str
    scope: str


@dataclass(frozen=True, slots=True)
class _Grant:
    """What an access token allows, and until when."""

    scope: str
    expires_at: float


class Accounts:
    """Consents automatically; one user, one registered app.

    Attributes:
        consents: False simulates a user who declines.
        listed: False simulates a user who is not on the app's list: the login works, nothing else does.
        owner_has_premium: False simulates an app that Spotify no longer serves.
        new_refresh_tokens: True replaces the refresh token with each refresh; the old one becomes invalid.
    """

    def __init__(self) -> None:
        self.consents = True
        self.listed = True
        self.owner_has_premium = True
        self.new_refresh_tokens = False
        self._codes: dict[str, _Consent] = {}
        self._grants: dict[str, _Grant] = {}
        self._refresh_tokens: dict[str, str] = {}

    def authorize(self, question: Mapping[str, str]) -> tuple[HTTPStatus, str]:
        """Answers the login page: the address that the browser is sent to, or what is shown instead."""
        redirect_uri = question.get("redirect_uri", "")
        if question.get("client_id") != CLIENT_ID:
            return HTTPStatus.BAD_REQUEST, "INVALID_CLIENT: Invalid client"
        if not _registered(redirect_uri):
            return HTTPStatus.BAD_REQUEST, "INVALID_CLIENT: Invalid redirect URI"
        answer = {"state": question["state"]} if "state" in question else {}
        if question.get("response_type") != "code":
            answer["error"] = "unsupported_response_type"
        elif question.get("code_challenge_method") != "S256" or not re.fullmatch(
            r"[\w-]{43}", question.get("code_challenge", ""), re.ASCII
        ):
            answer["error"] = "invalid_request"
        elif not self.consents:
            answer["error"] = "access_denied"
        else:
            answer["code"] = secrets.token_urlsafe(32)
            self._codes[answer["code"]] = _Consent(
                question["code_challenge"], redirect_uri, question.get("scope", "")
            )
        return HTTPStatus.FOUND, f"{redirect_uri}?{urlencode(answer)}"

    def token(self, form: Mapping[str, str]) -> tuple[HTTPStatus, dict[str, object]]:
        """Answers the token endpoint."""
        if form.get("client_id") != CLIENT_ID:
            return _refusal("invalid_client", "Invalid client")
        if form.get("grant_type") == "authorization_code":
            consent = self._codes.pop(form.get("code", ""), None)  # a code works once
            if consent is None:
                return _refusal("invalid_grant", "Invalid authorization code")
            if form.get("redirect_uri") != consent.redirect_uri:
                return _refusal("invalid_grant", "Invalid redirect URI")
            if not _proves(form.get("code_verifier", ""), consent.challenge):
                return _refusal("invalid_grant", "code_verifier was incorrect")
            refresh_token = secrets.token_urlsafe(48)
            self._refresh_tokens[refresh_token] = consent.scope
            return HTTPStatus.OK, self._grant(consent.scope) | {"refresh_token": refresh_token}
        if form.get("grant_type") == "refresh_token":
            scope = self._refresh_tokens.get(form.get("refresh_token", ""))
            if scope is None:
                return _refusal("invalid_grant", "Refresh token revoked")
            if not self.new_refresh_tokens:
                return HTTPStatus.OK, self._grant(scope)
            del self._refresh_tokens[form["refresh_token"]]
            refresh_token = secrets.token_urlsafe(48)
            self._refresh_tokens[refresh_token] = scope
            return HTTPStatus.OK, self._grant(scope) | {"refresh_token": refresh_token}
        return _refusal("unsupported_grant_type", "grant_type is missing or unknown")

    def scopes(self, authorization: str) -> set[str] | str:
        """Returns the scopes of an Authorization header, or why it has none."""
        kind, _, access_token = authorization.partition(" ")
        if kind != "Bearer" or not access_token:
            return "No token provided"
        grant = self._grants.get(access_token)
        if grant is None:
            return "Invalid access token"
        if grant.expires_at <= time.time():
            return "The access token expired"
        return set(grant.scope.split())

    def refusal(self) -> str:
        """Returns Spotify's message if it does not serve the app or this user, "" if it does."""
        if not self.owner_has_premium:
            return (
                "Active premium subscription required for the owner of the app. When the subscription status "
                "changes, it can take a few hours before requests are allowed again."
            )
        return "" if self.listed else "User not registered in the Developer Dashboard"

    def expire_access_tokens(self) -> None:
        """Expires all access tokens, as happens after an hour."""
        self._grants = {token: _Grant(grant.scope, 0.0) for token, grant in self._grants.items()}

    def revoke(self) -> None:
        """Revokes the permission, as the user can on Spotify's pages."""
        self.expire_access_tokens()
        self._refresh_tokens.clear()

    def _grant(self, scope: str) -> dict[str, object]:
        access_token = secrets.token_urlsafe(48)
        self._grants[access_token] = _Grant(scope, time.time() + TOKEN_LIFE_S)
        return {
            "access_token": access_token,
            "token_type": "Bearer",
            "scope": scope,
            "expires_in": TOKEN_LIFE_S,
        }


def _registered(redirect_uri: str) -> bool:
    """Whether it is http://127.0.0.1/callback with any port; the rest must match exactly."""
    port = urlsplit(redirect_uri).netloc.removeprefix("127.0.0.1:")
    return port.isdecimal() and redirect_uri == f"http://127.0.0.1:{port}/callback"


def _proves(verifier: str, challenge: str) -> bool:
    if not re.fullmatch(r"[\w.~-]{43,128}", verifier, re.ASCII):
        return False
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=") == challenge


def _refusal(error: str, description: str) -> tuple[HTTPStatus, dict[str, object]]:
    return HTTPStatus.BAD_REQUEST, {"error": error, "error_description": description}
