"""HTTP to Spotify: every failure becomes a typed error with its cause and a next step."""

from __future__ import annotations

import re
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
from fer_desktop.translation import N_, _, clock_time

TIMEOUTS_S = (5.0, 15.0)
"""For connecting, and for each wait for an answer."""

_TRY_LATER = N_("Try again in a few minutes.")


class TokenRejectedError(NotLoggedInError):
    """Spotify rejects the access token (401); a fresh one may help."""


class Transport(requests.Session):
    """A connection to one server that raises typed errors. For one thread at a time."""

    def __init__(self, server_url: str) -> None:
        super().__init__()
        # A proxy would look for a local server on its own machine.
        self.trust_env = not is_on_this_computer(server_url)
        # Without this, requests replaces our Authorization header by what a .netrc file says.
        self.auth = lambda request: request

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
    """Returns an answer if it reports success.

    Raises:
        TokenRejectedError: 401.
        RateLimitError: 429.
        ServiceRefusedError: Another 4xx.
        ServiceUnreachableError: 5xx.
    """
    status = response.status_code
    if status < 400:
        return response
    message, reason = _message_and_reason(response)
    if status == 401:
        raise TokenRejectedError(
            _("Spotify ended the login"),
            _("It no longer accepts this login."),
            _("Connect to Spotify again."),
        )
    if status == 403:
        raise _forbidden(message, about_a_playlist=_about_a_playlist(response))
    if status == 429:
        raise _rate_limit(response.headers.get("Retry-After", ""), reason)
    if status >= 500:
        raise ServiceUnreachableError(
            _("Spotify is having problems"),
            _("Its server reports an error ({status}).").format(status=status),
            _(_TRY_LATER),
            maybe_done=True,
        )
    if status == 404 and _about_a_playlist(response):
        raise PlaylistGoneError(
            _("Not your playlist"),
            _("The playlist was deleted, or belongs to someone else."),
            _("Create a new playlist."),
        )
    if status == 404:
        raise ServiceRefusedError(
            _("Not found on Spotify"),
            _("What the app asked for no longer exists."),
            _("Look for a newer version of FER Desktop."),
        )
    raise ServiceRefusedError(
        _("Spotify refused the request"),
        _("It responded with {status}{quoted}.").format(status=status, quoted=_quoted(message)),
        _("Try again; if it happens again, look for a newer version of FER Desktop."),
    )


def unexpected_answer() -> ServiceUnreachableError:
    """Returns the error for an answer that reports success but is not what was asked for."""
    return ServiceUnreachableError(
        _("Unexpected response from Spotify"),
        _("Something other than Spotify may have answered, such as the sign-in page of a network."),
        _("Open a web page to see whether this network wants you to sign in, then try again."),
        maybe_done=True,
    )


def _unreachable(error: requests.RequestException) -> ServiceUnreachableError:
    if isinstance(error, requests.exceptions.SSLError):
        return ServiceUnreachableError(
            _("No secure connection to Spotify"),
            _("The server could not prove that it belongs to Spotify."),
            _("Check this computer's clock, and whether a proxy or virus scanner inspects connections."),
        )
    if _never_sent(error):
        return ServiceUnreachableError(
            _("Spotify cannot be reached"),
            _("The connection failed."),
            _("Check the internet connection, then try again."),
        )
    return ServiceUnreachableError(
        _("No response from Spotify"),
        _("The connection broke, or the response took too long."),
        _("Check the internet connection, then try again."),
        maybe_done=True,
    )


def _never_sent(error: requests.RequestException) -> bool:
    if isinstance(error, requests.ConnectTimeout):
        return True
    cause = error.args[0] if error.args else None
    return isinstance(cause, MaxRetryError) and isinstance(cause.reason, NewConnectionError)


def _message_and_reason(response: requests.Response) -> tuple[str, str]:
    """Returns the message and the reason in an error's body: Spotify's JSON, OAuth's JSON, or plain text."""
    try:
        body = response.json()
    except ValueError:
        return response.text, ""
    error = body.get("error") if isinstance(body, dict) else body
    if isinstance(error, dict):
        return str(error.get("message", "")), str(error.get("reason", ""))
    return error if isinstance(error, str) else "", ""


def _quoted(message: str) -> str:
    """Returns Spotify's message as the end of a sentence, if it is a message and not a page."""
    words = " ".join(message.split())
    return f': "{words}"' if words and len(words) <= 150 and "<" not in words else ""


def _about_a_playlist(response: requests.Response) -> bool:
    return re.search(r"/playlists/[^/?]+", response.url) is not None


def _forbidden(message: str, *, about_a_playlist: bool) -> ServiceRefusedError:
    words = message.lower()
    if "premium" in words:
        return ServiceRefusedError(
            _("The app's owner needs Premium"),
            _("Spotify serves an app only while the person who created its Client ID has Premium."),
            _("Subscribe to Premium with that account, wait a few hours, then try again."),
        )
    if "registered" in words:
        return ServiceRefusedError(
            _("This account is not on the app's list"),
            _("Spotify serves only accounts that the owner of the Client ID has listed, at most five."),
            _(
                "Add the account under User Management at developer.spotify.com/dashboard, then connect "
                "again."
            ),
        )
    if "scope" in words:
        return MissingScopeError(
            _("A permission is missing"),
            _("This login does not permit that."),
            _("Disconnect, connect again and agree to what Spotify's page lists."),
        )
    if about_a_playlist:
        return PlaylistForbiddenError(
            _("Not your playlist"),
            _("Spotify does not give this app access to it: it was deleted, or belongs to someone else."),
            _("Create a new playlist."),
        )
    return ServiceRefusedError(
        _("Spotify does not allow it"),
        _("It refused the request{quoted}. It may no longer offer this function to apps.").format(
            quoted=_quoted(message)
        ),
        _("Look for a newer version of FER Desktop."),
    )


def _rate_limit(retry_after: str, reason: str) -> RateLimitError:
    seconds = int(retry_after) if re.fullmatch(r"[0-9]{1,7}", retry_after) else None
    if reason == "QUOTA_EXCEEDED":
        title = _("Daily quota used up")
        message = _("The apps of this Client ID's owner have used up Spotify's daily quota.")
        later = _("Try again tomorrow.")
    else:
        title = _("Spotify asks you to wait")
        message = _("It got too many requests in a short time.")
        later = _(_TRY_LATER)
    if seconds is not None:
        later = _("Try again after {time}.").format(time=clock_time(seconds))
    return RateLimitError(title, message, later, retry_after=seconds)
