"""MobileNet, for which published weights exist that were trained on faces."""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor, nn
from torch.nn import functional

from fer_desktop.domain import Emotion
from training.networks.base import Network, NetworkOptions

_BLOCKS = (
    (64, 1),
    (128, 2),
    (128, 1),
    (256, 2),
    (256, 1),
    (512, 2),
    *[(512, 1)] * 5,
    (1024, 2),
    (1024, 1),
)
"""Channels and stride of each (Howard et al., 2017, MobileNets, table 1)."""


class DepthwiseSeparable(nn.Module):
    """A convolution of each channel, then one of each place (Howard et al., 2017, section 3.1)."""

    def __init__(self, channels_in: int, channels_out: int, stride: int) -> None:
        super().__init__()
        self.stride = stride
        self.depthwise = nn.Conv2d(channels_in, channels_in, 3, padding=1, groups=channels_in, bias=False)
        self.depthwise_norm = nn.BatchNorm2d(channels_in)
        self.pointwise = nn.Conv2d(channels_in, channels_out, 1, bias=False)
        self.pointwise_norm = nn.BatchNorm2d(channels_out)

    def forward(self, features: Tensor) -> Tensor:
        """Returns features [n, channels_out, h / stride, w / stride] for [n, channels_in, h, w]."""
        features = self.depthwise(features)
        if self.stride > 1:
            # A convolution with this stride is the same, but its gradient takes ten times as long on a CPU.
            # It starts at the same pixel as in TensorFlow, with which the published weights were trained.
            first = 1 - features.shape[-1] % 2
            features = features[..., first :: self.stride, first :: self.stride]
        features = functional.relu6(self.depthwise_norm(features), inplace=True)
        return functional.relu6(self.pointwise_norm(self.pointwise(features)), inplace=True)


class MobileNet(Network):
    """MobileNet for gray faces (Howard et al., 2017).

    Args:
        dropout: Share of the pooled features that is dropped in training.
    """

    def __init__(self, dropout: float = 0.0) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            nn.ZeroPad2d((0, 1, 0, 1)),
            nn.Conv2d(1, 32, 3, stride=2, bias=False),
            nn.BatchNorm2d(32),
            nn.ReLU6(inplace=True),
        )
        blocks, channels = [], 32
        for wanted, stride in _BLOCKS:
            blocks.append(DepthwiseSeparable(channels, wanted, stride))
            channels = wanted
        self.blocks = nn.Sequential(*blocks)
        self.dropout = nn.Dropout(dropout)
        self.classifier = nn.Linear(channels, len(Emotion))

    def forward(self, faces: Tensor) -> tuple[Tensor, None]:
        """Returns the logits, [n, emotions], of normalized faces, float32, [n, 1, side, side]."""
        features = self.blocks(self.stem(faces)).mean(dim=(2, 3))
        return self.classifier(self.dropout(features)), None


class MobileNetOptions(NetworkOptions):
    """A MobileNet has no options of its own."""

    description: ClassVar[str] = "a MobileNet"
    published_weights: ClassVar[tuple[str, ...]] = ("vggface2",)

    def build(self, *, dropout: float, image_size: int) -> MobileNet:  # noqa: ARG002  # any size
        """Returns the network with random weights."""
        return MobileNet(dropout)
