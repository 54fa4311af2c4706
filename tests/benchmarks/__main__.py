"""All benchmarks of the window: `python -m tests.benchmarks [JSON]` prints each figure next to its limit.

Takes two minutes on an idle machine, and opens the window several times, offscreen if there is no display.
Exits with 1 if a limit is missed. With a file name, the figures and a description of the machine are written
there as JSON.
"""

# ruff: noqa: T201  # it prints its result

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fer_desktop.paths import models_dir
from tests.benchmarks import bench_personal, bench_pipeline
from tests.benchmarks.clip import write_clips
from tests.benchmarks.figures import Figure, report

if TYPE_CHECKING:
    from collections.abc import Iterator

_STARTS = 5


def main() -> int:
    """Measures, prints, and writes the JSON if it was asked for."""
    if sys.platform == "linux" and not {"DISPLAY", "WAYLAND_DISPLAY"} & set(os.environ):
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory() as folder:
        for figure in _measure(*write_clips(Path(folder))):
            print(figure, flush=True)
            figures.append(figure)
    if len(sys.argv) > 1:
        Path(sys.argv[1]).write_text(json.dumps(report(figures), indent=2) + "\n", encoding="utf-8")
    return 0 if all(figure.holds for figure in figures) else 1


def _measure(one_face: Path, no_face: Path) -> Iterator[Figure]:
    yield from bench_pipeline.measure(models_dir())
    yield from bench_personal.measure()
    face = _scene("shown", one_face)
    yield Figure("in the window, detect + classify, median", face["analysis_ms"], "ms", bar=13)
    yield Figure("age of the picture, 95th percentile", face["picture_age_ms"], "ms", bar=50)
    yield Figure("age of the boxes, 95th percentile", face["box_age_ms"], "ms", bar=120)
    yield Figure("analyses", face["analyses_a_second"], "/s", bar=10, least=True)
    yield Figure("frames painted of 30", face["frames_a_second"], "/s", bar=29, least=True)
    yield Figure("share of one core, one face", face["cpu_share"], "%", bar=60)
    yield Figure("resident memory", face["memory_mb"], "MB", bar=300)
    yield Figure("resident memory, peak", face["memory_peak_mb"], "MB")
    yield Figure("share of one core, no face", _scene("shown", no_face)["cpu_share"], "%", bar=40)
    yield Figure("share of one core, hidden", _scene("hidden", one_face)["cpu_share"], "%", bar=5)
    yield Figure("share of one core, minimised", _scene("minimised", one_face)["cpu_share"], "%", bar=5)
    starts = [_scene("start", one_face) for _ in range(_STARTS)]
    yield Figure("start to window, median", _median(starts, "window_at"), "s", bar=1.2)
    yield Figure("start to first label, median", _median(starts, "label_at"), "s", bar=2)


def _scene(scene: str, clip: Path) -> dict[str, Any]:
    """Returns the measurements of a separate process, and its start time."""
    started_at = time.time()
    command = [sys.executable, "-m", "tests.benchmarks.bench_window", scene, str(clip)]
    # As when it is installed: Python caches compiled modules, even if the shell disables that.
    environment = os.environ | {"PYTHONDONTWRITEBYTECODE": ""}
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True, timeout=120)
    measured: dict[str, Any] = json.loads(done.stdout)
    return measured | {"started_at": started_at}


def _median(starts: list[dict[str, Any]], event: str) -> float:
    return statistics.median([float(start[event] - start["started_at"]) for start in starts])


if __name__ == "__main__":
    sys.exit(main())
