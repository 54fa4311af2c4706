"""Robustness, left-out emotions and the app's view, with models whose answers are known."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from torchmetrics.functional.classification import binary_auroc

from fer_desktop.vision.crop import MIN_CROP_SIDE
from training.classifier import Predictions
from training.data.face_set import FER_CLASSES, SPLITS
from training.evaluation.app_view import MARGINS, measure_capture, search_crop_margin
from training.evaluation.left_out import left_out_faces, measure_left_out
from training.evaluation.perturbations import FAR, PERTURBATIONS
from training.evaluation.predictions import SplitPredictions
from training.evaluation.robustness import costly, measure_robustness

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from training.data.face_set import FaceSet
    from training.evaluation.record import LabelKind

FACES = 40
TEST = SPLITS.index("test")


def sure_of(named: NDArray[np.int64]) -> Predictions:
    return Predictions(np.eye(4, dtype=np.float32)[named], None)


def by_brightness(faces: NDArray[np.uint8]) -> Predictions:
    """Names a dark face angry, and a bright one happy."""
    return sure_of((faces.mean(axis=(1, 2)) >= 100).astype(np.int64))


@pytest.fixture
def lit(tiny_data: FaceSet) -> FaceSet:
    """Returns uniform faces, alternately dark and bright."""
    values = np.where(np.arange(FACES) % 2, 150, 60).astype(np.uint8)
    return replace(tiny_data, faces=np.tile(values[:, np.newaxis, np.newaxis], (1, 48, 48)))


def test_what_breaks_a_model_is_counted_and_named(lit: FaceSet) -> None:
    labels = np.arange(FACES) % 2
    robustness = measure_robustness(by_brightness, lit, np.arange(FACES), labels)
    assert robustness.faces == FACES
    assert (robustness.plain.accuracy, robustness.plain.macro_recall) == (1, 1)
    assert list(robustness.perturbed) == list(PERTURBATIONS)
    halved = robustness.perturbed["half brightness"]
    assert (halved.accuracy, halved.macro_recall, halved.loss) == (0.5, 0.5, 0.5)
    assert 0.3 < halved.loss_interval[0] < 0.5 < halved.loss_interval[1] < 0.7
    assert robustness.perturbed["box 10% left"].loss == 0
    assert costly(robustness) == ["half brightness", "double brightness", "backlight"]


def test_far_faces_may_cost_more_than_others(lit: FaceSet) -> None:
    def blind_from_afar(faces: NDArray[np.uint8]) -> Predictions:
        return sure_of(np.full(len(faces), int(faces.shape[1] == MIN_CROP_SIDE)))

    robustness = measure_robustness(blind_from_afar, lit, np.arange(FACES), np.zeros(FACES, np.int64))
    assert robustness.perturbed[FAR].loss == 1
    assert costly(robustness) == []


def test_faces_of_other_emotions_are_found_by_votes_or_else_by_their_own_label(tiny_data: FaceSet) -> None:
    votes = tiny_data.votes.copy()
    first = np.flatnonzero((tiny_data.splits == TEST) & (tiny_data.labels == FER_CLASSES.index("fear")))[0]
    votes[first] = np.eye(10, dtype=np.uint8)[0]  # ten people see anger
    voted = left_out_faces(replace(tiny_data, votes=votes), "test")
    unvoted = left_out_faces(replace(tiny_data, votes=np.zeros_like(votes)), "test")
    assert len(unvoted) == 12
    assert set(unvoted) - set(voted) == {first}
    own = {FER_CLASSES[label] for label in tiny_data.labels[unvoted]}
    assert own == {"surprise", "fear", "disgust"}


def test_auroc_says_how_often_a_known_emotion_is_surer(tiny_data: FaceSet) -> None:
    indices = tiny_data.evaluation_faces("test")
    labels: dict[LabelKind, NDArray[np.int64]] = {"ferplus": tiny_data.ferplus_emotions[indices]}
    sureness = np.linspace(0.4, 0.9, len(indices))
    rest = (1 - sureness[:, np.newaxis]) / 3
    single = np.hstack((sureness[:, np.newaxis], np.repeat(rest, 3, axis=1))).astype(np.float32)
    predictions = SplitPredictions(indices, single, single, labels)

    def half_sure(faces: NDArray[np.uint8]) -> Predictions:
        sure = np.linspace(0.3, 0.8, len(faces))[:, np.newaxis]
        return Predictions(np.hstack((sure, np.repeat((1 - sure) / 3, 3, axis=1))), None)

    figures = measure_left_out(half_sure, tiny_data, "test", predictions, threshold=0.55)
    assert figures is not None
    others = np.linspace(0.3, 0.8, 12)
    known = np.arange(len(indices) + 12) < len(indices)
    sure = np.concatenate((single[:, 0], others))
    expected = float(binary_auroc(torch.from_numpy(sure), torch.from_numpy(known.astype(np.int64))))
    assert figures.faces == 12
    assert figures.auroc == pytest.approx(expected)
    low, high = figures.auroc_interval
    assert 0.3 < low < expected < high < 0.95
    assert figures.unsure == 0.5


def test_without_other_emotions_there_is_nothing_to_measure(tiny_data: FaceSet) -> None:
    four = replace(tiny_data, labels=np.minimum(tiny_data.labels, 3), votes=np.zeros_like(tiny_data.votes))
    predictions = SplitPredictions.of(by_brightness, four, "test")
    assert measure_left_out(by_brightness, four, "test", predictions) is None


def test_the_margin_is_the_one_at_which_faces_are_named_best(tiny_data: FaceSet) -> None:
    indices = np.flatnonzero(tiny_data.splits == TEST)[:6]
    calls = []

    def right_at_the_third(faces: NDArray[np.uint8]) -> Predictions:
        calls.append(len(faces))
        return sure_of(np.full(len(faces), 2 if len(calls) == 3 else 0))

    margin, search = search_crop_margin(right_at_the_third, tiny_data, indices, np.full(6, 2))
    assert margin == MARGINS[2]
    found = [hits for hits, _ in search.found.values()]
    assert sum(looked for _, looked in search.found.values()) == 6
    assert search.faces == sum(found) == calls[0] > 0
    accuracies = [figures.accuracy for figures in search.margins.values()]
    assert accuracies == [0, 0, 1, 0, 0, 0, 0]


def test_a_capture_is_compared_with_its_first_view(tiny_data: FaceSet) -> None:
    indices = np.flatnonzero(tiny_data.splits == TEST)[:6]

    def wrong_in_the_first_of_ten(faces: NDArray[np.uint8]) -> Predictions:
        return sure_of((np.arange(len(faces)) % 10 > 0).astype(np.int64))

    capture = measure_capture(wrong_in_the_first_of_ten, tiny_data, indices, np.ones(6, np.int64), 0.1)
    assert capture.single.accuracy == 0
    assert capture.averaged.accuracy == 1
    assert capture.gain.difference == 1
    assert capture.gain.faces == sum(hits for hits, _ in capture.found.values()) > 0
