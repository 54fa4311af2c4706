"""Where a network starts: ImageNet's weights, those of an earlier run, or those in a file."""

from __future__ import annotations

import pickle
import re
from typing import TYPE_CHECKING, Any
from urllib.error import URLError

import torch
from torch import Tensor
from torchvision.models import ResNet18_Weights

from training.errors import TrainingError

if TYPE_CHECKING:
    from pathlib import Path

    from training.networks import Network

IMAGENET = ResNet18_Weights.IMAGENET1K_V1
_NETWORK_PREFIX = "network."

_OPTIONAL = ("fc.", "classifier.", "channel_attention.", "spatial_attention.")
"""Parts that torchvision's ResNet18 or the network without CBAM lacks, or that we do not use."""

_UNREADABLE = (
    OSError,
    EOFError,
    RuntimeError,
    ValueError,
    LookupError,
    TypeError,
    AssertionError,
    pickle.UnpicklingError,
)
"""What torch raises for a file that is not a checkpoint, depending on its first bytes."""

_STAGE = re.compile(r"layer([1-4])\.")


class WeightsUnavailableError(TrainingError):
    """Published weights are not on this computer and cannot be downloaded."""


def imagenet_weights() -> dict[str, Tensor]:
    """Returns torchvision's weights of a ResNet18 trained on ImageNet, downloaded once.

    Raises:
        WeightsUnavailableError: They cannot be downloaded.
    """
    try:
        return dict(IMAGENET.get_state_dict(progress=False, check_hash=True))
    except (URLError, OSError, RuntimeError) as error:
        raise WeightsUnavailableError(
            "No ImageNet weights",
            f"{IMAGENET.url} cannot be downloaded ({error}).",
            "Download it elsewhere and name the file (--weights PATH), or start at random (--weights none).",
        ) from error


def read_weights(path: Path) -> dict[str, Tensor]:
    """Reads the weights in one of our checkpoints or in a state dict of torchvision's ResNet18.

    Raises:
        TrainingError: The file is missing or contains neither.
    """
    content = read_checkpoint(path)
    state = content.get("state_dict", content)
    if "recipe" in content:  # one of our checkpoints, which contain more than the network
        state = network_state(state)
    if not isinstance(state, dict) or not all(isinstance(value, Tensor) for value in state.values()):
        raise TrainingError("No weights", f"{path} contains no weights.", "Name a checkpoint (.ckpt, .pth).")
    return {str(name): value for name, value in state.items()}


def read_checkpoint(path: Path) -> dict[str, Any]:
    """Reads a file that torch saved; no code in it is run.

    Raises:
        TrainingError: It is missing or damaged, or contains more than values and tensors.
    """
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        raise TrainingError("No checkpoint", f"{path} is missing.", "Check the path.") from None
    except _UNREADABLE as error:
        raise TrainingError(
            "Checkpoint unreadable",
            f"{path} cannot be read: it is damaged, or not a checkpoint.",
            f"Name another or, if it belongs to a run, delete {path.parent} to train it again.",
        ) from error
    return content if isinstance(content, dict) else {}


def network_state(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """Returns the network's weights from a checkpoint's "state_dict", under the network's own names."""
    return {
        name.removeprefix(_NETWORK_PREFIX): value
        for name, value in state.items()
        if name.startswith(_NETWORK_PREFIX)
    }


def start_from(network: Network, state: dict[str, Tensor]) -> None:
    """Puts weights into a network; parts that they lack (CBAM, the classifier) stay random.

    A first convolution for colour is averaged over its channels.

    Args:
        network: One of `NETWORKS`.
        state: Of the same network, or of torchvision's ResNet18.

    Raises:
        TrainingError: They belong to another network.
    """
    weights = {_our_name(name): value for name, value in state.items()}
    first = weights.get("stem.0.weight")
    if first is not None and first.ndim == 4:
        weights["stem.0.weight"] = first.mean(dim=1, keepdim=True)
    ours = network.state_dict()
    misfits = {name for name in ours.keys() ^ weights.keys() if not name.startswith(_OPTIONAL)}
    misfits |= {name for name in ours.keys() & weights.keys() if ours[name].shape != weights[name].shape}
    if misfits:
        raise TrainingError(
            "Weights of another network",
            f"They do not fit at {min(misfits)}.",
            "Use those of a run of the same architecture or, for a ResNet18, torchvision's.",
        )
    network.load_state_dict({**ours, **{name: weights[name] for name in weights.keys() & ours.keys()}})


def _our_name(name: str) -> str:
    """Returns the name in our ResNet18 of what is called `name` in a checkpoint or in torchvision's."""
    if name.startswith("conv1."):
        return f"stem.0.{name.removeprefix('conv1.')}"
    if name.startswith("bn1."):
        return f"stem.1.{name.removeprefix('bn1.')}"
    stage = _STAGE.match(name)
    return f"stages.{int(stage[1]) - 1}.{name[stage.end() :]}" if stage else name
