"""The model card: what is known about the model file, and the check that the two agree."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fer_desktop.domain import Emotion
from fer_desktop.errors import ModelError
from fer_desktop.translation import N_, _

if TYPE_CHECKING:
    from pathlib import Path

FORMAT_VERSION = 1

_SHARES = (0.0, 1.0)
_MARGINS = (-0.4, 2.0)
"""Tighter crops cut the face off, wider ones lose it."""

_HINT = N_(
    "Install FER Desktop again, or put the model's two files (emotion.onnx, emotion.json) back together."
)


@dataclass(frozen=True, slots=True)
class ModelCard:
    """What the app needs to know about a model; the file holds more, for people (see models/README.md).

    Attributes:
        version: Date of the training, "2026.11.23".
        input_size: Side in pixels to which the graph resizes its input.
        crop_margin: Share of the face box's side that is added on each side before cropping.
        unsure_threshold: A reading whose highest probability is below this is shown as unsure.
        test_accuracy: Share of the test faces whose FER+ label it predicts.
        test_recall: The same for each emotion.
        sha256: Digest of the model file that the card belongs to.
        personal: How readings differ from person to person, for `fer_desktop.personal`; None in a card that
            does not say it.
    """

    version: str
    input_size: int
    crop_margin: float
    unsure_threshold: float
    test_accuracy: float
    test_recall: dict[Emotion, float]
    sha256: str
    personal: dict[str, Any] | None = None

    @classmethod
    def load(cls, path: Path) -> ModelCard:
        """Reads the card at `path`.

        Raises:
            ModelError: It is missing, not JSON, of another format, or names other classes.
        """
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise ModelError(
                _("Model card missing"), _("{path} does not exist.").format(path=path), _(_HINT)
            ) from None
        except (OSError, ValueError, RecursionError) as error:
            raise ModelError(
                _("Model card unreadable"), _("{path} cannot be read.").format(path=path), _(_HINT)
            ) from error
        try:
            return cls._parse(content)
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise ModelError(
                _("Model card unusable"),
                _("{path} lacks a value, or has a wrong one ({error}).").format(path=path, error=error),
                _(_HINT),
            ) from error

    @classmethod
    def _parse(cls, content: dict[str, Any]) -> ModelCard:
        if content["format_version"] != FORMAT_VERSION:
            raise ValueError(f"format version {content['format_version']}, expected {FORMAT_VERSION}")
        if content["classes"] != list(Emotion):
            raise ValueError(f"classes {content['classes']}, expected {', '.join(Emotion)}")
        test = content["metrics"]["test"]["ferplus"]
        return cls(
            version=str(content["version"]),
            input_size=int(content["input"]["size"]),
            crop_margin=_number_of(content, "crop_margin", _MARGINS),
            unsure_threshold=_number_of(content, "unsure_threshold", _SHARES),
            test_accuracy=_number_of(test, "accuracy", _SHARES),
            test_recall={emotion: _number_of(test["recall"], emotion.value, _SHARES) for emotion in Emotion},
            sha256=str(content["sha256"]),
            personal=content.get("personal"),
        )

    def verify(self, model: bytes) -> None:
        """Checks that the card belongs to `model`, the content of the model file.

        Raises:
            ModelError: The digests differ.
        """
        if hashlib.sha256(model).hexdigest() != self.sha256:
            raise ModelError(
                _("Model does not match its card"),
                _("The model file is damaged, or belongs to another model card."),
                _(_HINT),
            )


def _number_of(content: dict[str, Any], name: str, limits: tuple[float, float]) -> float:
    least, most = limits
    number = float(content[name])
    if not least <= number <= most:  # NaN fails this, too
        raise ValueError(f"{name} {number}, expected {least} to {most}")
    return number
