"""The face weights, read from the package that contains them."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional

from training.config import Recipe
from training.devices import Devices
from training.face_weights import FILE, face_weights, settle
from training.networks import MobileNet
from training.provenance import Finished
from training.runs import train_run
from training.transforms import to_input
from training.weights import WeightsUnavailableError, read_weights, start_from

if TYPE_CHECKING:
    from pathlib import Path

    from training.data.face_set import FaceSet

CHANNELS = [32, 64, 128, 128, 256, 256, 512, 512, 512, 512, 512, 512, 1024, 1024]
STRIDED = (2, 4, 6, 12)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where torch keeps what it downloaded."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    folder = tmp_path / "hub" / "checkpoints"
    folder.mkdir(parents=True)
    return folder


def made_up() -> dict[str, Tensor]:
    """Returns random weights under the names of the package, in TensorFlow's order of dimensions."""
    generator = torch.Generator().manual_seed(3)

    def draw(*shape: int, scale: float) -> Tensor:
        return torch.randn(*shape, generator=generator).mul(scale).half().float()

    tensors = {
        "conv1/convolution/merged_input": draw(3, 3, 3, 32, scale=0.003),
        "conv1_bn/batchnorm_1/sub": draw(32, scale=0.5),
    }
    for block, (before, after) in enumerate(pairwise(CHANNELS), start=1):
        tensors |= {
            f"conv_dw_{block}/depthwise_kernel": draw(3, 3, before, 1, scale=0.4),
            f"conv_dw_{block}_bn/batchnorm_1/mul": 1 + draw(before, scale=0.1),
            f"conv_dw_{block}_bn/batchnorm_1/sub": draw(before, scale=0.3),
            f"conv_pw_{block}/convolution/merged_input": draw(1, 1, before, after, scale=before**-0.5),
            f"conv_pw_{block}_bn/batchnorm_1/sub": draw(after, scale=0.3),
        }
    return {name: value.half().float() for name, value in tensors.items()}


def pack(tensors: dict[str, Tensor], path: Path) -> None:
    """Writes weights as the package contains them."""
    half = {"dtype": "float16", "original_dtype": "float32"}
    entries = [
        {"name": name, "shape": list(value.shape), "dtype": "float32", "quantization": half}
        for name, value in tensors.items()
    ]
    files = {
        "faceres.json": json.dumps({"weightsManifest": [{"weights": entries}]}).encode(),
        "faceres.bin": b"".join(value.numpy().astype(np.float16).tobytes() for value in tensors.values()),
    }
    with tarfile.open(path, "w:gz") as package:
        for name, content in files.items():
            member = tarfile.TarInfo(f"package/models/{name}")
            member.size = len(content)
            package.addfile(member, io.BytesIO(content))


def as_the_package_computes(tensors: dict[str, Tensor], faces: Tensor) -> Tensor:
    """Returns the features of gray faces in 0..255, [n, 1024]: blue, green and red minus their means."""
    features = faces.float().expand(-1, 3, -1, -1) - torch.tensor([103.939, 116.779, 123.68]).view(1, 3, 1, 1)
    kernel = tensors["conv1/convolution/merged_input"].permute(3, 2, 0, 1)
    features = functional.conv2d(functional.pad(features, (0, 1, 0, 1)), kernel, stride=2)
    features = functional.relu6(features + tensors["conv1_bn/batchnorm_1/sub"].view(-1, 1, 1))
    for block, channels in enumerate(CHANNELS[:-1], start=1):
        kernel = tensors[f"conv_dw_{block}/depthwise_kernel"].permute(2, 3, 0, 1)
        stride, padding = (2, (0, 1, 0, 1)) if block in STRIDED else (1, (1, 1, 1, 1))
        features = functional.conv2d(
            functional.pad(features, padding), kernel, stride=stride, groups=channels
        )
        scale = tensors[f"conv_dw_{block}_bn/batchnorm_1/mul"].view(-1, 1, 1)
        features = functional.relu6(
            features * scale + tensors[f"conv_dw_{block}_bn/batchnorm_1/sub"].view(-1, 1, 1)
        )
        kernel = tensors[f"conv_pw_{block}/convolution/merged_input"].permute(3, 2, 0, 1)
        features = functional.conv2d(features, kernel)
        features = functional.relu6(features + tensors[f"conv_pw_{block}_bn/batchnorm_1/sub"].view(-1, 1, 1))
    return features.mean(dim=(2, 3))


def features_of(network: MobileNet, faces: Tensor) -> Tensor:
    with torch.inference_mode():
        features: Tensor = network.blocks(network.stem(to_input(faces, faces.shape[-1])))
    return features.mean(dim=(2, 3))


@pytest.fixture
def package(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The package with the weights of `made_up`."""
    path = folder / FILE
    pack(made_up(), path)
    monkeypatch.setattr("training.face_weights.SHA256", hashlib.sha256(path.read_bytes()).hexdigest())


@pytest.fixture
def network(package: None) -> MobileNet:
    """A MobileNet with the weights in the package."""
    network = MobileNet()
    start_from(network, face_weights())
    return network.eval()


def test_it_computes_the_same_for_gray_faces_as_the_package_for_gray_pictures(network: MobileNet) -> None:
    # Both pad with this value, so that the border does not matter.
    faces = torch.full((4, 1, 96, 96), 116, dtype=torch.uint8)
    generator = torch.Generator().manual_seed(1)
    faces[:, :, 20:76, 20:76] = torch.randint(0, 256, (4, 1, 56, 56), generator=generator, dtype=torch.uint8)
    expected = as_the_package_computes(made_up(), faces)
    assert torch.allclose(features_of(network, faces), expected, atol=0.02)
    assert expected.std() > 0.1


def test_once_settled_it_computes_the_same_in_training_too(network: MobileNet) -> None:
    generator = torch.Generator().manual_seed(2)
    faces = torch.randint(0, 256, (32, 1, 48, 48), generator=generator, dtype=torch.uint8)
    before = features_of(network, faces)
    settle(network, to_input(faces, 48))
    assert torch.allclose(features_of(network, faces), before, atol=1e-3)
    assert torch.allclose(features_of(network.train(), faces), before, atol=1e-3)


@pytest.mark.usefixtures("package")
def test_a_recipe_starts_from_them(tiny_data: FaceSet, tmp_path: Path) -> None:
    changes = {"image_size": 24, "small_epochs": 0, "epochs": 1, "precision": "fp32", "ema_decay": 0}
    recipe = Recipe.load("faces", {**changes, "learning_rate": 1e-12})
    run = train_run(recipe, tiny_data, tmp_path, Devices(accelerator="cpu"), lambda _: None)
    assert Finished.read(run).weights == "weights trained on VGGFace2's faces"
    kernels, weights = read_weights(run / "best.ckpt"), face_weights()
    assert torch.allclose(
        kernels["blocks.5.pointwise.weight"], weights["blocks.5.pointwise.weight"], atol=1e-6
    )


def test_another_package_is_refused(folder: Path) -> None:
    pack(made_up(), folder / FILE)
    with pytest.raises(WeightsUnavailableError, match="Delete it"):
        face_weights()


def test_without_npm_it_says_where_the_file_goes(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(WeightsUnavailableError, match=rf"npm pack.*put its file into {folder}"):
        face_weights()
