"""CameraController with its real workers: live, frozen for a capture, live again, and what can go wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fer_desktop.controllers.camera import CameraController
from fer_desktop.controllers.source_supervisor import SourceState
from fer_desktop.domain import Emotion
from fer_desktop.errors import FrameSourceError, ModelError
from fer_desktop.workers.inference_worker import InferenceWorker
from tests.fakes.frames import blank_frame
from tests.fakes.pipeline import CARD, ScriptedPipeline, reading_for
from tests.fakes.source import LONG, SourceBench

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytestqt.qtbot import QtBot


class CameraBench(SourceBench):
    """A controller over a scripted source and a scripted pipeline."""

    def __init__(self, pipeline: ScriptedPipeline | ModelError) -> None:
        self.pipeline = pipeline
        self.inference = InferenceWorker(self._load)  # type: ignore[arg-type]  # the fake has what is used
        super().__init__(self.inference.frames)
        self.controller = CameraController(self.supervisor, self.inference)

    def _load(self) -> ScriptedPipeline:
        if isinstance(self.pipeline, ModelError):
            raise self.pipeline
        return self.pipeline

    def state(self) -> SourceState:
        return self.controller.state

    def go_live(self, qtbot: QtBot) -> None:
        with qtbot.waitSignal(self.controller.model_ready) as ready:
            self.inference.start()
        assert ready.args == [CARD]
        with qtbot.waitSignal(self.controller.frame_changed):
            self.controller.start("camera:0")

    def close(self) -> None:
        super().close()
        self.inference.close(LONG)


@pytest.fixture
def bench(qtbot: QtBot) -> Iterator[CameraBench]:
    bench = CameraBench(ScriptedPipeline(reading_for(Emotion.HAPPY)))
    yield bench
    bench.close()


def test_live_frames_are_shown_and_read(bench: CameraBench, qtbot: QtBot) -> None:
    bench.go_live(qtbot)
    with qtbot.waitSignal(bench.controller.analysis_changed) as analysed:
        bench.source.deliver(blank_frame(1))
    assert bench.state() is SourceState.LIVE
    assert analysed.args is not None
    assert analysed.args[0].you.scores.dominant is Emotion.HAPPY
    assert bench.controller.analysis_milliseconds == pytest.approx(9)


def test_a_capture_freezes_the_picture_with_its_emotion(bench: CameraBench, qtbot: QtBot) -> None:
    bench.go_live(qtbot)
    shown: list[int] = []
    with qtbot.waitSignal(bench.controller.captured) as captured:
        bench.controller.capture()
        bench.controller.frame_changed.connect(lambda frame: shown.append(frame.number))
        bench.source.deliver(blank_frame(1), blank_frame(2))
    assert captured.args is not None
    snapshot = captured.args[0]
    assert snapshot.emotion is Emotion.HAPPY
    assert snapshot.frame.number == 0
    assert bench.controller.frozen
    assert shown == []


def test_a_thawed_picture_shows_frames_again(bench: CameraBench, qtbot: QtBot) -> None:
    bench.go_live(qtbot)
    with qtbot.waitSignal(bench.controller.captured):
        bench.controller.capture()
    with qtbot.waitSignal(bench.controller.frame_changed):
        bench.controller.thaw()
        bench.source.deliver(blank_frame(1))
    assert bench.state() is SourceState.LIVE


def test_a_file_that_cannot_be_opened_leaves_the_app_usable(bench: CameraBench, qtbot: QtBot) -> None:
    with qtbot.waitSignal(bench.controller.lost):
        bench.controller.start("missing.jpg")
    assert bench.state() is SourceState.LOST
    assert not bench.controller.running
    bench.go_live(qtbot)
    assert bench.state() is SourceState.LIVE


def test_a_capture_outlives_its_camera(bench: CameraBench, qtbot: QtBot) -> None:
    bench.go_live(qtbot)
    with qtbot.waitSignal(bench.controller.captured):
        bench.controller.capture()
    with qtbot.waitSignal(bench.controller.lost):
        bench.source.deliver(FrameSourceError("The camera is gone", "It was unplugged.", "Plug it in."))
    assert bench.controller.frozen
    with qtbot.waitSignal(bench.controller.frame_changed):
        bench.controller.thaw()
    assert bench.state() is SourceState.LIVE


def test_a_camera_that_was_turned_off_stays_off_after_a_capture_without_a_face(qtbot: QtBot) -> None:
    bench = CameraBench(ScriptedPipeline())
    bench.go_live(qtbot)
    with qtbot.waitSignal(bench.controller.capture_failed) as failed:
        bench.controller.capture()
        bench.controller.stop()
    assert failed.args is not None
    assert failed.args[0].title == "No face found"
    bench.controller.thaw()
    assert bench.state() is SourceState.OFF
    assert not bench.controller.running
    assert bench.opened == ["camera:0"]
    bench.close()


def test_a_broken_model_is_reported_and_the_picture_still_runs(qtbot: QtBot) -> None:
    broken = ModelError("Model file damaged", "It cannot be read.", "Install again.")
    bench = CameraBench(broken)
    with qtbot.waitSignal(bench.controller.model_failed) as failed:
        bench.inference.start()
    assert failed.args == [broken]
    with qtbot.waitSignal(bench.controller.frame_changed):
        bench.controller.start("camera:0")
    assert bench.state() is SourceState.LIVE
    assert not bench.controller.can_read
    bench.close()


def test_smoothing_starts_over_with_another_source(bench: CameraBench, qtbot: QtBot) -> None:
    assert isinstance(bench.pipeline, ScriptedPipeline)
    bench.go_live(qtbot)
    with qtbot.waitSignal(bench.controller.analysis_changed):
        bench.source.deliver(blank_frame(1))
    before = bench.pipeline.restarts
    with qtbot.waitSignal(bench.controller.frame_changed):
        bench.controller.start("camera:1")
    with qtbot.waitSignal(bench.controller.analysis_changed):
        bench.source.deliver(blank_frame(1))
    assert bench.pipeline.restarts == before + 1
