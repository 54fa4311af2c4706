"""Times a cold start of the app, in a process of its own: to the first frame, and to the first analysis.

Run from the checkout: `python -m tests.benchmarks.bench_start [RUNS]`. The window is drawn offscreen, over a
bundled photo. "Cold" means a new process; the operating system may have the files in memory.
"""

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

_PATIENCE_SECONDS = 60.0
_EVENTS = ("first frame", "first analysis")
_LINE = re.compile(r"^(\S+ \S+) INFO fer_desktop\.controllers\.camera: (.+)$", re.MULTILINE)


def main() -> None:
    """Prints the median and the slowest of the runs, and the memory used five seconds after the start."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    measured = [_start_once() for _ in range(runs)]
    print(f"{runs} starts         median   slowest")  # noqa: T201
    for index, event in enumerate(_EVENTS):
        seconds = [times[index] for times, _ in measured]
        print(f"{event:18s} {statistics.median(seconds):6.2f} s {max(seconds):7.2f} s")  # noqa: T201
    memory = [kib / 1024 for _, kib in measured]
    print(f"{'resident memory':18s} {statistics.median(memory):4.0f} MiB {max(memory):5.0f} MiB")  # noqa: T201


def _start_once() -> tuple[list[float], int]:
    """Returns the seconds to each event, and the resident memory in KiB."""
    with tempfile.TemporaryDirectory() as profile:
        log = Path(profile) / FILE_NAME
        photo = resources_dir() / "samples" / "happy-baby.jpeg"
        started = time.time()
        app = subprocess.Popen(
            [sys.executable, "-m", "fer_desktop", "--profile-dir", profile, "--source", str(photo)],
            env=os.environ | {"QT_QPA_PLATFORM": "offscreen"},
        )
        try:
            times = _wait_for_events(log, started)
            time.sleep(max(0.0, started + 5 - time.time()))
            status = Path(f"/proc/{app.pid}/status").read_text(encoding="ascii")
            return times, int(re.search(r"VmRSS:\s+(\d+)", status)[1])  # type: ignore[index]  # every process has it
        finally:
            app.kill()
            app.wait()


def _wait_for_events(log: Path, started: float) -> list[float]:
    while time.time() < started + _PATIENCE_SECONDS:
        lines = _LINE.findall(log.read_text(encoding="utf-8")) if log.exists() else []
        at = {event: datetime.strptime(stamp, "%Y-%m-%d %H:%M:%S,%f").astimezone() for stamp, event in lines}
        if all(event in at for event in _EVENTS):
            return [at[event].timestamp() - started for event in _EVENTS]
        time.sleep(0.05)
    sys.exit("The app did not start in a minute; see its output above.")


if __name__ == "__main__":
    main()
