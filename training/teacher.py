"""Learning from an earlier network, whose opinion is steadier than ten people's votes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from training.targets import CLASSES
from training.transforms import to_input

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from training.data.face_set import FaceSet
    from training.models import Network
    from training.targets import TrainingTargets

_BATCH = 256


def taught(
    targets: TrainingTargets,
    network: Network,
    data: FaceSet,
    *,
    side: int,
    share: float,
    sees_votes: bool,
    device: str,
) -> TrainingTargets:
    """Returns targets that lie between a recipe's own and what an earlier network says of the same faces.

    Distillation towards both targets (Hinton et al., 2015, section 2), at temperature 1,
    since the votes are a spread already. It looks at each face as it is and mirrored, and its probabilities
    are averaged: with both it is right more often than with one.

    The FER+ votes know something of an own label that the teacher does not see in the picture. A face before
    a camera has no votes, so the network has to find in the picture what they say (Lopez-Paz et al., 2016,
    generalized distillation). How much opinion and votes count is a logistic regression of the own labels of
    the validation faces, on which the teacher is no more certain than it should be.

    Args:
        targets: The recipe's own.
        network: The teacher.
        data: Where the faces are.
        side: In pixels of what the teacher sees.
        share: Of its opinion in the result, 0..1.
        sees_votes: Whether the opinion is corrected by the FER+ votes for the face.
        device: Where it computes, "cpu" or "cuda".
    """
    network = network.eval().to(device)
    opinion = _opinion(network, data, targets.indices, side, device)
    if sees_votes:
        known = data.evaluation_faces("validation")
        evidence = _evidence(_opinion(network, data, known, side, device), data.votes[known])
        weights = _regression(evidence, torch.from_numpy(data.labels[known]))
        evidence = _evidence(opinion, data.votes[targets.indices])
        opinion = torch.softmax(evidence @ weights, dim=1).numpy().astype(np.float32)
    shares = (1 - share) * targets.shares + share * opinion
    return replace(targets, shares=shares.astype(np.float32))


def _opinion(
    network: Network, data: FaceSet, indices: NDArray[np.int64], side: int, device: str
) -> NDArray[np.float32]:
    """Returns a network's probabilities of faces, averaged over each and its mirror image, [n, 4]."""
    opinions = []
    with torch.inference_mode(), torch.autocast(device, torch.bfloat16):
        for start in range(0, len(indices), _BATCH):
            faces = torch.from_numpy(data.faces[indices[start : start + _BATCH]]).unsqueeze(1)
            looks = [
                torch.softmax(network(to_input(look.to(device), side))[0].float(), dim=1)
                for look in (faces, faces.flip(3))
            ]
            opinions.append(torch.stack(looks).mean(dim=0).cpu().numpy())
    return np.concatenate(opinions)


def _evidence(opinion: NDArray[np.float32], votes: NDArray[np.uint8]) -> Tensor:
    """Returns the logarithms of probabilities [n, 4] and of the shares of votes [n, 10], and a 1, [n, 15]."""
    shares = votes / np.maximum(votes.sum(axis=1, keepdims=True), 1)
    columns = np.log(opinion + 1e-6), np.log(shares + 0.05), np.ones((len(votes), 1))
    return torch.from_numpy(np.concatenate(columns, axis=1, dtype=np.float64))


def _regression(evidence: Tensor, labels: Tensor) -> Tensor:
    """Returns the weights of a logistic regression with a prior of variance 1, [columns, 4]."""
    weights = torch.zeros(evidence.shape[1], CLASSES, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS([weights], max_iter=500, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimizer.zero_grad()
        fit = functional.cross_entropy(evidence @ weights, labels)
        value = fit + weights.square().sum() / (2 * len(labels))
        value.backward()  # type: ignore[no-untyped-call]  # torch leaves both untyped
        return value

    optimizer.step(loss)  # type: ignore[no-untyped-call]
    return weights.detach()
