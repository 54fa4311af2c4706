"""The whole way through the real `main()`: a face in, a playlist out."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_SECONDS = 150


def test_a_laughing_face_becomes_a_happy_playlist_in_a_real_window(
    checkout: Path, windowed_environment: dict[str, str], tmp_path: Path
) -> None:
    result = tmp_path / "seen.json"
    photo = checkout / "resources" / "samples" / "happy-baby.jpeg"
    played = subprocess.run(
        [sys.executable, "-m", "tests.e2e.person", str(result), "--demo", "--source", str(photo)],
        cwd=checkout,
        env=windowed_environment,
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    assert played.returncode == 0, played.stderr
    assert played.stderr == ""
    seen = json.loads(result.read_text(encoding="utf-8"))
    assert seen["platform"] == "xcb"
    assert "Demo" in seen["note"]
    assert seen["live"].startswith("happy")
    assert seen["captured"].startswith("happy")
    assert seen["back to live"]
    assert seen.get("error") is None
    assert seen["playlist"] == "Happy Vibes Playlist"
    assert len(seen["tracks"]) == 20
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/playlist/\w+", seen["link"])
    assert seen["live again"]


def run_without_display(checkout: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs the app in a folder, as over a plain ssh connection."""
    hidden = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    environment = {name: value for name, value in os.environ.items() if name not in hidden}
    return subprocess.run(
        [sys.executable, "-m", "fer_desktop", *arguments],
        cwd=folder,
        env=environment | {"PYTHONPATH": str(checkout)},
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )


def test_without_a_display_the_demo_goes_the_whole_way_by_itself(checkout: Path, tmp_path: Path) -> None:
    shown = run_without_display(checkout, tmp_path, "--demo")
    assert shown.returncode == 0, shown.stdout + shown.stderr
    assert shown.stderr == ""
    lines = shown.stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["1.", "2.", "3."]
    assert "Happy Vibes Playlist" in lines[2]
    assert "http://127.0.0.1:" in lines[2]
    pictures = sorted(path.name for path in (tmp_path / "demo-output").iterdir())
    assert pictures == ["1-live.png", "2-captured.png", "3-playlist.png"]


def test_without_a_display_the_window_says_what_to_do(checkout: Path, tmp_path: Path) -> None:
    asked = run_without_display(checkout, tmp_path, "--profile-dir", str(tmp_path / "profile"))
    assert asked.returncode == 2
    (line,) = asked.stderr.splitlines()
    assert line.startswith("fer-desktop: No display:")
    assert "--demo" in line
