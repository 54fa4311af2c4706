"""The occlusion map, with the tiny model, which goes by the brightness of a face and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from fer_desktop.domain import Emotion, FaceBox, FaceReading, Frame
from fer_desktop.vision.emotion_classifier import OnnxEmotionClassifier
from fer_desktop.vision.why import occlusion_map
from tests.fakes.pipeline import scores_of
from tests.fakes.tiny_model import write_tiny_model

if TYPE_CHECKING:
    from pathlib import Path

BOX = FaceBox(30, 20, 96, 96)
HAPPY = FaceReading(BOX, scores_of(angry=0.2, happy=0.6, neutral=0.1, sad=0.1), unsure=False)


@pytest.fixture
def classifier(tmp_path: Path) -> OnnxEmotionClassifier:
    return OnnxEmotionClassifier.load(*write_tiny_model(tmp_path))


def face_with_light_at(x: int, y: int) -> Frame:
    """A face just bright enough to be happy, which it owes to one bright square."""
    image = np.full((140, 160, 3), 50, np.uint8)
    image[BOX.y + y : BOX.y + y + 32, BOX.x + x : BOX.x + x + 32] = 255
    return Frame(image, 0, 0.0)


@pytest.mark.parametrize(("x", "y"), [(4, 4), (60, 4), (4, 60), (60, 60)])
def test_occlusion_finds_the_place_that_the_reading_owes_itself_to(
    classifier: OnnxEmotionClassifier, x: int, y: int
) -> None:
    found = occlusion_map(classifier, face_with_light_at(x, y), HAPPY, margin=0.0)
    assert found.box == BOX
    assert found.emotion is Emotion.HAPPY
    assert 0.02 < found.drop < 1
    assert found.weights.min() >= 0
    assert found.weights.max() == pytest.approx(1)
    row, column = np.unravel_index(found.weights.argmax(), found.weights.shape)
    side = BOX.width / 7
    assert ((column + 0.5) * side, (row + 0.5) * side) == pytest.approx((x + 16, y + 16), abs=side)


def test_occlusion_of_a_face_where_no_place_counts_is_empty(classifier: OnnxEmotionClassifier) -> None:
    plain = Frame(np.full((140, 160, 3), 96, np.uint8), 0, 0.0)
    found = occlusion_map(classifier, plain, HAPPY, margin=0.0)
    assert found.drop == 0
    assert not found.weights.any()


@pytest.mark.parametrize("box", [FaceBox(0, 0, 5, 5), FaceBox(-40, -40, 90, 90), FaceBox(0, 0, 700, 700)])
def test_occlusion_of_a_tiny_cut_or_large_face_has_its_place(
    classifier: OnnxEmotionClassifier, box: FaceBox
) -> None:
    frame = Frame(np.random.default_rng(7).integers(0, 256, (600, 600, 3), np.uint8), 0, 0.0)
    reading = FaceReading(box, HAPPY.scores, unsure=False)
    face_map = occlusion_map(classifier, frame, reading, margin=0.1)
    assert face_map.box.width == face_map.box.height >= box.width
    assert face_map.weights.dtype == np.float32
    assert min(face_map.weights.shape) >= 6
