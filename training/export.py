"""From a trained network to the one file that the app loads: pixels in, probabilities and attention out."""

from __future__ import annotations

import copy
import itertools
from typing import TYPE_CHECKING

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn
from torch.nn.utils import fuse_conv_bn_eval

from training.errors import TrainingError
from training.transforms import to_input

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

OPSET = 20
TOLERANCE = 1e-4
"""Largest difference between torch and the exported file that is let pass."""

_CHECKED_SIZES = ((24, 24), (48, 48), (131, 97), (300, 300))
_SMALLEST_HALVED = 1024


class DeployedModel(nn.Module):
    """The network with what the app leaves to it: resizing and normalising, temperature and softmax."""

    def __init__(self, network: nn.Module, image_size: int, temperature: float) -> None:
        super().__init__()
        self.network = network
        self.image_size = image_size
        self.temperature = temperature

    def forward(self, faces: Tensor) -> tuple[Tensor, Tensor]:
        """Reads faces.

        Args:
            faces: Gray crops, uint8, [n, 1, h, w], h and w at least 24.

        Returns:
            Calibrated probabilities in the order of `Emotion`, [n, 4]; spatial attention in 0..1, [n, h, w].
        """
        logits, attention = self.network(to_input(faces, self.image_size))
        return torch.softmax(logits / self.temperature, dim=1), attention


def prepare_for_export(network: nn.Module) -> nn.Module:
    """Returns a copy with batch normalisation folded into the convolutions and large weights rounded to half.

    The exporter folds as well, so rounding comes after it: what torch computes then is what the file holds.
    """
    network = copy.deepcopy(network).eval()
    for module in list(network.modules()):
        children = list(module.named_children())
        for (conv_name, conv), (norm_name, norm) in itertools.pairwise(children):
            if isinstance(conv, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d):
                setattr(module, conv_name, fuse_conv_bn_eval(conv, norm))
                setattr(module, norm_name, nn.Identity())
    for parameter in network.parameters():
        if parameter.numel() >= _SMALLEST_HALVED:
            parameter.data = parameter.data.half().float()
    return network


def write_onnx(model: DeployedModel, path: Path) -> None:
    """Writes the model by the app's contract; large weights in half precision, cast where they are used."""
    dynamic = torch.export.Dim.DYNAMIC
    program = torch.onnx.export(
        model.eval().cpu(),
        (torch.zeros(2, 1, 60, 70, dtype=torch.uint8),),
        dynamo=True,
        input_names=["faces"],
        output_names=["probabilities", "attention"],
        dynamic_shapes=({0: dynamic, 2: dynamic, 3: dynamic},),
        opset_version=OPSET,
        verbose=False,
    )
    if program is None:
        raise TrainingError(
            "Export failed", "torch.onnx.export returned nothing.", "Update torch and onnxscript."
        )
    onnx_model = program.model_proto
    _strip_traces(onnx_model.graph)
    _store_as_half(onnx_model.graph)
    onnx.checker.check_model(onnx_model, full_check=True)
    path.write_bytes(onnx_model.SerializeToString())


def check_onnx(model: DeployedModel, path: Path, faces: NDArray[np.uint8]) -> float:
    """Compares the written file with torch on real faces of several sizes.

    Args:
        model: What was written.
        path: The file.
        faces: Some faces, uint8, [n, h, w].

    Returns:
        The largest difference of any probability or attention value.

    Raises:
        TrainingError: It is above `TOLERANCE`.
    """
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    largest = 0.0
    for size in _CHECKED_SIZES:
        scaled = torch.nn.functional.interpolate(
            torch.from_numpy(faces).unsqueeze(1).float(), size, mode="bicubic"
        )
        batch = scaled.clamp(0, 255).to(torch.uint8)
        with torch.inference_mode():
            expected = model.eval()(batch)
        actual = session.run(["probabilities", "attention"], {"faces": batch.numpy()})
        for one, other in zip(expected, actual, strict=True):
            largest = max(largest, float(np.abs(one.numpy() - other).max()))
    if largest > TOLERANCE:
        raise TrainingError(
            "Export differs",
            f"{path} differs from the trained network by {largest:.2g}.",
            "Update onnx and onnxruntime.",
        )
    return largest


def predict(path: Path, faces: NDArray[np.uint8], batch_size: int = 64) -> NDArray[np.float32]:
    """Returns the probabilities that a model file gives to faces uint8 [n, h, w]: float32, [n, 4]."""
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    parts = [
        session.run(["probabilities"], {"faces": faces[start : start + batch_size, np.newaxis]})[0]
        for start in range(0, len(faces), batch_size)
    ]
    return np.concatenate(parts)


def _strip_traces(graph: onnx.GraphProto) -> None:
    """Removes the exporter's notes, which name folders of the machine that it ran on."""
    for item in (*graph.node, *graph.input, *graph.output, *graph.value_info, *graph.initializer):
        item.ClearField("metadata_props")
        item.ClearField("doc_string")
    graph.ClearField("value_info")
    graph.ClearField("metadata_props")


def _store_as_half(graph: onnx.GraphProto) -> None:
    casts = []
    for tensor in graph.initializer:
        if tensor.data_type != TensorProto.FLOAT or np.prod(tensor.dims) < _SMALLEST_HALVED:
            continue
        name, half = tensor.name, numpy_helper.to_array(tensor).astype(np.float16)
        tensor.CopyFrom(numpy_helper.from_array(half, f"{name}_half"))
        casts.append(helper.make_node("Cast", [f"{name}_half"], [name], to=TensorProto.FLOAT))
    nodes = [*casts, *graph.node]
    graph.ClearField("node")
    graph.node.extend(nodes)
