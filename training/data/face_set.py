"""The faces that training and evaluation see."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from fer_desktop.domain import Emotion
from fer_desktop.emotions import EMOTIONS

if TYPE_CHECKING:
    from numpy.typing import NDArray

FER_CLASSES = ("angry", "happy", "neutral", "sad", "disgust", "fear", "surprise", "contempt")
"""How a face can be labelled, in the order of the labels on disk; FER-2013 has no contempt."""

VOTE_COLUMNS = (
    "anger", "happiness", "neutral", "sadness", "surprise", "disgust", "fear", "contempt", "unknown", "NF",
)  # fmt: skip
"""What FER+ taggers could choose, in the order in which ties are resolved; "NF" (no face) is not a label."""

_row_with: dict[tuple[str, str], Emotion] = {}
for _emotion, _row in EMOTIONS.items():
    if _row.fer2013 not in FER_CLASSES or _row.ferplus not in VOTE_COLUMNS:
        raise LookupError(f"fer_desktop/emotions.py: no class {_row.fer2013!r} or no votes {_row.ferplus!r}")
    for _column, _label in (("fer2013", _row.fer2013), ("ferplus", _row.ferplus)):
        _other = _row_with.setdefault((_column, _label), _emotion)
        if _other is not _emotion:
            raise LookupError(
                f"fer_desktop/emotions.py: the rows of {_other} and {_emotion} both have {_column}={_label!r}"
            )

EMOTION_LABELS = np.array([FER_CLASSES.index(EMOTIONS[emotion].fer2013) for emotion in Emotion])
"""The index into `FER_CLASSES` of each emotion."""

_VOTES_FOR = {row.fer2013: row.ferplus for row in EMOTIONS.values()}
LABEL_COLUMNS = np.array([VOTE_COLUMNS.index(_VOTES_FOR.get(name, name)) for name in FER_CLASSES])
"""The index into `VOTE_COLUMNS` of each of `FER_CLASSES`; the others have the same name there."""

# The last entry is for -1, no label.
_EMOTION_OF_LABEL = np.full(len(FER_CLASSES) + 1, -1)
_EMOTION_OF_LABEL[EMOTION_LABELS] = np.arange(len(Emotion))
_LABEL_OF_COLUMN = np.full(len(VOTE_COLUMNS), -1)
_LABEL_OF_COLUMN[LABEL_COLUMNS] = np.arange(len(FER_CLASSES))

SPLITS = ("train", "validation", "test")


@dataclass(frozen=True)
class FaceSet:
    """Faces with their labels; the pictures stay on disk until they are used.

    Attributes:
        faces: Gray, uint8, [n, side, side].
        labels: The data set's own label, index into `FER_CLASSES`, int64, [n].
        votes: FER+ votes by `VOTE_COLUMNS`, uint8, [n, 10]; all 0 if there are none.
        splits: Index into `SPLITS`, uint8, [n].
        manifest: What the faces were made from and how: name, digests of the sources, counts, duplicates.
    """

    faces: NDArray[np.uint8]
    labels: NDArray[np.int64]
    votes: NDArray[np.uint8]
    splits: NDArray[np.uint8]
    manifest: dict[str, Any]

    @property
    def digest(self) -> str:
        """Eight hex digits that differ if the sources, the class names or the splits differ."""
        origin = {
            key: self.manifest.get(key) for key in ("cache_format", "source_sha256", "class_names", "seed")
        }
        return hashlib.sha256(json.dumps(origin, sort_keys=True).encode()).hexdigest()[:8]

    @property
    def side(self) -> int:
        """Width and height of a face in pixels."""
        return int(self.faces.shape[1])

    @property
    def ferplus_labels(self) -> NDArray[np.int64]:
        """The FER+ label of each face: index into `FER_CLASSES`, -1 for none, [n].

        The most votes among all columns but "NF"; ties go to the first, and "unknown" is no label.
        """
        votes = self.votes[:, : VOTE_COLUMNS.index("NF")]
        return np.where(votes.any(axis=1), _LABEL_OF_COLUMN[votes.argmax(axis=1)], -1)

    @property
    def own_emotions(self) -> NDArray[np.int64]:
        """The emotion of the data set's own label: index into `Emotion`, -1 for another class, [n]."""
        return emotions_of(self.labels)

    @property
    def ferplus_emotions(self) -> NDArray[np.int64]:
        """The emotion of the FER+ label: index into `Emotion`, -1 for another class or none, [n]."""
        return emotions_of(self.ferplus_labels)

    def evaluation_faces(self, split: str) -> NDArray[np.int64]:
        """Returns the indices of the faces of a split to which the data set gives one of our emotions."""
        return np.flatnonzero((self.splits == SPLITS.index(split)) & (self.own_emotions >= 0))


def emotions_of(labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """Returns the emotion of each label: index into `Emotion`, -1 for another class or none.

    Args:
        labels: Index into `FER_CLASSES`, -1 for none.
    """
    return _EMOTION_OF_LABEL[labels]
