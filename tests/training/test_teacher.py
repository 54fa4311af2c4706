"""What an earlier network's opinion makes of the targets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from torch import Tensor

from training.config import Recipe
from training.data.face_set import VOTE_COLUMNS, FaceSet
from training.errors import TrainingError
from training.models import ResNet18Cbam
from training.targets import TrainingTargets, training_targets
from training.teacher import taught

if TYPE_CHECKING:
    from pathlib import Path


class LeftOrRight(ResNet18Cbam):
    """Is certain that a face is angry where its left half is the lighter one, happy otherwise."""

    def forward(self, faces: Tensor) -> tuple[Tensor, Tensor | None]:
        left, right = (half.mean(dim=(1, 2, 3)) for half in faces.chunk(2, dim=3))
        logits = torch.zeros(len(faces), 4)
        logits[:, 0] = torch.where(left > right, 50.0, -50.0)
        logits[:, 1] = -logits[:, 0]
        return logits, None


def test_a_teacher_looks_at_a_face_and_its_mirror_image(tiny_data: FaceSet, tiny_recipe: Path) -> None:
    targets = training_targets(Recipe.load(tiny_recipe), tiny_data)
    result = taught(targets, LeftOrRight(), tiny_data, side=48, share=0.5, sees_votes=False, device="cpu")
    opinion = np.array([0.5, 0.5, 0.0, 0.0])  # of every face, since of two looks each says the other
    np.testing.assert_allclose(result.shares, (targets.shares + opinion) / 2, atol=1e-6)
    np.testing.assert_array_equal(result.groups, targets.groups)
    assert result.shares.dtype == np.float32


ANGRY, SAD = 0, 3
ANGER, SADNESS = VOTE_COLUMNS.index("anger"), VOTE_COLUMNS.index("sadness")


def test_a_teacher_that_sees_the_votes_says_what_labels_follow_from_them() -> None:
    # On the validation faces, votes for anger go with the label sad in nine of ten, those for sadness always
    # with angry; what the network says goes with neither.
    count = 400
    votes = np.zeros((2 * count, len(VOTE_COLUMNS)), np.uint8)
    votes[0::2, ANGER] = votes[1::2, SADNESS] = 10
    labels = np.where(np.arange(2 * count) % 2 == 0, SAD, ANGRY)
    labels[count::20] = ANGRY
    splits = np.repeat(np.array([0, 1], np.uint8), count)
    faces = np.zeros((2 * count, 48, 48), np.uint8)
    faces[np.random.default_rng(0).random(2 * count) < 0.5, :, :24] = 255
    data = FaceSet(faces, labels, votes, splits, {"name": "made up"})
    targets = TrainingTargets(np.arange(2), np.eye(4, dtype=np.float32)[labels[:2]], labels[:2])

    result = taught(targets, LeftOrRight(), data, side=48, share=0.5, sees_votes=True, device="cpu")

    opinion = 2 * result.shares - targets.shares
    assert opinion[0] == pytest.approx([0.1, 0.0, 0.0, 0.9], abs=0.03)
    assert opinion[1] == pytest.approx([1.0, 0.0, 0.0, 0.0], abs=0.03)


def test_only_a_teacher_of_own_labels_sees_votes() -> None:
    teacher = {"teacher": "initial", "teacher_share": 0.5, "teacher_sees_votes": True}
    with pytest.raises(TrainingError, match='teacher_sees_votes needs a teacher and targets = "fer2013"'):
        Recipe.load("quick", {**teacher, "targets": "ferplus"})
    with pytest.raises(TrainingError, match="teacher_sees_votes needs a teacher"):
        Recipe.load("quick", {"targets": "fer2013", "teacher_sees_votes": True})
