"""How good a model is, and how sure it may be; the choices that are made on the validation part."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from fer_desktop.domain import Emotion

FloatArray = NDArray[np.floating[Any]]

CALIBRATION_BINS = 15
_TEMPERATURES = np.geomspace(0.25, 4, 400)
_THRESHOLDS = np.arange(0.25, 0.95, 0.01)
_SHIFTS = np.linspace(-1, 1, 21)
KEPT_AT_LEAST = 0.85


def softmax(logits: FloatArray) -> FloatArray:
    """Returns probabilities, rows sum to 1, [n, classes]."""
    exponents = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(exponents / exponents.sum(axis=1, keepdims=True))


def confusion_matrix(labels: NDArray[np.int64], predicted: NDArray[np.int64]) -> NDArray[np.int64]:
    """Returns how many faces of each label (row) got each prediction (column), [4, 4]."""
    matrix = np.zeros((len(Emotion), len(Emotion)), dtype=np.int64)
    np.add.at(matrix, (labels, predicted), 1)
    return matrix


def recalls(labels: NDArray[np.int64], predicted: NDArray[np.int64]) -> FloatArray:
    """Returns for each emotion which share of its faces was named so, [4]; 0 where there is no face."""
    matrix = confusion_matrix(labels, predicted)
    return np.asarray(matrix.diagonal() / np.maximum(matrix.sum(axis=1), 1))


def score(labels: NDArray[np.int64], predicted: NDArray[np.int64]) -> float:
    """Returns the mean of accuracy and macro recall: most faces right, and no emotion forgotten."""
    return float(((labels == predicted).mean() + recalls(labels, predicted).mean()) / 2)


def expected_calibration_error(probabilities: FloatArray, labels: NDArray[np.int64]) -> float:
    """Returns how far confidence and accuracy lie apart, over 15 equal bins of the highest probability.

    Guo et al., 2017, "On Calibration of Modern Neural Networks", equation 3.
    """
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == labels
    bins = np.minimum((confidence * CALIBRATION_BINS).astype(int), CALIBRATION_BINS - 1)
    gaps = [abs((right[bins == b] - confidence[bins == b]).sum()) for b in range(CALIBRATION_BINS)]
    return float(sum(gaps) / len(labels))


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


def measure(probabilities: FloatArray, labels: NDArray[np.int64]) -> dict[str, Any]:
    """Returns what the model card says of one set of faces under one kind of label."""
    predicted = probabilities.argmax(axis=1)
    recall = recalls(labels, predicted)
    return {
        "faces": len(labels),
        "accuracy": float((predicted == labels).mean()),
        "macro_recall": float(recall.mean()),
        "recall": {emotion.value: float(value) for emotion, value in zip(Emotion, recall, strict=True)},
        "confusion": confusion_matrix(labels, predicted).tolist(),
        "ece": expected_calibration_error(probabilities, labels),
    }


def measure_unsure(
    probabilities: FloatArray, labels: NDArray[np.int64], threshold: float
) -> dict[str, float]:
    """Returns on which share of the faces the model commits itself, and how often it is right there."""
    kept = probabilities.max(axis=1) >= threshold
    right = probabilities.argmax(axis=1) == labels
    return {
        "kept_share": float(kept.mean()),
        "kept_accuracy": float(right[kept].mean()) if kept.any() else 0.0,
    }
