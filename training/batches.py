"""Which faces a training step sees: drawn by class, in whole batches, read from the cache when due."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from training.data import FaceSet


class BalancedSampler:
    """Draws the faces of an epoch, those of rare classes more often; the same for the same seed and epoch."""

    def __init__(self, labels: NDArray[np.int64], balance: float, seed: int) -> None:
        weights = np.bincount(labels).astype(float)[labels] ** -balance
        self._weights = weights / weights.sum()
        self._seed = seed
        self._epoch = 0

    def set_epoch(self, epoch: int) -> None:
        """Says which epoch comes next; Lightning calls it."""
        self._epoch = epoch

    def draw(self) -> NDArray[np.int64]:
        """Returns as many positions as there are faces: each as often as its weight says, in random order."""
        generator = np.random.default_rng((self._seed, self._epoch))
        # Systematic sampling: a face of weight w comes w * n times, rounded up or down.
        order = generator.permutation(len(self._weights))
        edges = np.cumsum(self._weights[order]) * len(self._weights)
        drawn = order[
            np.searchsorted(edges, np.arange(len(edges)) + generator.random()).clip(max=len(edges) - 1)
        ]
        return generator.permutation(drawn)


class FaceBatches:
    """Whole batches of faces with their targets, read from the cache when they are due.

    Lightning keeps its state in a checkpoint, so that a run goes on in the middle of an epoch.
    """

    def __init__(
        self,
        data: FaceSet,
        indices: NDArray[np.int64],
        targets: NDArray[Any],
        batch_size: int,
        sampler: BalancedSampler | None = None,
    ) -> None:
        self._data, self._indices, self._targets, self._batch_size = data, indices, targets, batch_size
        self._next = 0
        if sampler is not None:
            self.sampler = sampler  # where Lightning looks for it, to set its epoch

    def __len__(self) -> int:
        return -(-len(self._indices) // self._batch_size)

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        order = self.sampler.draw() if hasattr(self, "sampler") else np.arange(len(self._indices))
        for number in range(self._next, len(self)):
            self._next = (number + 1) % len(self)
            chosen = order[number * self._batch_size : (number + 1) * self._batch_size]
            faces = self._data.faces[self._indices[chosen]]
            yield torch.from_numpy(faces).unsqueeze(1), torch.from_numpy(self._targets[chosen])

    def state_dict(self) -> dict[str, int]:
        """Returns which batch comes next."""
        return {"next": self._next}

    def load_state_dict(self, state: dict[str, int]) -> None:
        """Goes on at the batch that `state_dict` named."""
        self._next = state["next"]
