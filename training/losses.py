"""The loss: cross-entropy with soft targets, in the variants that recipes ask for."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional


def emotion_loss(
    logits: Tensor, targets: Tensor, *, class_weights: Tensor, focal_gamma: float, label_smoothing: float
) -> Tensor:
    """Returns the mean over the batch of the weighted focal cross-entropy.

    The mean is over faces, not over their weights, so that it does not depend on how a batch is divided.

    Args:
        logits: [n, classes].
        targets: Shares of the classes, rows sum to 1, [n, classes].
        class_weights: One per class, [classes]; 1 changes nothing.
        focal_gamma: Easy faces count less: (1 - p) ** gamma (Lin et al., 2017, equation 4);
            0 is cross-entropy.
        label_smoothing: Share of the targets that is spread evenly over all classes (Szegedy et al., 2016).
    """
    targets = torch.lerp(targets, torch.full_like(targets, 1 / targets.shape[1]), label_smoothing)
    log_probabilities = functional.log_softmax(logits, dim=1)
    focus = (1 - log_probabilities.exp()) ** focal_gamma if focal_gamma else 1
    return -(class_weights * targets * focus * log_probabilities).sum(dim=1).mean()
