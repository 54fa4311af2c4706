"""Whether one way of naming the same faces is right more often than another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import binomtest

from training.evaluation.metrics import interval, resampled_counts

if TYPE_CHECKING:
    from numpy.typing import NDArray

SIGNIFICANT = 0.05


@dataclass(frozen=True, slots=True)
class PairedTest:
    """Two models, or two views of each face, on the same faces.

    Attributes:
        faces: How many.
        only_first: How many the first alone names rightly.
        only_second: How many the second alone names rightly.
        difference: Accuracy of the first less that of the second.
        interval: Its 95 % interval, by paired bootstrap over the faces.
        p_value: Of the exact McNemar test (McNemar, 1947): both are equally often the only one to be right.
    """

    faces: int
    only_first: int
    only_second: int
    difference: float
    interval: tuple[float, float]
    p_value: float

    @classmethod
    def of(cls, first_right: NDArray[np.bool_], second_right: NDArray[np.bool_]) -> PairedTest:
        """Compares which faces, at least one, two name rightly, [n] each, in the same order."""
        only_first = int((first_right & ~second_right).sum())
        only_second = int((second_right & ~first_right).sum())
        faces = len(first_right)
        counts = np.array([only_first, only_second, faces - only_first - only_second])
        drawn = resampled_counts(counts)
        low, high = interval((drawn[:, 0] - drawn[:, 1]) / faces)
        decided = only_first + only_second
        p_value = float(binomtest(only_first, decided, 0.5).pvalue) if decided else 1.0
        return cls(faces, only_first, only_second, (only_first - only_second) / faces, (low, high), p_value)
