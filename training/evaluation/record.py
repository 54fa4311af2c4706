"""What an evaluation measures, as evaluation.json, metrics.json and the model card keep it."""

from __future__ import annotations

from typing import ClassVar, Generic, Literal, TypeVar

from fer_desktop.domain import Emotion
from training.model_file import Precision
from training.run_folder import Record, RunRecord

LabelKind = Literal["ferplus", "fer2013"]
LABEL_KINDS: dict[LabelKind, str] = {"ferplus": "FER+ labels", "fer2013": "own labels"}
"""The kinds of labels and what they are called: the FER+ majority, and the data set's own labels."""

Interval = tuple[float, float]
"""Lower and upper end of a 95 % interval."""

OverallName = Literal["accuracy", "macro_recall", "macro_f1", "ece"]
ByEmotionName = Literal["precision", "recall", "f1"]

T = TypeVar("T")


class Figures(Record, Generic[T]):
    """The figures of a set of faces under one kind of label, or something about each of them.

    Attributes:
        accuracy: Share of the faces named correctly.
        macro_recall: Mean of the recalls.
        macro_f1: Mean of the F1 scores.
        ece: Expected calibration error.
        precision: Of the faces named so, the share with that label; None if no face has the label.
        recall: Of the faces with that label, the share named so; None if there is none.
        f1: Harmonic mean of precision and recall; None if no face has the label.
    """

    accuracy: T
    macro_recall: T
    macro_f1: T
    ece: T
    precision: dict[Emotion, T | None]
    recall: dict[Emotion, T | None]
    f1: dict[Emotion, T | None]


class Metrics(Figures[float]):
    """How good a model is on a set of faces under one kind of label.

    Attributes:
        faces: How many.
        confusion: How many faces of each label (row) got each name (column).
        intervals: The 95 % interval of each figure.
    """

    faces: int
    confusion: list[list[int]]
    intervals: Figures[Interval]

    def overall(self, name: OverallName) -> tuple[float, Interval]:
        """Returns one of the figures over all faces, and its interval."""
        return getattr(self, name), getattr(self.intervals, name)

    def by_emotion(self, name: ByEmotionName, emotion: Emotion) -> tuple[float, Interval] | tuple[None, None]:
        """Returns one of the figures of an emotion, and its interval."""
        return getattr(self, name)[emotion], getattr(self.intervals, name)[emotion]


class Unsure(Record):
    """How a model does on the faces that it is sure of.

    Attributes:
        kept_share: Share of the faces whose highest probability reaches the threshold.
        kept_accuracy: Share of those that are named correctly.
    """

    kept_share: float
    kept_accuracy: float


class ViewMetrics(Metrics):
    """The figures of faces as they are.

    Attributes:
        flip: The same for the mean of a face and its mirror image.
        unsure: How a threshold divides the faces; None without a threshold.
    """

    flip: Metrics
    unsure: Unsure | None = None


class Headline(Record):
    """The two main figures alone."""

    accuracy: float
    macro_recall: float


class Perturbed(Headline):
    """The main figures under a perturbation.

    Attributes:
        loss: Accuracy on unchanged faces minus this one.
        loss_interval: Its 95 % interval.
    """

    loss: float
    loss_interval: Interval


class Robustness(Record):
    """How much accuracy a model keeps under what a webcam does to a face.

    Attributes:
        faces: How many were looked at.
        plain: On unchanged faces.
        perturbed: By the names of `PERTURBATIONS`.
    """

    faces: int
    plain: Headline
    perturbed: dict[str, Perturbed]


class LeftOut(Record):
    """How sure a model is of faces that show none of its emotions.

    Attributes:
        faces: How many such faces there are.
        auroc: Area under the receiver operating characteristic of the highest probability (Hendrycks and
            Gimpel, 2017): how often it is higher for a face of its emotions than for such a face.
        auroc_interval: Its 95 % interval.
        unsure: Share of them below the threshold; None without a threshold.
    """

    faces: int
    auroc: float
    auroc_interval: Interval
    unsure: float | None = None


class PairedTest(Record):
    """Two models, or two views of each face, compared on the same faces.

    Attributes:
        faces: How many.
        only_first: How many the first alone names correctly.
        only_second: How many the second alone names correctly.
        difference: Accuracy of the first minus that of the second.
        interval: Its 95 % interval, by paired bootstrap over the faces.
        p_value: Of the exact McNemar test (McNemar, 1947): each is equally often the only one to be correct.
    """

    faces: int
    only_first: int
    only_second: int
    difference: float
    interval: Interval
    p_value: float


Found = dict[str, tuple[int, int]]
"""By the face's side in the frame in pixels, how many the detector found and how many there were."""


class MarginSearch(Record):
    """How a model does at several crop margins.

    Attributes:
        found: What the detector found.
        faces: How many that is in total.
        margins: By margin.
    """

    found: Found
    faces: int
    margins: dict[str, Headline]


class Capture(Record):
    """What averaging several views gains in a capture.

    Attributes:
        found: What the detector found.
        single: With one view, as in the live picture.
        averaged: With the mean of all views.
        gain: Averaged against single.
    """

    found: Found
    single: Headline
    averaged: Headline
    gain: PairedTest


class Exported(Record):
    """A model file for the app.

    Attributes:
        precision: Of its weights.
        validation_accuracy: Of the network and of the files that were tried, by "network" and precision.
        difference_to_torch: The largest difference of any output before rounding to 8 bits.
        crop_margin: The best margin around the detector's box, as a share of its side.
        crop_margin_search: How it was found.
        sha256: Of the file.
    """

    precision: Precision
    validation_accuracy: dict[str, float]
    difference_to_torch: float
    crop_margin: float
    crop_margin_search: MarginSearch
    sha256: str


class Measurement(Record):
    """How a model does.

    Attributes:
        metrics: By split and kind of label.
        left_out: By split; None if it has no such faces.
        robustness: On the last of the splits.
    """

    metrics: dict[str, dict[LabelKind, ViewMetrics]]
    left_out: dict[str, LeftOut | None]
    robustness: Robustness


class Evaluation(RunRecord, Measurement):
    """What was chosen for a finished run, and how it does.

    Attributes:
        format: Of the file; a run that an earlier version measured is measured again.
        data: Digest of the data set.
        parameters: Of the network.
        calibrated_on: The labels by which all was chosen.
        class_shift: What is added to each class's logit, [4].
        temperature: By which the logits are then divided.
        unsure_threshold: Below it the app is unsure; None if nothing could be chosen.
        exported: The model file; None if the app cannot use the network.
        not_exported_since: Why not, in words that follow "since".
        label_agreement: By split, the share of the faces to which both kinds of labels give the same emotion.
        capture: None without a model file.
    """

    FORMAT: ClassVar[int] = 3
    file_name: ClassVar[str] = "evaluation.json"
    left_by: ClassVar[str] = "evaluate"

    format: int
    data: str
    parameters: int
    calibrated_on: LabelKind
    class_shift: list[float]
    temperature: float
    unsure_threshold: float | None
    exported: Exported | None
    not_exported_since: str | None
    label_agreement: dict[str, float | None]
    capture: Capture | None
