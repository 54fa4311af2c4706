"""CaptureWorker: reads a source on its thread, reports on the GUI thread, and gives the source back."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from fer_desktop.errors import FrameSourceError
from fer_desktop.workers.capture_worker import CaptureWorker
from fer_desktop.workers.latest_slot import LatestSlot
from tests.fakes.clock import Clock
from tests.fakes.frames import ScriptedSource, blank_frame
from tests.fakes.source import LONG

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytestqt.qtbot import QtBot

    from fer_desktop.domain import Frame


class CaptureBench:
    """A worker whose sources the test holds.

    Attributes:
        free: For each source, whether "camera:0" had been given back when it was opened.
    """

    def __init__(self, qtbot: QtBot) -> None:
        self._qtbot = qtbot
        self.frames: LatestSlot[Frame] = LatestSlot()
        self.sources = {spec: ScriptedSource() for spec in ("camera:0", "camera:1", "clip.avi")}
        self.camera = self.sources["camera:0"]
        self.free: dict[str, bool] = {}
        self.clock = Clock()
        self.worker = CaptureWorker(self._open, self.frames, self.clock.now)

    def open(self, spec: str = "camera:0") -> None:
        """Starts a source and waits until it is open."""
        with self._qtbot.waitSignal(self.worker.opened):
            self.worker.start(spec)

    def shown(self) -> int | None:
        """Takes the frame that waits to be shown; returns its number."""
        frame = self.worker.preview.take()
        return None if frame is None else frame.number

    def _open(self, spec: str) -> ScriptedSource:
        if spec not in self.sources:
            raise FrameSourceError("No camera found", "There is none.", "Plug one in.")
        self.free[spec] = self.camera.closed.is_set()
        return self.sources[spec]


@pytest.fixture
def bench(qtbot: QtBot) -> Iterator[CaptureBench]:
    bench = CaptureBench(qtbot)
    yield bench
    for source in bench.sources.values():
        source.lose()
    bench.worker.close(LONG)


def test_frames_reach_the_picture_and_the_analysis(bench: CaptureBench, qtbot: QtBot) -> None:
    names: list[str] = []
    bench.worker.opened.connect(names.append)
    with qtbot.waitSignal(bench.worker.frame_available):
        bench.worker.start("camera:0")
        bench.camera.deliver(blank_frame(7))
    assert names == ["Scripted"]
    shown, analysed = bench.worker.preview.take(), bench.frames.take()
    assert shown is not None
    assert shown.number == 7
    assert analysed is shown


def test_frames_that_no_one_takes_do_not_queue(bench: CaptureBench, qtbot: QtBot) -> None:
    woken: list[None] = []
    bench.worker.frame_available.connect(lambda: woken.append(None))
    with qtbot.waitSignal(bench.worker.failed):
        bench.worker.start("camera:0")
        bench.camera.deliver(*(blank_frame(number) for number in range(50)))
        bench.camera.lose()
    assert bench.shown() == 49
    assert len(woken) == 1


def test_a_camera_that_no_one_sees_is_read_but_not_shown(bench: CaptureBench, qtbot: QtBot) -> None:
    bench.worker.set_seen(False)
    bench.worker.start("camera:0")
    with qtbot.waitSignal(bench.worker.failed):
        bench.camera.deliver(blank_frame(1))
        bench.camera.lose()
    assert bench.shown() is None
    assert bench.frames.take() is None


def test_a_file_that_no_one_sees_is_paused(bench: CaptureBench, qtbot: QtBot) -> None:
    bench.worker.set_seen(False)
    bench.sources["clip.avi"].deliver(blank_frame(1))
    bench.open("clip.avi")
    assert bench.sources["clip.avi"].left == 1
    with qtbot.waitSignal(bench.worker.frame_available):
        bench.worker.set_seen(True)


def test_a_source_that_cannot_be_opened_is_reported(bench: CaptureBench, qtbot: QtBot) -> None:
    with qtbot.waitSignal(bench.worker.failed) as failed:
        bench.worker.start("camera:9")
    assert failed.args is not None
    assert failed.args[0].title == "No camera found"


def test_a_camera_that_goes_away_is_reported_and_given_back(bench: CaptureBench, qtbot: QtBot) -> None:
    gone = FrameSourceError("The camera is gone", "It was unplugged.", "Plug it in again.")
    with qtbot.waitSignal(bench.worker.failed) as failed:
        bench.worker.start("camera:0")
        bench.camera.deliver(blank_frame(), gone)
    assert failed.args == [gone]
    assert bench.camera.closed.wait(LONG)


def test_close_gives_the_source_back(bench: CaptureBench) -> None:
    bench.open()
    bench.camera.deliver(blank_frame())
    assert bench.worker.close(LONG)
    assert bench.camera.closed.is_set()


def test_close_leaves_a_hanging_driver_behind(bench: CaptureBench) -> None:
    bench.open()
    assert bench.camera.asked.wait(LONG)
    assert not bench.worker.close(0.01)
    assert not bench.camera.closed.is_set()


def test_silence_counts_from_the_last_frame(bench: CaptureBench, qtbot: QtBot) -> None:
    silences = [bench.worker.silence]
    bench.open()
    bench.clock.sleep(1.0)
    silences.append(bench.worker.silence)
    with qtbot.waitSignal(bench.worker.frame_available):
        bench.camera.deliver(blank_frame())
    silences.append(bench.worker.silence)
    bench.worker.stop()
    assert [*silences, bench.worker.silence] == [None, 1.0, 0.0, None]


def test_what_a_stopped_source_still_reports_is_ignored(bench: CaptureBench, qtbot: QtBot) -> None:
    failures: list[object] = []
    bench.worker.failed.connect(failures.append)
    bench.open()
    bench.camera.lose()
    with qtbot.waitSignal(bench.worker.frame_available):
        bench.worker.start("camera:1")
        bench.sources["camera:1"].deliver(blank_frame(3))
    assert failures == []
    assert bench.shown() == 3


def test_a_last_frame_of_the_source_before_does_not_hold_up_the_next(
    bench: CaptureBench, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    reached, stopped = threading.Event(), threading.Event()

    def put(_frame: Frame) -> bool:
        reached.set()
        return stopped.wait(LONG)

    monkeypatch.setattr(bench.frames, "put", put)
    bench.open()
    bench.camera.deliver(blank_frame(1))
    assert reached.wait(LONG)
    bench.worker.start("camera:1")
    with qtbot.waitSignal(bench.worker.frame_available):
        stopped.set()
        bench.sources["camera:1"].deliver(blank_frame(2))
    assert bench.shown() == 2


def test_the_first_source_is_given_back_before_the_second_opens(bench: CaptureBench, qtbot: QtBot) -> None:
    bench.open()
    with qtbot.waitSignal(bench.worker.opened):
        bench.worker.start("camera:1")
        bench.camera.deliver(blank_frame())
    assert bench.free == {"camera:0": False, "camera:1": True}
