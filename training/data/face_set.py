"""The faces that training and evaluation see."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from fer_desktop.domain import Emotion

if TYPE_CHECKING:
    from numpy.typing import NDArray

FER_CLASSES = (*(emotion.value for emotion in Emotion), "disgust", "fear", "surprise", "contempt")
"""What a face can be labelled, ours first; FER-2013 has no contempt."""

VOTE_COLUMNS = (
    "anger", "happiness", "neutral", "sadness", "surprise", "disgust", "fear", "contempt", "unknown", "NF",
)  # fmt: skip
"""What FER+ taggers could choose, in the order in which ties are decided; "NF" (no face) is no label."""

SPLITS = ("train", "validation", "test")


@dataclass(frozen=True)
class FaceSet:
    """Faces with their labels; the pictures stay on disk until they are used.

    Attributes:
        faces: Gray, uint8, [n, side, side].
        labels: The data set's own label, index into `FER_CLASSES`, int64, [n].
        votes: FER+ votes by `VOTE_COLUMNS`, uint8, [n, 10]; all 0 where there are none.
        splits: Index into `SPLITS`, uint8, [n].
        manifest: What the faces were made from, and how: name, digests of the sources, counts, duplicates.
    """

    faces: NDArray[np.uint8]
    labels: NDArray[np.int64]
    votes: NDArray[np.uint8]
    splits: NDArray[np.uint8]
    manifest: dict[str, Any]

    @property
    def digest(self) -> str:
        """Eight hex digits that differ where the sources, the class names or the splits differ."""
        origin = {
            key: self.manifest.get(key) for key in ("cache_format", "source_sha256", "class_names", "seed")
        }
        return hashlib.sha256(json.dumps(origin, sort_keys=True).encode()).hexdigest()[:8]

    @property
    def side(self) -> int:
        """Width and height of a face in pixels."""
        return int(self.faces.shape[1])

    @property
    def has_votes(self) -> bool:
        """Whether any face has FER+ votes."""
        return bool(self.votes.any())

    def ferplus_labels(self, *, other_emotions: bool = False) -> NDArray[np.int64]:
        """Returns the FER+ label of each face: 0 to 3 as in `Emotion`, -1 for any other or none, [n].

        The most votes among the nine emotions of `VOTE_COLUMNS`; ties go to the first.

        Args:
            other_emotions: Also label surprise, disgust, fear and contempt, 4 to 7 as in `VOTE_COLUMNS`.
        """
        votes = self.votes[:, : VOTE_COLUMNS.index("NF")]
        winner = votes.argmax(axis=1)
        labels = VOTE_COLUMNS.index("unknown") if other_emotions else len(Emotion)
        return np.where((votes.max(axis=1) > 0) & (winner < labels), winner, -1)

    def evaluation_faces(self, split: str) -> NDArray[np.int64]:
        """Returns the indices of the faces of a split that the data set gives one of our labels."""
        return np.flatnonzero((self.splits == SPLITS.index(split)) & (self.labels < len(Emotion)))
