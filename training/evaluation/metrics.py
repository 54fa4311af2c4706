"""How good a model is on a set of faces, each figure with its 95 % interval."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from fer_desktop.domain import Emotion
from training.evaluation.record import Figures, Headline, Interval, Metrics, Unsure

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from training.classifier import FloatArray

CALIBRATION_BINS = 15
RESAMPLES = 1000
_SEED = 0
_OUTER_PERCENTILES = (2.5, 97.5)


@dataclass(frozen=True, slots=True)
class Rates:
    """What a confusion matrix says; all arrays may have leading axes, one entry per matrix.

    An emotion without a face has no precision, recall and F1 (nan); the means leave it out.
    """

    accuracy: FloatArray  # share of all faces named correctly, [...]
    precision: (
        FloatArray  # of the faces named so, the share with that label, [..., 4]; 0 if none was named so
    )
    recall: FloatArray  # of the faces with that label, the share named so, [..., 4]
    f1: FloatArray  # harmonic mean of the two, [..., 4]
    macro_recall: FloatArray
    macro_f1: FloatArray

    @classmethod
    def of(cls, confusion: NDArray[np.int64]) -> Rates:
        """Computes the rates of confusion matrices.

        Args:
            confusion: [..., emotions, emotions], labels in rows, each of at least one face.
        """
        hits = confusion.diagonal(axis1=-2, axis2=-1)
        labelled, named = confusion.sum(axis=-1), confusion.sum(axis=-2)
        present = labelled > 0
        precision, recall, f1 = (
            np.divide(part, whole, out=np.where(present, 0.0, np.nan), where=present & (whole > 0))
            for part, whole in ((hits, named), (hits, labelled), (2 * hits, labelled + named))
        )
        return cls(
            accuracy=np.asarray(hits.sum(axis=-1) / labelled.sum(axis=-1)),
            precision=precision,
            recall=recall,
            f1=f1,
            macro_recall=np.asarray(np.nanmean(recall, axis=-1)),
            macro_f1=np.asarray(np.nanmean(f1, axis=-1)),
        )


def confusion_matrix(labels: NDArray[np.int64], predicted: NDArray[np.int64]) -> NDArray[np.int64]:
    """Returns how many faces of each label (row) got each prediction (column), [emotions, emotions]."""
    classes = len(Emotion)
    return np.bincount(labels * classes + predicted, minlength=classes**2).reshape(classes, classes)


def score(labels: NDArray[np.int64], predicted: NDArray[np.int64]) -> float:
    """Returns the mean of accuracy and macro recall: most faces correct, and no emotion forgotten."""
    headline = measure_headline(labels, predicted)
    return (headline.accuracy + headline.macro_recall) / 2


def measure_headline(labels: NDArray[np.int64], predicted: NDArray[np.int64]) -> Headline:
    """Returns the two main figures alone, if `measure` would say more than is needed."""
    rates = Rates.of(confusion_matrix(labels, predicted))
    return Headline(accuracy=float(rates.accuracy), macro_recall=float(rates.macro_recall))


def even_choice(count: int, most: int) -> NDArray[np.int64]:
    """Returns at most `most` of the numbers below `count`, evenly spread, if all would take too long."""
    return np.linspace(0, count - 1, min(count, most)).astype(np.int64)


def calibration_bins(probabilities: FloatArray) -> NDArray[np.int64]:
    """Returns in which of 15 equal bins of 0..1 each face's highest probability is, [n]."""
    confidence = probabilities.max(axis=1)
    return np.asarray(np.minimum((confidence * CALIBRATION_BINS).astype(np.int64), CALIBRATION_BINS - 1))


def expected_calibration_error(probabilities: FloatArray, labels: NDArray[np.int64]) -> float:
    """Returns how far confidence and accuracy are apart, over 15 equal bins of the highest probability.

    Guo et al., 2017, "On Calibration of Modern Neural Networks", equation 3.
    """
    return _calibration_error(calibration_bins(probabilities), _gaps(probabilities, labels))


