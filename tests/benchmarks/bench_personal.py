"""Times what a face profile adds to reading a face: `python -m tests.benchmarks.bench_personal`.

Detector and model are stand-ins that take no time, so that the little that is left can be seen.
"""

# ruff: noqa: T201  # its lines are what it is for

from __future__ import annotations

import statistics
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np

from fer_desktop.domain import Emotion, FaceBox, Frame
from fer_desktop.personal.reader import PersonalReader
from fer_desktop.vision.pipeline import FramePipeline
from tests.benchmarks.figures import Figure
from tests.fakes.detector import ScriptedDetector
from tests.fakes.people import calm_anger, population
from tests.fakes.pipeline import CARD, scores_for

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from fer_desktop.domain import EmotionScores, Image

_ROUNDS = 5
_FRAMES = 1000


class _AtOnce:
    """Reads the same in each face."""

    def predict(self, crops: Sequence[Image]) -> tuple[EmotionScores, ...]:
        return (scores_for(Emotion.NEUTRAL),) * len(crops)

    def predict_with_attention(
        self, crops: Sequence[Image]
    ) -> tuple[tuple[EmotionScores, NDArray[np.float32]], ...]:
        return tuple((each, np.zeros((6, 6), np.float32)) for each in self.predict(crops))


def measure() -> list[Figure]:
    """Reads faces as everyone's, then by a profile, then as everyone's again."""
    pipeline = FramePipeline(ScriptedDetector(FaceBox(8, 8, 32, 32)), _AtOnce(), CARD)
    never, chosen, no_longer = [], [], []
    for _ in range(_ROUNDS):
        fresh = FramePipeline(ScriptedDetector(FaceBox(8, 8, 32, 32)), _AtOnce(), CARD)
        never.append(_milliseconds(fresh))
        pipeline.read_as(PersonalReader(population(), calm_anger(50)))
        chosen.append(_milliseconds(pipeline))
        pipeline.read_as(None)
        no_longer.append(_milliseconds(pipeline))
    least = min(never)
    return [
        Figure("what a face profile adds, a face", min(chosen) - least, "ms", bar=0.05),
        Figure("what it adds once none is chosen, a face", min(no_longer) - least, "ms", bar=0.005),
    ]


def _milliseconds(pipeline: FramePipeline) -> float:
    """Returns the median time to read a frame with one face."""
    frame = Frame(np.full((48, 48, 3), 128, np.uint8), 0, 0.0)
    seconds = []
    for _ in range(_FRAMES):
        started = perf_counter()
        pipeline.analyse(frame)
        seconds.append(perf_counter() - started)
    return statistics.median(seconds) * 1000


if __name__ == "__main__":
    for figure in measure():
        print(figure)
