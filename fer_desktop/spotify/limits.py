"""What Spotify has refused a Client ID: for some time, or altogether."""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING

from fer_desktop.errors import NewerFileError, RateLimitError, SettingsError
from fer_desktop.files import erase, from_json, to_json, write_whole
from fer_desktop.translation import _, clock_time

if TYPE_CHECKING:
    from pathlib import Path

    from fer_desktop.files import Migration

FILE_NAME = "spotify-limits.json"
LONGEST_WAIT_S = 86_400.0
"""Spotify counts its quota per day, so a longer wait is not credible; after a day it can be asked again."""

_MIGRATIONS: tuple[Migration, ...] = ()

_SLACK_S = 0.5
"""So that a request that waited by a clock other than the wall clock is not refused as too early."""

_log = logging.getLogger(__name__)


class ServiceLimits:
    """Holds back requests that Spotify would only refuse. Safe to use from several threads."""

    def __init__(self, client_id: str, profile_dir: Path | None = None) -> None:
        """Reads what Spotify told an earlier start.

        Args:
            client_id: What Spotify told another Client ID is ignored.
            profile_dir: Where it is kept; None keeps it only in this object.
        """
        self._client_id = client_id
        self._path = profile_dir / FILE_NAME if profile_dir is not None else None
        self._lock = threading.Lock()
        self._playlists_unreadable = False
        self._wait_until = 0.0
        self._load()

    @property
    def playlists_unreadable(self) -> bool:
        """Whether Spotify refused to show other users' playlists, as it does in Development Mode."""
        return self._playlists_unreadable

    def remember_unreadable_playlists(self) -> None:
        """Remembers that other users' playlists were refused."""
        with self._lock:
            self._playlists_unreadable = True
            self._save()

    def remember_wait(self, seconds: float) -> None:
        """Remembers that Spotify asked to wait for some seconds."""
        with self._lock:
            self._wait_until = time.time() + min(seconds, LONGEST_WAIT_S)
            self._save()

    def check(self) -> None:
        """Checks whether a request may be sent: one that is too early makes the wait longer.

        Raises:
            RateLimitError: The wait that Spotify asked for is not over.
        """
        left = self._wait_until - time.time()
        # More than was ever remembered means that the computer's clock was set back.
        if _SLACK_S < left <= LONGEST_WAIT_S:
            raise RateLimitError(
                _("Spotify asks you to wait"),
                _("It got too many requests; more of them would only make the wait longer."),
                _("Try again after {time}.").format(time=clock_time(left)),
                retry_after=round(left),
            )

    def clear(self) -> None:
        """Forgets everything.

        Raises:
            SettingsError: The file cannot be deleted.
        """
        with self._lock:
            self._playlists_unreadable = False
            self._wait_until = 0.0
            if self._path is not None:
                try:
                    erase(self._path)
                except OSError as error:
                    raise SettingsError(
                        _("Not everything was erased"),
                        _("{path} cannot be deleted ({reason}).").format(
                            path=self._path, reason=error.strerror
                        ),
                        _("Delete the file yourself; it lists what Spotify refused."),
                    ) from error

    def _load(self) -> None:
        if self._path is None:
            return
        try:
            content = from_json(self._path.read_text(encoding="utf-8"), _MIGRATIONS, self._path)
            if content["client_id"] == self._client_id:
                self._wait_until = float(content["wait_until"])
                self._playlists_unreadable = content["playlists_unreadable"] is True
        except FileNotFoundError:
            return
        except NewerFileError:
            self._path = None  # left for the version that wrote it
        except (OSError, ValueError, KeyError, TypeError) as error:
            # Spotify will say it again.
            _log.info("%s cannot be read: %s", self._path, type(error).__name__)

    def _save(self) -> None:
        if self._path is None:
            return
        content = {
            "client_id": self._client_id,
            "playlists_unreadable": self._playlists_unreadable,
            "wait_until": self._wait_until,
        }
        try:
            write_whole(self._path, to_json(content, _MIGRATIONS))
        except OSError as error:
            _log.info("%s cannot be written: %s", self._path, error.strerror)
