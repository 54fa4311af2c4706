"""What an evaluation measures, as evaluation.json, metrics.json and the model card keep it.

Shares are of 1; an interval is the lower and upper end of the 95 % interval of the figure before it.
"""

from __future__ import annotations

from typing import ClassVar, Generic, Literal, TypeVar

from fer_desktop.domain import Emotion
from training.model_file import Precision
from training.run_folder import Record, RunRecord

LabelKind = Literal["ferplus", "fer2013"]
LABEL_KINDS: dict[LabelKind, str] = {"ferplus": "FER+ labels", "fer2013": "own labels"}
"""The kinds of labels and what they are called: the FER+ majority, and the data set's own labels."""

Interval = tuple[float, float]
OverallName = Literal["accuracy", "macro_recall", "macro_f1", "ece"]
ByEmotionName = Literal["precision", "recall", "f1"]
Found = dict[str, tuple[int, int]]
"""By the face's side in the frame in pixels, how many the detector found and how many there were."""

T = TypeVar("T")


class Figures(Record, Generic[T]):
    """The figures of a set of faces under one kind of label; None for an emotion without a face."""

    accuracy: T
    macro_recall: T
    macro_f1: T
    ece: T  # expected calibration error
    precision: dict[Emotion, T | None]
    recall: dict[Emotion, T | None]
    f1: dict[Emotion, T | None]


class Metrics(Figures[float]):
    """How good a model is on a set of faces under one kind of label."""

    faces: int
    confusion: list[list[int]]  # labels in rows, what they were named in columns
    intervals: Figures[Interval]

    def overall(self, name: OverallName) -> tuple[float, Interval]:
        """Returns one of the figures over all faces, and its interval."""
        return getattr(self, name), getattr(self.intervals, name)

    def by_emotion(self, name: ByEmotionName, emotion: Emotion) -> tuple[float, Interval] | tuple[None, None]:
        """Returns one of the figures of an emotion, and its interval."""
        return getattr(self, name)[emotion], getattr(self.intervals, name)[emotion]


class Unsure(Record):
    """How a model does on the faces that it is sure of: how many they are, and how many of them correct."""

    kept_share: float
    kept_accuracy: float


class ViewMetrics(Metrics):
    """The figures of faces without their mirror image."""

    flip: Metrics  # of the mean of a face and its mirror image
    unsure: Unsure | None = None  # without a threshold


class Headline(Record):
    """The two main figures alone."""

    accuracy: float
    macro_recall: float


class Perturbed(Headline):
    """The main figures under a perturbation, and what it costs of the accuracy."""

    loss: float
    loss_interval: Interval


class Robustness(Record):
    """How much accuracy a model keeps under what a webcam does to a face, by the names of `PERTURBATIONS`."""

    faces: int
    plain: Headline
    perturbed: dict[str, Perturbed]


class LeftOut(Record):
    """How sure a model is of faces that show none of its emotions."""

    faces: int
    auroc: float  # of the highest probability, its emotions against those (Hendrycks and Gimpel, 2017)
    auroc_interval: Interval
    unsure: float | None = None  # without a threshold


class PairedTest(Record):
    """Two models, or two views of each face, compared on the same faces."""

    faces: int
    only_first: int  # named correctly by the first alone
    only_second: int
    difference: float  # accuracy of the first minus that of the second
    interval: Interval  # by paired bootstrap over the faces
    p_value: float  # of the exact McNemar test (McNemar, 1947)


class MarginSearch(Record):
    """How a model does on the faces that the detector found, by the margin around its box."""

    found: Found
    faces: int
    margins: dict[str, Headline]


class Capture(Record):
    """What averaging several views gains in a capture over one view, as in the live picture."""

    found: Found
    single: Headline
    averaged: Headline
    gain: PairedTest


class Exported(Record):
    """A model file for the app."""

    precision: Precision
    validation_accuracy: dict[str, float]  # of the network and of the files tried, by "network" and precision
    difference_to_torch: float  # largest difference of any output before rounding to 8 bits
    crop_margin: float  # around the detector's box, as a share of its side
    crop_margin_search: MarginSearch
    sha256: str


class Measurement(Record):
    """How a model does, by split; robustness on the last one."""

    metrics: dict[str, dict[LabelKind, ViewMetrics]]
    left_out: dict[str, LeftOut | None]  # if there are such faces
    robustness: Robustness


class RunMeasurement(Measurement):
    """What was chosen for a run, and how it does."""

    parameters: int
    calibrated_on: LabelKind
    class_shift: list[float]  # added to each class's logit, [4]
    temperature: float  # by which logits are then divided
    unsure_threshold: float | None  # below it the app is unsure; None if nothing could be chosen
    label_agreement: dict[str, float | None]  # share of the faces with the same label of both kinds, by split
    capture: Capture | None  # without a model file


class Evaluation(RunRecord, RunMeasurement):
    """What evaluating a run leaves; of another `format` than `FORMAT`, an earlier version measured it."""

    FORMAT: ClassVar[int] = 3
    file_name: ClassVar[str] = "evaluation.json"
    left_by: ClassVar[str] = "evaluate"

    format: int
    data: str  # digest of the data set
    exported: Exported | None
    not_exported_since: str | None  # why there is no model file, in words that follow "since"
