"""Runs: they end the same whether stopped, killed or shared, and record what they should."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import torch

from training.config import Recipe
from training.devices import Devices, precision_of
from training.engine import best_network, load_network, train
from training.errors import TrainingError, TrainingStoppedError
from training.provenance import Finished
from training.run_folder import History
from training.runs import train_run
from training.targets import training_targets

if TYPE_CHECKING:
    from collections.abc import Callable

    from training.data.face_set import FaceSet

ROOT = Path(__file__).parents[2]
CPU = Devices(accelerator="cpu")


def run(recipe: Recipe, data: FaceSet, folder: Path, report: Callable[[str], None] = lambda _: None) -> None:
    targets = training_targets(recipe, data)
    train(recipe, data, folder, report, targets=targets, devices=CPU, initialize=lambda _: "random weights")


def weights(run_dir: Path) -> dict[str, torch.Tensor]:
    content: dict[str, dict[str, torch.Tensor]] = torch.load(run_dir / "last.ckpt", weights_only=True)
    return content["state_dict"]


def assert_same_weights(one: Path, other: Path) -> None:
    first, second = weights(one), weights(other)
    assert first.keys() == second.keys()
    for name, value in first.items():
        torch.testing.assert_close(second[name], value)


def history(run_dir: Path) -> list[dict[str, float]]:
    return History.read(run_dir).root


@pytest.fixture(scope="module")
def tiny_recipe(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Returns the path of a recipe of two epochs of four steps that draws on all of a recipe's randomness."""
    changes = {
        "name": "tiny",
        "weights": "none",
        "epochs": 2,
        "small_epochs": 1,
        "batch_size": 8,
        "mixup": 0.2,
    }
    sides = {"image_size": 48, "small_image_size": 24, "selection": "score"}
    path = tmp_path_factory.mktemp("recipe") / "tiny.toml"
    path.write_text(Recipe.load("faces", changes | sides).to_toml(), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def whole_run(tiny_data: FaceSet, tiny_recipe: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Returns the folder of an undisturbed run of the tiny recipe."""
    folder = tmp_path_factory.mktemp("run") / "whole"
    run(Recipe.load(tiny_recipe), tiny_data, folder)
    return folder


def test_a_run_records_what_it_was_and_how_it_went(
    whole_run: Path, tiny_recipe: Path, tiny_data: FaceSet
) -> None:
    recipe = Recipe.load(tiny_recipe)
    assert Recipe.load(whole_run / "recipe.toml") == recipe
    finished = Finished.read(whole_run)
    assert (finished.epochs, finished.processes) == (2, 1)
    assert finished.data == tiny_data.digest
    assert finished.weights == "random weights"
    assert 0 < finished.loader_share < 1
    epochs = history(whole_run)
    assert [epoch["epoch"] for epoch in epochs] == [1, 2]
    best = max(epochs, key=lambda epoch: epoch["validation/score"])
    assert finished.best_epoch == best["epoch"]
    assert list(whole_run.glob("tensorboard/events.out.tfevents.*"))


def test_the_same_recipe_ends_in_the_same_weights(
    whole_run: Path, tiny_data: FaceSet, tiny_recipe: Path, tmp_path: Path
) -> None:
    run(Recipe.load(tiny_recipe), tiny_data, tmp_path)
    assert_same_weights(tmp_path, whole_run)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_was_stopped_in_an_epoch_ends_in_the_same_weights(
    number: signal.Signals, whole_run: Path, tiny_data: FaceSet, tiny_recipe: Path, tmp_path: Path
) -> None:
    lines: list[str] = []

    def stop_after_the_first_epoch(line: str) -> None:
        lines.append(line)
        if line.startswith("epoch 1/2: "):
            os.kill(os.getpid(), number)

    recipe = Recipe.load(tiny_recipe)
    before = signal.getsignal(number)
    with pytest.raises(TrainingStoppedError, match="saved in epoch 2"):
        run(recipe, tiny_data, tmp_path, stop_after_the_first_epoch)
    assert signal.getsignal(number) == before
    assert not (tmp_path / "finished.json").exists()
    run(recipe, tiny_data, tmp_path, lines.append)
    assert sum(line.startswith("epoch 1/2: ") for line in lines) == 1
    assert_same_weights(tmp_path, whole_run)
    assert history(tmp_path) == history(whole_run)


KILLED = """
import os, signal, sys
from pathlib import Path
from training.config import Recipe
from training.data.prepare import prepare
from training.devices import Devices
from training.engine import train
from training.targets import training_targets

def report(line):
    if line.startswith("epoch 2/2: "):  # nothing of its checkpoint is written yet
        os.kill(os.getpid(), signal.SIGKILL)

recipe, data = Recipe.load(sys.argv[1]), prepare(Path(sys.argv[2]), Path(sys.argv[3]))
train(recipe, data, Path(sys.argv[4]), report, targets=training_targets(recipe, data),
      devices=Devices(accelerator="cpu"), initialize=lambda _: "random weights")
"""


def test_a_run_that_was_killed_ends_in_the_same_weights(
    whole_run: Path,
    tiny_source: Path,
    tiny_data: FaceSet,
    tiny_recipe: Path,
    tmp_path: Path,
) -> None:
    arguments = [tiny_recipe, tiny_source, tmp_path / "cache", tmp_path / "run"]
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, *map(str, arguments)], cwd=ROOT, capture_output=True, check=False
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert (tmp_path / "run" / "last.ckpt").exists()
    run(Recipe.load(tiny_recipe), tiny_data, tmp_path / "run")
    assert_same_weights(tmp_path / "run", whole_run)
    assert history(tmp_path / "run") == history(whole_run)


@pytest.mark.parametrize("early_stopping", [0, 2])
def test_a_run_that_was_killed_after_its_last_epoch_only_has_to_be_recorded(
    early_stopping: int, tiny_data: FaceSet, tmp_path: Path
) -> None:
    changes = {"learning_rate": 1e-12, "epochs": 4, "early_stopping": early_stopping}
    recipe = Recipe.load("baseline", changes)
    run(recipe, tiny_data, tmp_path)
    epochs, seconds = history(tmp_path), Finished.read(tmp_path).wall_seconds
    for name in ("finished.json", "history.json"):
        (tmp_path / name).unlink()
    run(recipe, tiny_data, tmp_path)
    assert history(tmp_path) == epochs
    assert Finished.read(tmp_path).epochs == len(epochs) == (3 if early_stopping else 4)
    assert Finished.read(tmp_path).wall_seconds == pytest.approx(seconds, abs=30)


def test_a_run_ends_early_if_validation_no_longer_improves(tiny_data: FaceSet, tmp_path: Path) -> None:
    changes = {"learning_rate": 1e-12, "epochs": 9, "early_stopping": 2}
    run(Recipe.load("baseline", changes), tiny_data, tmp_path)
    assert len(history(tmp_path)) == 3
    assert Finished.read(tmp_path).best_epoch == 1


def test_a_terminal_shows_a_bar_with_speed_and_time_left(
    tiny_data: FaceSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(os, "isatty", lambda _: True)
    lines: list[str] = []
    run(Recipe.load("baseline", {"epochs": 2, "batch_size": 8}), tiny_data, tmp_path, lines.append)
    last = capsys.readouterr().err.split("\r")[-1]
    assert re.search(r"epoch 2/2: 100%.*64.0/64.0 \[\d\d:\d\d<00:00, .* faces/s\]", last)
    assert [line.split(":")[0] for line in lines[1:]] == ["epoch 1/2", "epoch 2/2"]


@pytest.mark.parametrize("precision", ["bf16", "fp32"])
def test_gradients_are_clipped(tiny_data: FaceSet, tmp_path: Path, precision: str) -> None:
    """Adam takes full steps, however small the gradients, until they are far below its epsilon."""
    moved = {}
    for clip in (0.0, 1e-12):
        folder = tmp_path / str(clip)
        changes = {"epochs": 1, "gradient_clip": clip, "precision": precision}
        started: dict[str, torch.Tensor] = {}

        def initialize(network: torch.nn.Module, started: dict[str, torch.Tensor] = started) -> str:
            started.update({name: value.clone() for name, value in network.state_dict().items()})
            return "random weights"

        recipe = Recipe.load("baseline", changes)
        targets = training_targets(recipe, tiny_data)
        train(recipe, tiny_data, folder, lambda _: None, targets=targets, devices=CPU, initialize=initialize)
        after = best_network(folder).state_dict()
        moved[clip] = max(float((after[name] - value).abs().max()) for name, value in started.items())
    assert moved[0.0] > 5e-4
    assert moved[1e-12] < 1e-6


def test_best_is_chosen_on_the_validation_part(tiny_data: FaceSet, tmp_path: Path) -> None:
    run(Recipe.load("baseline", {"epochs": 4, "early_stopping": 0, "batch_size": 4}), tiny_data, tmp_path)
    epochs = history(tmp_path)
    best = max(epochs, key=lambda epoch: epoch["validation/accuracy"])
    content: dict[str, Any] = torch.load(tmp_path / "best.ckpt", weights_only=True)
    assert content["epoch"] + 1 == best["epoch"]
    assert content["recipe"]["name"] == "baseline"


def test_the_averaged_weights_are_kept(whole_run: Path) -> None:
    content: dict[str, Any] = torch.load(whole_run / "last.ckpt", weights_only=True)
    name = "network.classifier.weight"
    assert not torch.equal(content["state_dict"][name], content["current_model_state"][name])


def test_a_checkpoint_names_its_network(whole_run: Path, tiny_recipe: Path, tmp_path: Path) -> None:
    network, recipe = load_network(whole_run / "best.ckpt")
    assert recipe == Recipe.load(tiny_recipe)
    assert not network.training
    faces = torch.randn(1, 1, 48, 48)
    assert torch.equal(network(faces)[0], best_network(whole_run)(faces)[0])
    torch.save({"state_dict": {}}, tmp_path / "other.ckpt")
    with pytest.raises(TrainingError, match="names no recipe"):
        load_network(tmp_path / "other.ckpt")


def test_a_damaged_checkpoint_names_the_folder_to_delete(
    tiny_data: FaceSet, tiny_recipe: Path, tmp_path: Path
) -> None:
    (tmp_path / "last.ckpt").write_bytes(b"half of one")
    with pytest.raises(TrainingError, match=f"delete {tmp_path}"):
        run(Recipe.load(tiny_recipe), tiny_data, tmp_path)


def test_a_finished_run_is_not_done_again(tiny_data: FaceSet, tmp_path: Path) -> None:
    recipe = Recipe.load("baseline", {"epochs": 1})
    folder = train_run(recipe, tiny_data, tmp_path, CPU, lambda _: None)
    lines: list[str] = []
    assert train_run(recipe, tiny_data, tmp_path, CPU, lines.append) == folder
    assert lines == [f"Training: done before, in {folder}"]


def test_without_a_gpu_it_first_says_how_long_it_will_take(tiny_data: FaceSet, tmp_path: Path) -> None:
    lines: list[str] = []
    train_run(Recipe.load("baseline", {"epochs": 1}), tiny_data, tmp_path, CPU, lines.append)
    assert re.match(r"No GPU: baseline takes about \d+ s on this computer", lines[0])


@pytest.mark.parametrize("warmup_share", [0.0, 0.5])
def test_a_warm_up_of_one_step_or_none_can_be_trained(
    tiny_data: FaceSet, tmp_path: Path, warmup_share: float
) -> None:
    changes = {"schedule": "onecycle", "warmup_share": warmup_share, "epochs": 2, "batch_size": 32}
    run(Recipe.load("baseline", changes), tiny_data, tmp_path)
    assert Finished.read(tmp_path).epochs == 2


def test_half_precision_is_not_used_if_the_processor_has_none() -> None:
    assert precision_of(Recipe.load("quick", {"precision": "fp32"}), CPU) == "fp32"
    assert precision_of(Recipe.load("quick", {"precision": "fp16"}), CPU) == "fp32"
    assert precision_of(Recipe.load("quick"), CPU) in ("bf16", "fp32")


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_a_missing_gpu_is_reported(tiny_data: FaceSet, tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="torch finds none"):
        train_run(Recipe.load("baseline"), tiny_data, tmp_path, Devices(accelerator="gpu"), lambda _: None)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def run_alone(tiny_data: FaceSet, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Returns the folder of a run of one process."""
    folder = tmp_path_factory.mktemp("run") / "alone"
    run(Recipe.load("baseline", {"epochs": 3, "batch_size": 6}), tiny_data, folder)
    return folder


@pytest.mark.parametrize("launcher", ["--devices", "torchrun"])
def test_two_processes_train_as_one_does(
    launcher: str, run_alone: Path, tiny_source: Path, tmp_path: Path
) -> None:
    """Each trains on half of every batch, over gloo."""
    command = ["-m", "training", "train", "--recipe", "baseline", "--data", str(tiny_source)]
    command += [
        "--set",
        "epochs=3",
        "--set",
        "batch_size=6",
        "--accelerator",
        "cpu",
        "--cache",
        str(tmp_path),
    ]
    if launcher == "torchrun":
        ports = ["--master-addr", "127.0.0.1", "--master-port", str(free_port())]
        command = ["-m", "torch.distributed.run", "--nproc-per-node", "2", *ports, *command]
    else:
        command += ["--devices", "2"]
    environment = os.environ | {
        "GLOO_SOCKET_IFNAME": "lo",
        "MASTER_ADDR": "127.0.0.1",
        "OMP_NUM_THREADS": "1",
        "MASTER_PORT": str(free_port()),
    }
    done = subprocess.run(
        [sys.executable, *command],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=150,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    (run_together,) = tmp_path.glob("runs/*")
    assert Finished.read(run_together).processes == 2
    steps = [
        torch.load(folder / "last.ckpt", weights_only=True)["global_step"]
        for folder in (run_alone, run_together)
    ]
    assert steps == [18, 18]  # 32 faces are 6 batches, three times
    for one, other in zip(history(run_alone), history(run_together), strict=True):
        assert other["train/loss"] == pytest.approx(one["train/loss"], abs=1e-3)
        assert other["validation/loss"] == pytest.approx(one["validation/loss"], abs=1e-3)
        # 16 faces: a face counted twice or not at all would show.
        assert other["validation/accuracy"] * 16 == pytest.approx(one["validation/accuracy"] * 16, abs=1e-4)
    assert sum(line.startswith("epoch 3/3: ") for line in done.stdout.splitlines()) == 1
