"""What Lightning is given, and that a run that was stopped ends like one that was not."""

from __future__ import annotations

import json
import os
import signal
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch

from training.batches import BalancedSampler, FaceBatches
from training.config import Recipe
from training.engine import train
from training.errors import TrainingError, TrainingStoppedError

if TYPE_CHECKING:
    from pathlib import Path

    from training.data import FaceSet

LABELS = np.repeat([0, 1, 2, 3], [100, 300, 400, 200])


@pytest.mark.parametrize(
    ("balance", "expected"),
    [(0.0, [100, 300, 400, 200]), (1.0, [250, 250, 250, 250]), (0.5, [163, 282, 325, 230])],
)
def test_the_sampler_draws_classes_as_the_balance_says(balance: float, expected: list[int]) -> None:
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


def test_batches_go_on_where_their_state_says(tiny_data: FaceSet) -> None:
    indices = tiny_data.training_faces()

    def batches() -> FaceBatches:
        return FaceBatches(tiny_data, indices, np.arange(len(indices)), 6)

    whole = [targets for _, targets in batches()]
    begun = batches()
    steps = iter(begun)
    head = [next(steps)[1] for _ in range(2)]
    taken_up = batches()
    taken_up.load_state_dict(begun.state_dict())
    tail = [targets for _, targets in taken_up]
    assert len(whole) == len(begun)
    assert torch.equal(torch.cat(head + tail), torch.cat(whole))


def test_a_batch_is_faces_with_their_targets(tiny_data: FaceSet) -> None:
    indices = tiny_data.training_faces()
    faces, targets = next(iter(FaceBatches(tiny_data, indices, tiny_data.vote_shares(indices), 5)))
    assert faces.dtype == torch.uint8
    assert faces.shape == (5, 1, 48, 48)
    assert torch.allclose(targets.sum(1), torch.ones(5))


def weights(run_dir: Path) -> dict[str, torch.Tensor]:
    content: dict[str, dict[str, torch.Tensor]] = torch.load(run_dir / "last.ckpt", weights_only=False)
    return content["state_dict"]


def test_a_run_that_was_stopped_in_an_epoch_ends_in_the_same_weights(
    tiny_data: FaceSet, tiny_recipe: Path, tmp_path: Path
) -> None:
    recipe = Recipe.load(str(tiny_recipe))
    train(recipe, tiny_data, tmp_path / "whole", lambda _: None)

    lines: list[str] = []

    def press_ctrl_c_after_the_first_epoch(line: str) -> None:
        lines.append(line)
        if line.startswith("epoch 1/2: "):
            os.kill(os.getpid(), signal.SIGINT)

    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(TrainingStoppedError, match="saved in epoch 2"):
        train(recipe, tiny_data, tmp_path / "parts", press_ctrl_c_after_the_first_epoch)
    assert signal.getsignal(signal.SIGINT) == before
    assert not (tmp_path / "parts" / "finished.json").exists()
    train(recipe, tiny_data, tmp_path / "parts", lines.append)

    assert sum(line.startswith("epoch 1/2: ") for line in lines) == 1
    whole, parts = weights(tmp_path / "whole"), weights(tmp_path / "parts")
    assert whole.keys() == parts.keys()
    for name, value in whole.items():
        torch.testing.assert_close(parts[name], value)
    assert json.loads((tmp_path / "parts" / "finished.json").read_text())["epochs"] == 2


def test_a_damaged_checkpoint_names_the_folder_to_delete(
    tiny_data: FaceSet, tiny_recipe: Path, tmp_path: Path
) -> None:
    (tmp_path / "last.ckpt").write_bytes(b"half of one")
    with pytest.raises(TrainingError, match=f"delete {tmp_path}"):
        train(Recipe.load(str(tiny_recipe)), tiny_data, tmp_path, lambda _: None)
