"""Smoothing: what is shown of a face over time.

The time constant is 0.6 s, the hysteresis 0.08, and a label stays for half a second.
"""

from __future__ import annotations

import math

import pytest

from fer_desktop.domain import Emotion
from fer_desktop.vision.smoothing import EmotionSmoother
from tests.fakes.pipeline import scores_of

HAPPY = scores_of(happy=1.0)
SAD = scores_of(sad=1.0)


@pytest.fixture
def smoother() -> EmotionSmoother:
    return EmotionSmoother()


def test_first_reading_is_shown_as_it_is(smoother: EmotionSmoother) -> None:
    assert smoother.update(HAPPY, at=5.0) == HAPPY


@pytest.mark.parametrize("frames_per_second", [5, 30])
def test_average_follows_time_not_frames(smoother: EmotionSmoother, frames_per_second: int) -> None:
    seconds = 2.0
    smoother.update(HAPPY, at=0.0)
    for number in range(1, int(seconds * frames_per_second) + 1):
        shown = smoother.update(SAD, number / frames_per_second)
    assert shown[Emotion.HAPPY] == pytest.approx(math.exp(-seconds / 0.6), abs=1e-9)
    assert shown.dominant is Emotion.SAD


def test_a_clock_that_goes_back_changes_nothing(smoother: EmotionSmoother) -> None:
    smoother.update(HAPPY, at=5.0)
    assert smoother.update(SAD, at=4.0) == HAPPY


def test_one_odd_frame_does_not_change_the_label(smoother: EmotionSmoother) -> None:
    labels = []
    for number in range(60):
        reading = SAD if number % 10 == 5 else HAPPY
        labels.append(smoother.update(reading, number / 30).dominant)
    assert set(labels) == {Emotion.HAPPY}


@pytest.mark.parametrize(("neutral", "label"), [(0.539, Emotion.HAPPY), (0.541, Emotion.NEUTRAL)])
def test_label_changes_once_another_emotion_is_clearly_ahead(
    smoother: EmotionSmoother, neutral: float, label: Emotion
) -> None:
    smoother.update(HAPPY, at=0.0)
    close = scores_of(happy=1 - neutral, neutral=neutral)
    shown = smoother.update(close, at=1000.0)
    assert shown.dominant is label
    assert sum(shown.values()) == pytest.approx(1)


def test_label_stays_its_dwell_time(smoother: EmotionSmoother) -> None:
    smoother.update(HAPPY, at=7.0)
    held = smoother.update(SAD, 7.49)
    assert held == pytest.approx(scores_of(happy=0.5 + 1e-6, sad=0.5 - 1e-6), abs=1e-9)
    assert smoother.update(SAD, 7.5).dominant is Emotion.SAD


def test_all_that_would_overtake_the_label_are_levelled_with_it(smoother: EmotionSmoother) -> None:
    first = scores_of(angry=0.3, happy=0.25, neutral=0.25, sad=0.2)
    smoother.update(first, at=0.0)
    kept = math.exp(-0.49 / 0.6)
    average = scores_of(angry=0.15, happy=0.4, neutral=0.35, sad=0.1)
    newest = {each.value: (average[each] - kept * first[each]) / (1 - kept) for each in Emotion}
    assert smoother.update(scores_of(**newest), at=0.49) == pytest.approx(
        scores_of(angry=0.3 + 2e-6, happy=0.3 - 1e-6, neutral=0.3 - 1e-6, sad=0.1), abs=1e-9
    )


def test_label_that_has_changed_stays_as_long_again(smoother: EmotionSmoother) -> None:
    smoother.update(HAPPY, at=0.0)
    changed_at = 10.0
    assert smoother.update(SAD, changed_at).dominant is Emotion.SAD
    just_before = changed_at + 0.5 - 0.01
    assert smoother.update(HAPPY, just_before).dominant is Emotion.SAD
    assert smoother.update(HAPPY, changed_at + 5).dominant is Emotion.HAPPY
