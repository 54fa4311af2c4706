"""Where a network starts from: ImageNet's weights, an earlier run's, or a file's."""

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

    from training.models import Network

IMAGENET = ResNet18_Weights.IMAGENET1K_V1
_NETWORK_PREFIX = "network."

_OPTIONAL = ("fc.", "classifier.", "channel_attention.", "spatial_attention.")
"""Parts that torchvision's ResNet18 or the net without CBAM lacks, or that we do not take."""

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
"""What torch raises over a file that is no checkpoint, depending on its first bytes."""

_STAGE = re.compile(r"layer([1-4])\.")


class WeightsUnavailableError(TrainingError):
    """Published weights are neither on this computer nor to be had over the network."""


def imagenet_weights() -> dict[str, Tensor]:
    """Returns torchvision's weights of a ResNet18 trained on ImageNet, downloaded at first.

    Raises:
        WeightsUnavailableError: They cannot be downloaded.
    """
    try:
        return dict(IMAGENET.get_state_dict(progress=False, check_hash=True))
    except (URLError, OSError, RuntimeError) as error:
        raise WeightsUnavailableError(
            "No ImageNet weights",
            f"{IMAGENET.url} cannot be had ({error}).",
            "Download it elsewhere and name the file (--weights PATH), or begin at random (--weights none).",
        ) from error


def read_weights(path: Path) -> dict[str, Tensor]:
    """Reads the weights in a checkpoint of ours or in a state dict of torchvision's ResNet18.

    Raises:
        TrainingError: The file is missing or holds neither.
    """
    content = read_checkpoint(path)
    state = content.get("state_dict", content)
    if "recipe" in content:  # of ours, which holds more than the network
        state = network_state(state)
    if not isinstance(state, dict) or not all(isinstance(value, Tensor) for value in state.values()):
        raise TrainingError("No weights", f"{path} holds no weights.", "Name a checkpoint (.ckpt, .pth).")
    return {str(name): value for name, value in state.items()}


def read_checkpoint(path: Path) -> dict[str, Any]:
    """Reads a file that torch saved; nothing in it is run.

    Raises:
        TrainingError: It is missing or damaged, or holds more than values and tensors.
    """
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        raise TrainingError("No checkpoint", f"{path} is not there.", "Check the path.") from None
    except _UNREADABLE as error:
        raise TrainingError(
            "Checkpoint unreadable",
            f"{path} cannot be read: it is damaged, or no checkpoint.",
            f"Name another, or, if it belongs to a run, delete {path.parent} to train anew.",
        ) from error
    return content if isinstance(content, dict) else {}


def network_state(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """Returns the network's weights out of a checkpoint's "state_dict", under the network's own names."""
    return {
        name.removeprefix(_NETWORK_PREFIX): value
        for name, value in state.items()
        if name.startswith(_NETWORK_PREFIX)
    }


def start_from(network: Network, state: dict[str, Tensor]) -> None:
    """Puts weights into a network; what it has and they have not (CBAM, the classifier) stays at random.

    A first convolution for colour is averaged over its channels.

    Args:
        network: A ResNet18, with or without CBAM, or a MobileNet.
        state: Of one of ours, or of torchvision's ResNet18.

    Raises:
        TrainingError: They are of another net.
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
            "Weights of another net",
            f"They do not fit at {min(misfits)}.",
            "Take those of a run of the same architecture; for a ResNet18 also torchvision's.",
        )
    network.load_state_dict({**ours, **{name: weights[name] for name in weights.keys() & ours.keys()}})


def _our_name(name: str) -> str:
    """Returns where our ResNet18 has what is called `name` in a checkpoint or in torchvision's."""
    if name.startswith("conv1."):
        return f"stem.0.{name.removeprefix('conv1.')}"
    if name.startswith("bn1."):
        return f"stem.1.{name.removeprefix('bn1.')}"
    stage = _STAGE.match(name)
    return f"stages.{int(stage[1]) - 1}.{name[stage.end() :]}" if stage else name
