"""The networks. To add one: a module with its class and its options, and a line in `NETWORKS`."""

from training.networks.base import Network, NetworkOptions
from training.networks.baseline_cnn import BaselineCnn, BaselineCnnOptions
from training.networks.mobilenet import MobileNet, MobileNetOptions
from training.networks.resnet18_cbam import ResNet18Cbam, ResNet18CbamOptions

NETWORKS: dict[str, type[NetworkOptions]] = {
    "baseline_cnn": BaselineCnnOptions,
    "mobilenet": MobileNetOptions,
    "resnet18_cbam": ResNet18CbamOptions,
}
"""By the name that a recipe's `architecture` gives them."""

__all__ = ["NETWORKS", "BaselineCnn", "MobileNet", "Network", "NetworkOptions", "ResNet18Cbam"]
