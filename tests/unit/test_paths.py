"""Where the profile is: in the system's place, or next to a portable app."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import platformdirs
import pytest

from fer_desktop.paths import APP_NAME, default_profile_dir

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def frozen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of an app that needs no Python, as its program sees it."""
    program = tmp_path / "fer-desktop"
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(program))
    monkeypatch.setattr(sys, "platform", "linux")
    return tmp_path


def test_without_the_file_it_is_in_the_systems_place(frozen: Path) -> None:
    assert str(default_profile_dir()) == platformdirs.user_data_dir(APP_NAME, appauthor=False)


def test_with_the_file_it_is_next_to_the_app(frozen: Path) -> None:
    (frozen / "portable").touch()
    assert default_profile_dir() == frozen / "profile"


def test_on_macos_the_file_is_next_to_the_bundle(frozen: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    program = frozen / "FER Desktop.app" / "Contents" / "MacOS" / "fer-desktop"
    monkeypatch.setattr(sys, "executable", str(program))
    (frozen / "portable").touch()
    assert default_profile_dir() == frozen / "profile"


def test_an_app_with_python_is_never_portable(frozen: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (frozen / "portable").touch()
    monkeypatch.setattr(sys, "frozen", False)
    assert default_profile_dir() != frozen / "profile"
