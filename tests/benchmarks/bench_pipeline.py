"""Times the stages of one frame: `python -m tests.benchmarks.bench_pipeline` prints a table.

A 640x480 frame with one face, in colour, as a camera gives it; the shipped model, or that of the folder which
is named as an argument. Compare only figures from an idle machine.
"""

# ruff: noqa: T201  # its table is what it is for

from __future__ import annotations

import statistics
import sys
from pathlib import Path
from time import perf_counter

from fer_desktop.domain import Frame
from fer_desktop.paths import models_dir, resources_dir
from fer_desktop.vision.pipeline import FramePipeline
from fer_desktop.vision.sample_clip import SampleClip

_RUNS = 300
_WARM_UP_RUNS = 20


def main(models: Path) -> None:
    """Measures and prints."""
    started = perf_counter()
    pipeline = FramePipeline.load(models, resources_dir())
    load_seconds = perf_counter() - started
    image = SampleClip(resources_dir() / "samples").render(0)
    analyses = [pipeline.analyse(Frame(image, n, n / 30)) for n in range(_WARM_UP_RUNS + _RUNS)]
    timed = analyses[_WARM_UP_RUNS:]
    faces = {len(analysis.faces) for analysis in timed}
    if faces != {1}:
        sys.exit(f"the frame shows one face, but {faces} were found")
    stages = {
        "detect": [analysis.detect_seconds for analysis in timed],
        "crop + classify": [analysis.classify_seconds for analysis in timed],
        "total": [analysis.detect_seconds + analysis.classify_seconds for analysis in timed],
    }
    print(f"{image.shape[1]}x{image.shape[0]}, one face, model {pipeline.card.version}, {_RUNS} runs")
    print(f"load: {load_seconds * 1000:.0f} ms")
    print(f"{'stage':16} {'median ms':>10} {'95 % ms':>10}")
    for stage, seconds in stages.items():
        print(f"{stage:16} {_ms(statistics.median(seconds))} {_ms(statistics.quantiles(seconds, n=20)[-1])}")


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:10.1f}"


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else models_dir())
