"""The exported file compared with its network."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import numpy as np
import onnx
import onnxruntime
import pytest
import torch

from training.classifier import file_classifier
from training.errors import TrainingError
from training.model_file import DeployedModel, check_onnx, fold, obstacle_to_export, quantize_onnx, write_onnx
from training.networks import BaselineCnn, ResNet18Cbam

if TYPE_CHECKING:
    from pathlib import Path


def lively_network() -> ResNet18Cbam:
    """Returns a network whose normalization has an effect, as after training."""
    torch.manual_seed(0)
    network = ResNet18Cbam(0.3, stem_pooling=False, last_stride=1)
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            assert module.running_mean is not None
            assert module.running_var is not None
            torch.nn.init.normal_(module.running_mean, 0, 0.1)
            torch.nn.init.uniform_(module.running_var, 0.5, 2)
            torch.nn.init.uniform_(module.weight, 0.5, 1.5)
    return network.eval()


CALIBRATION = np.random.default_rng(0).integers(0, 256, (40, 48, 48), dtype=np.uint8)


@pytest.fixture(scope="module")
def halved(tmp_path_factory: pytest.TempPathFactory) -> tuple[DeployedModel, Path]:
    """Returns a model, and its file with weights in 16 bits."""
    model = fold(DeployedModel(lively_network(), 48, class_shift=(0.3, 0.0, 0.0, -0.2)), "fp16")
    path = tmp_path_factory.mktemp("halved") / "emotion.onnx"
    write_onnx(model, path, "fp16")
    return model, path


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Returns a model file before it is rounded to 8 bits."""
    path = tmp_path_factory.mktemp("whole") / "emotion.onnx"
    write_onnx(fold(DeployedModel(lively_network(), 48), "int8"), path, "int8")
    return path


@pytest.fixture(scope="module")
def quantized(whole: Path) -> Path:
    """Returns the same model file, rounded to 8 bits."""
    path = whole.with_name("quantized.onnx")
    shutil.copy(whole, path)
    quantize_onnx(path, CALIBRATION)
    return path


def test_folding_and_rounding_hardly_change_the_output() -> None:
    model = DeployedModel(lively_network(), 48)
    faces = torch.randint(0, 256, (4, 1, 48, 48), dtype=torch.uint8)
    with torch.inference_mode():
        for before, after in zip(model(faces), fold(model, "fp16")(faces), strict=True):
            assert torch.allclose(before, after, rtol=0.02, atol=0.02)
        for before, after in zip(model(faces), fold(model, "int8")(faces), strict=True):
            assert torch.allclose(before, after, atol=1e-4)


def test_a_class_shift_and_a_temperature_change_the_probabilities_as_they_should() -> None:
    network = lively_network()
    faces = torch.randint(0, 256, (2, 1, 48, 48), dtype=torch.uint8)
    with torch.inference_mode():
        plain, _ = DeployedModel(network, 48)(faces)
        calibrated, _ = DeployedModel(network, 48, temperature=2.0, class_shift=(1.0, 0.0, 0.0, 0.0))(faces)
    expected = (plain.log() + torch.tensor([1.0, 0, 0, 0])) / 2
    assert torch.allclose(calibrated, expected.softmax(dim=1), atol=1e-5)


def test_a_file_that_differs_from_the_network_is_refused(halved: tuple[DeployedModel, Path]) -> None:
    model, path = halved
    assert check_onnx(model, path, CALIBRATION[:3]) < 1e-5
    with pytest.raises(TrainingError, match="differs"):
        check_onnx(fold(DeployedModel(model.network, 48, temperature=1.5), "fp16"), path, CALIBRATION[:3])


def test_large_weights_are_stored_in_half_precision(halved: tuple[DeployedModel, Path]) -> None:
    graph = onnx.load(halved[1]).graph
    large = [tensor for tensor in graph.initializer if np.prod(tensor.dims) > 1024]
    assert {tensor.data_type for tensor in large} == {onnx.TensorProto.FLOAT16}


def test_the_same_faces_quantize_a_file_in_the_same_way(whole: Path, quantized: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.onnx"
    shutil.copy(whole, again)
    quantize_onnx(again, CALIBRATION)
    assert again.read_bytes() == quantized.read_bytes()


def test_a_quantized_file_gives_nearly_the_same_on_faces_of_any_size(whole: Path, quantized: Path) -> None:
    rng = np.random.default_rng(1)
    before, after = file_classifier(whole), file_classifier(quantized)
    for side in (24, 48, 131):
        faces = rng.integers(0, 256, (5, side, side), dtype=np.uint8)
        expected, actual = before(faces), after(faces)
        assert np.abs(expected.probabilities - actual.probabilities).max() < 0.05
        assert expected.attention is not None
        assert actual.attention is not None
        assert np.abs(expected.attention - actual.attention).max() < 0.1


def test_the_stem_pools_before_its_features_are_rounded(tmp_path: Path) -> None:
    path, optimized = tmp_path / "emotion.onnx", tmp_path / "optimized.onnx"
    network = ResNet18Cbam(stem_pooling=True, last_stride=1)
    write_onnx(fold(DeployedModel(network, 96, 48), "int8"), path, "int8")
    quantize_onnx(path, CALIBRATION[:8])
    options = onnxruntime.SessionOptions()
    options.optimized_model_filepath = str(optimized)
    options.log_severity_level = 4  # it warns that such a file is for this computer only
    onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    nodes = onnx.load(optimized).graph.node
    made_by = {output: node.op_type for node in nodes for output in node.output}
    # Pooling in 8 bits alone would take half as long as all the rest.
    pools = [node for node in nodes if node.op_type == "MaxPool"]
    assert pools
    assert not {made_by[node.input[0]] for node in pools} & {"QuantizeLinear", "QLinearConv"}


def test_the_large_convolutions_use_7_bits_and_the_rest_is_not_rounded(quantized: Path) -> None:
    model = onnx.load(quantized)
    weights = [
        onnx.numpy_helper.to_array(tensor)
        for tensor in model.graph.initializer
        if tensor.data_type == onnx.TensorProto.INT8 and len(tensor.dims) == 4
    ]
    assert len(weights) == 19
    assert {int(np.abs(values).max()) for values in weights} <= {63, 64}
    stem, *_ = (node for node in model.graph.node if node.op_type == "Conv")
    assert "quantize" not in stem.input[0].lower()
    assert quantized.stat().st_size < 12e6


@pytest.mark.parametrize(
    ("network", "words"),
    [
        (BaselineCnn(), "no attention"),
        (ResNet18Cbam(cbam=False), "no attention"),
        (ResNet18Cbam(), "only 2x2 places"),
        (ResNet18Cbam(stem_pooling=False, last_stride=1), None),
    ],
)
def test_the_app_can_use_networks_whose_attention_shows_something(
    network: torch.nn.Module, words: str | None
) -> None:
    obstacle = obstacle_to_export(network, 48)
    assert obstacle is None if words is None else obstacle is not None and words in obstacle
