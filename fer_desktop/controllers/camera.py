"""The state of the picture: off, opening, live, captured or lost, and the commands that change it."""

from __future__ import annotations

import logging
import sys
import time
from collections import deque
from enum import Enum, auto
from typing import TYPE_CHECKING

from PySide6.QtCore import QCameraPermission, QCoreApplication, QObject, QPermission, Qt, QTimer, Signal, Slot

from fer_desktop.errors import AppError, FrameSourceError

if TYPE_CHECKING:
    from fer_desktop.domain import EmotionSnapshot, Frame, FrameAnalysis
    from fer_desktop.vision.model_card import ModelCard
    from fer_desktop.workers.capture_worker import CaptureWorker
    from fer_desktop.workers.inference_worker import InferenceWorker

_log = logging.getLogger(__name__)

_WATCH_MS = 500
_SILENCE_SECONDS = 3.0
"""A source that opened and then says nothing for so long is lost."""

_RATE_FRAMES = 30


class CameraState(Enum):
    """Where the picture stands."""

    OFF = auto()
    OPENING = auto()
    LIVE = auto()
    CAPTURING = auto()
    CAPTURED = auto()
    LOST = auto()


class CameraController(QObject):
    """Starts and stops the picture, captures, and returns to live.

    Signals:
        state_changed: The new CameraState.
        running_changed: Whether the source is open or being opened.
        frame_changed: A Frame to show.
        analysis_changed: The FrameAnalysis of a recent frame.
        captured: The EmotionSnapshot of a capture.
        released: A capture was given up; back to live.
        failed: An AppError to show: the source was lost, or a capture found no face.
        source_changed: The name of the source that delivers.
        playback_changed: Its Playback where it is a video, else None.
        model_ready: The ModelCard of the loaded model.
        model_failed: The ModelError that keeps the app from reading faces.
    """

    state_changed = Signal(object)
    running_changed = Signal(bool)
    frame_changed = Signal(object)
    analysis_changed = Signal(object)
    captured = Signal(object)
    released = Signal()
    failed = Signal(object)
    source_changed = Signal(str)
    playback_changed = Signal(object)
    model_ready = Signal(object)
    model_failed = Signal(object)

    def __init__(self, capture: CaptureWorker, inference: InferenceWorker) -> None:
        super().__init__()
        self._capture = capture
        self._inference = inference
        self._state = CameraState.OFF
        self._spec = ""
        self._running = False
        self._frame: Frame | None = None
        self._frame_times: deque[float] = deque(maxlen=_RATE_FRAMES)
        self._analysis_seconds = 0.0
        self._model_loaded = False
        self._silence = QTimer(self)
        self._silence.setInterval(_WATCH_MS)
        self._silence.timeout.connect(self._watch)
        capture.opened.connect(self._on_opened)
        capture.playback_changed.connect(self.playback_changed)
        capture.frame_available.connect(self._on_frame)
        capture.ended.connect(self._on_ended)
        capture.failed.connect(self._on_lost)
        inference.ready.connect(self._on_model_ready)
        inference.failed.connect(self.model_failed)
        inference.analysis_available.connect(self._on_analysis)
        inference.captured.connect(self._on_captured)
        inference.capture_failed.connect(self._on_capture_failed)

    @property
    def state(self) -> CameraState:
        """Where the picture stands."""
        return self._state

    @property
    def spec(self) -> str:
        """What the picture comes from, or came from last."""
        return self._spec

    @property
    def running(self) -> bool:
        """Whether the source is open or being opened: what a camera's light shows."""
        return self._running

    @property
    def can_capture(self) -> bool:
        """Whether `capture` would do something."""
        return self._state is CameraState.LIVE and self._model_loaded and self._frame is not None

    @property
    def frames_per_second(self) -> float:
        """The rate at which frames are shown, over the last second or so."""
        if len(self._frame_times) < 2:  # a rate needs two times
            return 0.0
        return (len(self._frame_times) - 1) / (self._frame_times[-1] - self._frame_times[0])

    @property
    def analysis_milliseconds(self) -> float:
        """How long the last analysis took."""
        return self._analysis_seconds * 1000

    def start(self, spec: str) -> None:
        """Opens a frame source; what was shown before is closed and a capture is given up."""
        had_capture = self._state in (CameraState.CAPTURED, CameraState.CAPTURING)
        self._spec = spec
        self._frame = None
        self._frame_times.clear()
        self._capture.stop()
        self._inference.expect_source()
        self._inference.set_paused(False)
        self._set_running(True)
        self._set_state(CameraState.OPENING)
        if had_capture:
            self.released.emit()
        if spec.startswith("camera:"):
            self._ask_for_permission(spec)
        else:
            self._capture.start(spec)

    def _ask_for_permission(self, spec: str) -> None:
        """Opens the camera once the system allows it: macOS asks the user, on the GUI thread only."""

        def on_answer(permission: QPermission) -> None:
            if self._state is not CameraState.OPENING or self._spec != spec:
                return
            # Only a bundle may ask on macOS; else the system asks for the terminal as the camera opens.
            in_bundle = bool(getattr(sys, "frozen", False))
            if permission.status() is Qt.PermissionStatus.Denied and in_bundle:
                self._on_lost(
                    FrameSourceError(
                        "The camera is not allowed",
                        "This system does not let FER Desktop use the camera.",
                        "Allow it in the system's privacy settings, then try again.",
                    )
                )
            else:
                self._capture.start(spec)

        app = QCoreApplication.instance()
        if app is not None:
            app.requestPermission(QCameraPermission(), self, on_answer)

    def stop(self) -> None:
        """Gives the camera back; a capture stays."""
        self._close_source()
        if self._state not in (CameraState.CAPTURED, CameraState.CAPTURING):
            self._set_state(CameraState.OFF)

    def capture(self) -> None:
        """Freezes the picture and asks for a careful reading of it."""
        if not self.can_capture or self._frame is None:
            return
        self._inference.set_paused(True)
        self._set_state(CameraState.CAPTURING)
        self._inference.capture(self._frame)

    def back_to_live(self) -> None:
        """Gives the capture up and shows the live picture again; reopens a source that was closed."""
        if self._state not in (CameraState.CAPTURED, CameraState.CAPTURING):
            return
        if not self._running:
            self.start(self._spec)
            return
        self._inference.set_paused(False)
        self._set_state(CameraState.LIVE)
        self.released.emit()

    def _close_source(self) -> None:
        self._silence.stop()
        self._capture.stop()
        self._frame_times.clear()
        self._set_running(False)

    def _set_running(self, running: bool) -> None:  # a setter of one value
        if running is not self._running:
            self._running = running
            self.running_changed.emit(running)

    def _set_state(self, state: CameraState) -> None:
        if state is not self._state:
            self._state = state
            self.state_changed.emit(state)

    @Slot(str)
    def _on_opened(self, name: str) -> None:
        self.source_changed.emit(name)
        self._frame_times.append(time.monotonic())
        self._silence.start()

    @Slot()
    def _on_frame(self) -> None:
        frame = self._capture.preview.take()
        if frame is None:
            return
        self._frame_times.append(time.monotonic())
        if self._state in (CameraState.OPENING, CameraState.LIVE):
            if self._frame is None:
                _log.info("first frame")
            self._frame = frame
            self._set_state(CameraState.LIVE)
            self.frame_changed.emit(frame)

    @Slot()
    def _on_ended(self) -> None:
        self._on_lost(
            FrameSourceError(
                "The pictures ended", "The source has nothing more to show.", "Choose it again, or another."
            )
        )

    @Slot(object)
    def _on_lost(self, error: FrameSourceError) -> None:
        self._close_source()
        # A capture outlives its camera.
        if self._state not in (CameraState.CAPTURED, CameraState.CAPTURING):
            self._set_state(CameraState.LOST)
        self.failed.emit(error)

    @Slot()
    def _watch(self) -> None:
        if self._frame_times and time.monotonic() - self._frame_times[-1] > _SILENCE_SECONDS:
            self._on_lost(
                FrameSourceError(
                    "The picture stopped",
                    "The camera or stream has sent nothing for three seconds.",
                    "Check its cable and its cover, then start it again.",
                )
            )

    @Slot(object)
    def _on_model_ready(self, card: ModelCard) -> None:
        self._model_loaded = True
        self.model_ready.emit(card)

    @Slot()
    def _on_analysis(self) -> None:
        analysis: FrameAnalysis | None = self._inference.analyses.take()
        if analysis is not None and self._state is CameraState.LIVE:
            if not self._analysis_seconds:
                _log.info("first analysis")
            self._analysis_seconds = analysis.detect_seconds + analysis.classify_seconds
            self.analysis_changed.emit(analysis)

    @Slot(object)
    def _on_captured(self, snapshot: EmotionSnapshot) -> None:
        if self._state is CameraState.CAPTURING and snapshot.frame is self._frame:
            self._set_state(CameraState.CAPTURED)
            self.captured.emit(snapshot)

    @Slot(object, object)
    def _on_capture_failed(self, frame: Frame, error: AppError) -> None:
        if self._state is CameraState.CAPTURING and frame is self._frame:
            self.back_to_live()
            self.failed.emit(error)
