"""The networks on their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import torch

from training.config import Recipe
from training.networks import BaselineCnn, ResNet18Cbam
from training.networks.resnet18_cbam import ChannelAttention, SpatialAttention

if TYPE_CHECKING:
    from training.networks import Network


def parameters(network: Network) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


def test_they_have_the_right_number_of_parameters() -> None:
    assert parameters(BaselineCnn()) == 683_140
    assert parameters(ResNet18Cbam()) == 11_205_158
    assert parameters(ResNet18Cbam(stem_pooling=False, last_stride=1)) == 11_205_158
    cbam = 2 * 512 * 512 // 16 + 2 * 7 * 7
    assert parameters(ResNet18Cbam(cbam=False)) == 11_205_158 - cbam


@pytest.mark.parametrize(
    ("changes", "side", "places"),
    [
        ({}, 224, 7),
        ({}, 64, 2),
        ({"last_stride": 1}, 96, 6),
        ({"stem_pooling": False, "last_stride": 1}, 48, 6),
        ({"stem_pooling": False, "last_stride": 1}, 96, 12),
    ],
)
def test_faces_become_logits_and_attention(changes: dict[str, Any], side: int, places: int) -> None:
    logits, attention = ResNet18Cbam(0.3, **changes).eval()(torch.randn(2, 1, side, side))
    assert logits.shape == (2, 4)
    assert attention is not None
    assert attention.shape == (2, places, places)
    assert attention.min() >= 0
    assert attention.max() <= 1


def test_without_cbam_it_is_torchvisions_resnet18() -> None:
    from torchvision.models import resnet18

    torch.manual_seed(0)
    network, theirs = ResNet18Cbam(cbam=False).eval(), resnet18(num_classes=4).eval()
    gray = torch.randn(2, 1, 64, 64)
    theirs.conv1.weight.data = network.state_dict()["stem.0.weight"].repeat(1, 3, 1, 1) / 3
    theirs.bn1.load_state_dict(network.stem[1].state_dict())
    for number, stage in enumerate((theirs.layer1, theirs.layer2, theirs.layer3, theirs.layer4)):
        stage.load_state_dict(network.stages[number].state_dict())
    theirs.fc.load_state_dict(network.classifier.state_dict())
    with torch.inference_mode():
        logits, attention = network(gray)
        assert torch.allclose(logits, theirs(gray.repeat(1, 3, 1, 1)), atol=1e-4)
    assert attention is None


def test_the_baseline_has_no_attention_and_takes_other_sizes() -> None:
    logits, attention = BaselineCnn(image_size=64)(torch.randn(3, 1, 64, 64))
    assert logits.shape == (3, 4)
    assert attention is None


@pytest.mark.parametrize("name", ["baseline", "initial", "quick"])
def test_a_recipe_gets_its_network(name: str) -> None:
    recipe = Recipe.load(name)
    network = recipe.build_network()
    assert isinstance(network, BaselineCnn) == (name == "baseline")
    assert network.dropout.p == recipe.dropout
    assert parameters(Recipe.load("quick", {"cbam": False}).build_network()) < parameters(
        Recipe.load("quick").build_network()
    )


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


@pytest.mark.parametrize(
    ("network", "side"),
    [(ResNet18Cbam(stem_pooling=False, last_stride=1), 24), (BaselineCnn(image_size=24), 24)],
    ids=["resnet18_cbam", "baseline_cnn"],
)
def test_it_memorizes_a_handful_of_faces(network: Network, side: int) -> None:
    torch.manual_seed(0)
    faces, labels = torch.randn(8, 1, side, side), torch.arange(8) % 4
    optimizer = torch.optim.AdamW(network.parameters(), 1e-3)
    for _ in range(20):
        loss = torch.nn.functional.cross_entropy(network(faces)[0], labels)
        optimizer.zero_grad()
        torch.autograd.backward(loss)
        optimizer.step()
    assert loss.item() < 0.1
