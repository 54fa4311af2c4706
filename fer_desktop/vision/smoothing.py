"""Calm live readings: probabilities averaged over time, and a label that does not flicker."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from fer_desktop.domain import Emotion, EmotionScores, FaceReading

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from fer_desktop.domain import FaceBox

TIME_CONSTANT = 0.6
"""Seconds after which a new expression counts for 63 % of the average."""

HYSTERESIS = 0.08
"""How far another emotion must lie above the label's before the label changes."""

MIN_DWELL = 0.5
"""Seconds that a label stays at least."""

HOLD = 0.3
"""Seconds that the last reading stays while the face is not found."""

MIN_OVERLAP = 0.2
"""Intersection over union of two boxes under which they are two faces."""

_LEAD = 1e-6
"""By how much the label's probability stays ahead of one that is not let past it yet."""


_ORDER = {emotion: index for index, emotion in enumerate(Emotion)}


class EmotionSmoother:
    """Follows the largest face from frame to frame.

    The average is an exponential one over time, not over frames, so it is the same at any frame rate. The
    label is always the emotion of the highest probability: while hysteresis or dwell hold it, those that
    would overtake it are levelled with it, so that label and bars never disagree.

    Args:
        unsure_threshold: The model card's `unsure_threshold`.
    """

    def __init__(self, unsure_threshold: float) -> None:
        self._unsure_threshold = unsure_threshold
        self._average: NDArray[np.float64] | None = None
        self._label = Emotion.NEUTRAL
        self._label_since = 0.0
        self._last_seen = 0.0
        self._last: FaceReading | None = None

    def update(self, face: FaceReading | None, at: float) -> FaceReading | None:
        """Takes the largest face of the next frame.

        Args:
            face: Its reading, None where no face was found.
            at: When the frame was captured, in seconds.

        Returns:
            What to show: the face with smoothed scores; for a short time the last one where none was found.
        """
        if face is None:
            if at - self._last_seen > HOLD:
                self._average = self._last = None
            return self._last
        scores = np.array(list(face.scores))
        if self._average is None or self._last is None or _overlap(face.box, self._last.box) < MIN_OVERLAP:
            average = scores
            self._label, self._label_since = face.scores.dominant, at
        else:
            weight = 1 - math.exp(-max(0.0, at - self._last_seen) / TIME_CONSTANT)
            average = self._average + weight * (scores - self._average)
            lead = average.max() - average[_ORDER[self._label]]
            if lead > HYSTERESIS and at - self._label_since >= MIN_DWELL:
                self._label, self._label_since = list(Emotion)[int(average.argmax())], at
        self._average, self._last_seen = average, at
        shown = _levelled(average, _ORDER[self._label])
        unsure = bool(shown.max() < self._unsure_threshold)
        self._last = FaceReading(face.box, EmotionScores(*shown.tolist()), unsure)
        return self._last


def _levelled(scores: NDArray[np.float64], top: int) -> NDArray[np.float64]:
    """Returns the probabilities nearest to `scores` of which the one at `top` is the highest."""
    level = scores[top]
    above: list[int] = []
    for index in np.argsort(-scores).tolist():
        if index == top or scores[index] <= level:
            break
        above.append(index)
        level = (scores[top] + scores[above].sum()) / (1 + len(above))
    if not above:
        return scores
    levelled = scores.copy()
    levelled[above] = level - _LEAD
    levelled[top] = level + _LEAD * len(above)
    return levelled


def _overlap(one: FaceBox, other: FaceBox) -> float:
    """Returns the intersection over union of two boxes, 0 to 1."""
    width = min(one.x + one.width, other.x + other.width) - max(one.x, other.x)
    height = min(one.y + one.height, other.y + other.height) - max(one.y, other.y)
    shared = max(0, width) * max(0, height)
    return shared / (one.area + other.area - shared)
