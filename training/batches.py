"""Which faces a step sees: drawn by class, in whole batches, shared among processes, read when needed."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import lightning.pytorch as pl
import numpy as np
import torch
from torch import Tensor

from training.targets import evaluation_labels

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from training.config import Recipe
    from training.data.face_set import FaceSet
    from training.targets import TrainingTargets

EVALUATION_BATCH = 256


class BalancedSampler:
    """Draws the faces of an epoch, those of rare classes more often; depends on seed and epoch alone."""

    def __init__(self, labels: NDArray[np.int64], balance: float, seed: int) -> None:
        weights = np.bincount(labels).astype(float)[labels] ** -balance
        self._weights = weights / weights.sum()
        self._seed = seed
        self._epoch = 0

    def set_epoch(self, epoch: int) -> None:
        """Sets which epoch comes next; Lightning calls it."""
        self._epoch = epoch

    def draw(self) -> NDArray[np.int64]:
        """Returns as many positions as there are faces: each as often as its weight says, in random order."""
        generator = np.random.default_rng((self._seed, self._epoch))
        # Systematic sampling: a face of weight w is drawn w * n times, rounded up or down.
        order = generator.permutation(len(self._weights))
        edges = np.cumsum(self._weights[order]) * len(self._weights)
        drawn = order[
            np.searchsorted(edges, np.arange(len(edges)) + generator.random()).clip(max=len(edges) - 1)
        ]
        return generator.permutation(drawn)


class TrainingBatches:
    """One process's part of each training batch, read from the cache when it is needed.

    All processes draw the same order, and each takes its part of every batch. If an epoch's faces do not
    divide evenly, the first are repeated, so that no process waits for another forever. Lightning keeps the
    state in a checkpoint, so that a run can continue in the middle of an epoch.

    Attributes:
        sampler: Draws the order; Lightning looks for it here, to set its epoch.
        reading_seconds: Time that reading took so far.
        stepping_seconds: Time from one batch to the request for the next: what training did with it. The
            last batch of an epoch, which no request follows, is left out.
        steps: Batches so far.
    """

    def __init__(
        self,
        faces: NDArray[np.uint8],
        indices: NDArray[np.int64],
        targets: NDArray[np.float32],
        sampler: BalancedSampler,
        batch_size: int,
        *,
        rank: int = 0,
        processes: int = 1,
    ) -> None:
        self.sampler = sampler
        self.reading_seconds = self.stepping_seconds = 0.0
        self.steps = 0
        self._faces, self._indices, self._targets = faces, indices, targets
        self._batch_size, self._rank, self._processes = batch_size, rank, processes
        self._next = 0

    def __len__(self) -> int:
        return -(-len(self._indices) // self._batch_size)

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        order = self.sampler.draw()
        order = np.concatenate((order, order[: -len(order) % self._processes]))
        for number in range(self._next, len(self)):
            self._next = (number + 1) % len(self)
            started = time.perf_counter()
            end = (number + 1) * self._batch_size if number + 1 < len(self) else None
            chosen = order[number * self._batch_size : end][self._rank :: self._processes]
            batch = _read(self._faces, self._indices[chosen]), torch.from_numpy(self._targets[chosen])
            read = time.perf_counter()
            self.reading_seconds += read - started
            self.steps += 1
            yield batch
            self.stepping_seconds += time.perf_counter() - read

    def state_dict(self) -> dict[str, int]:
        """Returns which batch comes next."""
        return {"next": self._next}

    def load_state_dict(self, state: dict[str, int]) -> None:
        """Continues at the batch that `state_dict` named."""
        self._next = state["next"]


class EvaluationBatches:
    """One process's part of the faces to measure: each face once overall, equally many batches everywhere."""

    def __init__(
        self,
        faces: NDArray[np.uint8],
        indices: NDArray[np.int64],
        labels: NDArray[np.int64],
        *,
        rank: int = 0,
        processes: int = 1,
    ) -> None:
        batches = max(1, -(-len(indices) // (EVALUATION_BATCH * processes)))
        self._faces = faces
        self._parts = [
            (indices[part], labels[part])
            for part in np.array_split(np.arange(len(indices))[rank::processes], batches)
        ]

    def __len__(self) -> int:
        return len(self._parts)

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        for indices, labels in self._parts:
            yield _read(self._faces, indices), torch.from_numpy(labels)


class FaceData(pl.LightningDataModule):
    """A recipe's training and validation batches, for all processes that train.

    Attributes:
        targets: Which faces are learned, and what of each.
        batches: The training batches of this process, once `train_dataloader` was called.
    """

    def __init__(self, recipe: Recipe, data: FaceSet, targets: TrainingTargets) -> None:
        super().__init__()
        self._recipe, self._data = recipe, data
        self.targets = targets
        self.batches: TrainingBatches | None = None

    @property
    def steps_per_epoch(self) -> int:
        """Batches of an epoch."""
        return -(-len(self.targets.indices) // self._recipe.batch_size)

    def train_dataloader(self) -> TrainingBatches:
        """Returns this process's part of the training batches."""
        sampler = BalancedSampler(self.targets.groups, self._recipe.balance, self._recipe.seed)
        self.batches = TrainingBatches(
            self._data.faces,
            self.targets.indices,
            self.targets.shares,
            sampler,
            self._recipe.batch_size,
            **self._place(),
        )
        return self.batches

    def val_dataloader(self) -> EvaluationBatches:
        """Returns this process's part of the validation faces."""
        indices, labels = evaluation_labels(self._recipe, self._data, "validation")
        return EvaluationBatches(self._data.faces, indices, labels, **self._place())

    def _place(self) -> dict[str, Any]:
        trainer = self.trainer
        if trainer is None:
            return {}
        return {"rank": trainer.global_rank, "processes": trainer.world_size}


def _read(faces: NDArray[np.uint8], indices: NDArray[np.int64]) -> Tensor:
    """Returns faces from the cache, uint8, [n, 1, side, side]."""
    # In the order of the file, which is faster to read from a disk.
    order = np.argsort(indices, kind="stable")
    batch = np.empty((len(indices), 1, *faces.shape[1:]), dtype=np.uint8)
    batch[order, 0] = faces[indices[order]]
    return torch.from_numpy(batch)
