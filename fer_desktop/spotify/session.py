"""The connection to one Spotify account, from the first login to the last request."""

from __future__ import annotations

import threading
import time
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from fer_desktop.errors import LoginError, NotLoggedInError, ServiceRefusedError
from fer_desktop.music import not_connected
from fer_desktop.spotify.limits import ServiceLimits
from fer_desktop.translation import _

if TYPE_CHECKING:
    from collections.abc import Callable

    from fer_desktop.domain import Account
    from fer_desktop.music import MusicSession
    from fer_desktop.spotify.client import SpotifyClient
    from fer_desktop.spotify.config import SpotifyConfig
    from fer_desktop.spotify.token_store import Token, TokenStore

LOGIN_DEADLINE_S = 180.0
_LOGIN_LIFE = timedelta(days=180)
"""Six months from the consent, which refreshing does not lengthen
(https://developer.spotify.com/blog/2026-06-18-refresh-token-expiration)."""

_NOTICE = timedelta(days=14)
_EXPIRY_MARGIN_S = 60.0


class SpotifySession:
    """Connects an account, keeps its token fresh and creates clients; see `MusicSession`."""

    def __init__(
        self,
        config: SpotifyConfig,
        token_store: TokenStore,
        open_url: Callable[[str], None],
        limits: ServiceLimits | None = None,
    ) -> None:
        """Creates a session.

        Args:
            config: The Client ID and the servers.
            token_store: Where the login is kept, for the same Client ID.
            open_url: Shows Spotify's login page to the user. Called on the thread of `connect`.
            limits: What Spotify refused this Client ID before; None remembers it only in this session.
        """
        self.capabilities = config.capabilities
        self.storage_note = token_store.note
        self._config = config
        self._store = token_store
        self._open_url = open_url
        self._token: Token | None = None
        self._loaded = False
        self._token_lock = threading.RLock()
        self._login_lock = threading.Lock()
        self._limits = limits or ServiceLimits(config.client_id)

    @property
    def connected(self) -> bool:
        """Whether there is a login; Spotify may have ended it meanwhile."""
        return self._current_token() is not None

    @property
    def missing_scopes(self) -> tuple[str, ...]:
        """What the settings need and the login does not allow; a new login would."""
        token = self._current_token()
        allowed = token.scopes if token is not None else ()
        return tuple(scope for scope in self._config.needed_scopes() if scope not in allowed)

    @property
    def ends_soon_on(self) -> date | None:
        """The day on which Spotify ends the login, known only in the last two weeks; otherwise None."""
        token = self._current_token()
        if token is None:
            return None
        end = datetime.fromtimestamp(token.authorized_at, UTC).astimezone() + _LOGIN_LIFE
        return end.date() if end - datetime.now(UTC) < _NOTICE else None

    def connect(self, cancel: threading.Event) -> Account:
        """Lets the user log in, and returns whose account it is.

        Raises:
            SettingsError: The Client ID is missing or malformed, or the token store cannot be written.
            LoginError: Declined, too late, not for us, the port is in use, or a login is already running.
            ServiceRefusedError: The login worked, but Spotify does not serve this account; it is forgotten.
            ServiceUnreachableError: No connection, or Spotify is down.
            RateLimitError: Spotify asks you to wait.
            CancelledError: `cancel` was set; the user may have agreed before that, and is connected then.
        """
        # Imported here and below because they import requests, which would delay the start of the window.
        from fer_desktop.spotify.login import log_in

        if not self._login_lock.acquire(blocking=False):
            raise LoginError(
                _("A login is already running"),
                _("The login page is open in your browser."),
                _("Finish it there, or cancel it before you start another."),
            )
        try:
            token = log_in(self._config, self._open_url, cancel, LOGIN_DEADLINE_S)
        finally:
            self._login_lock.release()
        self._keep(token)
        try:
            return self.service(cancel).current_user()
        except ServiceRefusedError:
            self._forget()
            raise

    def service(self, cancel: threading.Event | None = None) -> SpotifyClient:
        """Returns a client for the connected account; get one for each piece of work."""
        from fer_desktop.spotify.client import SpotifyClient

        if not self.connected:
            raise not_connected(self.capabilities)
        return SpotifyClient(
            self._config,
            self._access_token,
            cancel=cancel or threading.Event(),
            missing_scopes=self.missing_scopes,
            limits=self._limits,
        )

    def hand_over(self, successor: MusicSession) -> None:
        """Lets the session of changed settings continue this login, and erases it where it was kept.

        A login of another Client ID is only erased: it is of no use to that session.
        """
        if isinstance(successor, SpotifySession):
            if successor._store.place == self._store.place:
                return
            token = self._current_token()
            same_app = successor._config.client_id == self._config.client_id
            with successor._token_lock:
                if token is not None and same_app and successor._current_token() is None:
                    successor._keep(token)
        self._forget()

    def disconnect(self) -> None:
        """Erases the login, also in the token store, and what Spotify refused."""
        self._forget()
        self._limits.clear()

    def _access_token(self, rejected: str = "") -> str:
        """Returns a valid access token; refreshes it if it is about to expire or is the `rejected` one.

        One thread refreshes, the others wait for its result.
        """
        with self._token_lock:
            token = self._current_token()
            if token is None:
                raise not_connected(self.capabilities)
            if token.access_token == rejected or token.expires_at < time.time() + _EXPIRY_MARGIN_S:
                token = self._refreshed(token)
                self._keep(token)
            return token.access_token

    def _refreshed(self, token: Token) -> Token:
        from fer_desktop.spotify.login import refresh

        try:
            return refresh(self._config, token)
        except NotLoggedInError:
            kept = self._store.load()
            if kept is None or kept.refresh_token == token.refresh_token:
                self._forget()
                raise
        # Another window or command got a new refresh token meanwhile, which invalidated ours.
        return self._refreshed(kept)

    def _current_token(self) -> Token | None:
        with self._token_lock:
            if not self._loaded:
                self._token = self._store.load()
                self._loaded = True
            return self._token

    def _keep(self, token: Token) -> None:
        with self._token_lock:
            self._token = token
            self._loaded = True
            self._store.save(token)

    def _forget(self) -> None:
        with self._token_lock:
            self._token = None
            self._loaded = True
            self._store.clear()
