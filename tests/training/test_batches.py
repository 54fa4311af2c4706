"""Which faces a step sees, alone and with other processes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch

from training.batches import BalancedSampler, EvaluationBatches, FaceData, TrainingBatches
from training.config import Recipe
from training.targets import training_targets

if TYPE_CHECKING:
    from pathlib import Path

    from training.data.face_set import FaceSet

LABELS = np.repeat([0, 1, 2, 3], [100, 300, 400, 200])


@pytest.mark.parametrize(
    ("balance", "expected"),
    [(0.0, [100, 300, 400, 200]), (1.0, [250, 250, 250, 250]), (0.5, [163, 282, 325, 230])],
)
def test_the_sampler_balances_classes_as_asked(balance: float, expected: list[int]) -> None:
    drawn = BalancedSampler(LABELS, balance, seed=0).draw()
    assert len(drawn) == len(LABELS)
    assert np.bincount(LABELS[drawn]) == pytest.approx(expected, abs=15)


def test_without_balance_every_face_comes_once() -> None:
    assert sorted(BalancedSampler(LABELS, 0.0, seed=0).draw()) == list(range(len(LABELS)))


def test_epochs_differ_and_repeat() -> None:
    sampler = BalancedSampler(LABELS, 0.5, seed=0)
    first = sampler.draw()
    sampler.set_epoch(1)
    assert not np.array_equal(sampler.draw(), first)
    sampler.set_epoch(0)
    assert np.array_equal(sampler.draw(), first)


def faces(count: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """Returns faces that differ in brightness."""
    return np.arange(count, dtype=np.uint8)[:, np.newaxis, np.newaxis].repeat(4, 1).repeat(4, 2)


def training_batches(count: int, size: int, rank: int = 0, processes: int = 1) -> TrainingBatches:
    return TrainingBatches(
        faces(count),
        np.arange(count),
        np.eye(4, dtype=np.float32)[np.arange(count) % 4],
        BalancedSampler(np.arange(count) % 4, 0.0, seed=3),
        size,
        rank=rank,
        processes=processes,
    )


def seen(batches: TrainingBatches | EvaluationBatches) -> list[list[int]]:
    return [batch[:, 0, 0, 0].tolist() for batch, _ in batches]


def test_a_batch_is_faces_with_their_targets() -> None:
    for batch, targets in training_batches(20, 8):
        assert batch.dtype == torch.uint8
        assert batch.shape[1:] == (1, 4, 4)
        assert torch.equal(targets.argmax(1), batch[:, 0, 0, 0].long() % 4)


def test_batches_continue_where_their_state_says() -> None:
    whole = seen(training_batches(20, 6))
    started = training_batches(20, 6)
    steps = iter(started)
    for _ in range(2):
        next(steps)
    resumed = training_batches(20, 6)
    resumed.load_state_dict(started.state_dict())
    assert seen(resumed) == whole[2:]
    assert len(whole) == len(started) == 4


@pytest.mark.parametrize("count", [20, 21, 17])
def test_processes_share_each_batch_of_one_process(count: int) -> None:
    alone = seen(training_batches(count, 8))
    parts = [seen(training_batches(count, 8, rank, 2)) for rank in range(2)]
    for whole, *shares in zip(alone, *parts, strict=True):
        assert len({len(share) for share in shares}) == 1
        together = sorted(shares[0] + shares[1])
        extra = [face for face in together if together.count(face) > whole.count(face)]
        assert len(together) - len(whole) == len(whole) % 2
        assert set(whole) <= set(together) or extra
    assert {face for part in parts for batch in part for face in batch} == set(range(count))


@pytest.mark.parametrize(("count", "processes"), [(10, 1), (11, 2), (700, 2), (1025, 4)])
def test_every_face_is_evaluated_once_in_equally_many_batches_everywhere(count: int, processes: int) -> None:
    indices = np.arange(count)
    parts = [
        EvaluationBatches(
            np.broadcast_to(np.zeros(1, np.uint8), (count, 4, 4)),
            indices,
            indices,
            rank=rank,
            processes=processes,
        )
        for rank in range(processes)
    ]
    assert len({len(part) for part in parts}) == 1
    labels = [label for part in parts for _, batch in part for label in batch.tolist()]
    assert sorted(labels) == indices.tolist()
    assert max(len(batch) for part in parts for _, batch in part) <= 256


def test_a_data_set_becomes_the_batches_that_a_recipe_asks_for(tiny_data: FaceSet, tiny_recipe: Path) -> None:
    recipe = Recipe.load(tiny_recipe)
    data = FaceData(recipe, tiny_data, training_targets(recipe, tiny_data))
    batches = data.train_dataloader()
    assert len(batches) == data.steps_per_epoch == 4
    assert sum(len(batch) for batch, _ in data.val_dataloader()) == 16
    assert batches.steps == 0
    list(batches)
    assert batches.steps == 4
    assert batches.reading_seconds > 0
