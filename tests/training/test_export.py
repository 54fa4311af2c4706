"""The exported file against the network that it came from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch

from training.errors import TrainingError
from training.export import DeployedModel, check_onnx, prepare_for_export, write_onnx
from training.models import ResNet18Cbam

if TYPE_CHECKING:
    from pathlib import Path


def lively_network() -> ResNet18Cbam:
    """Returns a network whose normalisation does something, as after training."""
    torch.manual_seed(0)
    network = ResNet18Cbam(0.3)
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            assert module.running_mean is not None
            assert module.running_var is not None
            torch.nn.init.normal_(module.running_mean, 0, 0.1)
            torch.nn.init.uniform_(module.running_var, 0.5, 2)
            torch.nn.init.uniform_(module.weight, 0.5, 1.5)
    return network.eval()


def test_folding_and_rounding_hardly_change_what_the_network_says() -> None:
    network = lively_network()
    faces = torch.randn(4, 1, 48, 48)
    with torch.inference_mode():
        for before, after in zip(network(faces), prepare_for_export(network)(faces), strict=True):
            assert torch.allclose(before, after, rtol=0.02, atol=0.02)


def test_a_file_that_differs_from_the_network_is_refused(tmp_path: Path) -> None:
    faces = np.random.default_rng(0).integers(0, 256, (3, 48, 48), dtype=np.uint8)
    network = prepare_for_export(lively_network())
    write_onnx(DeployedModel(network, 48, 1.0), tmp_path / "emotion.onnx")
    assert check_onnx(DeployedModel(network, 48, 1.0), tmp_path / "emotion.onnx", faces) < 1e-5
    with pytest.raises(TrainingError, match="differs"):
        check_onnx(DeployedModel(network, 48, 1.5), tmp_path / "emotion.onnx", faces)
