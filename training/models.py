"""The network: ResNet18 with a convolutional block attention module after its last stage."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torchvision.models import resnet18

from fer_desktop.domain import Emotion


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
    """torchvision's ResNet18 for small gray faces, with CBAM between its last stage and pooling.

    Without the stem's pooling and with stride 1 in the last stage, a face of 48 pixels ends in 6x6 places
    (the usual ResNet18: 2x2), so that the spatial attention shows something.
    """

    def __init__(self, dropout: float) -> None:
        super().__init__()
        backbone = resnet18()
        last_stage = backbone.layer4[0]
        last_stage.conv1.stride = (1, 1)
        last_stage.downsample[0].stride = (1, 1)
        first = nn.Conv2d(1, 64, 7, stride=2, padding=3, bias=False)
        nn.init.kaiming_normal_(first.weight, mode="fan_out", nonlinearity="relu")  # as torchvision does
        self.stem = nn.Sequential(first, backbone.bn1, nn.ReLU(inplace=True))
        self.stages = nn.Sequential(backbone.layer1, backbone.layer2, backbone.layer3, backbone.layer4)
        self.channel_attention = ChannelAttention(512)
        self.spatial_attention = SpatialAttention()
        self.dropout = nn.Dropout(dropout)
        self.classifier = nn.Linear(512, len(Emotion))

    def forward(self, faces: Tensor) -> tuple[Tensor, Tensor]:
        """Classifies faces.

        Args:
            faces: Normalised, float32, [n, 1, side, side].

        Returns:
            Logits in the order of `Emotion`, [n, 4], and spatial attention in 0..1, [n, side / 8, side / 8].
        """
        features = self.stages(self.stem(faces))
        features = features * self.channel_attention(features)
        attention = self.spatial_attention(features)
        pooled = (features * attention).mean(dim=(2, 3))
        return self.classifier(self.dropout(pooled)), attention.squeeze(1)
