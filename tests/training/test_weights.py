"""What a network may start from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import torch
from torchvision.models import resnet18

from training.config import Recipe
from training.devices import Devices
from training.errors import TrainingError
from training.networks import BaselineCnn, ResNet18Cbam
from training.provenance import Finished
from training.run_folder import History
from training.runs import train_run
from training.weights import IMAGENET, WeightsUnavailableError, imagenet_weights, read_weights, start_from

if TYPE_CHECKING:
    from pathlib import Path

    from training.data.face_set import FaceSet


@pytest.fixture(autouse=True)
def _own_torch_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    monkeypatch.setattr(IMAGENET.value, "url", "http://127.0.0.1:9/resnet18-f37072fd.pth")  # discard: refused


def keep_imagenet(tmp_path: Path) -> dict[str, torch.Tensor]:
    """Puts a ResNet18 where torchvision keeps its downloads; returns its weights."""
    torch.manual_seed(5)
    state: dict[str, torch.Tensor] = resnet18().state_dict()
    folder = tmp_path / "torch" / "hub" / "checkpoints"
    folder.mkdir(parents=True)
    torch.save(state, folder / "resnet18-f37072fd.pth")
    return state


def test_the_first_convolution_is_the_mean_over_the_colours(tmp_path: Path) -> None:
    state = keep_imagenet(tmp_path)
    network = ResNet18Cbam()
    classifier = network.classifier.weight.clone()
    start_from(network, imagenet_weights())
    ours = network.state_dict()
    assert torch.equal(ours["stem.0.weight"], state["conv1.weight"].mean(dim=1, keepdim=True))
    assert torch.equal(ours["stem.1.running_var"], state["bn1.running_var"])
    assert torch.equal(ours["stages.3.1.conv2.weight"], state["layer4.1.conv2.weight"])
    assert torch.equal(network.classifier.weight, classifier)


def test_weights_that_cannot_be_downloaded_name_the_alternatives() -> None:
    with pytest.raises(WeightsUnavailableError, match=r"--weights PATH.*--weights none"):
        imagenet_weights()


def test_another_networks_weights_are_refused() -> None:
    with pytest.raises(TrainingError, match="another network"):
        start_from(ResNet18Cbam(), BaselineCnn().state_dict())


def test_a_file_without_weights_is_named(tmp_path: Path) -> None:
    path = tmp_path / "weights.pth"
    with pytest.raises(TrainingError, match="is missing"):
        read_weights(path)
    path.write_text("<html>")
    with pytest.raises(TrainingError, match=r"weights\.pth cannot be read"):
        read_weights(path)
    torch.save({"accuracy": 0.9}, path)
    with pytest.raises(TrainingError, match="contains no weights"):
        read_weights(path)


TINY = {
    "image_size": 24,
    "small_epochs": 0,
    "batch_size": 16,
    "epochs": 1,
    "precision": "fp32",
    "mirror": False,
}


def test_a_recipe_continues_from_an_earlier_run_if_imagenets_weights_cannot_be_downloaded(
    tiny_data: FaceSet, tmp_path: Path
) -> None:
    lines: list[str] = []
    cpu = Devices(accelerator="cpu")
    initial = Recipe.load("initial", TINY)
    first = train_run(initial, tiny_data, tmp_path, cpu, lines.append)
    refined = Recipe.load("refined", {**TINY, "learning_rate": 1e-12})
    second = train_run(refined, tiny_data, tmp_path, cpu, lines.append)
    assert any("Continuing from the recipe initial instead" in line for line in lines)
    assert any("from the best weights of initial" in line for line in lines)
    before, after = (read_weights(run / "best.ckpt")["stages.0.0.conv1.weight"] for run in (first, second))
    assert torch.allclose(before, after, atol=1e-6)


def test_a_recipe_continues_from_another_that_it_names(tiny_data: FaceSet, tmp_path: Path) -> None:
    cpu = Devices(accelerator="cpu")
    faces = Recipe.load("faces", {**TINY, "weights": "none"})
    first = train_run(faces, tiny_data, tmp_path, cpu, lambda _: None)
    own_faces = Recipe.load("own_faces", {**TINY, "learning_rate": 1e-12, "ema_decay": 0})
    second = train_run(own_faces, tiny_data, tmp_path, cpu, lambda _: None)
    before, after = (read_weights(run / "best.ckpt")["blocks.5.pointwise.weight"] for run in (first, second))
    assert torch.allclose(before, after, atol=1e-6)
    assert Finished.read(second).weights == "the best weights of faces"


def test_the_weights_that_a_run_started_from_are_recorded(tiny_data: FaceSet, tmp_path: Path) -> None:
    keep_imagenet(tmp_path)
    run = train_run(
        Recipe.load("refined", TINY), tiny_data, tmp_path, Devices(accelerator="cpu"), lambda _: None
    )
    assert Finished.read(run).weights == "ImageNet's weights"


def test_a_recipe_learns_from_the_opinion_of_another(tiny_data: FaceSet, tmp_path: Path) -> None:
    """Steps too small to learn anything leave the loss to the targets alone."""
    cpu = Devices(accelerator="cpu")
    lines: list[str] = []
    train_run(Recipe.load("baseline", {"epochs": 1}), tiny_data, tmp_path, cpu, lines.append)
    changes = {"name": "pupil", "epochs": 1, "learning_rate": 1e-12}
    votes = train_run(Recipe.load("baseline", changes), tiny_data, tmp_path, cpu, lines.append)
    taught = {**changes, "teacher": "baseline", "teacher_share": 0.9}
    opinion = train_run(Recipe.load("baseline", taught), tiny_data, tmp_path, cpu, lines.append)
    assert lines.count("Teacher: baseline looks at 32 faces") == 1
    losses = [History.read(run).root[0]["train/loss"] for run in (opinion, votes)]
    assert losses[0] != losses[1]


def test_a_teacher_needs_a_share() -> None:
    with pytest.raises(TrainingError, match="teacher and teacher_share need each other"):
        Recipe.load("quick", {"teacher": "initial"})
