"""The ONNX classifier with a real, tiny model, and with model files that cannot be used."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from fer_desktop.domain import Emotion
from fer_desktop.errors import ModelError
from fer_desktop.vision.emotion_classifier import OnnxEmotionClassifier
from tests.fakes.tiny_model import GRAY_OF, THREE_CLASSES, TINY_MODEL, write_tiny_model

if TYPE_CHECKING:
    from pathlib import Path

    from fer_desktop.domain import Image

MODEL = TINY_MODEL.read_bytes()


def uniform_crop(emotion: Emotion, side: int = 48) -> Image:
    return np.full((side, side), GRAY_OF[emotion], np.uint8)


@pytest.fixture
def classifier(tmp_path: Path) -> OnnxEmotionClassifier:
    return OnnxEmotionClassifier.load(*write_tiny_model(tmp_path))


@pytest.mark.parametrize("emotion", Emotion)
def test_probabilities_stand_under_their_emotions(
    classifier: OnnxEmotionClassifier, emotion: Emotion
) -> None:
    (scores,) = classifier.predict([uniform_crop(emotion)])
    assert scores.dominant is emotion
    assert scores[emotion] > 0.9
    assert sum(scores.values()) == pytest.approx(1)


def test_crops_of_different_sizes_keep_their_order(classifier: OnnxEmotionClassifier) -> None:
    emotions = [Emotion.SAD, Emotion.ANGRY, Emotion.HAPPY, Emotion.HAPPY, Emotion.NEUTRAL]
    crops = [
        uniform_crop(emotion, side) for emotion, side in zip(emotions, (24, 200, 64, 64, 24), strict=True)
    ]
    assert [scores.dominant for scores in classifier.predict(crops)] == emotions


def test_same_crop_reads_the_same_alone_and_among_others(classifier: OnnxEmotionClassifier) -> None:
    crop = np.random.default_rng(7).integers(0, 256, (60, 60)).astype(np.uint8)
    alone = classifier.predict([crop])[0]
    among = classifier.predict([uniform_crop(Emotion.SAD, 60), crop])[1]
    assert tuple(among) == pytest.approx(tuple(alone), abs=1e-6)


def test_attention_comes_with_the_same_scores(classifier: OnnxEmotionClassifier) -> None:
    lit = uniform_crop(Emotion.SAD, 96)
    lit[:48, 48:] = 255
    crops = [lit, uniform_crop(Emotion.HAPPY, 24)]
    found = classifier.predict_with_attention(crops)
    assert tuple(scores for scores, _ in found) == classifier.predict(crops)
    weights = found[0][1]
    assert weights.dtype == np.float32
    assert weights.shape == (6, 6)
    assert weights[1, 4] > 0.9  # the tiny model's attention is the crop's brightness
    assert weights[4, 1] == pytest.approx(GRAY_OF[Emotion.SAD] / 255, abs=0.01)


def test_no_crops_give_no_scores(classifier: OnnxEmotionClassifier) -> None:
    assert classifier.predict([]) == ()
    assert classifier.predict_with_attention([]) == ()


def test_card_comes_with_the_model(classifier: OnnxEmotionClassifier) -> None:
    assert classifier.card.crop_margin == 0.1


@pytest.mark.parametrize(
    ("model", "changes", "title"),
    [
        (MODEL, {"sha256": "0" * 64}, "Model does not match its card"),
        (MODEL, {"classes": ["happy", "angry", "neutral", "sad"]}, "Model card unusable"),
        (MODEL, {"format_version": 2}, "Model card unusable"),
        (MODEL, {"crop_margin": 1e9}, "Model card unusable"),
        (MODEL, {"unsure_threshold": float("nan")}, "Model card unusable"),
        (MODEL, {"input": {"size": float("inf")}}, "Model card unusable"),
        (b"no model", {}, "Model damaged"),
        (b"", {}, "Model damaged"),
        (MODEL[:400], {}, "Model damaged"),
        (MODEL.replace(b"faces", b"masks"), {}, "Model unusable"),
        (MODEL.replace(b"probabilities", b"probabilitiez"), {}, "Model unusable"),
        (THREE_CLASSES.read_bytes(), {}, "Model unusable"),
    ],
    ids=[
        "hash",
        "classes",
        "format",
        "margin",
        "threshold",
        "size",
        "text",
        "empty",
        "cut",
        "input name",
        "output name",
        "three classes",
    ],
)
def test_unusable_model_says_what_to_do(
    tmp_path: Path, model: bytes, changes: dict[str, object], title: str
) -> None:
    paths = write_tiny_model(tmp_path, model, **changes)
    with pytest.raises(ModelError) as caught:
        OnnxEmotionClassifier.load(*paths)
    assert caught.value.title == title
    assert caught.value.hint


@pytest.mark.parametrize(
    ("missing", "title"), [("emotion.onnx", "Model missing"), ("emotion.json", "Model card missing")]
)
def test_missing_file_is_named(tmp_path: Path, missing: str, title: str) -> None:
    paths = write_tiny_model(tmp_path)
    (tmp_path / missing).unlink()
    with pytest.raises(ModelError) as caught:
        OnnxEmotionClassifier.load(*paths)
    assert caught.value.title == title
    assert missing in caught.value.message


@pytest.mark.parametrize("content", [b"{", b"[]", b"\xff\xff", b'{"format_version": 1}', b"[" * 100_000])
def test_damaged_card_is_named(tmp_path: Path, content: bytes) -> None:
    model_path, card_path = write_tiny_model(tmp_path)
    card_path.write_bytes(content)
    with pytest.raises(ModelError, match=r"emotion\.json"):
        OnnxEmotionClassifier.load(model_path, card_path)
