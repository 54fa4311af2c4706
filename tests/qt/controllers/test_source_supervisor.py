"""SourceSupervisor with a real capture worker: opening, losing, reopening and releasing a source."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fer_desktop.controllers.source_supervisor import SourceState
from tests.fakes.frames import blank_frame
from tests.fakes.source import LONG, SourceBench, gone

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytestqt.qtbot import QtBot

    from fer_desktop.errors import AppError


class SupervisorBench(SourceBench):
    """Notes what the supervisor announces."""

    def __init__(self) -> None:
        super().__init__()
        self.states: list[SourceState] = []
        self.lost: list[str] = []
        self.supervisor.state_changed.connect(self.states.append)
        self.supervisor.lost.connect(self._on_lost)

    def _on_lost(self, error: AppError) -> None:
        self.lost.append(error.title)

    def go_live(self, qtbot: QtBot, spec: str = "camera:0") -> None:
        with qtbot.waitSignal(self.supervisor.frame_changed):
            self.supervisor.start(spec)

    def state(self) -> SourceState:
        return self.supervisor.state

    def wait_until_live(self, qtbot: QtBot) -> None:
        qtbot.waitUntil(lambda: self.state() is SourceState.LIVE)


@pytest.fixture
def bench(qtbot: QtBot) -> Iterator[SupervisorBench]:
    bench = SupervisorBench()
    yield bench
    bench.close()


def test_a_source_is_live_once_it_delivers_a_frame(bench: SupervisorBench, qtbot: QtBot) -> None:
    frames: list[object] = []
    bench.supervisor.state_changed.connect(lambda _state: frames.append(bench.supervisor.frame))
    with qtbot.waitSignals([bench.supervisor.opening, bench.supervisor.opened]):
        bench.go_live(qtbot)
    assert bench.states == [SourceState.OPENING, SourceState.LIVE]
    assert frames == [None, bench.supervisor.frame]
    assert frames[1] is not None
    assert bench.supervisor.running


def test_a_file_that_cannot_be_opened_is_not_tried_again(bench: SupervisorBench, qtbot: QtBot) -> None:
    with qtbot.waitSignal(bench.supervisor.lost):
        bench.supervisor.start("missing.jpg")
    assert bench.state() is SourceState.LOST
    assert not bench.supervisor.running
    assert bench.back_off.taken == []


def test_a_file_that_is_lost_is_not_opened_again(bench: SupervisorBench, qtbot: QtBot) -> None:
    bench.go_live(qtbot, "clip.avi")
    with qtbot.waitSignal(bench.supervisor.lost):
        bench.source.lose()
    assert bench.lost == ["Gone"]
    assert not bench.supervisor.running
    assert bench.supervisor.frame is None


def test_a_lost_camera_is_opened_again_until_it_delivers(bench: SupervisorBench, qtbot: QtBot) -> None:
    bench.go_live(qtbot)
    bench.troubles = [gone("No camera found"), gone("No camera found"), gone("The camera is busy")]
    with qtbot.waitSignal(bench.supervisor.lost):
        bench.source.deliver(gone())
    assert bench.state() is SourceState.LOST
    assert bench.supervisor.running
    bench.wait_until_live(qtbot)
    assert bench.lost == [
        "Camera disconnected",
        "No camera found",
        "The camera is busy",
    ]  # each announced once
    assert bench.opened == ["camera:0"] * 5
    assert bench.back_off.taken == [0, 1, 1, 1]


@pytest.mark.parametrize(("seconds", "wait"), [(10.0, 1), (10.1, 0)])
def test_a_camera_that_ran_for_a_while_is_reopened_soon(
    bench: SupervisorBench, qtbot: QtBot, seconds: float, wait: int
) -> None:
    bench.troubles = [gone()]
    bench.go_live(qtbot)
    with qtbot.waitSignal(bench.supervisor.lost):
        bench.clock.sleep(seconds)
        bench.source.deliver(gone("It is gone again"))
    assert bench.back_off.taken == [0, wait]


def test_a_lost_camera_can_be_turned_off(bench: SupervisorBench, qtbot: QtBot) -> None:
    bench.troubles = [gone()] * 1000
    with qtbot.waitSignal(bench.supervisor.lost):
        bench.supervisor.start("camera:0")
    bench.supervisor.stop()
    with qtbot.assertNotEmitted(bench.supervisor.state_changed, wait=100):  # as long as several attempts
        bench.troubles.clear()
    assert bench.state() is SourceState.OFF
    assert not bench.supervisor.running


def test_a_camera_that_falls_silent_is_lost_within_two_seconds(bench: SupervisorBench, qtbot: QtBot) -> None:
    bench.go_live(qtbot)
    bench.clock.sleep(1.4)
    with qtbot.assertNotEmitted(bench.supervisor.lost, wait=600):  # as long as two checks
        pass
    bench.troubles = [gone()] * 1000
    with qtbot.waitSignal(bench.supervisor.lost):
        bench.clock.sleep(0.2)
    assert bench.lost == ["The picture stopped"]
    assert bench.state() is SourceState.LOST


def test_a_camera_that_hangs_while_opening_is_lost_until_it_answers(
    bench: SupervisorBench, qtbot: QtBot
) -> None:
    bench.answers.clear()
    with qtbot.waitSignal(bench.supervisor.lost):
        bench.supervisor.start("camera:0")
        bench.clock.sleep(25.1)
    assert bench.lost == ["The camera does not respond"]
    bench.answers.set()
    bench.wait_until_live(qtbot)


def test_a_file_may_take_long_to_open(bench: SupervisorBench, qtbot: QtBot) -> None:
    bench.answers.clear()
    bench.supervisor.start("clip.avi")
    bench.clock.sleep(100)
    with qtbot.assertNotEmitted(bench.supervisor.lost, wait=600):  # as long as two checks
        pass
    with qtbot.waitSignal(bench.supervisor.frame_changed):
        bench.answers.set()


def test_a_suspended_camera_is_given_back_and_comes_back(bench: SupervisorBench, qtbot: QtBot) -> None:
    bench.go_live(qtbot)
    first = bench.source
    bench.supervisor.suspend()
    assert bench.state() is SourceState.OFF
    assert not bench.supervisor.running
    first.deliver(blank_frame())
    assert first.closed.wait(LONG)
    bench.supervisor.set_needed(True)  # no reason to open what no one can see
    assert bench.opened == ["camera:0"]
    with qtbot.waitSignal(bench.supervisor.frame_changed):
        bench.supervisor.resume()
    assert bench.state() is SourceState.LIVE


def test_a_camera_that_was_stopped_is_given_back_and_stays_off(bench: SupervisorBench, qtbot: QtBot) -> None:
    bench.go_live(qtbot)
    bench.supervisor.stop()
    bench.supervisor.suspend()
    bench.supervisor.resume()
    bench.supervisor.set_needed(True)
    assert bench.state() is SourceState.OFF
    assert not bench.supervisor.running
    bench.source.deliver(blank_frame(1))
    assert bench.source.closed.wait(LONG)


def test_a_photo_is_neither_suspended_nor_closed_for_sleep(bench: SupervisorBench, qtbot: QtBot) -> None:
    bench.go_live(qtbot, "photo.jpg")
    bench.supervisor.suspend()
    bench.supervisor.prepare_for_sleep()
    bench.supervisor.reopen()
    assert bench.state() is SourceState.LIVE


def test_a_camera_is_given_back_before_sleep_and_comes_back(bench: SupervisorBench, qtbot: QtBot) -> None:
    bench.go_live(qtbot)
    first = bench.source
    bench.supervisor.prepare_for_sleep()
    first.deliver(blank_frame())
    assert first.closed.wait(LONG)
    assert bench.state() is SourceState.OPENING
    assert bench.opened == ["camera:0"]
    bench.supervisor.reopen()
    bench.wait_until_live(qtbot)
    assert bench.opened == ["camera:0"] * 2


@pytest.mark.parametrize("how", ["lost", "suspended", "asleep"])
def test_a_camera_that_is_not_needed_stays_closed_until_it_is(
    bench: SupervisorBench, qtbot: QtBot, how: str
) -> None:
    bench.go_live(qtbot)
    bench.supervisor.set_needed(False)
    assert bench.state() is SourceState.LIVE
    if how == "lost":
        with qtbot.waitSignal(bench.supervisor.lost):
            bench.source.deliver(gone())
    elif how == "suspended":
        bench.supervisor.suspend()
        bench.supervisor.resume()
    else:
        bench.supervisor.prepare_for_sleep()
        bench.supervisor.reopen()
    assert not bench.supervisor.running
    assert bench.back_off.taken == []
    bench.source.deliver(blank_frame())
    with qtbot.waitSignal(bench.supervisor.frame_changed):
        bench.supervisor.set_needed(True)


def test_a_forbidden_camera_is_not_opened_but_requested_again(bench: SupervisorBench, qtbot: QtBot) -> None:
    bench.permission.allows = False
    bench.supervisor.start("camera:0")
    assert (bench.lost, bench.opened) == (["Camera access denied"], [])
    bench.permission.allows = True
    bench.wait_until_live(qtbot)


def test_an_answer_that_comes_too_late_opens_nothing(bench: SupervisorBench, qtbot: QtBot) -> None:
    bench.permission.waits = True
    bench.supervisor.start("camera:0")
    assert bench.state() is SourceState.OPENING
    bench.supervisor.stop()
    bench.permission.answers[0](True)
    bench.supervisor.start("camera:1")
    bench.permission.answers[0](True)
    assert bench.opened == []
    with qtbot.waitSignal(bench.supervisor.frame_changed):
        bench.permission.answers[1](True)
    assert bench.opened == ["camera:1"]
