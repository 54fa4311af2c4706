"""The networks: ResNet18 with a convolutional block attention module, and the CNN it is compared with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.nn import functional
from torchvision.models import resnet18

from fer_desktop.domain import Emotion

if TYPE_CHECKING:
    from training.config import Recipe


class ChannelAttention(nn.Module):
    """Weighs channels by their mean and their maximum (Woo et al., 2018, CBAM, section 3)."""

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
    """Weighs places by the mean and the maximum over channels (Woo et al., 2018, CBAM, section 3)."""

    def __init__(self, kernel_size: int = 7) -> None:
        super().__init__()
        self.conv = nn.Conv2d(2, 1, kernel_size, padding=kernel_size // 2, bias=False)

    def forward(self, features: Tensor) -> Tensor:
        """Returns the weights in 0..1, [n, 1, h, w], for features [n, channels, h, w]."""
        summary = torch.cat((features.mean(dim=1, keepdim=True), features.amax(dim=1, keepdim=True)), dim=1)
        return torch.sigmoid(self.conv(summary))


class ResNet18Cbam(nn.Module):
    """torchvision's ResNet18 for gray faces, with CBAM between its last stage and pooling.

    Args:
        dropout: Share of the pooled features that is dropped in training.
        cbam: Without it, it is plain ResNet18.
        stem_pooling: As in ResNet18; without, small faces keep twice the places.
        last_stride: Of the last stage, 2 in ResNet18; 1 keeps twice the places. Without pooling and with
            stride 1, a face of 48 pixels ends in 6x6 places, and the spatial attention shows something.
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
            faces: Normalised, float32, [n, 1, side, side].

        Returns:
            Logits in the order of `Emotion`, [n, 4], and spatial attention in 0..1, [n, h, w], None without
            CBAM. h and w are side / 32, twice that without `stem_pooling`, twice with `last_stride` 1.
        """
        # Pooled before the rectifier, which gives the same: rectified features onnxruntime would pool in
        # bytes where it computes in 8 bits, and that takes it half as long as all the rest.
        features = self.stages(functional.relu(self.pooling(self.stem(faces)), inplace=True))
        attention = None
        if self.channel_attention is not None and self.spatial_attention is not None:
            features = features * self.channel_attention(features)
            weights = self.spatial_attention(features)
            features = features * weights
            attention = weights.squeeze(1)
        return self.classifier(self.dropout(features.mean(dim=(2, 3)))), attention


class BaselineCnn(nn.Module):
    """Three convolutions and two dense layers: the net that the report compares with.

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
        """Returns the logits, [n, 4], of normalised faces, float32, [n, 1, image_size, image_size]."""
        return self.classifier(self.dropout(self.hidden(self.features(faces)))), None


_MOBILENET_BLOCKS = (
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
            # A convolution with this stride is the same, but its gradient takes a CPU ten times as long.
            # It begins where TensorFlow's does, in which the weights were learnt.
            first = 1 - features.shape[-1] % 2
            features = features[..., first :: self.stride, first :: self.stride]
        features = functional.relu6(self.depthwise_norm(features), inplace=True)
        return functional.relu6(self.pointwise_norm(self.pointwise(features)), inplace=True)


class MobileNet(nn.Module):
    """MobileNet for gray faces (Howard et al., 2017), for which weights that know faces are to be had.

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
        for wanted, stride in _MOBILENET_BLOCKS:
            blocks.append(DepthwiseSeparable(channels, wanted, stride))
            channels = wanted
        self.blocks = nn.Sequential(*blocks)
        self.dropout = nn.Dropout(dropout)
        self.classifier = nn.Linear(channels, len(Emotion))

    def forward(self, faces: Tensor) -> tuple[Tensor, None]:
        """Returns the logits, [n, 4], of normalised faces, float32, [n, 1, side, side]."""
        features = self.blocks(self.stem(faces)).mean(dim=(2, 3))
        return self.classifier(self.dropout(features)), None


Network = ResNet18Cbam | BaselineCnn | MobileNet


def build_network(recipe: Recipe) -> Network:
    """Returns a recipe's network with random weights."""
    if recipe.architecture == "baseline_cnn":
        return BaselineCnn(recipe.dropout, image_size=recipe.image_size)
    if recipe.architecture == "mobilenet":
        return MobileNet(recipe.dropout)
    return ResNet18Cbam(
        recipe.dropout, cbam=recipe.cbam, stem_pooling=recipe.stem_pooling, last_stride=recipe.last_stride
    )
