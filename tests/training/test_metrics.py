"""Figures that a person can work out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from training.metrics import (
    KEPT_AT_LEAST,
    choose_class_shift,
    choose_unsure_threshold,
    expected_calibration_error,
    fit_temperature,
    measure,
    measure_unsure,
    softmax,
)


def certain(*columns: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    return np.eye(4)[list(columns)]


def test_measure_counts_hits_by_emotion() -> None:
    metrics = measure(certain(0, 0, 1, 2, 2), np.array([0, 1, 1, 2, 3]))
    assert metrics["faces"] == 5
    assert metrics["accuracy"] == pytest.approx(0.6)
    assert metrics["recall"] == {"angry": 1.0, "happy": 0.5, "neutral": 1.0, "sad": 0.0}
    assert metrics["macro_recall"] == pytest.approx(0.625)
    assert metrics["confusion"] == [[1, 0, 0, 0], [1, 1, 0, 0], [0, 0, 1, 0], [0, 0, 1, 0]]


def test_calibration_error_is_the_gap_between_confidence_and_accuracy() -> None:
    probabilities = np.array([[0.7, 0.1, 0.1, 0.1]] * 10)
    labels = np.array([0] * 4 + [1] * 6)
    assert expected_calibration_error(probabilities, labels) == pytest.approx(0.3)


def test_calibration_errors_of_different_bins_add_up() -> None:
    probabilities = np.array([[0.7, 0.1, 0.1, 0.1]] * 5 + [[0.1, 0.8, 0.05, 0.05]] * 5)
    assert expected_calibration_error(probabilities, np.array([1] * 5 + [1] * 5)) == pytest.approx(0.45)


def test_temperature_undoes_overconfidence() -> None:
    generator = np.random.default_rng(0)
    logits = generator.normal(size=(4000, 4)) * 1.5
    labels = np.array([generator.choice(4, p=row) for row in softmax(logits)])
    assert fit_temperature(logits * 2, labels) == pytest.approx(2, rel=0.1)


def test_the_class_shift_finds_a_class_that_training_saw_too_seldom() -> None:
    prior = np.array([0.02, 0.32, 0.33, 0.33])
    generator = np.random.default_rng(0)
    labels = np.repeat(np.arange(4), 200)
    logits = generator.normal(size=(800, 4)) + 3 * np.eye(4)[labels] + np.log(prior)
    shift = choose_class_shift(logits, labels, prior)
    assert shift[0] - shift[1] == pytest.approx(np.log(16), rel=0.4)


def test_no_class_is_shifted_where_nothing_is_won() -> None:
    logits = 9 * np.eye(4)
    assert choose_class_shift(logits, np.arange(4), np.array([0.1, 0.2, 0.3, 0.4])).tolist() == [0, 0, 0, 0]


def test_the_threshold_keeps_as_many_faces_as_it_says() -> None:
    confidence = np.linspace(0.3, 1, 500)
    probabilities = np.stack([confidence, *[(1 - confidence) / 3] * 3], axis=1)
    threshold = choose_unsure_threshold(probabilities)
    assert (confidence >= threshold).mean() >= KEPT_AT_LEAST
    assert (confidence >= threshold + 0.01).mean() < KEPT_AT_LEAST


def test_unsure_faces_do_not_count_in_the_accuracy_of_the_kept() -> None:
    probabilities = np.array([[0.9, 0.1, 0, 0], [0.4, 0.3, 0.3, 0]])
    kept = measure_unsure(probabilities, np.array([0, 1]), 0.5)
    assert kept == {"kept_share": 0.5, "kept_accuracy": 1.0}
