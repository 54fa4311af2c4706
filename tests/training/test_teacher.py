"""Targets mixed with an earlier network's opinion."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from training.config import Recipe
from training.networks import ResNet18Cbam
from training.targets import training_targets
from training.teacher import taught

if TYPE_CHECKING:
    from pathlib import Path

    from training.data.face_set import FaceSet


class LeftOrRight(ResNet18Cbam):
    """Is certain that a face is angry if its left half is the lighter one, happy otherwise."""

    def forward(self, faces: Tensor) -> tuple[Tensor, Tensor | None]:
        left, right = (half.mean(dim=(1, 2, 3)) for half in faces.chunk(2, dim=3))
        logits = torch.zeros(len(faces), 4)
        logits[:, 0] = torch.where(left > right, 50.0, -50.0)
        logits[:, 1] = -logits[:, 0]
        return logits, None


def test_a_teacher_looks_at_a_face_and_its_mirror_image(tiny_data: FaceSet, tiny_recipe: Path) -> None:
    targets = training_targets(Recipe.load(tiny_recipe), tiny_data)
    result = taught(targets, LeftOrRight(), tiny_data, side=48, share=0.5, device="cpu")
    opinion = np.array([0.5, 0.5, 0.0, 0.0])  # for every face, since its two looks contradict each other
    np.testing.assert_allclose(result.shares, (targets.shares + opinion) / 2, atol=1e-6)
    np.testing.assert_array_equal(result.groups, targets.groups)
    assert result.shares.dtype == np.float32
