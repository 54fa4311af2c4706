"""The loss against torch's own, and against the focal loss worked out by hand."""

from __future__ import annotations

import math

import pytest
import torch
from torch.nn import functional

from training.losses import emotion_loss

LOGITS = torch.tensor([[2.0, 0.0, -1.0, 0.5], [0.1, 0.2, 0.3, 0.4], [-3.0, 1.0, 0.0, 0.0]])
LABELS = torch.tensor([0, 2, 1])
TARGETS = torch.eye(4)[LABELS]
EQUAL = torch.ones(4)


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_it_is_cross_entropy(smoothing: float) -> None:
    loss = emotion_loss(LOGITS, TARGETS, class_weights=EQUAL, focal_gamma=0, label_smoothing=smoothing)
    assert loss == pytest.approx(functional.cross_entropy(LOGITS, LABELS, label_smoothing=smoothing))


def test_shares_count_as_they_are() -> None:
    shares = torch.tensor([[0.5, 0.5, 0, 0], [0, 0, 1, 0], [0.1, 0.2, 0.3, 0.4]])
    loss = emotion_loss(LOGITS, shares, class_weights=EQUAL, focal_gamma=0, label_smoothing=0)
    assert loss == pytest.approx(functional.cross_entropy(LOGITS, shares))


def test_weights_count_by_face_and_do_not_depend_on_how_a_batch_is_divided() -> None:
    weights = torch.tensor([3.0, 1.0, 0.5, 1.0])
    each = functional.cross_entropy(LOGITS, LABELS, reduction="none") * weights[LABELS]
    whole = emotion_loss(LOGITS, TARGETS, class_weights=weights, focal_gamma=0, label_smoothing=0)
    assert whole == pytest.approx(each.mean())


def test_focus_lowers_the_loss_of_easy_faces() -> None:
    probability = 0.9
    logits = torch.log(torch.tensor([[probability, 0.05, 0.03, 0.02]]))
    loss = emotion_loss(logits, TARGETS[:1], class_weights=EQUAL, focal_gamma=2, label_smoothing=0)
    assert loss == pytest.approx(-((1 - probability) ** 2) * math.log(probability))
