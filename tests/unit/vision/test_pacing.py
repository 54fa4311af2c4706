"""Keeping a rate, keeping below one, and measuring one."""

from __future__ import annotations

import random

import pytest

from fer_desktop.vision.pacing import Metronome, RateLimit, RateMeter
from tests.fakes.clock import Clock


def passed(limit: float, times: list[float]) -> list[float]:
    gate = RateLimit(limit)
    return [at for at in times if gate.passes(at)]


def test_metronome_does_not_burst_after_a_pause() -> None:
    clock = Clock()
    metronome = Metronome(10, clock.now, clock.sleep)
    assert metronome.wait() == (0, 100.0)
    assert clock.slept == []
    clock.seconds = 105.0  # the caller was busy for five seconds
    assert metronome.wait() == (1, 105.0)
    metronome.wait()
    metronome.wait()
    assert clock.slept == pytest.approx([0.1])


def test_frames_that_come_too_early_do_not_pass() -> None:
    times = [1.0, 1.05, 1.07, 1.15, 1.17, 1.6, 1.65, 1.67, 0.2, 0.25]  # at last, the clock is set back
    assert passed(10, times) == [1.0, 1.07, 1.17, 1.6, 1.67, 0.2]


@pytest.mark.parametrize(
    ("source", "limit", "rate"),
    [(30, 30, 30), (15, 30, 15), (60, 30, 30), (30, 15, 15), (50, 30, 30), (25, 15, 15)],
)
def test_no_more_than_the_limit_and_no_less_than_the_source(source: int, limit: int, rate: int) -> None:
    seconds = 20
    times = [100 + number / source for number in range(seconds * source)]
    assert len(passed(limit, times)) / seconds == pytest.approx(rate, rel=0.04)


def test_irregular_camera_at_the_limit_loses_hardly_any_frame() -> None:
    chance = random.Random(1)  # noqa: S311 - no secret
    times = [number / 30 + chance.uniform(-0.006, 0.006) for number in range(600)]
    assert len(passed(30, times)) >= 0.99 * len(times)


def test_pause_earns_no_credit_for_a_burst() -> None:
    times = [0.0, *(10 + number / 120 for number in range(120))]
    assert len(passed(30, times)) == pytest.approx(31, abs=1)


@pytest.mark.parametrize(
    ("times", "rate"),
    [
        ([], 0),
        ([5.0], 0),
        ([5.0, 5.0], 0),
        ([5.0, 5.04], 25),
        ([0.0, 10.0, *range(12, 41)], 29 / 30),  # of the last thirty
    ],
)
def test_rate_is_measured_as_soon_as_it_can_be(times: list[float], rate: float) -> None:
    meter = RateMeter()
    for at in times:
        meter.tick(at)
    assert meter.rate == pytest.approx(rate)
    meter.clear()
    assert meter.rate == 0
