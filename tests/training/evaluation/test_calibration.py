"""What is chosen on the validation part."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from training.config import Recipe
from training.evaluation.calibration import (
    KEPT_AT_LEAST,
    choose_class_shift,
    choose_unsure_threshold,
    fit_temperature,
    sampled_prior,
    softmax,
)

if TYPE_CHECKING:
    from training.data.face_set import FaceSet


def test_temperature_undoes_overconfidence() -> None:
    generator = np.random.default_rng(0)
    logits = generator.normal(size=(4000, 4)) * 1.5
    labels = np.array([generator.choice(4, p=row) for row in softmax(logits)])
    assert fit_temperature(logits * 2, labels) == pytest.approx(2, rel=0.1)


def test_log_probabilities_are_calibrated_like_logits() -> None:
    generator = np.random.default_rng(0)
    logits, labels = generator.normal(size=(500, 4)) * 3, generator.integers(0, 4, 500)
    assert fit_temperature(np.log(softmax(logits)), labels) == pytest.approx(fit_temperature(logits, labels))


def test_the_class_shift_lifts_a_class_that_was_rare_in_training() -> None:
    prior = np.array([0.02, 0.32, 0.33, 0.33])
    generator = np.random.default_rng(0)
    labels = np.repeat(np.arange(4), 200)
    logits = generator.normal(size=(800, 4)) + 3 * np.eye(4)[labels] + np.log(prior)
    shift = choose_class_shift(logits, labels, prior)
    assert shift[0] - shift[1] == pytest.approx(np.log(16), rel=0.4)


@pytest.mark.parametrize(("lost", "recall"), [(40, 0.76), (100, 0.74)])
def test_an_emotion_is_lifted_to_the_least_recall_if_that_costs_little(lost: int, recall: float) -> None:
    """Two more faces of a rare class become correct, `lost` of 3,300 of the frequent one wrong."""
    labels = np.repeat(np.arange(4), (100, 3000, 100, 100))
    logits = 9 * np.eye(4)[labels]
    logits[:24, 1] = 18
    logits[24:26, 1] = 10
    logits[100 : 100 + lost, 0] = 8.2
    shifted = logits + choose_class_shift(logits, labels, np.array([0.1, 0.7, 0.1, 0.1]))
    assert (shifted.argmax(axis=1) == labels)[:100].mean() == recall


def test_no_class_is_shifted_if_nothing_is_gained() -> None:
    logits = 9 * np.eye(4)
    assert choose_class_shift(logits, np.arange(4), np.array([0.1, 0.2, 0.3, 0.4])).tolist() == [0, 0, 0, 0]


def test_the_threshold_keeps_as_many_faces_as_it_says() -> None:
    confidence = np.linspace(0.3, 1, 500)
    probabilities = np.stack([confidence, *[(1 - confidence) / 3] * 3], axis=1)
    threshold = choose_unsure_threshold(probabilities)
    assert (confidence >= threshold).mean() >= KEPT_AT_LEAST
    assert (confidence >= threshold + 0.01).mean() < KEPT_AT_LEAST


def test_the_prior_is_what_the_sampler_draws(tiny_data: FaceSet) -> None:
    assert sampled_prior(Recipe.load("quick"), tiny_data) == pytest.approx([0.25] * 4)
