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

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytestqt.qtbot import QtBot

    from fer_desktop.domain import Frame


LONG = 30.0
"""Seconds that a thread may take on a busy computer."""


class CaptureBench:
    """A worker whose sources the test holds."""

    def __init__(self) -> None:
        self.frames: LatestSlot[Frame] = LatestSlot()
        self.sources = {spec: ScriptedSource() for spec in ("camera:0", "camera:1", "clip.avi")}
        self.worker = CaptureWorker(self._open, self.frames)

    def _open(self, spec: str) -> ScriptedSource:
        if spec not in self.sources:
            raise FrameSourceError("No camera found", "There is none.", "Plug one in.")
        return self.sources[spec]


@pytest.fixture
def bench(qtbot: QtBot) -> Iterator[CaptureBench]:
    bench = CaptureBench()
    yield bench
    for source in bench.sources.values():
        source.deliver(None)
    bench.worker.close(LONG)


def test_frames_reach_the_picture_and_the_analysis(bench: CaptureBench, qtbot: QtBot) -> None:
    names: list[str] = []
    bench.worker.opened.connect(names.append)
    with qtbot.waitSignal(bench.worker.frame_available):
        bench.worker.start("camera:0")
        bench.sources["camera:0"].deliver(blank_frame(7))
    assert names == ["Scripted"]
    shown, analysed = bench.worker.preview.take(), bench.frames.take()
    assert shown is not None
    assert shown.number == 7
    assert analysed is shown


def test_frames_that_no_one_takes_do_not_queue(bench: CaptureBench, qtbot: QtBot) -> None:
    woken: list[None] = []
    bench.worker.frame_available.connect(lambda: woken.append(None))
    with qtbot.waitSignal(bench.worker.ended):
        bench.worker.start("camera:0")
        bench.sources["camera:0"].deliver(*(blank_frame(number) for number in range(50)), None)
    shown = bench.worker.preview.take()
    assert shown is not None
    assert shown.number == 49
    assert len(woken) == 1


def test_a_camera_that_no_one_sees_is_read_but_not_shown(bench: CaptureBench, qtbot: QtBot) -> None:
    bench.worker.set_seen(False)
    bench.worker.start("camera:0")
    with qtbot.waitSignal(bench.worker.failed):
        bench.sources["camera:0"].deliver(blank_frame(1), FrameSourceError("Gone", "It is gone.", "Look."))
    assert bench.worker.preview.take() is None
    assert bench.frames.take() is None


def test_a_file_that_no_one_sees_is_paused(bench: CaptureBench, qtbot: QtBot) -> None:
    bench.worker.set_seen(False)
    bench.sources["clip.avi"].deliver(blank_frame(1))
    with qtbot.waitSignal(bench.worker.opened):
        bench.worker.start("clip.avi")
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
        bench.sources["camera:0"].deliver(blank_frame(), gone)
    assert failed.args == [gone]
    assert bench.sources["camera:0"].closed.wait(30)


def test_close_gives_the_source_back(bench: CaptureBench, qtbot: QtBot) -> None:
    with qtbot.waitSignal(bench.worker.opened):
        bench.worker.start("camera:0")
    bench.sources["camera:0"].deliver(blank_frame())
    assert bench.worker.close(LONG)
    assert bench.sources["camera:0"].closed.is_set()


def test_close_leaves_a_hanging_driver_behind(bench: CaptureBench, qtbot: QtBot) -> None:
    with qtbot.waitSignal(bench.worker.opened):
        bench.worker.start("camera:0")
    assert bench.sources["camera:0"].asked.wait(LONG)
    assert not bench.worker.close(0.01)
    assert not bench.sources["camera:0"].closed.is_set()


def test_silence_counts_from_the_last_frame(qtbot: QtBot) -> None:
    clock, source = Clock(), ScriptedSource()
    worker = CaptureWorker(lambda _spec: source, LatestSlot(), clock.now)
    silences = [worker.silence]
    with qtbot.waitSignal(worker.opened):
        worker.start("camera:0")
    clock.sleep(1.0)
    silences.append(worker.silence)
    with qtbot.waitSignal(worker.frame_available):
        source.deliver(blank_frame())
    silences.append(worker.silence)
    source.deliver(None)
    worker.close(LONG)
    assert [*silences, worker.silence] == [None, 1.0, 0.0, None]


def test_what_a_stopped_source_still_reports_is_ignored(bench: CaptureBench, qtbot: QtBot) -> None:
    failures: list[object] = []
    bench.worker.failed.connect(failures.append)
    with qtbot.waitSignal(bench.worker.opened):
        bench.worker.start("camera:0")
    bench.sources["camera:0"].deliver(FrameSourceError("Gone", "It is gone.", ""))
    with qtbot.waitSignal(bench.worker.frame_available):
        bench.worker.start("camera:1")
        bench.sources["camera:1"].deliver(blank_frame(3))
    assert failures == []
    shown = bench.worker.preview.take()
    assert shown is not None
    assert shown.number == 3


def test_the_first_source_is_given_back_before_the_second_opens(qtbot: QtBot) -> None:
    first, second = ScriptedSource(), ScriptedSource()
    closed_when_opened = threading.Event()

    def open_source(spec: str) -> ScriptedSource:
        if spec == "second" and first.closed.is_set():
            closed_when_opened.set()
        return first if spec == "first" else second

    worker = CaptureWorker(open_source, LatestSlot())
    with qtbot.waitSignal(worker.opened):
        worker.start("first")
    with qtbot.waitSignal(worker.opened):
        worker.start("second")
        first.deliver(blank_frame())
    assert closed_when_opened.is_set()
    second.deliver(None)
    worker.close(LONG)