def measure(probabilities: FloatArray, labels: NDArray[np.int64]) -> Metrics:
    """Returns all figures of one set of faces, at least one, under one kind of label.

    Args:
        probabilities: Float, [n, emotions].
        labels: 0 to 3 as in `Emotion`, [n].
    """
    confusion = confusion_matrix(labels, probabilities.argmax(axis=1))
    confusions, calibration_errors = _resamples(probabilities, labels)
    ece = expected_calibration_error(probabilities, labels)
    # Resampling adds noise to each bin, so that these are larger than `ece` on average; that is subtracted.
    shifted = np.maximum(calibration_errors - calibration_errors.mean() + ece, 0)
    present = confusion.sum(axis=1) > 0
    return Metrics(
        faces=len(labels),
        confusion=confusion.tolist(),
        **_figures(Rates.of(confusion), np.asarray(ece), present, float),
        intervals=Figures[Interval](**_figures(Rates.of(confusions), shifted, present, interval)),
    )


def _figures(
    rates: Rates, ece: FloatArray, present: NDArray[np.bool_], read: Callable[[FloatArray], object]
) -> dict[str, Any]:
    """Returns the fields of `Figures`; `read` turns the values of one figure into what is kept of them."""

    def by_emotion(values: FloatArray) -> dict[Emotion, object]:
        return {
            emotion: read(values[..., column]) if there else None
            for column, (emotion, there) in enumerate(zip(Emotion, present, strict=True))
        }

    return {
        "accuracy": read(rates.accuracy),
        "macro_recall": read(rates.macro_recall),
        "macro_f1": read(rates.macro_f1),
        "ece": read(ece),
        "precision": by_emotion(rates.precision),
        "recall": by_emotion(rates.recall),
        "f1": by_emotion(rates.f1),
    }


def measure_unsure(probabilities: FloatArray, labels: NDArray[np.int64], threshold: float) -> Unsure:
    """Returns the share of faces the model is sure of, and its accuracy on them."""
    kept = probabilities.max(axis=1) >= threshold
    right = probabilities.argmax(axis=1) == labels
    return Unsure(
        kept_share=float(kept.mean()), kept_accuracy=float(right[kept].mean()) if kept.any() else 0.0
    )


def interval(resampled: FloatArray) -> Interval:
    """Returns the 95 % percentile interval (Efron and Tibshirani, 1993, chapter 13) of a resampled figure."""
    low, high = np.nanpercentile(resampled, _OUTER_PERCENTILES)
    return float(low), float(high)


def resampled_counts(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Draws as many faces as were counted, with replacement, and counts again: [1000, *shape of counts]."""
    flat = counts.ravel()
    drawn = np.random.default_rng(_SEED).multinomial(flat.sum(), flat / flat.sum(), RESAMPLES)
    return drawn.reshape(RESAMPLES, *counts.shape)


def _gaps(probabilities: FloatArray, labels: NDArray[np.int64]) -> FloatArray:
    """Returns whether each face was named correctly, as 0 or 1, minus how sure that was, [n]."""
    right = probabilities.argmax(axis=1) == labels
    return np.asarray(right - probabilities.max(axis=1).astype(np.float64))


def _calibration_error(bins: NDArray[np.int64], gaps: FloatArray) -> float:
    return float(np.abs(np.bincount(bins, gaps, CALIBRATION_BINS)).sum() / len(bins))


def _resamples(probabilities: FloatArray, labels: NDArray[np.int64]) -> tuple[NDArray[np.int64], FloatArray]:
    """Draws the faces 1,000 times with replacement; the same draws for the same faces.

    Returns:
        The confusion matrix of each draw, [1000, emotions, emotions], and its calibration error, [1000].
    """
    generator = np.random.default_rng(_SEED)
    classes = len(Emotion)
    cells = labels * classes + probabilities.argmax(axis=1)
    bins, gaps = calibration_bins(probabilities), _gaps(probabilities, labels)
    confusions, errors = [], []
    for _ in range(RESAMPLES):  # one by one, so that memory does not grow with the data
        drawn = generator.integers(0, len(labels), len(labels))
        confusions.append(np.bincount(cells[drawn], minlength=classes**2).reshape(classes, classes))
        errors.append(_calibration_error(bins[drawn], gaps[drawn]))
    return np.stack(confusions), np.array(errors)
