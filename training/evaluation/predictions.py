"""What a model says about the faces of a split, kept for figures and comparisons."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from fer_desktop.domain import Emotion
from training.classifier import predict
from training.errors import DataError, TrainingError
from training.evaluation.metrics import measure, measure_unsure
from training.evaluation.record import LABEL_KINDS, LabelKind, ViewMetrics

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from training.classifier import Classifier, FloatArray
    from training.data.face_set import FaceSet


@dataclass(frozen=True, slots=True)
class SplitPredictions:
    """What a model says about each face of a split to which the data set gives one of the four labels.

    Attributes:
        indices: Which faces of the data set, [n].
        single: Probabilities of each face as it is, float32, [n, emotions].
        flip: The mean of those of the face and of its mirror image, float32, [n, emotions].
        labels: By kind, kinds without any label left out: 0 to 3 as in `Emotion`, -1 if a face has none of
            the four, [n].
    """

    indices: NDArray[np.int64]
    single: FloatArray
    flip: FloatArray
    labels: dict[LabelKind, NDArray[np.int64]]

    @classmethod
    def of(cls, classify: Classifier, data: FaceSet, split: str) -> SplitPredictions:
        """Runs a model on a split.

        Raises:
            DataError: The split has no such face.
        """
        indices, labels = labelled_faces(data, split)
        single = predict(classify, data, indices)
        flip = (single + predict(classify, data, indices, mirrored=True)) / 2
        return cls(indices, single, flip, labels)

    @classmethod
    def load(cls, path: Path) -> SplitPredictions:
        """Reads what `save` wrote.

        Raises:
            TrainingError: It is missing or damaged.
        """
        try:
            with np.load(path) as content:
                labels = {kind: content[kind] for kind in LABEL_KINDS if kind in content}
                return cls(content["indices"], content["single"], content["flip"], labels)
        except (OSError, ValueError, KeyError, EOFError) as error:
            raise TrainingError(
                "Predictions unreadable",
                f"{path} cannot be read ({error}).",
                f"Delete {path.parent / 'evaluation.json'} and evaluate the run again.",
            ) from error

    def save(self, path: Path) -> None:
        """Writes an .npz."""
        # No kind has the name of one of numpy's options.
        np.savez_compressed(path, indices=self.indices, single=self.single, flip=self.flip, **self.labels)  # type: ignore[arg-type]

    @property
    def label_agreement(self) -> float | None:
        """Share of the faces to which both kinds of labels give the same emotion; None without FER+."""
        if "ferplus" not in self.labels:
            return None
        return float((self.labels["ferplus"] == self.labels["fer2013"]).mean())

    @property
    def judged(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The faces with FER+ labels, or with own labels if there are none: indices, [n], and labels, [n]."""
        labels = next(iter(self.labels.values()))
        return self.indices[labels >= 0], labels[labels >= 0]

    def measure(self, threshold: float | None = None) -> dict[LabelKind, ViewMetrics]:
        """Returns the figures by kind of label.

        Args:
            threshold: Below it the app is unsure.
        """
        metrics = {}
        for kind, of_all in self.labels.items():
            known = of_all >= 0
            labels, single, flip = of_all[known], self.single[known], self.flip[known]
            metrics[kind] = ViewMetrics(
                **dict(measure(single, labels)),
                flip=measure(flip, labels),
                unsure=None if threshold is None else measure_unsure(single, labels, threshold),
            )
        return metrics


def labelled_faces(data: FaceSet, split: str) -> tuple[NDArray[np.int64], dict[LabelKind, NDArray[np.int64]]]:
    """Returns the faces of a split that are measured, and their labels, as in `SplitPredictions`.

    Raises:
        DataError: There is none.
    """
    indices = data.evaluation_faces(split)
    if not len(indices):
        raise DataError(
            "Nothing to measure",
            f"The {split} part of {data.manifest['name']} has no face of {', '.join(Emotion)}.",
            "Name another split, or another data set.",
        )
    labels: dict[LabelKind, NDArray[np.int64]] = {
        "ferplus": data.ferplus_emotions[indices],
        "fer2013": data.own_emotions[indices],
    }
    return indices, {kind: of_kind for kind, of_kind in labels.items() if (of_kind >= 0).any()}
