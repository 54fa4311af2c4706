"""Measures the result of `make package`: `python -m tests.benchmarks.bench_installers` prints sizes, starts.

Each start is a new process; the operating system may have the files in memory. The window is timed by its
first frame, which follows just after it is shown.
"""

# ruff: noqa: T201  # it prints its result

from __future__ import annotations

import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path

from fer_desktop.logs import FILE_NAME
from fer_desktop.paths import resources_dir
from tests.benchmarks.figures import Figure

_DIST = Path("dist")
_STARTS = 5
_PATIENCE_SECONDS = 60.0
_EVENTS = ("first frame", "first analysis")
_LINE = re.compile(r"^(\S+ \S+) INFO fer_desktop\.controllers\.camera: (.+)$", re.MULTILINE)


def main() -> int:
    """Measures and prints; returns 1 if a limit is missed."""
    inside = (path for path in (_DIST / "fer-desktop").rglob("*") if path.is_file() and not path.is_symlink())
    starts = [_start() for _ in range(_STARTS)]
    figures = [
        Figure("unpacked", sum(path.stat().st_size for path in inside) / 2**20, "MiB", bar=350),
        *(Figure(path.suffix, path.stat().st_size / 1e6, "MB", bar=130) for path in _DIST.glob("*.deb")),
        Figure("start to window, median", statistics.median(window for window, _ in starts), "s", bar=2),
        Figure("start to first label, median", statistics.median(label for _, label in starts), "s", bar=3),
    ]
    for figure in figures:
        print(figure)
    return 0 if all(figure.holds for figure in figures) else 1


def _start() -> tuple[float, float]:
    """Returns the seconds from a start to the first frame and to the first analysis."""
    with tempfile.TemporaryDirectory() as profile:
        photo = resources_dir() / "samples" / "happy-baby.jpeg"
        (Path(profile) / "settings.json").write_text('{"privacy_accepted": true}', encoding="utf-8")
        started_at = time.time()
        app = subprocess.Popen(
            [str(_DIST / "fer-desktop" / "fer-desktop"), "--profile-dir", profile, "--source", str(photo)],
            env={"QT_QPA_PLATFORM": "offscreen"} | os.environ,
        )
        try:
            window, label = _wait_for_events(Path(profile) / FILE_NAME, started_at)
        finally:
            app.kill()
            app.wait()
    return window, label


def _wait_for_events(log: Path, started_at: float) -> list[float]:
    while time.time() < started_at + _PATIENCE_SECONDS:
        lines = _LINE.findall(log.read_text(encoding="utf-8")) if log.exists() else []
        at = {event: datetime.strptime(stamp, "%Y-%m-%d %H:%M:%S,%f").astimezone() for stamp, event in lines}
        if all(event in at for event in _EVENTS):
            return [at[event].timestamp() - started_at for event in _EVENTS]
        time.sleep(0.05)
    sys.exit("The app did not start in a minute; see its output above.")


if __name__ == "__main__":
    sys.exit(main())
