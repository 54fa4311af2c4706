"""The endurance run, for a few seconds: it ends well and leaves nothing behind."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def test_window_in_random_use_leaves_no_thread_and_logs_no_warning(
    checkout: Path, windowed_environment: dict[str, str]
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.soak", "--seconds", "15", "--seed", "3"],
        cwd=checkout,
        env=windowed_environment,
        stdout=subprocess.PIPE,
        text=True,
        timeout=150,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    found = json.loads(done.stdout)
    assert sum(found["done"].values()) > 1
    assert found["memory_mb"] > 0
