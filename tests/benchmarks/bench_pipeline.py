"""Times the stages of one frame, on the clip with one face: `python -m tests.benchmarks.bench_pipeline`.

Uses the shipped model, or the one in the folder given as an argument. Compare only figures from an
idle machine.
"""

# ruff: noqa: T201  # it prints its result

from __future__ import annotations

import statistics
import sys
from pathlib import Path
from time import perf_counter

from fer_desktop.domain import Frame
from fer_desktop.paths import models_dir, resources_dir
from fer_desktop.vision.pipeline import FramePipeline
from tests.benchmarks.clip import one_face
from tests.benchmarks.figures import Figure

_WARM_UP_FRAMES = 20
_RATE = 15
"""Frames per second that the window analyses."""


def measure(models: Path) -> list[Figure]:
    """Analyses the clip once as the window does, and once frame by frame."""
    started = perf_counter()
    pipeline = FramePipeline.load(models, resources_dir())
    load_seconds = perf_counter() - started
    frames = [Frame(image, number, number / _RATE) for number, image in enumerate(one_face())]
    live = [pipeline.analyse_live(frame) for frame in frames][_WARM_UP_FRAMES:]
    alone = [pipeline.analyse(frame) for frame in frames][_WARM_UP_FRAMES:]
    missed = sum(not analysis.faces for analysis in live)
    if missed:
        sys.exit(f"each frame shows one face, but it was missed in {missed} of {len(live)}")
    total = [analysis.detect_seconds + analysis.classify_seconds for analysis in live]
    return [
        Figure("model loaded in", load_seconds * 1000, "ms"),
        Figure("live, detect, median", _median([each.detect_seconds for each in live]), "ms"),
        Figure("live, classify, median", _median([each.classify_seconds for each in live]), "ms"),
        Figure("live, detect + classify, median", _median(total), "ms", bar=13),
        Figure(
            "live, detect + classify, 95th percentile", statistics.quantiles(total, n=20)[-1] * 1000, "ms"
        ),
        Figure("whole frame, detect, median", _median([each.detect_seconds for each in alone]), "ms"),
    ]


def _median(seconds: list[float]) -> float:
    return statistics.median(seconds) * 1000


if __name__ == "__main__":
    for figure in measure(Path(sys.argv[1]) if len(sys.argv) > 1 else models_dir()):
        print(figure)
