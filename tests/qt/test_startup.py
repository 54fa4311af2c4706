"""Starting the window: a failure before there is one is shown too."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMessageBox

from fer_desktop.cli.commands import WindowOptions
from fer_desktop.errors import AppError, SettingsError
from fer_desktop.startup import run_window

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def shown(qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The texts of the boxes that were shown, as if there were a desktop; each is closed."""
    texts: list[str] = []

    def close_box() -> None:
        for box in QApplication.topLevelWidgets():
            if isinstance(box, QMessageBox) and box.isVisible():
                texts.append(f"{box.text()} {box.informativeText()}")
                box.reject()

    timer = QTimer(qapp)
    timer.timeout.connect(close_box)
    timer.start(10)
    monkeypatch.setattr(QApplication, "platformName", lambda: "a desktop")
    yield texts
    timer.stop()


def options(profile_dir: Path) -> WindowOptions:
    return WindowOptions(profile_dir, source=None, demo=False, say=pytest.fail)


def test_a_profile_that_cannot_be_written_is_shown(tmp_path: Path, shown: list[str]) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("no folder", encoding="utf-8")
    with pytest.raises(SettingsError):
        run_window(options(in_the_way / "profile"))
    (text,) = shown
    assert text.startswith("Profile folder not writable")
    assert str(in_the_way / "profile") in text
    assert "--profile-dir" in text


def test_a_missing_display_is_reported_without_a_window(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    with pytest.raises(AppError, match="No display"):
        run_window(options(tmp_path))
    assert not list(tmp_path.iterdir())
