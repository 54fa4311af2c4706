"""The live view over time: several faces, still pictures, and faces that are missed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from fer_desktop.domain import Advice, Emotion, EmotionScores, FaceBox, Frame
from fer_desktop.paths import resources_dir
from fer_desktop.vision.face_detector import CASCADE_FILE, HaarFaceDetector
from fer_desktop.vision.live import LiveReader
from fer_desktop.vision.sample_clip import SampleClip
from tests.fakes.detector import ScriptedDetector
from tests.fakes.pipeline import CARD, scores_for, scores_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from fer_desktop.domain import Image

LARGE = FaceBox(20, 20, 100, 100)
SMALL = FaceBox(200, 40, 60, 60)
HAPPY = scores_of(happy=1.0)
SAD = scores_of(sad=1.0)


class BrightnessClassifier:
    """Calls bright crops happy and dark ones sad, unless `answer` is set; counts the crops."""

    def __init__(self) -> None:
        self.read = 0
        self.answer: EmotionScores | None = None

    def predict(self, crops: Sequence[Image]) -> tuple[EmotionScores, ...]:
        self.read += len(crops)
        return tuple(self.answer or (HAPPY if crop.mean() > 127 else SAD) for crop in crops)

    def predict_with_attention(
        self, crops: Sequence[Image]
    ) -> tuple[tuple[EmotionScores, NDArray[np.float32]], ...]:
        return tuple(
            (scores, np.full((6, 6), crop.mean() / 255, np.float32))
            for scores, crop in zip(self.predict(crops), crops, strict=True)
        )


class Live:
    """A reader whose faces the test scripts."""

    def __init__(self, *boxes: FaceBox) -> None:
        self.detector = ScriptedDetector(*boxes)
        self.classifier = BrightnessClassifier()
        self.reader = LiveReader(self.detector, self.classifier, CARD)


def frame(gray: int, at: float, seed: int | None = None) -> Frame:
    image = np.full((240, 320, 3), gray, np.uint8)
    if seed is not None:  # what a camera's sensor adds
        noise = np.random.default_rng(seed).normal(0, 4, image.shape)
        image = np.clip(image + noise, 0, 255).astype(np.uint8)
    return Frame(image, round(at * 30), at)


def test_every_face_is_smoothed_on_its_own() -> None:
    live = Live(LARGE, SMALL)
    first = live.reader.read(frame(200, 0.0))
    assert [face.scores.dominant for face in first.faces] == [Emotion.HAPPY] * 2
    second = live.reader.read(frame(90, 0.1))
    assert [face.scores.dominant for face in second.faces] == [Emotion.HAPPY] * 2
    assert all(0 < face.scores[Emotion.SAD] < 0.5 for face in second.faces)
    assert [face.face_id for face in second.faces] == [face.face_id for face in first.faces]


def test_unsure_face_becomes_sure_only_well_above_the_threshold() -> None:
    live = Live(LARGE)
    shown = []
    for step, happy in enumerate((0.5, 0.501, 0.499, 0.549, 0.551, 0.501)):
        live.classifier.answer = scores_for(Emotion.HAPPY, happy)
        shown.append(live.reader.read(frame(100 + step * 20, step * 1000.0)).faces[0].unsure)
    assert shown == [False, False, True, True, False, False]


def test_still_picture_is_not_analysed_again() -> None:
    live = Live(LARGE)
    live.reader.read(frame(200, 0.0, seed=0))
    for step in range(1, 9):
        live.reader.read(frame(200, step / 10, seed=step))
    assert live.classifier.read == 1
    assert live.detector.searches == 1
    live.reader.read(frame(200, 0.99, seed=9))
    assert live.classifier.read == 1
    live.reader.read(frame(200, 1.0, seed=10))
    assert live.classifier.read == 2


def test_average_keeps_moving_in_a_still_picture() -> None:
    live = Live(LARGE)
    live.reader.read(frame(200, 0.0))
    shares = [live.reader.read(frame(90, at)).faces[0].scores[Emotion.SAD] for at in (0.1, 0.4, 0.7, 1.0)]
    assert shares == sorted(shares)
    assert shares[-1] > 0.7
    assert live.classifier.read == 2


@pytest.mark.parametrize(("part", "change"), [(np.s_[100:110, 60:75], 12), (np.s_[:, :], 4)])
def test_picture_that_changes_a_little_is_analysed(part: tuple[slice, slice], change: int) -> None:
    live = Live(LARGE)
    live.reader.read(frame(200, 0.0))
    live.reader.read(frame(203, 0.1))
    assert live.classifier.read == 1
    changed = frame(200, 0.2).image
    changed[part] -= change
    live.reader.read(Frame(changed, 6, 0.2))
    assert live.classifier.read == 2


def test_missed_face_is_searched_for_in_a_still_picture_too() -> None:
    live = Live(LARGE, SMALL)
    shown = live.reader.read(frame(200, 0.0)).faces
    live.detector.boxes = (SMALL,)
    assert live.reader.read(frame(190, 0.1)).faces == shown
    assert live.reader.read(frame(190, 0.5)).faces == shown[1:]


def test_followed_face_comes_first_in_a_still_picture_too() -> None:
    live = Live(LARGE, SMALL)
    large, small = live.reader.read(frame(200, 0.0)).faces
    assert small.face_id is not None
    live.reader.follow(small.face_id)
    assert [face.box for face in live.reader.read(frame(200, 0.1)).faces] == [small.box, large.box]
    assert live.reader.your_box == SMALL


def test_attention_is_for_you_and_costs_no_second_reading() -> None:
    live = Live(LARGE, SMALL)
    assert live.reader.read(frame(51, 0.0)).attention is None
    found = live.reader.read(frame(102, 0.1), attention=True).attention
    assert found is not None
    assert found.box == FaceBox(10, 10, 120, 120)  # with the card's margin
    assert found.weights == pytest.approx(0.4)
    assert live.classifier.read == 4


def test_attention_comes_and_goes_in_a_still_picture_too() -> None:
    live = Live(LARGE)
    live.reader.read(frame(200, 0.0))
    found = live.reader.read(frame(200, 0.1), attention=True).attention
    assert found is not None
    assert live.reader.read(frame(200, 0.2), attention=True).attention is found
    assert live.classifier.read == 2
    assert live.reader.read(frame(200, 0.3)).attention is None


def test_missed_face_keeps_its_attention_as_long_as_its_box() -> None:
    live = Live(LARGE)
    found = live.reader.read(frame(200, 0.0), attention=True).attention
    assert found is not None
    live.detector.boxes = ()
    assert live.reader.read(frame(190, 0.1), attention=True).attention is found
    assert live.reader.read(frame(190, 0.5), attention=True).attention is None


def test_advice_is_for_you() -> None:
    live = Live(LARGE, FaceBox(200, 40, 30, 30))
    assert [live.reader.read(frame(200, at)).advice for at in (0.0, 2.0)] == [None, None]
    live.reader.follow(1)
    assert [live.reader.read(frame(200, at)).advice for at in (3.0, 4.0)] == [None, Advice.MOVE_CLOSER]


def test_times_of_both_stages_are_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fer_desktop.vision.live.perf_counter", iter([1.0, 1.25, 1.75]).__next__)
    analysis = Live(LARGE).reader.read(frame(200, 0.0))
    assert (analysis.detect_seconds, analysis.classify_seconds) == (0.25, 0.5)


def test_picture_without_a_face_advises_to_face_the_camera() -> None:
    live = Live()
    seen = [live.reader.read(frame(100 + 10 * step, step / 5)).advice for step in range(10)]
    assert seen[0] is None
    assert seen[-1] is Advice.FACE_CAMERA


def test_face_of_the_clip_is_followed_with_boxes_that_agree() -> None:
    """The real detector: what is found near a place is what a search of the whole frame finds."""
    samples = resources_dir()
    detector = HaarFaceDetector(samples / CASCADE_FILE)
    reader = LiveReader(detector, BrightnessClassifier(), CARD)
    clip = SampleClip(samples / "samples")
    for number in range(125, 250, 5):
        image = clip.render(number)
        (face,) = reader.read(Frame(image, number, number / 50)).faces
        (box,) = detector.detect(image)
        assert face.face_id == 0
        assert face.box.overlap(box) > 0.7
