"""What is chosen for a trained network on the validation part: class shift, temperature, unsure threshold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from training.evaluation.metrics import score

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from training.evaluation.metrics import FloatArray

KEPT_AT_LEAST = 0.85
_TEMPERATURES = np.geomspace(0.25, 4, 400)
_THRESHOLDS = np.arange(0.25, 0.95, 0.01)
_SHIFTS = np.linspace(-1, 1, 21)


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
    """Returns what to add to each class's logit so that `score` is highest, [4].

    It is a multiple of the log prior that training saw (logit adjustment, Menon et al., 2021): one number is
    chosen, not four, so that it holds for other faces too. Of equals the smallest.
    """
    steps = sorted(_SHIFTS, key=abs)
    scores = [score(labels, (logits - step * np.log(prior)).argmax(axis=1)) for step in steps]
    return np.asarray(-steps[int(np.argmax(scores))] * np.log(prior))


def choose_unsure_threshold(probabilities: FloatArray) -> float:
    """Returns the highest probability under which the app says that it is unsure.

    The highest threshold at which it still commits itself on 85 % of the faces: people take "unsure" now and
    then for honesty, and more often for a fault.
    """
    confidence = probabilities.max(axis=1)
    fitting = [t for t in _THRESHOLDS if (confidence >= t).mean() >= KEPT_AT_LEAST]
    return round(float(max(fitting, default=_THRESHOLDS[0])), 2)
