"""Smoothing: what is shown of a face over time."""

from __future__ import annotations

import math

import pytest

from fer_desktop.domain import Emotion, EmotionScores, FaceBox, FaceReading
from fer_desktop.vision.smoothing import HOLD, HYSTERESIS, MIN_DWELL, TIME_CONSTANT, EmotionSmoother

HAPPY = EmotionScores(angry=0.0, happy=1.0, neutral=0.0, sad=0.0)
SAD = EmotionScores(angry=0.0, happy=0.0, neutral=0.0, sad=1.0)
BOX = FaceBox(100, 100, 80, 80)


def face(scores: EmotionScores, box: FaceBox = BOX) -> FaceReading:
    return FaceReading(box, scores, unsure=False)


def shown_after(smoother: EmotionSmoother, reading: FaceReading | None, at: float) -> FaceReading:
    shown = smoother.update(reading, at)
    assert shown is not None
    return shown


@pytest.fixture
def smoother() -> EmotionSmoother:
    return EmotionSmoother(unsure_threshold=0.6)


def test_first_reading_is_shown_as_it_is(smoother: EmotionSmoother) -> None:
    assert smoother.update(face(HAPPY), at=5.0) == face(HAPPY)


@pytest.mark.parametrize("frames_a_second", [5, 30])
def test_average_follows_time_not_frames(smoother: EmotionSmoother, frames_a_second: int) -> None:
    seconds = 2.0
    smoother.update(face(HAPPY), at=0.0)
    for number in range(1, int(seconds * frames_a_second) + 1):
        shown = shown_after(smoother, face(SAD), number / frames_a_second)
    assert shown.scores.happy == pytest.approx(math.exp(-seconds / TIME_CONSTANT), abs=1e-9)
    assert shown.scores.dominant is Emotion.SAD


def test_one_odd_frame_does_not_change_the_label(smoother: EmotionSmoother) -> None:
    labels = []
    for number in range(60):
        reading = face(SAD if number % 10 == 5 else HAPPY)
        labels.append(shown_after(smoother, reading, number / 30).scores.dominant)
    assert set(labels) == {Emotion.HAPPY}


def test_close_race_does_not_flicker(smoother: EmotionSmoother) -> None:
    """Two emotions that lie closer together than the hysteresis never swap the label."""
    near = HYSTERESIS / 2
    ahead = EmotionScores(angry=0.0, happy=0.5 + near / 2, neutral=0.5 - near / 2, sad=0.0)
    behind = EmotionScores(angry=0.0, happy=0.5 - near / 2, neutral=0.5 + near / 2, sad=0.0)
    smoother.update(face(ahead), at=0.0)
    for second in range(1, 20):
        shown = shown_after(smoother, face(behind if second % 2 else ahead), float(second))
        assert shown.scores.dominant is Emotion.HAPPY
        assert sum(shown.scores) == pytest.approx(1)


def test_label_stays_its_dwell_time(smoother: EmotionSmoother) -> None:
    smoother.update(face(HAPPY), at=0.0)
    mixed = EmotionScores(angry=0.0, happy=0.0, neutral=0.05, sad=0.95)
    changes = [
        number / 100
        for number in range(1, 200)
        if shown_after(smoother, face(mixed), number / 100).scores.dominant is Emotion.SAD
    ]
    assert changes[0] >= MIN_DWELL


def test_label_that_has_changed_stays_as_long_again(smoother: EmotionSmoother) -> None:
    smoother.update(face(HAPPY), at=0.0)
    changed_at = 10.0
    assert shown_after(smoother, face(SAD), changed_at).scores.dominant is Emotion.SAD
    just_before = changed_at + MIN_DWELL - 0.01
    assert shown_after(smoother, face(HAPPY), just_before).scores.dominant is Emotion.SAD
    assert shown_after(smoother, face(HAPPY), changed_at + 5).scores.dominant is Emotion.HAPPY


def test_last_face_stays_for_a_moment_and_then_goes(smoother: EmotionSmoother) -> None:
    smoother.update(face(HAPPY), at=1.0)
    assert smoother.update(None, at=1.0 + HOLD - 0.01) == face(HAPPY)
    assert smoother.update(None, at=1.0 + HOLD + 0.01) is None


def test_face_that_comes_back_starts_anew(smoother: EmotionSmoother) -> None:
    smoother.update(face(HAPPY), at=0.0)
    smoother.update(None, at=1.0)
    assert shown_after(smoother, face(SAD), at=1.1).scores == SAD


def test_another_face_starts_anew(smoother: EmotionSmoother) -> None:
    smoother.update(face(HAPPY), at=0.0)
    elsewhere = face(SAD, FaceBox(400, 100, 80, 80))
    assert smoother.update(elsewhere, at=0.1) == elsewhere


def test_box_is_that_of_the_newest_frame(smoother: EmotionSmoother) -> None:
    smoother.update(face(HAPPY), at=0.0)
    moved = FaceBox(110, 105, 82, 82)
    assert shown_after(smoother, face(HAPPY, moved), at=0.1).box == moved


def test_unsure_is_said_of_the_average(smoother: EmotionSmoother) -> None:
    smoother.update(face(HAPPY), at=0.0)
    half_way = TIME_CONSTANT * math.log(2)
    assert shown_after(smoother, face(SAD), half_way).unsure
    assert not shown_after(smoother, face(SAD), half_way + 5).unsure


def test_nothing_is_shown_before_the_first_face(smoother: EmotionSmoother) -> None:
    assert smoother.update(None, at=100.0) is None
