"""How the whole app treats a profile of a newer version, and one that is already open."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING

from fer_desktop.logs import FILE_NAME as LOG_NAME
from fer_desktop.settings import FILE_NAME

if TYPE_CHECKING:
    from pathlib import Path

_SECONDS = 90.0


def start(checkout: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "fer_desktop", *arguments],
        cwd=checkout,
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_for_frames(profile: Path, count: int) -> None:
    """Waits until this many sources have shown their first frame."""
    log = profile / LOG_NAME
    deadline = time.monotonic() + _SECONDS
    while not log.exists() or log.read_text(encoding="utf-8").count("first frame") < count:
        assert time.monotonic() < deadline, "no frame"
        time.sleep(0.05)


def test_a_newer_profile_is_refused_with_an_explanation_and_stays_unchanged(
    checkout: Path, tmp_path: Path
) -> None:
    content = '{"version": 99, "hologram": true}'
    (tmp_path / FILE_NAME).write_text(content, encoding="utf-8")

    app = start(checkout, "--profile-dir", str(tmp_path))
    _, errors = app.communicate(timeout=_SECONDS)

    assert app.returncode == 2
    assert errors.startswith("fer-desktop: Written by a newer version: ")
    assert len(errors.splitlines()) == 1
    assert (tmp_path / FILE_NAME).read_text(encoding="utf-8") == content
    assert not list(tmp_path.glob("settings-broken*"))


def test_a_second_start_shows_its_source_in_the_first_window(checkout: Path, tmp_path: Path) -> None:
    samples = checkout / "resources" / "samples"
    options = ("--profile-dir", str(tmp_path), "--source")
    first = start(checkout, *options, str(samples / "happy-baby.jpeg"))
    try:
        wait_for_frames(tmp_path, 1)
        second = start(checkout, *options, str(samples / "angry.jpg"))
        said, errors = second.communicate(timeout=_SECONDS)
        wait_for_frames(tmp_path, 2)
    finally:
        first.kill()
        first.communicate()

    assert second.returncode == 0
    assert "open already" in said
    assert errors == ""
