"""What happens to a frame in the pipeline, with real parts if the outcome depends on them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from fer_desktop.domain import Emotion, EmotionScores, FaceBox, Frame
from fer_desktop.errors import NoFaceError
from fer_desktop.paths import resources_dir
from fer_desktop.vision.emotion_classifier import OnnxEmotionClassifier
from fer_desktop.vision.media import read_photo
from fer_desktop.vision.pipeline import FramePipeline
from tests.fakes.detector import ScriptedDetector
from tests.fakes.pipeline import CARD, scores_of
from tests.fakes.tiny_model import GRAY_OF, write_tiny_model

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from fer_desktop.domain import Image

LARGE = FaceBox(20, 20, 100, 100)
SMALL = FaceBox(200, 40, 60, 60)


class ViewingClassifier:
    """Calls the first crop neutral and all others happy, and keeps what it was shown."""

    def __init__(self) -> None:
        self.crops: Sequence[Image] = ()

    def predict(self, crops: Sequence[Image]) -> tuple[EmotionScores, ...]:
        self.crops = crops
        return (scores_of(neutral=1.0), *[scores_of(happy=1.0)] * (len(crops) - 1))


def frame_with(emotions: dict[FaceBox, Emotion], at: float = 0.0) -> Frame:
    """Paints each face and its surroundings in the gray that the tiny model takes for its emotion."""
    image = np.zeros((240, 320, 3), np.uint8)
    for box, emotion in emotions.items():
        image[box.y - 15 : box.y + box.height + 15, box.x - 15 : box.x + box.width + 15] = GRAY_OF[emotion]
    return Frame(image, 0, at)


@pytest.fixture
def detector() -> ScriptedDetector:
    return ScriptedDetector(LARGE, SMALL)


@pytest.fixture
def pipeline(tmp_path: Path, detector: ScriptedDetector) -> FramePipeline:
    classifier = OnnxEmotionClassifier.load(*write_tiny_model(tmp_path))
    return FramePipeline(detector, classifier, classifier.card)


def test_every_face_gets_its_own_reading(pipeline: FramePipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fer_desktop.vision.pipeline.perf_counter", iter([1.0, 1.25, 1.75]).__next__)
    analysis = pipeline.analyse(frame_with({LARGE: Emotion.SAD, SMALL: Emotion.HAPPY}))
    assert [(face.box, face.scores.dominant) for face in analysis.faces] == [
        (LARGE, Emotion.SAD),
        (SMALL, Emotion.HAPPY),
    ]
    assert (analysis.detect_seconds, analysis.classify_seconds) == (0.25, 0.5)


def test_frame_without_a_face_is_no_error(pipeline: FramePipeline, detector: ScriptedDetector) -> None:
    detector.boxes = ()
    analysis = pipeline.analyse(frame_with({}))
    assert analysis.faces == ()
    assert analysis.you is None


def test_unsure_comes_from_the_card(
    pipeline: FramePipeline, detector: ScriptedDetector, tmp_path: Path
) -> None:
    between = (GRAY_OF[Emotion.HAPPY] + GRAY_OF[Emotion.NEUTRAL]) // 2
    image = np.full((240, 320, 3), between, np.uint8)  # half happy, half neutral
    highest = max(pipeline.analyse(Frame(image, 0, 0.0)).faces[0].scores.values())
    for threshold, unsure in ((highest, False), (highest + 1e-6, True)):
        classifier = OnnxEmotionClassifier.load(*write_tiny_model(tmp_path, unsure_threshold=threshold))
        pipeline = FramePipeline(detector, classifier, classifier.card)
        assert pipeline.analyse(Frame(image, 0, 0.0)).faces[0].unsure is unsure


@pytest.mark.parametrize(("restarts", "shown"), [(False, Emotion.HAPPY), (True, Emotion.SAD)])
def test_live_smooths_over_time_until_it_is_restarted(
    pipeline: FramePipeline, *, restarts: bool, shown: Emotion
) -> None:
    pipeline.analyse_live(frame_with({LARGE: Emotion.HAPPY}, at=10.0))
    if restarts:
        pipeline.restart_live()
    analysis = pipeline.analyse_live(frame_with({LARGE: Emotion.SAD}, at=10.03))
    assert analysis.faces[0].scores.dominant is shown


def test_capture_averages_views_of_the_largest_face(detector: ScriptedDetector) -> None:
    classifier = ViewingClassifier()
    pipeline = FramePipeline(detector, classifier, CARD)  # type: ignore[arg-type]  # has what is used
    image = np.random.default_rng(1).integers(0, 256, (240, 320, 3)).astype(np.uint8)
    reading = pipeline.capture(Frame(image, 0, 0.0))
    assert reading.box == LARGE
    assert {crop.shape for crop in classifier.crops} == {(120, 120)}  # 100 px and a tenth on each side
    assert len({crop.tobytes() for crop in classifier.crops}) == 10
    assert reading.scores[Emotion.HAPPY] == pytest.approx(0.9)
    assert sum(reading.scores.values()) == pytest.approx(1)


def test_capture_reads_the_face_that_is_followed(pipeline: FramePipeline) -> None:
    frame = frame_with({LARGE: Emotion.SAD, SMALL: Emotion.HAPPY}, at=10.0)
    _, small = pipeline.analyse_live(frame).faces
    assert small.face_id is not None
    pipeline.follow(small.face_id)
    pipeline.analyse_live(frame)
    reading = pipeline.capture(frame)
    assert (reading.box, reading.scores.dominant) == (SMALL, Emotion.HAPPY)


def test_capture_finds_a_followed_face_that_the_whole_frame_does_not_show(
    pipeline: FramePipeline, detector: ScriptedDetector
) -> None:
    frame = frame_with({LARGE: Emotion.SAD}, at=10.0)
    pipeline.analyse_live(frame)
    detector.boxes, detector.hidden = (), (LARGE,)
    assert pipeline.capture(frame).box == LARGE


def test_capture_reads_the_followed_face_unless_it_is_gone(
    pipeline: FramePipeline, detector: ScriptedDetector
) -> None:
    frame = frame_with({LARGE: Emotion.SAD, SMALL: Emotion.HAPPY}, at=10.0)
    pipeline.follow(pipeline.analyse_live(frame).faces[1].face_id or 0)
    pipeline.analyse_live(frame)
    detector.finds_near = False
    near, far = (FaceBox(x, 40, 60, 60) for x in (240, 241))  # a fifth is shared, or less
    detector.boxes = (LARGE, near)
    assert pipeline.capture(frame).box == near
    detector.boxes = (LARGE, far)
    assert pipeline.capture(frame).box == LARGE


def test_capture_without_a_face_says_what_helps(pipeline: FramePipeline, detector: ScriptedDetector) -> None:
    detector.boxes = ()
    with pytest.raises(NoFaceError) as caught:
        pipeline.capture(frame_with({}))
    assert caught.value.hint


def test_occlusion_covers_what_the_reading_saw(pipeline: FramePipeline) -> None:
    frame = frame_with({LARGE: Emotion.SAD})
    found = pipeline.occlusion(frame, pipeline.capture(frame))
    assert (found.box, found.emotion) == (FaceBox(10, 10, 120, 120), Emotion.SAD)


def test_loaded_pipeline_reads_a_photo(tmp_path: Path) -> None:
    write_tiny_model(tmp_path)
    pipeline = FramePipeline.load(tmp_path, resources_dir())
    photo = read_photo(resources_dir() / "samples" / "neutral.jpeg")
    assert len(pipeline.analyse(Frame(photo, 0, 0.0)).faces) == 1


def swapped(scores: EmotionScores) -> EmotionScores:
    """Reads a person whose happy face looks sad to the model, and the other way round."""
    angry, happy, neutral, sad = scores.probabilities
    return EmotionScores((angry, sad, neutral, happy))


def test_a_person_chosen_is_you_alone_and_can_be_left_again(pipeline: FramePipeline) -> None:
    frame = frame_with({LARGE: Emotion.HAPPY, SMALL: Emotion.HAPPY})
    pipeline.read_as(swapped)
    for faces in (pipeline.analyse(frame).faces, pipeline.analyse_live(frame).faces):
        assert [face.scores.dominant for face in faces] == [Emotion.SAD, Emotion.HAPPY]
        assert [face.general and face.general.dominant for face in faces] == [Emotion.HAPPY] * 2
    captured = pipeline.capture(frame)
    assert captured.scores.dominant is Emotion.SAD
    assert captured.general is not None
    assert captured.general.dominant is Emotion.HAPPY
    pipeline.restart_live()
    assert pipeline.analyse_live(frame).faces[0].scores.dominant is Emotion.SAD
    pipeline.read_as(None)
    assert pipeline.analyse_live(frame).faces[0].scores.dominant is Emotion.HAPPY
    assert pipeline.analyse(frame).faces[0].scores.dominant is Emotion.HAPPY


def test_what_a_personal_reading_relied_on_is_found_in_the_personal_reading(pipeline: FramePipeline) -> None:
    frame = frame_with({LARGE: Emotion.HAPPY})
    frame.image[:70] //= 4  # dark above, light below, as bright as before on the whole
    frame.image[70:] += frame.image[70:] // 4 * 3
    as_everyone = pipeline.occlusion(frame, pipeline.capture(frame))
    pipeline.read_as(swapped)
    as_a_person = pipeline.occlusion(frame, pipeline.capture(frame))
    assert (as_everyone.emotion, as_a_person.emotion) == (Emotion.HAPPY, Emotion.SAD)
    assert as_a_person.drop == as_everyone.drop > 0
    assert np.array_equal(as_a_person.weights, as_everyone.weights)
