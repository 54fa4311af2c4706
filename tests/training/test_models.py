"""The network by itself."""

from __future__ import annotations

import pytest
import torch

from training.models import ChannelAttention, ResNet18Cbam, SpatialAttention


def test_it_has_the_parameters_of_resnet18_with_cbam() -> None:
    assert sum(parameter.numel() for parameter in ResNet18Cbam(0.3).parameters()) == 11_205_158


@pytest.mark.parametrize(("side", "places"), [(48, 6), (96, 12)])
def test_faces_become_logits_and_attention(side: int, places: int) -> None:
    logits, attention = ResNet18Cbam(0.3).eval()(torch.randn(2, 1, side, side))
    assert logits.shape == (2, 4)
    assert attention.shape == (2, places, places)
    assert attention.min() >= 0
    assert attention.max() <= 1


def test_channel_attention_shares_one_mlp_for_mean_and_maximum() -> None:
    attention = ChannelAttention(32)
    features = torch.rand(1, 32, 1, 1).expand(1, 32, 5, 5)  # mean and maximum are the same
    expected = torch.sigmoid(2 * attention.mlp(features[:, :, :1, :1]))
    assert torch.allclose(attention(features), expected)


def test_spatial_attention_follows_what_stands_out() -> None:
    attention = SpatialAttention()
    torch.nn.init.ones_(attention.conv.weight)
    features = torch.zeros(1, 8, 15, 15)
    features[0, :, 2, 2] = 1
    weights = attention(features)[0, 0]
    assert weights[2, 2] > weights[12, 12]


def test_it_learns_a_handful_of_faces_by_heart() -> None:
    torch.manual_seed(0)
    network = ResNet18Cbam(0.0)
    faces, labels = torch.randn(8, 1, 24, 24), torch.arange(8) % 4
    optimizer = torch.optim.AdamW(network.parameters(), 1e-3)
    for _ in range(25):
        loss = torch.nn.functional.cross_entropy(network(faces)[0], labels)
        optimizer.zero_grad()
        torch.autograd.backward(loss)
        optimizer.step()
    assert loss.item() < 0.1
