"""The log file: local, small and free of secrets."""

from __future__ import annotations

import logging
from logging.handlers import RotatingFileHandler
from typing import TYPE_CHECKING

from fer_desktop.errors import SettingsError
from fer_desktop.translation import _

if TYPE_CHECKING:
    from pathlib import Path

FILE_NAME = "fer-desktop.log"
_MAX_BYTES = 500_000


def start_logging(profile_dir: Path) -> logging.Handler:
    """Writes the app's log to a file in the profile and returns its handler, which `stop_logging` closes.

    Raises:
        SettingsError: The profile's folder cannot be written.
    """
    try:
        profile_dir.mkdir(parents=True, exist_ok=True)
        to_file = RotatingFileHandler(
            profile_dir / FILE_NAME, maxBytes=_MAX_BYTES, backupCount=1, encoding="utf-8"
        )
    except OSError as error:
        raise SettingsError(
            _("Profile folder not writable"),
            _("{path} cannot be written ({reason}).").format(path=profile_dir, reason=error.strerror),
            _("Choose another folder with --profile-dir."),
        ) from error
    to_file.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.addHandler(to_file)
    root.setLevel(logging.INFO)
    # At lower levels both print tokens, or addresses with secrets in them.
    for talkative in ("spotipy", "urllib3"):
        logging.getLogger(talkative).setLevel(logging.WARNING)
    return to_file


def stop_logging(to_file: logging.Handler) -> None:
    """Closes what `start_logging` opened."""
    logging.getLogger().removeHandler(to_file)
    to_file.close()
