"""HTTP to Spotify: every failure becomes a typed error that says its cause and a next step."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import requests
from urllib3.exceptions import MaxRetryError, NewConnectionError

from fer_desktop.errors import (
    MissingScopeError,
    NotLoggedInError,
    PlaylistForbiddenError,
    PlaylistGoneError,
    RateLimitError,
    ServiceRefusedError,
    ServiceUnreachableError,
)
from fer_desktop.spotify.config import is_on_this_computer

TIMEOUTS_S = (5.0, 15.0)
"""For connecting, and for each wait for an answer."""

_TRY_LATER = "Try again in a few minutes."


class TokenRejectedError(NotLoggedInError):
    """Spotify does not take the access token (401); a fresh one may help."""


class Transport(requests.Session):
    """A connection to one server, of which requests' own failures come out typed. One thread at a time."""

    def __init__(self, server_url: str) -> None:
        super().__init__()
        # A proxy would look for a server of this computer on itself.
        self.trust_env = not is_on_this_computer(server_url)
        # Where there is none, requests puts what a .netrc file says in place of our own Authorization header.
        self.auth = _own_authorization

    def request(  # the other parameters are requests' own
        self,
        method: str | bytes,
        url: str | bytes,
        *args: Any,  # noqa: ANN401
        **kwargs: Any,  # noqa: ANN401
    ) -> requests.Response:
        """Sends a request.

        Raises:
            ServiceUnreachableError: No answer came.
        """
        try:
            return super().request(method, url, *args, **kwargs)
        except requests.RequestException as error:
            raise _unreachable(error) from error


def check(response: requests.Response) -> requests.Response:
    """Returns an answer that reports success.

    Raises:
        TokenRejectedError: 401.
        RateLimitError: 429.
        ServiceRefusedError: Another 4xx.
        ServiceUnreachableError: 5xx.
    """
    status = response.status_code
    if status < 400:
        return response
    message, reason = _spotifys_words(response)
    if status == 401:
        raise TokenRejectedError(
            "Spotify ended the login", "It does not accept this login any more.", "Connect to Spotify again."
        )
    if status == 403:
        raise _forbidden(message, about_a_playlist=_about_a_playlist(response))
    if status == 429:
        raise _rate_limit(response.headers.get("Retry-After", ""), reason)
    if status >= 500:
        raise ServiceUnreachableError(
            "Spotify is out of order",
            f"Its server reports a fault of its own ({status}).",
            _TRY_LATER,
            maybe_done=True,
        )
    if status == 404 and _about_a_playlist(response):
        raise PlaylistGoneError(
            "Not a playlist of yours",
            "The playlist was deleted, or belongs to somebody else.",
            "Create a new playlist.",
        )
    if status == 404:
        raise ServiceRefusedError(
            "Spotify does not find it",
            "What was asked for does not exist any more.",
            "Look for a newer version of FER Desktop.",
        )
    raise ServiceRefusedError(
        "Spotify refused the request",
        f"It answered {status}{_quoted(message)}.",
        "Try again; if it happens again, look for a newer version of FER Desktop.",
    )


def senseless_answer() -> ServiceUnreachableError:
    """Returns the error for an answer that reports success and is not what was asked for."""
    return ServiceUnreachableError(
        "Spotify's answer makes no sense",
        "Something other than Spotify may have answered, such as the sign-in page of a network.",
        "Open a web page to see whether this network wants you to sign in, then try again.",
        maybe_done=True,
    )


def clock_time(seconds: float) -> str:
    """Returns when a wait ends, to the next full minute: "14:05", with the date if not today."""
    now = datetime.now(UTC).astimezone()
    end = (now + timedelta(seconds=seconds + 59)).astimezone()
    return end.strftime("%H:%M" if end.date() == now.date() else "%H:%M on %Y-%m-%d")


def _own_authorization(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _unreachable(error: requests.RequestException) -> ServiceUnreachableError:
    if isinstance(error, requests.exceptions.SSLError):
        return ServiceUnreachableError(
            "No safe connection to Spotify",
            "The server could not prove that it is Spotify's.",
            "Check this computer's clock, and whether a proxy or virus scanner looks into connections.",
        )
    if _never_sent(error):
        return ServiceUnreachableError(
            "Spotify cannot be reached",
            "There is no connection to it.",
            "Check the internet connection, then try again.",
        )
    return ServiceUnreachableError(
        "No answer from Spotify",
        "The connection broke, or the answer took too long.",
        "Check the internet connection, then try again.",
        maybe_done=True,
    )


def _never_sent(error: requests.RequestException) -> bool:
    if isinstance(error, requests.ConnectTimeout):
        return True
    cause = error.args[0] if error.args else None
    return isinstance(cause, MaxRetryError) and isinstance(cause.reason, NewConnectionError)


def _spotifys_words(response: requests.Response) -> tuple[str, str]:
    """Returns the message and the reason of an error's body: Spotify's JSON, OAuth's JSON, or plain text."""
    try:
        body = response.json()
    except ValueError:
        return response.text, ""
    error = body.get("error") if isinstance(body, dict) else body
    if isinstance(error, dict):
        return str(error.get("message", "")), str(error.get("reason", ""))
    return error if isinstance(error, str) else "", ""


def _quoted(message: str) -> str:
    """Spotify's own words as the end of a sentence, where they are words and not a page."""
    words = " ".join(message.split())
    return f': "{words}"' if words and len(words) <= 150 and "<" not in words else ""


def _about_a_playlist(response: requests.Response) -> bool:
    return re.search(r"/playlists/[^/?]+", response.url) is not None


def _forbidden(message: str, *, about_a_playlist: bool) -> ServiceRefusedError:
    words = message.lower()
    if "premium" in words:
        return ServiceRefusedError(
            "The app's owner needs Premium",
            "Spotify serves an app only while the person who made its Client ID has Premium.",
            "Subscribe with that account, wait a few hours, then try again.",
        )
    if "registered" in words:
        return ServiceRefusedError(
            "This account is not on the app's list",
            "Spotify serves only those whom the owner of the Client ID has listed, at most five.",
            "Add the account under User Management at developer.spotify.com/dashboard, then connect again.",
        )
    if "scope" in words:
        return MissingScopeError(
            "A permission is missing",
            "The login does not allow what was asked for.",
            "Disconnect, connect again and agree to what Spotify's page lists.",
        )
    if about_a_playlist:
        return PlaylistForbiddenError(
            "Not a playlist of yours",
            "Spotify does not open it for this app: it was deleted, or belongs to somebody else.",
            "Create a new playlist.",
        )
    return ServiceRefusedError(
        "Spotify does not allow it",
        f"It refused the request{_quoted(message)}. It may have taken this function away from apps.",
        "Look for a newer version of FER Desktop.",
    )


def _rate_limit(retry_after: str, reason: str) -> RateLimitError:
    seconds = int(retry_after) if re.fullmatch(r"[0-9]{1,7}", retry_after) else None
    title = "Daily quota used up" if reason == "QUOTA_EXCEEDED" else "Spotify asks to wait"
    message = (
        "All apps of this Client ID's owner have used up what Spotify allows in a day."
        if reason == "QUOTA_EXCEEDED"
        else "It got too many requests in a short time."
    )
    if seconds is None:
        later = "Try again tomorrow." if reason == "QUOTA_EXCEEDED" else _TRY_LATER
    else:
        later = f"Try again after {clock_time(seconds)}."
    return RateLimitError(title, message, later, retry_after=seconds)
