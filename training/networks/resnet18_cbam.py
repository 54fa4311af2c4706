"""ResNet18 with a convolutional block attention module (CBAM), the network that the app ships."""

from __future__ import annotations

from typing import ClassVar, Literal

import torch
from torch import Tensor, nn
from torch.nn import functional
from torchvision.models import resnet18

from fer_desktop.domain import Emotion
from training.networks.base import Network, NetworkOptions


class ChannelAttention(nn.Module):
    """Weights channels by their mean and their maximum (Woo et al., 2018, CBAM, section 3)."""

    def __init__(self, channels: int, reduction: int = 16) -> None:
        super().__init__()
        self.mlp = nn.Sequential(
            nn.Conv2d(channels, channels // reduction, 1, bias=False),
            nn.ReLU(),
            nn.Conv2d(channels // reduction, channels, 1, bias=False),
        )

    def forward(self, features: Tensor) -> Tensor:
        """Returns the weights in 0..1, [n, channels, 1, 1], for features [n, channels, h, w]."""
        mean = features.mean(dim=(2, 3), keepdim=True)
        highest = features.amax(dim=(2, 3), keepdim=True)
        return torch.sigmoid(self.mlp(mean) + self.mlp(highest))


class SpatialAttention(nn.Module):
    """Weights places by the mean and the maximum over channels (Woo et al., 2018, CBAM, section 3)."""

    def __init__(self, kernel_size: int = 7) -> None:
        super().__init__()
        self.conv = nn.Conv2d(2, 1, kernel_size, padding=kernel_size // 2, bias=False)

    def forward(self, features: Tensor) -> Tensor:
        """Returns the weights in 0..1, [n, 1, h, w], for features [n, channels, h, w]."""
        summary = torch.cat((features.mean(dim=1, keepdim=True), features.amax(dim=1, keepdim=True)), dim=1)
        return torch.sigmoid(self.conv(summary))


class ResNet18Cbam(Network):
    """torchvision's ResNet18 for gray faces, with CBAM between its last stage and pooling.

    Args:
        dropout: Share of the pooled features that is dropped in training.
        cbam: Without it, it is a plain ResNet18.
        stem_pooling: As in ResNet18; without it, small faces keep twice the places per side.
        last_stride: Of the last stage, 2 in ResNet18; 1 keeps twice the places per side. Without pooling and
            with stride 1, a face of 48 pixels ends in 6x6 places, and spatial attention shows something.
    """

    def __init__(
        self, dropout: float = 0.0, *, cbam: bool = True, stem_pooling: bool = True, last_stride: int = 2
    ) -> None:
        super().__init__()
        backbone = resnet18()
        last_stage = backbone.layer4[0]
        last_stage.conv1.stride = (last_stride, last_stride)
        last_stage.downsample[0].stride = (last_stride, last_stride)
        first = nn.Conv2d(1, 64, 7, stride=2, padding=3, bias=False)
        nn.init.kaiming_normal_(first.weight, mode="fan_out", nonlinearity="relu")  # as torchvision does
        self.stem = nn.Sequential(first, backbone.bn1)
        self.pooling = backbone.maxpool if stem_pooling else nn.Identity()
        self.stages = nn.Sequential(backbone.layer1, backbone.layer2, backbone.layer3, backbone.layer4)
        self.channel_attention = ChannelAttention(512) if cbam else None
        self.spatial_attention = SpatialAttention() if cbam else None
        self.dropout = nn.Dropout(dropout)
        self.classifier = nn.Linear(512, len(Emotion))

    def forward(self, faces: Tensor) -> tuple[Tensor, Tensor | None]:
        """Classifies faces.

        Args:
            faces: Normalized, float32, [n, 1, side, side].

        Returns:
            Logits in the order of `Emotion`, [n, emotions], and spatial attention in 0..1, [n, h, w], None
            without CBAM. h and w are side / 32, twice that without `stem_pooling`, and twice with
            `last_stride` 1.
        """
        # Pooling before the rectifier gives the same. After it, onnxruntime would pool in bytes when it
        # computes in 8 bits, and that takes half as long as all the rest.
        features = self.stages(functional.relu(self.pooling(self.stem(faces)), inplace=True))
        attention = None
        if self.channel_attention is not None and self.spatial_attention is not None:
            features = features * self.channel_attention(features)
            weights = self.spatial_attention(features)
            features = features * weights
            attention = weights.squeeze(1)
        return self.classifier(self.dropout(features.mean(dim=(2, 3)))), attention


class ResNet18CbamOptions(NetworkOptions):
    """What a recipe says about a ResNet18 with CBAM, as its constructor takes it."""

    description: ClassVar[str] = "a ResNet18 with a convolutional block attention module (CBAM)"
    published_weights: ClassVar[tuple[str, ...]] = ("imagenet",)

    cbam: bool = True
    stem_pooling: bool = True
    last_stride: Literal[1, 2] = 2

    def build(self, *, dropout: float, image_size: int) -> ResNet18Cbam:  # noqa: ARG002  # any size
        """Returns the network with random weights."""
        return ResNet18Cbam(
            dropout, cbam=self.cbam, stem_pooling=self.stem_pooling, last_stride=self.last_stride
        )
