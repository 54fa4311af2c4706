"""Smooths live readings: probabilities averaged over time, and a label that does not flicker."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from fer_desktop.domain import EmotionScores

if TYPE_CHECKING:
    from numpy.typing import NDArray

TIME_CONSTANT = 0.6
"""Seconds after which a new expression counts for 63 % of the average."""

HYSTERESIS = 0.08
"""How far the probability of another emotion must exceed the label's before the label changes."""

MIN_DWELL = 0.5
"""Seconds that a label stays at the least."""

_LEAD = 1e-6
"""By how much the label's probability stays ahead of one that may not overtake it yet."""


class EmotionSmoother:
    """Smooths what one face shows, from frame to frame.

    The average is exponential over time, not over frames, so it is the same at any frame rate. The label is
    always the emotion of the highest probability: while hysteresis or dwell time hold it, those that would
    overtake it are levelled with it, so that label and bars never disagree.
    """

    def __init__(self) -> None:
        self._average: NDArray[np.float64] | None = None
        self._label: int
        self._label_since: float
        self._updated_at: float

    def update(self, scores: EmotionScores, at: float) -> EmotionScores:
        """Adds what the model reads in the next frame.

        Args:
            scores: The face's probabilities.
            at: When the frame was captured, in seconds.

        Returns:
            The probabilities to show.
        """
        newest = np.array(scores.probabilities)
        if self._average is None:
            self._average = newest
            self._label, self._label_since = int(newest.argmax()), at
        else:
            weight = 1 - math.exp(-max(0.0, at - self._updated_at) / TIME_CONSTANT)
            self._average = self._average + weight * (newest - self._average)
            lead = self._average.max() - self._average[self._label]
            if lead > HYSTERESIS and at - self._label_since >= MIN_DWELL:
                self._label, self._label_since = int(self._average.argmax()), at
        self._updated_at = at
        return EmotionScores(tuple(_levelled(self._average, self._label).tolist()))


def _levelled(scores: NDArray[np.float64], top: int) -> NDArray[np.float64]:
    """Returns the probabilities nearest to `scores` in which the one at `top` is the highest."""
    level = scores[top]
    above: list[int] = []
    for index in np.argsort(-scores).tolist():
        if scores[index] <= level:
            break
        above.append(index)
        level = (scores[top] + scores[above].sum()) / (1 + len(above))
    levelled = scores.copy()
    levelled[above] = level - _LEAD
    levelled[top] = level + _LEAD * len(above)
    return levelled
