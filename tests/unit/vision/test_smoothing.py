"""Smoothing: what is shown of a face over time."""

from __future__ import annotations

import math

import pytest

from fer_desktop.domain import Emotion
from fer_desktop.vision.smoothing import HYSTERESIS, MIN_DWELL, TIME_CONSTANT, EmotionSmoother
from tests.fakes.pipeline import scores_of

HAPPY = scores_of(happy=1.0)
SAD = scores_of(sad=1.0)


@pytest.fixture
def smoother() -> EmotionSmoother:
    return EmotionSmoother()


def test_first_reading_is_shown_as_it_is(smoother: EmotionSmoother) -> None:
    assert smoother.update(HAPPY, at=5.0) == HAPPY


@pytest.mark.parametrize("frames_a_second", [5, 30])
def test_average_follows_time_not_frames(smoother: EmotionSmoother, frames_a_second: int) -> None:
    seconds = 2.0
    smoother.update(HAPPY, at=0.0)
    for number in range(1, int(seconds * frames_a_second) + 1):
        shown = smoother.update(SAD, number / frames_a_second)
    assert shown[Emotion.HAPPY] == pytest.approx(math.exp(-seconds / TIME_CONSTANT), abs=1e-9)
    assert shown.dominant is Emotion.SAD


def test_one_odd_frame_does_not_change_the_label(smoother: EmotionSmoother) -> None:
    labels = []
    for number in range(60):
        reading = SAD if number % 10 == 5 else HAPPY
        labels.append(smoother.update(reading, number / 30).dominant)
    assert set(labels) == {Emotion.HAPPY}


def test_close_race_does_not_flicker(smoother: EmotionSmoother) -> None:
    """Two emotions that lie closer together than the hysteresis never swap the label."""
    near = HYSTERESIS / 2
    ahead = scores_of(happy=0.5 + near / 2, neutral=0.5 - near / 2)
    behind = scores_of(happy=0.5 - near / 2, neutral=0.5 + near / 2)
    smoother.update(ahead, at=0.0)
    for second in range(1, 20):
        shown = smoother.update(behind if second % 2 else ahead, float(second))
        assert shown.dominant is Emotion.HAPPY
        assert sum(shown.values()) == pytest.approx(1)


def test_label_stays_its_dwell_time(smoother: EmotionSmoother) -> None:
    smoother.update(HAPPY, at=0.0)
    mixed = scores_of(neutral=0.05, sad=0.95)
    changes = [
        number / 100
        for number in range(1, 200)
        if smoother.update(mixed, number / 100).dominant is Emotion.SAD
    ]
    assert changes[0] >= MIN_DWELL


def test_label_that_has_changed_stays_as_long_again(smoother: EmotionSmoother) -> None:
    smoother.update(HAPPY, at=0.0)
    changed_at = 10.0
    assert smoother.update(SAD, changed_at).dominant is Emotion.SAD
    just_before = changed_at + MIN_DWELL - 0.01
    assert smoother.update(HAPPY, just_before).dominant is Emotion.SAD
    assert smoother.update(HAPPY, changed_at + 5).dominant is Emotion.HAPPY
