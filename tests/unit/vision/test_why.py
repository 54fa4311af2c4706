"""The occlusion map, mostly with the tiny model, which only goes by the brightness of a face."""

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
    from collections.abc import Sequence
    from pathlib import Path

    from fer_desktop.domain import EmotionScores, Image

BOX = FaceBox(30, 20, 96, 96)
HAPPY = FaceReading(BOX, scores_of(angry=0.2, happy=0.6, neutral=0.1, sad=0.1), unsure=False)


@pytest.fixture
def classifier(tmp_path: Path) -> OnnxEmotionClassifier:
    return OnnxEmotionClassifier.load(*write_tiny_model(tmp_path))


def face_with_light_at(x: int, y: int) -> Frame:
    """A face that is just bright enough to be happy, because of one bright square."""
    image = np.full((140, 160, 3), 50, np.uint8)
    image[BOX.y + y : BOX.y + y + 32, BOX.x + x : BOX.x + x + 32] = 255
    return Frame(image, 0, 0.0)


@pytest.mark.parametrize(("x", "y"), [(4, 4), (60, 4), (4, 60), (60, 60)])
def test_occlusion_finds_the_part_that_the_reading_relied_on(
    classifier: OnnxEmotionClassifier, x: int, y: int
) -> None:
    found = occlusion_map(classifier.predict, face_with_light_at(x, y), HAPPY, margin=0.0)
    assert found.box == BOX
    assert found.emotion is Emotion.HAPPY
    assert 0.02 < found.drop < 1
    assert found.weights.min() >= 0
    assert found.weights.max() == pytest.approx(1)
    row, column = np.unravel_index(found.weights.argmax(), found.weights.shape)
    side = BOX.width / 7
    assert ((column + 0.5) * side, (row + 0.5) * side) == pytest.approx((x + 16, y + 16), abs=side)


def test_occlusion_of_a_plain_face_is_empty(classifier: OnnxEmotionClassifier) -> None:
    plain = Frame(np.full((140, 160, 3), 96, np.uint8), 0, 0.0)
    found = occlusion_map(classifier.predict, plain, HAPPY, margin=0.0)
    assert found.drop == 0
    assert not found.weights.any()


def test_each_part_is_covered_by_a_square_of_the_mean() -> None:
    shown: list[Image] = []

    class Falling:
        """Reads the first crop as happy, and each covered one as less so by one hundredth more."""

        def predict(self, crops: Sequence[Image]) -> tuple[EmotionScores, ...]:
            shown.extend(crops)
            return tuple(scores_of(happy=0.9 - number / 100) for number in range(len(crops)))

    image = np.random.default_rng(2).integers(0, 256, (200, 200, 3), np.uint8)
    found = occlusion_map(Falling().predict, Frame(image, 0, 0.0), HAPPY, margin=0.1)
    whole, *covered = shown
    assert whole.shape == (96, 96)
    for number, picture in enumerate(covered):
        top, left = (round((place + 0.5) * 96 / 7 - 18) for place in divmod(number, 7))
        expected = whole.copy()
        expected[max(0, top) : top + 36, max(0, left) : left + 36] = round(float(whole.mean()))
        assert np.array_equal(picture, expected)
    assert found.drop == pytest.approx(0.49)
    assert found.weights == pytest.approx(np.arange(1, 50).reshape(7, 7) / 49)


@pytest.mark.parametrize(("happy", "drop"), [(0.575, 0.025), (0.581, 0.0)])
def test_a_drop_of_less_than_two_points_counts_as_none(happy: float, drop: float) -> None:
    class Steady:
        def predict(self, crops: Sequence[Image]) -> tuple[EmotionScores, ...]:
            return (scores_of(happy=0.6), *[scores_of(happy=happy)] * (len(crops) - 1))

    frame = Frame(np.zeros((140, 160, 3), np.uint8), 0, 0.0)
    found = occlusion_map(Steady().predict, frame, HAPPY, margin=0.0)
    assert found.drop == pytest.approx(drop, abs=1e-6)


@pytest.mark.parametrize("box", [FaceBox(0, 0, 5, 5), FaceBox(-40, -40, 90, 90), FaceBox(0, 0, 700, 700)])
def test_occlusion_of_a_tiny_cut_off_or_large_face_has_its_box(
    classifier: OnnxEmotionClassifier, box: FaceBox
) -> None:
    frame = Frame(np.random.default_rng(7).integers(0, 256, (600, 600, 3), np.uint8), 0, 0.0)
    reading = FaceReading(box, HAPPY.scores, unsure=False)
    face_map = occlusion_map(classifier.predict, frame, reading, margin=0.1)
    assert face_map.box.width == face_map.box.height >= box.width
    assert face_map.weights.dtype == np.float32
    assert face_map.weights.shape == (7, 7)
