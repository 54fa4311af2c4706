"""What every network is, and what a recipe may say about it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

from pydantic import BaseModel, ConfigDict
from torch import Tensor, nn


class Network(nn.Module, ABC):
    """Reads expressions in gray faces."""

    dropout: nn.Dropout

    @abstractmethod
    def forward(self, faces: Tensor) -> tuple[Tensor, Tensor | None]:
        """Classifies faces.

        Args:
            faces: Normalized, float32, [n, 1, side, side].

        Returns:
            Logits in the order of `Emotion`, [n, emotions], and spatial attention in 0..1, [n, h, w], or None
            if the network has none.
        """


class NetworkOptions(BaseModel, ABC):
    """The values of a recipe that one network alone has; its fields are the names in the recipe's file.

    Attributes:
        description: What the network is, in words that follow "It is".
        takes_any_size: Whether it reads faces of any size, so that a recipe may start with small ones.
        takes_weights: Whether it may start from other weights than random ones.
        published_weights: Which of `PUBLISHED_WEIGHTS` fit it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    description: ClassVar[str]
    takes_any_size: ClassVar[bool] = True
    takes_weights: ClassVar[bool] = True
    published_weights: ClassVar[tuple[str, ...]] = ()

    @abstractmethod
    def build(self, *, dropout: float, image_size: int) -> Network:
        """Returns the network with random weights.

        Args:
            dropout: Share of the features that is dropped before the last dense layer.
            image_size: Side in pixels of the faces that it reads.
        """
