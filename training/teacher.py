"""Distillation: learning from an earlier network, whose opinion is steadier than ten people's votes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import torch

from training.transforms import to_input

if TYPE_CHECKING:
    from training.data.face_set import FaceSet
    from training.networks import Network
    from training.targets import TrainingTargets

_BATCH = 256


def taught(
    targets: TrainingTargets, network: Network, data: FaceSet, *, side: int, share: float, device: str
) -> TrainingTargets:
    """Returns a mixture of a recipe's own targets and what an earlier network says about the same faces.

    Distillation towards both targets (Hinton et al., 2015, section 2), at temperature 1, since the votes are
    a distribution already. The teacher looks at each face as it is and mirrored, and its probabilities are
    averaged: that is correct more often than one look.

    Args:
        targets: The recipe's own.
        network: The teacher.
        data: The data set.
        side: Side in pixels of what the teacher sees.
        share: Of its opinion in the result, 0..1.
        device: Where it computes, "cpu" or "cuda".
    """
    network = network.eval().to(device).to(memory_format=torch.channels_last)  # faster on a CPU
    opinions = []
    with torch.inference_mode(), torch.autocast(device, torch.bfloat16):
        for start in range(0, len(targets.indices), _BATCH):
            faces = torch.from_numpy(data.faces[targets.indices[start : start + _BATCH]]).unsqueeze(1)
            looks = [
                torch.softmax(network(to_input(look.to(device), side))[0].float(), dim=1)
                for look in (faces, faces.flip(3))
            ]
            opinions.append(torch.stack(looks).mean(dim=0).cpu().numpy())
    shares = (1 - share) * targets.shares + share * np.concatenate(opinions)
    return replace(targets, shares=shares.astype(np.float32))
