"""What is learned: which faces, and towards which of the two kinds of labels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from fer_desktop.domain import Emotion
from training.data.duplicates import find_copies
from training.data.face_set import EMOTION_LABELS, FER_CLASSES, LABEL_COLUMNS, SPLITS
from training.errors import TrainingError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from training.config import Recipe
    from training.data.face_set import FaceSet

CLASSES = len(Emotion)


@dataclass(frozen=True)
class TrainingTargets:
    """The faces that a recipe learns, and what it learns from each.

    Attributes:
        indices: Of the faces in the data set, [n].
        shares: Of each emotion in each face, rows sum to 1, [n, `CLASSES`].
        groups: The emotion with the largest share, `CLASSES` for a face of another class, [n].
    """

    indices: NDArray[np.int64]
    shares: NDArray[np.float32]
    groups: NDArray[np.int64]

    def class_counts(self) -> NDArray[np.int64]:
        """Returns how many faces have each emotion as their largest share, [`CLASSES`]."""
        return np.bincount(self.groups, minlength=CLASSES)[:CLASSES]


def training_targets(recipe: Recipe, data: FaceSet) -> TrainingTargets:
    """Returns the training faces of a recipe, and the share of each emotion in each.

    "fer2013": the faces whose own label is one of our emotions. "ferplus": those whose FER+ label is one,
    whatever the own label, with the spread of the votes over our emotions. "mixed": both; the mean if a face
    has both. With the recipe's `other_emotions` also the faces of the other classes (surprise, fear, disgust
    and contempt), and a label or vote for one of those counts equally for all our emotions: the network
    learns to be unsure about them (Hendrycks et al., 2019, outlier exposure).

    Raises:
        TrainingError: There are no such faces, or no votes.
    """
    train = data.splits == SPLITS.index("train")
    if recipe.validation_too:
        validation, test = (
            np.flatnonzero(data.splits == SPLITS.index(split)) for split in ("validation", "test")
        )
        train[np.setdiff1d(validation, find_copies(data.faces, validation, test)[0])] = True
    known = np.full(len(FER_CLASSES), recipe.other_emotions)
    known[EMOTION_LABELS] = True
    ferplus = data.ferplus_labels
    own = train & known[data.labels]
    voted = train & (ferplus >= 0) & known[ferplus]
    if recipe.targets != "fer2013" and not voted.any():
        raise TrainingError(
            "No FER+ votes",
            f"{data.manifest['name']} has no training faces with FER+ votes.",
            "Put ferplus.csv next to the data, or train towards its own labels (--set targets=fer2013).",
        )
    own &= recipe.targets != "ferplus"
    voted &= recipe.targets != "fer2013"
    indices = np.flatnonzero(own | voted)
    if not len(indices):
        raise TrainingError(
            "No training faces",
            f"{data.manifest['name']} has no faces of {', '.join(Emotion)}.",
            "Check --data.",
        )
    labels = np.eye(len(FER_CLASSES), dtype=np.float32)[data.labels[indices]]
    votes = data.votes[indices][:, LABEL_COLUMNS].astype(np.float32)
    weights = np.stack((own[indices], voted[indices]), axis=1).astype(np.float32)
    weights /= weights.sum(axis=1, keepdims=True)
    shares = weights[:, :1] * _shares(labels, known) + weights[:, 1:] * _shares(votes, known)
    ours = (own & (data.own_emotions >= 0)) | (voted & (data.ferplus_emotions >= 0))
    return TrainingTargets(indices, shares, np.where(ours[indices], shares.argmax(axis=1), CLASSES))


def _shares(counts: NDArray[np.float32], known: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Returns each emotion's share of labels or votes, [n, `CLASSES`]; other classes count equally for all.

    Args:
        counts: By `FER_CLASSES`, [n, 8].
        known: Which of the classes count, [8].
    """
    others = known.copy()
    others[EMOTION_LABELS] = False
    shares = counts[:, EMOTION_LABELS] + counts[:, others].sum(axis=1, keepdims=True) / CLASSES
    return np.asarray(shares / np.maximum(shares.sum(axis=1, keepdims=True), 1e-6), dtype=np.float32)


def evaluation_labels(
    recipe: Recipe, data: FaceSet, split: str
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Returns the indices of the faces of a split on which a recipe is judged, [n], and their emotions, [n].

    They are the faces whose own label is one of our emotions and, unless the targets are "fer2013", whose
    FER+ label is one, too.
    """
    indices = data.evaluation_faces(split)
    if recipe.targets == "fer2013":
        return indices, data.own_emotions[indices]
    labels = data.ferplus_emotions[indices]
    return indices[labels >= 0], labels[labels >= 0]
