"""Whether one way of naming the same faces is correct more often than another."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from training.evaluation.metrics import interval, resampled_counts
from training.evaluation.record import PairedTest

if TYPE_CHECKING:
    from numpy.typing import NDArray

SIGNIFICANT = 0.05


def paired_test(first_right: NDArray[np.bool_], second_right: NDArray[np.bool_]) -> PairedTest:
    """Compares which faces, at least one, two models name correctly, [n] each, in the same order."""
    only_first = int((first_right & ~second_right).sum())
    only_second = int((second_right & ~first_right).sum())
    faces = len(first_right)
    drawn = resampled_counts(np.array([only_first, only_second, faces - only_first - only_second]))
    return PairedTest(
        faces=faces,
        only_first=only_first,
        only_second=only_second,
        difference=(only_first - only_second) / faces,
        interval=interval((drawn[:, 0] - drawn[:, 1]) / faces),
        p_value=_mcnemar(only_first, only_second),
    )


def _mcnemar(one: int, other: int) -> float:
    """Returns p of the exact McNemar test: that a fair coin divides as many throws at least as unevenly."""
    throws = one + other
    outcomes = sum(math.comb(throws, heads) for heads in range(min(one, other) + 1))
    return min(1.0, 2 * outcomes / (1 << throws))
