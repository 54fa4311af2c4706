"""The model card: what it holds, and what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fer_desktop.domain import Emotion
from fer_desktop.errors import ModelError
from fer_desktop.vision.model_card import ModelCard
from tests.fakes.tiny_model import write_tiny_model

if TYPE_CHECKING:
    from pathlib import Path


def test_card_holds_what_the_app_needs(tmp_path: Path) -> None:
    model, path = write_tiny_model(tmp_path)
    card = ModelCard.load(path)
    card.verify(model.read_bytes())
    assert (card.version, card.input_size, card.crop_margin) == ("2026.11.23", 48, 0.1)
    assert (card.unsure_threshold, card.test_accuracy) == (0.45, 0.75)
    assert card.test_recall == dict.fromkeys(Emotion, 0.75)


@pytest.mark.parametrize(
    ("name", "least", "most"), [("crop_margin", -0.4, 2.0), ("unsure_threshold", 0.0, 1.0)]
)
def test_numbers_are_kept_within_limits(tmp_path: Path, name: str, least: float, most: float) -> None:
    for number in (least, most):
        ModelCard.load(write_tiny_model(tmp_path, None, **{name: number})[1])
    for number in (least - 0.01, most + 0.01, float("nan")):
        with pytest.raises(ModelError, match=name):
            ModelCard.load(write_tiny_model(tmp_path, None, **{name: number})[1])


@pytest.mark.parametrize(
    "changes",
    [
        {"classes": ["happy", "angry", "neutral", "sad"]},
        {"format_version": 2},
        {"input": {"size": float("inf")}},
        {"metrics": {"test": {"ferplus": {"accuracy": 0.75, "recall": {}}}}},
    ],
)
def test_card_of_another_kind_is_refused(tmp_path: Path, changes: dict[str, object]) -> None:
    with pytest.raises(ModelError, match="Model card unusable"):
        ModelCard.load(write_tiny_model(tmp_path, None, **changes)[1])


@pytest.mark.parametrize("content", [b"{", b"[]", b"\xff\xff", b'{"format_version": 1}', b"[" * 100_000])
def test_damaged_card_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "emotion.json"
    path.write_bytes(content)
    with pytest.raises(ModelError, match=r"emotion\.json"):
        ModelCard.load(path)
