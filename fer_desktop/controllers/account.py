"""The account at the music service: connecting it, knowing whose it is, and erasing all traces."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from fer_desktop.errors import AppError, CancelledError, LoginError
from fer_desktop.translation import _, date_words

if TYPE_CHECKING:
    from collections.abc import Callable

    from fer_desktop.domain import Account
    from fer_desktop.music import MusicCapabilities, MusicProvider, MusicSession
    from fer_desktop.settings import SettingsStore
    from fer_desktop.workers.job_runner import JobRunner


class AccountController(QObject):
    """Holds the session that all work with the music service goes through.

    Signals:
        changed: The account changed, or what is known about its login.
        connecting_changed: Whether a login waits for the user.
        browser_requested: The address of the login page that the user is to see.
        failed: The AppError that ended a login or a disconnection; not sent if the user cancelled the login.
        ends_soon: An AppError that says when the service ends the login.
    """

    changed = Signal()
    connecting_changed = Signal(bool)
    browser_requested = Signal(str)
    failed = Signal(object)
    ends_soon = Signal(object)

    _seen = Signal(object, str, bool)
    _login_waits = Signal(bool)

    def __init__(
        self, music: MusicProvider, settings: SettingsStore, jobs: JobRunner, erase_traces: Callable[[], None]
    ) -> None:
        """Creates a controller that has not looked for a login yet.

        Args:
            music: The music service.
            settings: Its session follows them; see `reopen`.
            jobs: Runs what waits for the network or the keyring.
            erase_traces: Erases what came from the music service, other than the login.
        """
        super().__init__()
        self._music = music
        self._settings = settings
        self._jobs = jobs
        self._erase_traces = erase_traces
        self._session: MusicSession | None = None
        self._stale = threading.Event()
        # Held while a keyring waits for the user, so only jobs may wait for it.
        self._session_lock = threading.Lock()
        self._account: Account | None = None
        self._storage_note = ""
        self._has_login = False
        self._connecting = False
        self._cancel = threading.Event()
        self._seen.connect(self._on_seen)
        self._login_waits.connect(self._on_login_waits)

    @property
    def capabilities(self) -> MusicCapabilities:
        """What the music service can do."""
        return self._music.capabilities

    def redirect_uri(self, port: int) -> str:
        """Returns what the user registers with the music service for a login port, 0 for any port."""
        return self._music.redirect_uri(port)

    @property
    def account(self) -> Account | None:
        """Whose account it is; None until the service has answered."""
        return self._account

    @property
    def has_login(self) -> bool:
        """Whether there is something to disconnect."""
        return self._has_login

    @property
    def storage_note(self) -> str:
        """What the user should know about where the login is kept, "" for nothing."""
        return self._storage_note

    @property
    def connecting(self) -> bool:
        """Whether a login waits for the user."""
        return self._connecting

    def look(self) -> None:
        """Finds out whether there is a login from an earlier start, and reports if it ends soon."""
        if not self._jobs.busy:
            self._jobs.run(self._look, lambda _: None, self.failed.emit)

    def connect_account(self) -> None:
        """Lets the user log in; that may replace an existing login."""
        if self._jobs.busy:
            self.failed.emit(_not_yet())
            return
        self._cancel = cancel = threading.Event()
        self._jobs.run(lambda: self._connect(self._opened(), cancel), lambda _: None, self._on_failed)

    def cancel(self) -> None:
        """Stops waiting for the user."""
        self._cancel.set()

    def reopen(self) -> None:
        """Makes the next work use the changed settings, with the same login if possible."""
        self._stale.set()
        self._on_seen(None, "", False)

    def disconnect_account(self) -> None:
        """Erases the login and all that came from the music service."""
        if self._jobs.busy:
            self.failed.emit(_not_yet())
            return
        self._jobs.run(self._disconnect, lambda _: self._on_seen(None, "", False), self.failed.emit)

    def connected_session(self, cancel: threading.Event) -> MusicSession:
        """Returns a session with an account; lets the user log in if needed. For the job thread.

        Raises:
            AppError: There is no account; see `MusicSession.connect`.
        """
        session = self._opened()
        if not session.connected or session.missing_scopes:
            self._connect(session, cancel)
        elif self._account is None:
            self._seen.emit(session.service(cancel).current_user(), session.storage_note, True)
        return session

    # On the job thread

    def _opened(self) -> MusicSession:
        with self._session_lock:
            if self._session is None or self._stale.is_set():
                self._stale.clear()
                before, self._session = self._session, None
                try:
                    self._session = self._music.open_session(
                        self._settings.current, self._settings.profile_dir, self.browser_requested.emit
                    )
                except AppError:
                    self._session = before
                    self._stale.set()
                    raise
                if before is not None:
                    before.hand_over(self._session)
            return self._session

    def _connect(self, session: MusicSession, cancel: threading.Event) -> None:
        self._login_waits.emit(True)
        try:
            self._seen.emit(session.connect(cancel), session.storage_note, True)
        except AppError:
            # If only the request for the account's name failed, there is a login nevertheless.
            self._seen.emit(None, session.storage_note, session.connected)
            raise
        finally:
            self._login_waits.emit(False)

    def _look(self) -> None:
        session = self._opened()
        if not session.connected:
            self._seen.emit(None, "", False)
            return
        self._seen.emit(self._account, session.storage_note, True)
        end = session.ends_soon_on
        if end is not None:
            self.ends_soon.emit(
                LoginError(
                    _("Your {service} login ends soon").format(service=self.capabilities.service_name),
                    _("It ends on {date}.").format(date=date_words(end)),
                    _("Connect again in the settings before then."),
                )
            )

    def _disconnect(self) -> None:
        self._opened().disconnect()
        self._erase_traces()

    # Back on the GUI thread

    @Slot(object, str, bool)
    def _on_seen(self, account: Account | None, storage_note: str, has_login: bool) -> None:
        self._account = account
        self._storage_note = storage_note
        self._has_login = has_login
        self.changed.emit()

    @Slot(bool)
    def _on_login_waits(self, waits: bool) -> None:
        self._connecting = waits
        self.connecting_changed.emit(waits)

    def _on_failed(self, error: AppError) -> None:
        if not isinstance(error, CancelledError):
            self.failed.emit(error)


def _not_yet() -> LoginError:
    return LoginError(
        _("Please wait"),
        _("Another login, or the search for one in the keyring, is still in progress."),
        _("Finish or cancel it, then try again."),
    )
