"""The command that takes the screenshots still finds every state."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_VARIANT = "light-de-900x600@1"


def test_every_state_has_a_screenshot(checkout: Path, tmp_path: Path) -> None:
    taken = subprocess.run(
        [sys.executable, "-m", "tests.screenshots", _VARIANT, "--out", str(tmp_path)],
        cwd=checkout,
        capture_output=True,
        text=True,
        timeout=170,
        check=False,
    )
    assert taken.returncode == 0, taken.stderr
    names = {path.stem.partition("-")[2] for path in (tmp_path / _VARIANT).glob("*.png")}
    assert names >= {
        *(
            "loading",
            "welcome",
            "opening",
            "no-camera",
            "off",
            "no-face",
            "one-face",
            "several-faces",
            "unsure",
        ),
        *("captured", "connect", "login", "searching", "preview", "error", "created", "question"),
        *("settings", "help", "cameras", "crash"),
    }
