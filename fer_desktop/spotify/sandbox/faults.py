"""What can go wrong at Spotify, for the sandbox to simulate."""

from __future__ import annotations

import json
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

NO_ANSWER = 0
"""Instead of a status: hangs up."""


@dataclass(frozen=True, slots=True)
class CannedAnswer:
    """What is sent as the answer to a request, or instead of it."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def canned(
    status: int, body: bytes | dict[str, object] = b"", headers: Mapping[str, str] | None = None
) -> CannedAnswer:
    """Returns an answer; a body other than bytes is sent as JSON."""
    if isinstance(body, bytes):
        return CannedAnswer(status, headers or {}, body)
    content_type = {"Content-Type": "application/json; charset=utf-8"}
    return CannedAnswer(status, content_type | dict(headers or {}), json.dumps(body).encode())


def _error(status: int, message: str, **more: str) -> dict[str, object]:
    return {"error": {"status": status, "message": message, **more}}


class Fault(Enum):
    """One fault; its value says what is sent, and whether the request was carried out before."""

    RATE_LIMIT = canned(429, _error(429, "API rate limit exceeded"), {"Retry-After": "30"}), False
    RATE_LIMIT_WITHOUT_TIME = canned(429, _error(429, "API rate limit exceeded")), False
    QUOTA_EXCEEDED = (
        canned(429, _error(429, "Too many requests", reason="QUOTA_EXCEEDED"), {"Retry-After": "48925"}),
        False,
    )
    ERROR_BEFORE_WORK = canned(500, _error(500, "Server error")), False
    ERROR_AFTER_WORK = canned(500, _error(500, "Server error")), True
    CUT_BEFORE_WORK = canned(NO_ANSWER), False
    CUT_AFTER_WORK = canned(NO_ANSWER), True
    PLAIN_TEXT = canned(503, b"upstream connect error", {"Content-Type": "text/plain"}), False
    ERROR_IS_A_STRING = canned(400, {"error": "string"}), False
    EMPTY_SUCCESS = canned(200), False
    REMOVED_ENDPOINT = canned(403, _error(403, "Forbidden")), False
    MISSING_SCOPE = canned(403, _error(403, "Insufficient client scope")), False
    EXPIRED_TOKEN = canned(401, _error(401, "The access token expired")), False
    SLOW = None, True  # answers once `Sandbox.let_go` is called

    @property
    def answer(self) -> CannedAnswer | None:
        """What is sent; None for the true answer, late."""
        answer: CannedAnswer | None = self.value[0]
        return answer

    @property
    def after_work(self) -> bool:
        """Whether the request is carried out anyway."""
        after_work: bool = self.value[1]
        return after_work
