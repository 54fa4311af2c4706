"""Where files are: those that ship with the app, and those that it keeps for the user."""

from __future__ import annotations

import sys
from pathlib import Path

import platformdirs

APP_NAME = "fer-desktop"

_PACKAGE = Path(__file__).resolve().parent


def _shipped(folder: str) -> Path:
    """Returns a folder that ships with the app.

    It has three homes: the frozen app, the installed wheel, and a checkout (editable install).
    """
    if getattr(sys, "frozen", False):
        return Path(getattr(sys, "_MEIPASS", "")) / folder
    installed = _PACKAGE / f"_{folder}"
    return installed if installed.is_dir() else _PACKAGE.parent / folder


def resources_dir() -> Path:
    """Returns the folder of the cascade, icons, moods.toml and sample photos."""
    return _shipped("resources")


def models_dir() -> Path:
    """Returns the folder of emotion.onnx and emotion.json."""
    return _shipped("models")


def default_profile_dir() -> Path:
    """Returns the folder of settings, logs, drafts and, if the user chose a file for it, the login.

    It is the system's place for such folders; but if a file named `portable` is next to the app that needs
    no Python, it is the folder `profile` next to it.
    """
    if getattr(sys, "frozen", False):
        program = Path(sys.executable)
        # On macOS the program is in FER Desktop.app/Contents/MacOS.
        home = program.parents[3] if sys.platform == "darwin" else program.parent
        if (home / "portable").is_file():
            return home / "profile"
    return Path(platformdirs.user_data_dir(APP_NAME, appauthor=False))


def cache_dir() -> Path:
    """Returns the folder of what can be recreated, such as prepared training data."""
    return Path(platformdirs.user_cache_dir(APP_NAME, appauthor=False))
