"""A copy of the checkout for builds, so that the checkout stays clean."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path


def copy_of_tracked_files(checkout: Path, copy: Path) -> Path:
    """Copies the files that git tracks into a folder and returns it; skips the test without git."""
    if shutil.which("git") is None or not (checkout / ".git").exists():
        pytest.skip("needs a git checkout")
    command = ["git", "-c", "safe.directory=*", "ls-files", "-z"]
    tracked = subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=True).stdout
    for name in filter(None, tracked.split("\0")):
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(checkout / name, copy / name)
    return copy
