"""From a trained network to the file that the app loads: pixels in, probabilities and attention out."""

from __future__ import annotations

import copy
import itertools
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Literal

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process
from torch import Tensor, nn
from torch.nn.utils import fuse_conv_bn_eval

from fer_desktop.domain import Emotion
from training.errors import TrainingError
from training.transforms import to_input

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

Precision = Literal["int8", "fp16"]
"""Of the stored weights of the large convolutions; "int8" ones also compute in 8 bits, others in fp32."""

OPSET = 20
TOLERANCE = 1e-4
"""Largest difference between torch and the exported file that is accepted."""

SMALLEST_ATTENTION = 6
"""Smallest side of an attention map; a coarser one explains nothing to a user."""

_CHECKED_SIZES = ((24, 24), (48, 48), (131, 97), (300, 300))
_SMALLEST_HALVED = 1024
_FEWEST_QUANTIZED_CHANNELS = 64
"""In and out. That excludes the stem and the attention, which cost little time and some accuracy."""

_CALIBRATION_BATCH = 32


def obstacle_to_export(network: nn.Module, image_size: int) -> str | None:
    """Returns why the app cannot use a network, in words that follow "since"; None if it can."""
    with torch.inference_mode():
        _, attention = network.eval().cpu()(torch.zeros(1, 1, image_size, image_size))
    if attention is None:
        return "the network has no attention to show"
    if min(attention.shape[1:]) < SMALLEST_ATTENTION:
        places = "x".join(str(length) for length in attention.shape[1:])
        return f"its attention has only {places} places, less than {SMALLEST_ATTENTION}x{SMALLEST_ATTENTION}"
    return None


class DeployedModel(nn.Module):
    """The network with what the app leaves to it: resizing, normalization, calibration and softmax.

    Args:
        network: Turns normalized faces into logits and attention (or None).
        image_size: Side in pixels of what it sees.
        detail: Side in pixels of the faces that it was trained on; None if unknown.
        temperature: By which its logits are divided.
        class_shift: What is added to each class's logit before that, [4].
    """

    shift: Tensor

    def __init__(
        self,
        network: nn.Module,
        image_size: int,
        detail: int | None = None,
        temperature: float = 1.0,
        class_shift: Sequence[float] = (0.0,) * len(Emotion),
    ) -> None:
        super().__init__()
        self.network = network
        self.image_size = image_size
        self.detail = detail
        self.temperature = temperature
        self.register_buffer("shift", torch.tensor(class_shift, dtype=torch.float32))

    def forward(self, faces: Tensor) -> tuple[Tensor, Tensor | None]:
        """Reads faces.

        Args:
            faces: Gray crops, uint8, [n, 1, h, w], h and w at least 24.

        Returns:
            Calibrated probabilities in the order of `Emotion`, [n, emotions]; spatial attention in 0..1,
            [n, h, w], or None if the network has none.
        """
        logits, attention = self.network(to_input(faces, self.image_size, self.detail))
        return torch.softmax((logits + self.shift) / self.temperature, dim=1), attention


def fold(model: DeployedModel, precision: Precision) -> DeployedModel:
    """Returns a copy with batch normalization folded into the convolutions, and large weights rounded.

    The exporter folds as well, so rounding comes after it: torch then computes with the weights of the file.
    """
    model = copy.deepcopy(model).eval().cpu()
    for module in list(model.modules()):
        children = list(module.named_children())
        for (conv_name, conv), (norm_name, norm) in itertools.pairwise(children):
            if isinstance(conv, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d):
                setattr(module, conv_name, fuse_conv_bn_eval(conv, norm))
                setattr(module, norm_name, nn.Identity())
    if precision == "fp16":
        for parameter in model.parameters():
            if parameter.numel() >= _SMALLEST_HALVED:
                parameter.data = parameter.data.half().float()
    return model


def write_onnx(model: DeployedModel, path: Path, precision: Precision) -> None:
    """Writes a folded model in the app's format.

    With "fp16", large weights are stored so and cast when they are used; with "int8", all are fp32 until
    `quantize_onnx` rounds them.
    """
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
    if precision == "fp16":
        _store_as_half(onnx_model.graph)
    onnx.checker.check_model(onnx_model, full_check=True)
    path.write_bytes(onnx_model.SerializeToString())


def check_onnx(model: DeployedModel, path: Path, faces: NDArray[np.uint8]) -> float:
    """Compares the written file with torch on real faces of several sizes.

    Args:
        model: The model that was written.
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


def quantize_onnx(path: Path, faces: NDArray[np.uint8]) -> None:
    """Makes the large convolutions of a written file compute in 8 bits, which takes a quarter of the time.

    Weights have a scale for each channel, and use 7 of the 8 bits: with all 8, processors without VNNI
    instructions overflow and would read faces differently from what was measured
    (https://onnxruntime.ai/docs/performance/model-optimizations/quantization.html).

    Args:
        path: The file, with fp32 weights; it is overwritten.
        faces: Training faces, uint8, [n, h, w]; activations are scaled to the ranges that they produce.
    """
    with TemporaryDirectory() as folder:
        prepared, quantized = Path(folder) / "prepared.onnx", Path(folder) / "quantized.onnx"
        quant_pre_process(path, prepared, skip_symbolic_shape=True)
        quantize_static(
            prepared,
            quantized,
            _CalibrationFaces(faces),
            quant_format=QuantFormat.QDQ,
            per_channel=True,
            reduce_range=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            nodes_to_quantize=_large_convolutions(onnx.load(prepared).graph),
        )
        onnx_model = onnx.load(quantized)
    _strip_traces(onnx_model.graph)
    onnx.checker.check_model(onnx_model, full_check=True)
    path.write_bytes(onnx_model.SerializeToString())


class _CalibrationFaces:
    """Passes faces to onnxruntime's calibration (its CalibrationDataReader)."""

    def __init__(self, faces: NDArray[np.uint8]) -> None:
        self._batches = iter(
            [faces[start : start + _CALIBRATION_BATCH] for start in range(0, len(faces), _CALIBRATION_BATCH)]
        )

    def get_next(self) -> dict[str, NDArray[np.uint8]] | None:
        batch = next(self._batches, None)
        return None if batch is None else {"faces": batch[:, np.newaxis]}


def _large_convolutions(graph: onnx.GraphProto) -> list[str]:
    shapes = {tensor.name: tensor.dims for tensor in graph.initializer}
    return [
        node.name
        for node in graph.node
        if node.op_type == "Conv" and min(shapes[node.input[1]][:2]) >= _FEWEST_QUANTIZED_CHANNELS
    ]


def _strip_traces(graph: onnx.GraphProto) -> None:
    """Removes the exporter's metadata, which names folders of the machine that it ran on."""
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
