"""The CNN that the others are compared with."""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor, nn

from fer_desktop.domain import Emotion
from training.networks.base import Network, NetworkOptions


class BaselineCnn(Network):
    """Three convolutions and two dense layers, as in the report behind this project.

    Args:
        dropout: Share of the hidden features that is dropped in training.
        image_size: Side in pixels of the faces; the dense layer depends on it.
    """

    def __init__(self, dropout: float = 0.0, *, image_size: int = 48) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for channels_in, channels_out in ((1, 32), (32, 64), (64, 128)):
            layers += [nn.Conv2d(channels_in, channels_out, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)]
        self.features = nn.Sequential(*layers, nn.Flatten())
        self.hidden = nn.Sequential(nn.Linear(128 * (image_size // 8) ** 2, 128), nn.ReLU())
        self.dropout = nn.Dropout(dropout)
        self.classifier = nn.Linear(128, len(Emotion))

    def forward(self, faces: Tensor) -> tuple[Tensor, None]:
        """Returns the logits, [n, emotions], of normalized faces, float32, [n, 1, image_size, image_size]."""
        return self.classifier(self.dropout(self.hidden(self.features(faces)))), None


class BaselineCnnOptions(NetworkOptions):
    """A baseline has no options of its own."""

    description: ClassVar[str] = "a CNN of three convolutions and two dense layers"
    takes_any_size: ClassVar[bool] = False
    takes_weights: ClassVar[bool] = False

    def build(self, *, dropout: float, image_size: int) -> BaselineCnn:
        """Returns the network with random weights."""
        return BaselineCnn(dropout, image_size=image_size)
