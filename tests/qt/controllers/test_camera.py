"""CameraController with its real workers: live, capture, back to live, and what can go wrong."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QCameraPermission, Qt
from PySide6.QtDBus import QDBusConnection, QDBusMessage

from fer_desktop.controllers import camera as camera_module
from fer_desktop.controllers.camera import CameraController, CameraState
from fer_desktop.controllers.camera_permission import CameraPermission
from fer_desktop.controllers.wake import WakeWatch
from fer_desktop.domain import Emotion
from fer_desktop.errors import CameraError, FrameSourceError, ModelError
from fer_desktop.workers.capture_worker import CaptureWorker
from fer_desktop.workers.inference_worker import InferenceWorker
from tests.fakes.clock import Clock
from tests.fakes.frames import ScriptedSource, blank_frame
from tests.fakes.pipeline import CARD, ScriptedPipeline, reading_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytestqt.qtbot import QtBot


LONG = 30.0
"""Seconds that a thread may take on a busy computer."""

DBUS_DAEMON = shutil.which("dbus-daemon")


def gone(title: str = "The camera was lost") -> CameraError:
    return CameraError(title, "It was unplugged.", "Plug it in.")


class Permission:
    """Stands in for the system: says yes at once, or what the test says when it does."""

    def __init__(self) -> None:
        self.allows = True
        self.waits = False
        self.answers: list[Callable[[bool], None]] = []

    def request(self, on_answer: Callable[[bool], None]) -> None:
        if self.waits:
            self.answers.append(on_answer)
        else:
            on_answer(self.allows)


class Bench:
    """A controller over a scripted source and a scripted pipeline."""

    def __init__(self, pipeline: ScriptedPipeline | ModelError) -> None:
        self.source = ScriptedSource()
        self.pipeline = pipeline
        self.inference = InferenceWorker(self._load)  # type: ignore[arg-type]  # the fake has what is used
        self.clock = Clock()
        self.opened: list[str] = []
        self.troubles: list[CameraError] = []
        self.answers = threading.Event()
        self.answers.set()
        self.capture = CaptureWorker(self._open, self.inference.frames, self.clock.now)
        self.permission = Permission()
        self.controller = CameraController(
            self.capture,
            self.inference,
            self.permission,  # type: ignore[arg-type]  # the stand-in has what is used
            back_off=(0.01, 0.02),
        )

    def _load(self) -> ScriptedPipeline:
        if isinstance(self.pipeline, ModelError):
            raise self.pipeline
        return self.pipeline

    def _open(self, spec: str) -> ScriptedSource:
        self.opened.append(spec)
        self.answers.wait(LONG)
        if self.troubles:
            raise self.troubles.pop(0)
        if spec == "missing.jpg":
            raise FrameSourceError("File not found", "It is not there.", "Check the name.")
        self.source = ScriptedSource()
        self.source.deliver(blank_frame(0))
        return self.source

    def state(self) -> CameraState:
        return self.controller.state

    def go_live(self, qtbot: QtBot) -> None:
        with qtbot.waitSignal(self.controller.model_ready):
            self.inference.start()
        with qtbot.waitSignal(self.controller.frame_changed):
            self.controller.start("camera:0")

    def close(self) -> None:
        self.source.deliver(None)
        self.capture.close(LONG)
        self.inference.close(LONG)


@pytest.fixture
def bench(qtbot: QtBot) -> Iterator[Bench]:
    bench = Bench(ScriptedPipeline(reading_for(Emotion.HAPPY)))
    yield bench
    bench.close()


def test_live_frames_are_shown_and_read(bench: Bench, qtbot: QtBot) -> None:
    bench.go_live(qtbot)
    with qtbot.waitSignal(bench.controller.analysis_changed) as analysed:
        bench.source.deliver(blank_frame(1))
    assert bench.state() is CameraState.LIVE
    assert analysed.args is not None
    assert analysed.args[0].you.scores.dominant is Emotion.HAPPY
    assert bench.controller.analysis_milliseconds == pytest.approx(9)


def test_the_first_frame_can_be_captured_at_once(bench: Bench, qtbot: QtBot) -> None:
    could_capture: list[bool] = []
    bench.controller.state_changed.connect(lambda _state: could_capture.append(bench.controller.can_capture))
    bench.go_live(qtbot)
    assert could_capture == [False, True]


def test_a_capture_freezes_the_picture_with_its_emotion(bench: Bench, qtbot: QtBot) -> None:
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
    assert bench.state() is CameraState.CAPTURED
    assert shown == []


def test_back_to_live_shows_frames_again(bench: Bench, qtbot: QtBot) -> None:
    bench.go_live(qtbot)
    with qtbot.waitSignal(bench.controller.captured):
        bench.controller.capture()
    with qtbot.waitSignals([bench.controller.released, bench.controller.frame_changed]):
        bench.controller.back_to_live()
        bench.source.deliver(blank_frame(1))
    assert bench.state() is CameraState.LIVE


def test_a_capture_without_a_face_says_so_and_stays_live(qtbot: QtBot) -> None:
    bench = Bench(ScriptedPipeline())
    bench.go_live(qtbot)
    with qtbot.waitSignal(bench.controller.failed) as failed:
        bench.controller.capture()
    assert failed.args is not None
    assert failed.args[0].title == "No face found"
    assert bench.state() is CameraState.LIVE
    bench.close()


def test_a_file_that_cannot_be_opened_leaves_the_app_usable(bench: Bench, qtbot: QtBot) -> None:
    with qtbot.waitSignal(bench.controller.failed):
        bench.controller.start("missing.jpg")
    assert bench.state() is CameraState.LOST
    assert not bench.controller.running
    bench.go_live(qtbot)
    assert bench.state() is CameraState.LIVE


def test_a_capture_outlives_its_camera(bench: Bench, qtbot: QtBot) -> None:
    bench.go_live(qtbot)
    with qtbot.waitSignal(bench.controller.captured):
        bench.controller.capture()
    with qtbot.waitSignal(bench.controller.failed):
        bench.source.deliver(FrameSourceError("The camera is gone", "It was unplugged.", "Plug it in."))
    assert bench.state() is CameraState.CAPTURED
    with qtbot.waitSignal(bench.controller.frame_changed):
        bench.controller.back_to_live()
    assert bench.state() is CameraState.LIVE


def test_a_lost_camera_is_opened_again_until_it_delivers(bench: Bench, qtbot: QtBot) -> None:
    bench.go_live(qtbot)
    shown: list[str] = []
    bench.controller.failed.connect(lambda error: shown.append(error.title))
    bench.troubles = [gone("No camera found"), gone("No camera found"), gone("The camera is busy")]
    with qtbot.waitSignal(bench.controller.failed):
        bench.source.deliver(gone())
    assert bench.state() is CameraState.LOST
    assert bench.controller.running
    qtbot.waitUntil(lambda: bench.state() is CameraState.LIVE)
    assert shown == ["The camera was lost", "No camera found", "The camera is busy"]  # each said once
    assert bench.opened == ["camera:0"] * 5


def test_a_lost_camera_can_be_switched_off(bench: Bench, qtbot: QtBot) -> None:
    bench.troubles = [gone()] * 1000
    with qtbot.waitSignal(bench.controller.failed):
        bench.controller.start("camera:0")
    bench.controller.stop()
    with qtbot.assertNotEmitted(bench.controller.state_changed, wait=100):  # as long as several attempts
        bench.troubles.clear()
    assert bench.state() is CameraState.OFF
    assert not bench.controller.running


def test_a_camera_that_falls_silent_is_lost_within_two_seconds(bench: Bench, qtbot: QtBot) -> None:
    bench.go_live(qtbot)
    bench.clock.sleep(1.4)
    with qtbot.assertNotEmitted(bench.controller.failed, wait=600):  # as long as two looks
        pass
    bench.troubles = [gone()] * 1000
    with qtbot.waitSignal(bench.controller.failed) as failed:
        bench.clock.sleep(0.2)
    assert failed.args is not None
    assert failed.args[0].title == "The picture stopped"
    assert bench.state() is CameraState.LOST


def test_a_camera_that_hangs_as_it_opens_is_said(
    bench: Bench, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(camera_module, "_OPENING_SECONDS", 0.0)
    bench.answers.clear()
    with qtbot.waitSignal(bench.controller.failed) as failed:
        bench.controller.start("camera:0")
    assert failed.args is not None
    assert failed.args[0].title == "The camera does not answer"
    bench.answers.set()
    monkeypatch.setattr(camera_module, "_OPENING_SECONDS", LONG)
    qtbot.waitUntil(lambda: bench.state() is CameraState.LIVE)


def test_a_suspended_camera_is_given_back_and_comes_back(bench: Bench, qtbot: QtBot) -> None:
    bench.go_live(qtbot)
    first = bench.source
    bench.controller.suspend()
    assert bench.state() is CameraState.OFF
    assert not bench.controller.running
    first.deliver(blank_frame())
    assert first.closed.wait(LONG)
    with qtbot.waitSignal(bench.controller.frame_changed):
        bench.controller.resume()
    assert bench.state() is CameraState.LIVE


def test_only_what_was_suspended_comes_back(bench: Bench, qtbot: QtBot) -> None:
    bench.go_live(qtbot)
    bench.controller.stop()
    bench.controller.suspend()
    bench.controller.resume()
    assert bench.state() is CameraState.OFF


def test_a_photo_is_not_suspended(bench: Bench, qtbot: QtBot) -> None:
    with qtbot.waitSignal(bench.controller.frame_changed):
        bench.controller.start("photo.jpg")
    bench.controller.suspend()
    assert bench.state() is CameraState.LIVE


def test_a_capture_outlives_suspending(bench: Bench, qtbot: QtBot) -> None:
    bench.go_live(qtbot)
    with qtbot.waitSignal(bench.controller.captured):
        bench.controller.capture()
    bench.controller.suspend()
    bench.source.deliver(blank_frame())
    bench.controller.resume()
    assert bench.state() is CameraState.CAPTURED
    with qtbot.waitSignal(bench.controller.frame_changed):
        bench.controller.back_to_live()


@pytest.mark.parametrize("finds_a_face", [True, False])
def test_a_camera_that_was_switched_off_stays_off_as_the_capture_ends(
    qtbot: QtBot, finds_a_face: object
) -> None:
    bench = Bench(ScriptedPipeline(*[reading_for(Emotion.HAPPY)] if finds_a_face else []))
    bench.go_live(qtbot)
    with qtbot.waitSignal(bench.controller.captured if finds_a_face else bench.controller.released):
        bench.controller.capture()
        bench.controller.stop()
    bench.controller.give_up_capture()
    assert bench.state() is CameraState.OFF
    assert not bench.controller.running
    assert bench.opened == ["camera:0"]
    bench.close()


def test_a_capture_that_fails_opens_no_camera_while_nobody_sees_the_window(qtbot: QtBot) -> None:
    bench = Bench(ScriptedPipeline())
    bench.go_live(qtbot)
    with qtbot.waitSignal(bench.controller.failed):
        bench.controller.capture()
        bench.controller.suspend()
    assert bench.opened == ["camera:0"]
    bench.source.deliver(None)
    with qtbot.waitSignal(bench.controller.frame_changed):
        bench.controller.resume()
    bench.close()


@pytest.mark.parametrize("sleeps", [True, False])
def test_a_camera_that_the_user_wants_comes_back_as_the_capture_is_given_up(
    bench: Bench, qtbot: QtBot, sleeps: object
) -> None:
    bench.go_live(qtbot)
    with qtbot.waitSignal(bench.controller.captured):
        bench.controller.capture()
    if sleeps:
        bench.controller.prepare_for_sleep()
    else:
        bench.controller.suspend()
        bench.controller.resume()
    bench.source.deliver(None)
    with qtbot.waitSignal(bench.controller.frame_changed):
        bench.controller.give_up_capture()


def test_after_sleep_the_camera_is_opened_anew(
    bench: Bench, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(camera_module, "_AFTER_WAKE_SECONDS", 0.01)
    bench.go_live(qtbot)
    watch = WakeWatch(bench.clock.now)
    watch.woken.connect(bench.controller.reopen)
    first = bench.source
    bench.clock.sleep(1.0)
    watch.look()
    assert bench.state() is CameraState.LIVE
    bench.clock.sleep(3600)
    watch.look()
    assert bench.state() is CameraState.OPENING
    first.deliver(blank_frame())
    qtbot.waitUntil(lambda: bench.state() is CameraState.LIVE)
    assert first.closed.is_set()
    assert bench.opened == ["camera:0"] * 2


def test_a_camera_is_given_back_before_sleep_and_comes_back(
    bench: Bench, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(camera_module, "_AFTER_WAKE_SECONDS", 0.01)
    bench.go_live(qtbot)
    first = bench.source
    bench.controller.prepare_for_sleep()
    first.deliver(blank_frame())
    assert first.closed.wait(LONG)
    assert bench.state() is CameraState.OPENING
    assert bench.opened == ["camera:0"]
    bench.controller.reopen()
    qtbot.waitUntil(lambda: bench.state() is CameraState.LIVE)


@pytest.mark.skipif(DBUS_DAEMON is None, reason="needs a message bus")
def test_the_system_says_that_the_computer_goes_to_sleep(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    with subprocess.Popen(
        [str(DBUS_DAEMON), "--session", "--nofork", "--print-address"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as daemon:
        try:
            assert daemon.stdout is not None
            address = daemon.stdout.readline().strip()
            bus = QDBusConnection.connectToBus(address, "app")
            logind = QDBusConnection.connectToBus(address, "logind")
            assert logind.registerService("org.freedesktop.login1")
            monkeypatch.setattr(QDBusConnection, "systemBus", lambda: bus)
            watch = WakeWatch()
            watch.listen()
            for begins, signal in ((True, watch.falling_asleep), (False, watch.woken)):
                message = QDBusMessage.createSignal(
                    "/org/freedesktop/login1", "org.freedesktop.login1.Manager", "PrepareForSleep"
                )
                message.setArguments([begins])
                with qtbot.waitSignal(signal):
                    logind.send(message)
            for name in ("app", "logind"):
                QDBusConnection.disconnectFromBus(name)
        finally:
            daemon.terminate()


def test_a_forbidden_camera_is_not_opened_and_asked_for_again(bench: Bench, qtbot: QtBot) -> None:
    bench.permission.allows = False
    with qtbot.waitSignal(bench.controller.failed) as failed:
        bench.controller.start("camera:0")
    assert failed.args is not None
    assert failed.args[0].title == "The camera is not allowed"
    assert bench.opened == []
    bench.permission.allows = True
    qtbot.waitUntil(lambda: bench.state() is CameraState.LIVE)


def test_an_answer_that_comes_too_late_opens_nothing(bench: Bench, qtbot: QtBot) -> None:
    bench.permission.waits = True
    bench.controller.start("camera:0")
    assert bench.state() is CameraState.OPENING
    bench.controller.stop()
    bench.permission.answers[0](True)
    bench.controller.start("camera:1")
    bench.permission.answers[0](True)
    assert bench.opened == []
    with qtbot.waitSignal(bench.controller.frame_changed):
        bench.permission.answers[1](True)
    assert bench.opened == ["camera:1"]


@pytest.mark.parametrize(
    ("status", "home", "answer"),
    [
        (Qt.PermissionStatus.Granted, "bundle", [True]),
        (Qt.PermissionStatus.Denied, "bundle", [False]),
        (Qt.PermissionStatus.Denied, "checkout", [True]),  # the system asks for the terminal
    ],
)
def test_the_system_is_asked_on_the_gui_thread(
    monkeypatch: pytest.MonkeyPatch, status: Qt.PermissionStatus, home: str, answer: list[bool]
) -> None:
    asked: list[object] = []

    def request(permission: object, _context: object, on_permission: Callable[[object], None]) -> None:
        asked.append(permission)
        on_permission(SimpleNamespace(status=lambda: status))

    app = SimpleNamespace(requestPermission=request)
    monkeypatch.setattr(
        "fer_desktop.controllers.camera_permission.QCoreApplication", SimpleNamespace(instance=lambda: app)
    )
    monkeypatch.setattr(sys, "frozen", home == "bundle", raising=False)
    answers: list[bool] = []
    CameraPermission().request(answers.append)
    assert answers == answer
    assert isinstance(asked[0], QCameraPermission)


def test_stop_gives_the_camera_back(bench: Bench, qtbot: QtBot) -> None:
    bench.go_live(qtbot)
    bench.controller.stop()
    assert bench.state() is CameraState.OFF
    assert not bench.controller.running
    bench.source.deliver(blank_frame(1))
    assert bench.source.closed.wait(30)


def test_a_broken_model_is_reported_and_the_picture_still_runs(qtbot: QtBot) -> None:
    broken = ModelError("Model file damaged", "It cannot be read.", "Install again.")
    bench = Bench(broken)
    with qtbot.waitSignal(bench.controller.model_failed) as failed:
        bench.inference.start()
    assert failed.args == [broken]
    with qtbot.waitSignal(bench.controller.frame_changed):
        bench.controller.start("camera:0")
    assert bench.state() is CameraState.LIVE
    assert not bench.controller.can_capture
    bench.close()


def test_the_model_card_is_handed_on(bench: Bench, qtbot: QtBot) -> None:
    with qtbot.waitSignal(bench.controller.model_ready) as ready:
        bench.inference.start()
    assert ready.args == [CARD]


def test_the_smoothing_starts_anew_with_another_source(bench: Bench, qtbot: QtBot) -> None:
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
