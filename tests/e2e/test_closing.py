"""The process ends when its window is closed, whatever it is doing."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

_SECONDS = 60


@pytest.mark.parametrize(
    "state",
    [
        "opening",
        "blocked",
        "analysing",
        "explaining",
        "requesting",
        "dialog",
        "file dialog",
        "interrupted",
        "terminated",
    ],
)
def test_the_process_ends_with_its_window(
    checkout: Path, windowed_environment: dict[str, str], tmp_path: Path, state: str
) -> None:
    closed = subprocess.run(
        [sys.executable, "-m", "tests.e2e.closer", state, str(tmp_path / "profile")],
        cwd=checkout,
        env=windowed_environment,
        capture_output=True,
        text=True,
        timeout=_SECONDS,  # a blocked driver would be waited for without end
        check=False,
    )
    assert closed.stderr == ""
    assert closed.returncode == 0
    assert closed.stdout.startswith("closing")
