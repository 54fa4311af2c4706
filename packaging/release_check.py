"""Says why this checkout must not be tagged yet: python3 packaging/release_check.py.

`make release-check` runs it before all tests and the build.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def complaints() -> list[str]:
    """Returns what is wrong, in plain words; nothing if the checkout may be tagged."""
    init = (ROOT / "fer_desktop" / "__init__.py").read_text(encoding="utf-8")
    version = re.findall(r'^__version__ = "(.+)"$', init, re.MULTILINE)[0]
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    unreleased = changes.partition("## [Unreleased]")[2].partition("\n## ")[0]
    found = []
    if git("status", "--porcelain"):
        found.append("Some files have uncommitted changes: see git status.")
    if git("tag", "--list", f"v{version}"):
        found.append(f"v{version} is already tagged: raise __version__ in fer_desktop/__init__.py.")
    if not re.search(rf"^## \[{re.escape(version)}\] - \d{{4}}-\d\d-\d\d$", changes, re.MULTILINE):
        found.append(f'CHANGELOG.md has no heading "## [{version}] - DATE".')
    if unreleased.strip():
        found.append("CHANGELOG.md has lines under Unreleased: move them below the heading of the version.")
    return found


def git(*arguments: str) -> str:
    """Returns the output of a git command."""
    command = ["git", "-c", "safe.directory=*", *arguments]
    return subprocess.check_output(command, cwd=ROOT, text=True).strip()


if __name__ == "__main__":
    sys.exit("\n".join(complaints()))
