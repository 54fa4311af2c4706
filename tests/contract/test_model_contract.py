"""The shipped model keeps what the app relies on; needs only onnxruntime."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import onnxruntime
import pytest

from fer_desktop.domain import Emotion
from fer_desktop.paths import models_dir
from fer_desktop.vision.model_card import ModelCard

MODEL, CARD = models_dir() / "emotion.onnx", models_dir() / "emotion.json"


@pytest.fixture(scope="module")
def session() -> onnxruntime.InferenceSession:
    return onnxruntime.InferenceSession(MODEL, providers=["CPUExecutionProvider"])


@pytest.fixture(scope="module")
def content() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(CARD.read_text(encoding="utf-8"))
    return loaded


def crops(count: int, height: int, width: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return np.random.default_rng(0).integers(0, 256, (count, 1, height, width), dtype=np.uint8)


def test_the_card_belongs_to_the_file() -> None:
    card = ModelCard.load(CARD)
    card.verify(MODEL.read_bytes())
    assert 0.25 < card.unsure_threshold < 1
    assert -0.2 <= card.crop_margin <= 0.5


def test_the_file_is_small_enough_to_ship() -> None:
    assert MODEL.stat().st_size <= 25e6


@pytest.mark.parametrize(
    ("count", "height", "width"), [(1, 24, 24), (1, 48, 48), (3, 131, 97), (2, 300, 300)]
)
def test_crops_of_any_size_give_probabilities_and_attention(
    session: onnxruntime.InferenceSession, count: int, height: int, width: int
) -> None:
    probabilities, attention = session.run(
        ["probabilities", "attention"], {"faces": crops(count, height, width)}
    )
    assert probabilities.dtype == attention.dtype == np.float32
    assert probabilities.shape == (count, len(Emotion))
    assert probabilities.sum(axis=1) == pytest.approx(1, abs=1e-5)
    assert probabilities.min() >= 0
    assert attention.shape[0] == count
    assert min(attention.shape[1:]) >= 6
    assert attention.min() >= 0
    assert attention.max() <= 1


def test_a_face_is_read_the_same_alone_and_among_others(session: onnxruntime.InferenceSession) -> None:
    faces = crops(3, 60, 60)
    (together,) = session.run(["probabilities"], {"faces": faces})
    alone = [session.run(["probabilities"], {"faces": faces[i : i + 1]})[0][0] for i in range(3)]
    assert together == pytest.approx(np.stack(alone), abs=1e-5)


def test_the_test_accuracies_hold_what_is_promised(content: dict[str, Any]) -> None:
    ferplus = content["metrics"]["test"]["ferplus"]
    assert ferplus["faces"] == 2_485
    assert content["metrics"]["test"]["fer2013"]["faces"] == 2_590
    assert ferplus["accuracy"] >= 0.8


def test_figures_fit_together(content: dict[str, Any]) -> None:
    for by_labels in content["metrics"].values():
        for metrics in by_labels.values():
            confusion = np.array(metrics["confusion"])
            assert confusion.sum() == metrics["faces"]
            assert confusion.trace() / confusion.sum() == pytest.approx(metrics["accuracy"])
            recall = confusion.diagonal() / confusion.sum(axis=1)
            assert list(metrics["recall"].values()) == pytest.approx(recall)
            assert metrics["macro_recall"] == pytest.approx(recall.mean())
