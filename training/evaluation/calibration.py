"""What is chosen for a trained network on the validation part: class shift, temperature, unsure threshold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from training.evaluation.metrics import Rates, confusion_matrix

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from training.evaluation.metrics import FloatArray

KEPT_AT_LEAST = 0.85

LEAST_RECALL = 0.75
"""What each emotion should reach, so that none gets its playlist only by luck."""

MOST_PAID = 0.02
"""Share of all faces that this may cost."""

_TEMPERATURES = np.geomspace(0.25, 4, 400)
_THRESHOLDS = np.arange(0.25, 0.95, 0.01)
_SHIFTS = np.linspace(-1, 1, 41)


def softmax(logits: FloatArray) -> FloatArray:
    """Returns probabilities, rows sum to 1, [n, classes]."""
    exponents = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(exponents / exponents.sum(axis=1, keepdims=True))


def fit_temperature(logits: FloatArray, labels: NDArray[np.int64]) -> float:
    """Returns by what to divide logits so that the labels are likeliest (Guo et al., 2017, section 4.2)."""
    rows = np.arange(len(labels))
    losses = [-np.log(softmax(logits / t)[rows, labels] + 1e-12).mean() for t in _TEMPERATURES]
    return float(_TEMPERATURES[int(np.argmin(losses))])


def choose_class_shift(logits: FloatArray, labels: NDArray[np.int64], prior: FloatArray) -> FloatArray:
    """Returns what to add to each class's logit, [4].

    It is a multiple of the log prior that training saw (logit adjustment, Menon et al., 2021): one number is
    chosen, not four, so that it holds for other faces too. It is the one with the highest mean of accuracy
    and macro recall among those that leave no emotion below `LEAST_RECALL`, if that costs at most `MOST_PAID`
    of accuracy; else among all. Of equals the smallest.
    """
    steps = sorted(_SHIFTS, key=abs)
    shifts = [-step * np.log(prior) for step in steps]
    rates = [Rates.of(confusion_matrix(labels, (logits + shift).argmax(axis=1))) for shift in shifts]
    scores = np.array([of_shift.accuracy + of_shift.macro_recall for of_shift in rates])
    enough = rates[int(scores.argmax())].accuracy - MOST_PAID
    balanced = np.array(
        [np.nanmin(of_shift.recall) >= LEAST_RECALL and of_shift.accuracy >= enough for of_shift in rates]
    )
    return np.asarray(shifts[int(np.where(balanced | ~balanced.any(), scores, -np.inf).argmax())])


def choose_unsure_threshold(probabilities: FloatArray) -> float:
    """Returns the highest probability under which the app says that it is unsure.

    The highest threshold at which it still commits itself on 85 % of the faces: people take "unsure" now and
    then for honesty, and more often for a fault.
    """
    confidence = probabilities.max(axis=1)
    fitting = [t for t in _THRESHOLDS if (confidence >= t).mean() >= KEPT_AT_LEAST]
    return round(float(max(fitting, default=_THRESHOLDS[0])), 2)
