"""Whether a model is less sure of faces that show none of its emotions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fer_desktop.emotions import EMOTIONS
from training.classifier import predict
from training.data.face_set import FER_CLASSES, SPLITS
from training.evaluation.metrics import RESAMPLES, interval
from training.evaluation.record import LeftOut

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from training.classifier import Classifier, FloatArray
    from training.data.face_set import FaceSet
    from training.evaluation.predictions import SplitPredictions

_OURS = {row.fer2013 for row in EMOTIONS.values()}
LEFT_OUT = [name for name in ("surprise", "fear", "disgust") if name not in _OURS]
"""The classes that are measured: FER-2013 has no contempt."""


def left_out_faces(data: FaceSet, split: str) -> NDArray[np.int64]:
    """Returns the indices of the faces of a split that show surprise, fear or disgust.

    By their FER+ label or, if a face has no votes, by the data set's own.
    """
    labels = np.where(data.votes.any(axis=1), data.ferplus_labels, data.labels)
    return np.flatnonzero(
        (data.splits == SPLITS.index(split)) & np.isin(labels, [FER_CLASSES.index(name) for name in LEFT_OUT])
    )


def measure_left_out(
    classify: Classifier,
    data: FaceSet,
    split: str,
    predictions: SplitPredictions,
    threshold: float | None = None,
) -> LeftOut | None:
    """Compares how sure a model is of its emotions and of those that it does not know.

    Args:
        classify: The model.
        data: The data set.
        split: The part of the data.
        predictions: What the model says about the part's faces of its emotions.
        threshold: Below it the app is unsure.

    Returns:
        None if the part has no face of another emotion.
    """
    indices = left_out_faces(data, split)
    if not len(indices):
        return None
    of_the_four = predictions.single[np.isin(predictions.indices, predictions.judged[0])].max(axis=1)
    left_out = predict(classify, data, indices).max(axis=1)
    area, resampled = _auroc(of_the_four, left_out)
    return LeftOut(
        faces=len(left_out),
        auroc=area,
        auroc_interval=interval(resampled),
        unsure=None if threshold is None else float((left_out < threshold).mean()),
    )


def _auroc(higher: FloatArray, lower: FloatArray) -> tuple[float, FloatArray]:
    """Returns how often a value of one group is above one of the other; ties count half.

    Args:
        higher: The group that should be above, [n].
        lower: The other, [m].

    Returns:
        The share of all pairs, and the same for 1,000 draws of each group with replacement, [1000].
    """
    lower = np.sort(lower)
    places = [np.searchsorted(lower, higher, side) for side in ("left", "right")]
    generator = np.random.default_rng(0)
    resampled = []
    for _ in range(RESAMPLES):  # one by one, so that memory does not grow with the data
        drawn = np.bincount(generator.integers(0, len(lower), len(lower)), minlength=len(lower))
        below = np.concatenate(([0], drawn.cumsum()))
        chosen = generator.integers(0, len(higher), len(higher))
        resampled.append(sum(below[of_side[chosen]].mean() for of_side in places) / 2 / len(lower))
    area = sum(of_side.mean() for of_side in places) / 2 / len(lower)
    return float(area), np.array(resampled)
