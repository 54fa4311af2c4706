"""Figures that can be worked out by hand."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from torchmetrics.functional.classification import (
    multiclass_f1_score,
    multiclass_precision,
    multiclass_recall,
)

from fer_desktop.domain import Emotion
from training.evaluation.metrics import (
    expected_calibration_error,
    interval,
    measure,
    measure_unsure,
    resampled_counts,
    score,
)

if TYPE_CHECKING:
    from training.evaluation.record import ByEmotionName, OverallName

Array = np.ndarray[tuple[int, ...], np.dtype[np.float64]]


def certain(*columns: int) -> Array:
    return np.eye(4)[list(columns)]


def guesses(count: int, seed: int = 0) -> tuple[Array, np.ndarray[tuple[int, ...], np.dtype[np.int64]]]:
    """Returns probabilities that are correct for about half of the faces, and labels."""
    generator = np.random.default_rng(seed)
    labels = generator.choice(4, count, p=(0.1, 0.4, 0.3, 0.2))
    return generator.dirichlet(np.ones(4), count) * 0.6 + certain(*labels) * 0.4, labels


def test_rates_by_hand() -> None:
    metrics = measure(certain(0, 0, 1, 2, 2), np.array([0, 1, 1, 2, 3]))
    assert metrics.faces == 5
    assert metrics.confusion == [[1, 0, 0, 0], [1, 1, 0, 0], [0, 0, 1, 0], [0, 0, 1, 0]]
    assert metrics.accuracy == pytest.approx(3 / 5)
    assert metrics.precision == {"angry": 1 / 2, "happy": 1.0, "neutral": 1 / 2, "sad": 0.0}
    assert metrics.recall == {"angry": 1.0, "happy": 1 / 2, "neutral": 1.0, "sad": 0.0}
    assert metrics.f1 == pytest.approx({"angry": 2 / 3, "happy": 2 / 3, "neutral": 2 / 3, "sad": 0.0})
    assert metrics.macro_recall == pytest.approx(5 / 8)
    assert metrics.macro_f1 == pytest.approx(1 / 2)


def test_rates_are_those_of_torchmetrics() -> None:
    probabilities, labels = guesses(300)
    metrics = measure(probabilities, labels)
    answers = torch.from_numpy(probabilities), torch.from_numpy(labels)
    for values, figure in (
        (metrics.precision, multiclass_precision),
        (metrics.recall, multiclass_recall),
        (metrics.f1, multiclass_f1_score),
    ):
        assert list(values.values()) == pytest.approx(
            figure(*answers, num_classes=4, average="none").tolist()
        )
    assert metrics.macro_f1 == pytest.approx(
        float(multiclass_f1_score(*answers, num_classes=4, average="macro"))
    )


def test_an_emotion_without_a_face_has_no_figures_and_the_means_leave_it_out() -> None:
    metrics = measure(certain(0, 2, 1), np.array([0, 0, 1]))
    assert metrics.recall == {"angry": 1 / 2, "happy": 1.0, "neutral": None, "sad": None}
    assert metrics.macro_recall == pytest.approx(3 / 4)
    assert metrics.macro_f1 == pytest.approx((2 / 3 + 1) / 2)
    assert metrics.intervals.f1[Emotion("neutral")] is None


def test_calibration_error_is_the_gap_between_confidence_and_accuracy() -> None:
    probabilities = np.array([[0.7, 0.1, 0.1, 0.1]] * 10)
    labels = np.array([0] * 4 + [1] * 6)
    assert expected_calibration_error(probabilities, labels) == pytest.approx(0.3)


def test_calibration_errors_of_different_bins_add_up() -> None:
    probabilities = np.array([[0.7, 0.1, 0.1, 0.1]] * 5 + [[0.1, 0.8, 0.05, 0.05]] * 5)
    assert expected_calibration_error(probabilities, np.array([1] * 5 + [1] * 5)) == pytest.approx(0.45)


def test_errors_in_opposite_directions_within_a_bin_cancel() -> None:
    probabilities = np.array([[0.75, 0.25, 0, 0]] * 4)
    assert expected_calibration_error(probabilities, np.array([0, 0, 0, 1])) == pytest.approx(0)


def test_intervals_contain_their_figure_and_repeat() -> None:
    probabilities, labels = guesses(400)
    metrics = measure(probabilities, labels)
    assert metrics == measure(probabilities, labels)
    names: tuple[OverallName, ...] = ("accuracy", "macro_recall", "macro_f1", "ece")
    by_emotion: tuple[ByEmotionName, ...] = ("precision", "recall", "f1")
    figures = [metrics.overall(name) for name in names]
    for value, interval_of in figures + [metrics.by_emotion(*each) for each in product(by_emotion, Emotion)]:
        assert value is not None
        assert interval_of is not None
        low, high = interval_of
        assert low <= value <= high
        assert low < high


def test_the_interval_of_the_accuracy_is_close_to_the_binomial_one() -> None:
    hits, faces = 800, 1000
    labels = np.zeros(faces, dtype=np.int64)
    low, high = measure(certain(*[0] * hits, *[1] * (faces - hits)), labels).intervals.accuracy
    half = 1.96 * np.sqrt(0.8 * 0.2 / faces)
    assert (low, high) == pytest.approx((0.8 - half, 0.8 + half), abs=0.004)


def test_resampling_keeps_the_number_of_faces() -> None:
    drawn = resampled_counts(np.array([3, 0, 7]))
    assert drawn.shape == (1000, 3)
    assert (drawn.sum(axis=1) == 10).all()
    assert (drawn[:, 1] == 0).all()
    assert drawn[:, 0].mean() == pytest.approx(3, abs=0.2)


def test_an_interval_leaves_out_a_fortieth_on_either_side() -> None:
    assert interval(np.arange(1001) / 1000) == pytest.approx((0.025, 0.975))


def test_the_score_is_between_accuracy_and_macro_recall() -> None:
    labels = np.array([0, 0, 0, 1])
    assert score(labels, np.zeros(4, dtype=np.int64)) == pytest.approx((3 / 4 + 1 / 2) / 2)


def test_unsure_faces_do_not_count_in_the_accuracy_of_the_kept() -> None:
    probabilities = np.array([[0.9, 0.1, 0, 0], [0.4, 0.3, 0.3, 0]])
    kept = measure_unsure(probabilities, np.array([0, 1]), 0.5)
    assert (kept.kept_share, kept.kept_accuracy) == (0.5, 1.0)
