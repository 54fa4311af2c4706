"""Weights of a MobileNet that was trained to recognize people, to start from instead of random ones.

Savchenko (2019, https://doi.org/10.7717/peerj-cs.197) trained it on VGGFace2, three million faces of nine
thousand people, and then for age and gender; the npm package @vladmandic/human contains it. A training
downloads it from there: it is not part of this project, and its author names no licence for it.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import IO, TYPE_CHECKING, cast

import numpy as np
import torch
from torch import Tensor, nn

from training.transforms import MEAN, STD
from training.weights import WeightsUnavailableError

if TYPE_CHECKING:
    from training.networks import Network

PACKAGE = "@vladmandic/human@3.3.6"
FILE = "vladmandic-human-3.3.6.tgz"
SHA256 = "425e9c51dbbca0c8934362b170cb0d54c2529c11c654b3c03092b16e9d6ad3f7"
_GRAPH, _VALUES = "package/models/faceres.json", "package/models/faceres.bin"

_COLOUR_MEANS = (103.939, 116.779, 123.68)
"""Of blue, green and red in 0..255; that network's faces have them subtracted."""

_EPSILON = 1e-5
"""Of torch's batch normalization."""


def face_weights() -> dict[str, Tensor]:
    """Returns the weights under the names of our `MobileNet`, for gray faces; downloads the package once.

    Its normalization is folded into the weights; here it only scales and shifts, until `settle`.

    Raises:
        WeightsUnavailableError: The package cannot be downloaded, or is a different one.
    """
    path = Path(torch.hub.get_dir()) / "checkpoints" / FILE
    if not path.exists():
        _get(path)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    if digest != SHA256:
        raise WeightsUnavailableError(
            "Other face weights", f"{path} is not {PACKAGE} as tested.", "Delete it and try again."
        )
    with tarfile.open(path) as package:
        return _ours(_tensors(_member(package, _GRAPH), _member(package, _VALUES)))


def settle(network: Network, faces: Tensor) -> None:
    """Gives each normalization the statistics of its input, and cancels them in its scale and shift.

    The network computes the same as before, and now in training too, when normalization uses the statistics
    of its input.

    Args:
        network: One with `face_weights`.
        faces: Normalized, float32, [n, 1, side, side].
    """

    def take_statistics(norm: nn.Module, inputs: tuple[Tensor]) -> None:
        if not isinstance(norm, nn.BatchNorm2d) or norm.running_mean is None or norm.running_var is None:
            return
        mean = inputs[0].mean(dim=(0, 2, 3))
        variance = inputs[0].var(dim=(0, 2, 3), correction=0)
        scale = norm.weight / torch.sqrt(norm.running_var + norm.eps)
        norm.bias.add_((mean - norm.running_mean) * scale)
        norm.weight.copy_(scale * torch.sqrt(variance + norm.eps))
        norm.running_mean.copy_(mean)
        norm.running_var.copy_(variance)

    norms = [module for module in network.modules() if isinstance(module, nn.BatchNorm2d)]
    hooks = [norm.register_forward_pre_hook(take_statistics) for norm in norms]
    was_training = network.training
    with torch.no_grad():
        network.eval()(faces)
    network.train(was_training)
    for hook in hooks:
        hook.remove()


def _get(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    command = ["npm", "pack", "--silent", PACKAGE, "--pack-destination"]
    try:
        with tempfile.TemporaryDirectory(dir=path.parent) as folder:  # several processes may start at once
            subprocess.run([*command, folder], check=True, capture_output=True, text=True)  # noqa: S603
            (Path(folder) / FILE).replace(path)
    except (OSError, subprocess.CalledProcessError) as error:
        reason = (getattr(error, "stderr", None) or str(error)).strip()
        raise WeightsUnavailableError(
            "No face weights",
            f"{' '.join(command[:4])} failed ({reason}).",
            f"Run it where npm is, put its file into {path.parent}, or start otherwise (--weights).",
        ) from error


def _member(package: tarfile.TarFile, name: str) -> bytes:
    return cast("IO[bytes]", package.extractfile(name)).read()


def _tensors(graph: bytes, values: bytes) -> dict[str, Tensor]:
    """Reads a graph of TensorFlow.js: the weights follow one another, most of them in 16 bits."""
    tensors, start = {}, 0
    for entry in json.loads(graph)["weightsManifest"][0]["weights"]:
        kind = np.dtype(entry.get("quantization", entry)["dtype"])
        count = int(np.prod(entry["shape"]))
        array = np.frombuffer(values, kind, count, start).reshape(entry["shape"])
        tensors[entry["name"]] = torch.from_numpy(array.astype(np.float32))
        start += count * kind.itemsize
    return tensors


def _ours(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    colour = tensors["conv1/convolution/merged_input"].permute(3, 2, 0, 1)
    offsets = 255 * MEAN - torch.tensor(_COLOUR_MEANS).view(1, 3, 1, 1)
    shift = tensors["conv1_bn/batchnorm_1/sub"] + (colour * offsets).sum(dim=(1, 2, 3))
    state = {"stem.1.weight": colour.sum(dim=1, keepdim=True) * 255 * STD, **_norm("stem.2", shift)}
    for block in range(13):
        depthwise, pointwise, ours = f"conv_dw_{block + 1}", f"conv_pw_{block + 1}", f"blocks.{block}"
        state[f"{ours}.depthwise.weight"] = tensors[f"{depthwise}/depthwise_kernel"].permute(2, 3, 0, 1)
        state[f"{ours}.pointwise.weight"] = tensors[f"{pointwise}/convolution/merged_input"].permute(
            3, 2, 0, 1
        )
        state |= _norm(
            f"{ours}.depthwise_norm",
            tensors[f"{depthwise}_bn/batchnorm_1/sub"],
            tensors[f"{depthwise}_bn/batchnorm_1/mul"],
        )
        state |= _norm(f"{ours}.pointwise_norm", tensors[f"{pointwise}_bn/batchnorm_1/sub"])
    return {name: value.contiguous() for name, value in state.items()}


def _norm(name: str, shift: Tensor, scale: Tensor | None = None) -> dict[str, Tensor]:
    return {
        f"{name}.weight": torch.ones_like(shift) if scale is None else scale,
        f"{name}.bias": shift,
        f"{name}.running_mean": torch.zeros_like(shift),
        f"{name}.running_var": torch.full_like(shift, 1 - _EPSILON),
        f"{name}.num_batches_tracked": torch.tensor(0),
    }
