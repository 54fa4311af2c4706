"""Reading emotions: the shipped ONNX model, behind an interface that a fake can take."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from fer_desktop.domain import EmotionScores, Image
    from fer_desktop.vision.model_card import ModelCard


class EmotionClassifier(Protocol):
    """Reads the emotions of cropped faces."""

    def predict(self, crops: Sequence[Image]) -> tuple[EmotionScores, ...]:
        """Returns the probabilities for each crop: gray, [height, width], at least 24 px, sizes may differ."""
        ...


class OnnxEmotionClassifier:
    """Runs models/emotion.onnx in onnxruntime."""

    card: ModelCard

    @classmethod
    def load(cls, model_path: Path, card_path: Path) -> OnnxEmotionClassifier:
        """Loads the model, checks it against its card, and runs it once, so that the first face waits for nothing.

        Raises:
            ModelError: A file is missing or damaged, or the model is not what the card says.
        """
        raise NotImplementedError

    def predict(self, crops: Sequence[Image]) -> tuple[EmotionScores, ...]:
        """Returns the probabilities for each crop: gray, [height, width], at least 24 px, sizes may differ."""
        raise NotImplementedError
