"""What is learnt: which faces, and towards which of the two kinds of labels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fer_desktop.domain import Emotion
from training.data.face_set import SPLITS
from training.errors import TrainingError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from training.config import Recipe
    from training.data.face_set import FaceSet

CLASSES = len(Emotion)


def training_targets(recipe: Recipe, data: FaceSet) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Returns the training faces of a recipe, and the share of each emotion in each.

    "fer2013": the faces that the data set gives one of the four labels. "ferplus": those whose FER+ label is
    one of the four, whatever the data set says, with the spread of the votes for the four. "mixed": both;
    where a face has both, their mean.

    Returns:
        Indices of the faces, [n], and their targets, rows sum to 1, [n, 4].

    Raises:
        TrainingError: There are no such faces, or no votes.
    """
    train = data.splits == SPLITS.index("train")
    own = train & (data.labels < CLASSES)
    voted = train & (data.ferplus_labels() >= 0)
    if recipe.targets != "fer2013" and not voted.any():
        raise TrainingError(
            "No FER+ votes",
            f"{data.manifest['name']} has no training faces with FER+ votes.",
            "Put ferplus.csv beside the data, or train towards its own labels (--set targets=fer2013).",
        )
    chosen = {"fer2013": own, "ferplus": voted, "mixed": own | voted}[recipe.targets]
    indices = np.flatnonzero(chosen)
    if not len(indices):
        raise TrainingError(
            "No training faces", f"{data.manifest['name']} has none of the four emotions.", "Check --data."
        )
    own_share = np.eye(CLASSES, dtype=np.float32)[data.labels[indices].clip(max=CLASSES - 1)]
    votes = data.votes[indices, :CLASSES].astype(np.float32)
    vote_share = votes / np.maximum(votes.sum(axis=1, keepdims=True), 1)
    if recipe.targets == "fer2013":
        return indices, own_share
    if recipe.targets == "ferplus":
        return indices, vote_share
    weight_own = (own[indices] / (own[indices].astype(np.float32) + voted[indices]))[:, np.newaxis]
    return indices, np.asarray(weight_own * own_share + (1 - weight_own) * vote_share, dtype=np.float32)


def evaluation_labels(
    recipe: Recipe, data: FaceSet, split: str
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Returns the faces of a split by which a recipe is judged, as indices, [n], and their labels, 0..3, [n].

    They are the faces to which the data set gives one of the four labels; by FER+ those of them whose FER+
    label is one of the four, too.
    """
    indices = data.evaluation_faces(split)
    if recipe.targets == "fer2013":
        return indices, data.labels[indices]
    labels = data.ferplus_labels()[indices]
    return indices[labels >= 0], labels[labels >= 0]


def class_counts(targets: NDArray[np.float32]) -> NDArray[np.int64]:
    """Returns how many faces have each emotion as their largest share, [4]."""
    return np.bincount(targets.argmax(axis=1), minlength=CLASSES)
