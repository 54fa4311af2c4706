"""The state of the picture: off, opening, live, captured or lost, and the commands that change it."""

from __future__ import annotations

import logging
import sys
import time
from enum import Enum, auto
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from fer_desktop.errors import AppError, CameraError, FrameSourceError
from fer_desktop.translation import _
from fer_desktop.vision.camera import PRIVACY_SETTINGS
from fer_desktop.vision.frame_source import is_live
from fer_desktop.vision.pacing import RateMeter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fer_desktop.controllers.camera_permission import CameraPermission
    from fer_desktop.domain import EmotionSnapshot, Frame, FrameAnalysis, OcclusionMap
    from fer_desktop.vision.model_card import ModelCard
    from fer_desktop.workers.capture_worker import CaptureWorker
    from fer_desktop.workers.inference_worker import InferenceWorker

_log = logging.getLogger(__name__)

_WATCH_MS = 250
_SILENCE_SECONDS = 1.5
"""A source that opened and then delivers nothing for so long is lost."""

_OPENING_SECONDS = 25.0
"""A camera that takes longer to open hangs; those of Windows may take 20 seconds."""

_BACK_OFF_SECONDS = (1.0, 2.0, 4.0, 8.0)
"""How long a lost camera is left alone before it is opened again, by how often that has failed."""

_STEADY_SECONDS = 10.0
"""A camera that ran for so long is well: if it is lost again, the waits begin with the shortest."""

_AFTER_WAKE_SECONDS = 2.0
"""How long the system needs after sleep until its cameras work."""


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

    A camera or stream that is lost is opened again by itself, until it delivers or is stopped.

    Signals:
        state_changed: The new CameraState.
        running_changed: Whether the source is open, being opened, or will be again by itself.
        frame_changed: A Frame to show.
        analysis_changed: The FrameAnalysis of a recent frame.
        captured: The EmotionSnapshot of a capture.
        explained: The OcclusionMap of the capture that is shown.
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
    explained = Signal(object)
    released = Signal()
    failed = Signal(object)
    source_changed = Signal(str)
    playback_changed = Signal(object)
    model_ready = Signal(object)
    model_failed = Signal(object)

    def __init__(
        self,
        capture: CaptureWorker,
        inference: InferenceWorker,
        permission: CameraPermission,
        back_off: Sequence[float] = _BACK_OFF_SECONDS,
    ) -> None:
        """Connects the workers.

        Args:
            capture: Delivers frames.
            inference: Reads them.
            permission: Asked before a camera of this computer is opened.
            back_off: Seconds before a lost camera is opened again, the first time and each time after.
        """
        super().__init__()
        self._capture = capture
        self._inference = inference
        self._permission = permission
        self._back_off = back_off
        self._failures = 0
        self._trouble = ""
        self._wanted = False
        self._suspended = False
        self._request = 0
        self._opening_since = 0.0
        self._state = CameraState.OFF
        self._spec = ""
        self._running = False
        self._frame: Frame | None = None
        self._shown = RateMeter()
        self._analysis_seconds = 0.0
        self._model_loaded = False
        self._explains = False
        self._snapshot: EmotionSnapshot | None = None
        self._watching = QTimer(self)
        self._watching.setInterval(_WATCH_MS)
        self._watching.timeout.connect(self._watch)
        self._reopening = QTimer(self)
        self._reopening.setSingleShot(True)
        self._reopening.timeout.connect(self._open)
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
        inference.explained.connect(self._on_explained)

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
        """Whether the source is open, being opened, or will be again by itself."""
        return self._running

    @property
    def can_capture(self) -> bool:
        """Whether `capture` would do something."""
        return self._state is CameraState.LIVE and self._model_loaded and self._frame is not None

    @property
    def frames_per_second(self) -> float:
        """The rate at which frames are shown, over the last second or so."""
        return self._shown.rate

    @property
    def analysis_milliseconds(self) -> float:
        """How long the last analysis took."""
        return self._analysis_seconds * 1000

    def start(self, spec: str) -> None:
        """Opens a frame source; what was shown before is closed and a capture is given up."""
        had_capture = self._has_capture
        self._spec = spec
        self._frame = None
        self._failures = 0
        self._trouble = ""
        self._wanted = True
        self._suspended = False
        self._inference.set_paused(False)
        self._set_running(True)
        self._set_state(CameraState.OPENING)
        if had_capture:
            self.released.emit()
        self._open()

    def stop(self) -> None:
        """Gives the camera back until the user starts it again; a capture stays."""
        self._wanted = False
        self._suspended = False
        self._give_back()

    def suspend(self) -> None:
        """Gives a camera back while nobody can see its picture; `resume` opens it again."""
        if self._running and is_live(self._spec):
            self._give_back()
            self._suspended = True

    def resume(self) -> None:
        """Opens again what `suspend` has closed; a capture stays."""
        if self._suspended and not self._has_capture:
            self.start(self._spec)
        self._suspended = False

    @Slot()
    def prepare_for_sleep(self) -> None:
        """Gives a camera back before the computer sleeps; `reopen` opens it again. A capture stays."""
        if not self._running or not is_live(self._spec):
            return
        if self._has_capture:
            self._give_back()
            return
        self._close_source()
        self._set_state(CameraState.OPENING)

    @Slot()
    def reopen(self) -> None:
        """Closes a camera and opens it again: after sleep it is often black or frozen."""
        self.prepare_for_sleep()
        if self._running and is_live(self._spec):
            self._reopening.start(round(_AFTER_WAKE_SECONDS * 1000))

    def follow(self, face_id: int) -> None:
        """Makes the face of this number "you", whose emotion is shown and captured."""
        self._inference.follow(face_id)

    def set_seen(self, seen: bool) -> None:
        """Shows and analyses frames only while somebody can see the window."""
        self._capture.set_seen(seen)

    def set_eco(self, eco: bool) -> None:
        """Shows and analyses fewer frames, to spare the battery."""
        self._capture.set_eco(eco)
        self._inference.set_eco(eco)

    def capture(self) -> None:
        """Freezes the picture and asks for a careful reading of it."""
        if not self.can_capture or self._frame is None:
            return
        self._inference.set_paused(True)
        self._set_state(CameraState.CAPTURING)
        self._inference.capture(self._frame)

    def back_to_live(self) -> None:
        """Gives the capture up and shows the live picture again; reopens a source that was closed."""
        if self._has_capture and not self._running:
            self.start(self._spec)
        else:
            self.give_up_capture()

    def give_up_capture(self) -> None:
        """Shows the live picture again; but a source that the user has switched off stays off."""
        if not self._has_capture:
            return
        if not self._running and self._wanted and not self._suspended:
            self.start(self._spec)
            return
        self._inference.set_paused(False)
        self._set_state(CameraState.LIVE if self._running else CameraState.OFF)
        self.released.emit()

    @property
    def _has_capture(self) -> bool:
        return self._state in (CameraState.CAPTURED, CameraState.CAPTURING)

    @Slot()
    def _open(self) -> None:
        self._close_source()
        self._inference.expect_source()
        self._opening_since = time.monotonic()
        self._request += 1
        request = self._request

        def on_answer(allowed: bool) -> None:
            if request != self._request or not self._running:
                return
            if allowed:
                if is_live(self._spec):  # a file on a slow disk takes its time
                    self._watching.start()
                self._capture.start(self._spec)
                return
            self._on_lost(
                CameraError(
                    _("The camera is not allowed"),
                    _("This system does not let FER Desktop use the camera."),
                    _("Allow it in the system's privacy settings."),
                    settings_url=PRIVACY_SETTINGS.get(sys.platform, ""),
                )
            )

        if self._spec.startswith("camera:"):
            self._permission.request(on_answer)
        else:
            on_answer(True)

    def set_explaining(self, wanted: bool) -> None:
        """Says from now on which places of a face a reading went by, or no longer."""
        self._explains = wanted
        self._inference.set_attention(wanted)
        if wanted and self._state is CameraState.CAPTURED and self._snapshot is not None:
            self._inference.explain(self._snapshot)

    def _give_back(self) -> None:
        self._close_source()
        self._set_running(False)
        if not self._has_capture:
            self._set_state(CameraState.OFF)

    def _close_source(self) -> None:
        self._request += 1
        self._watching.stop()
        self._reopening.stop()
        self._capture.stop()
        self._shown.clear()

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

    @Slot()
    def _on_frame(self) -> None:
        frame = self._capture.preview.take()
        if frame is None:
            return
        self._shown.tick(time.monotonic())
        if not self._has_capture:
            if self._frame is None:
                _log.info("first frame")
            self._frame = frame
            self._trouble = ""
            self._set_state(CameraState.LIVE)
            self.frame_changed.emit(frame)

    @Slot()
    def _on_ended(self) -> None:
        self._on_lost(
            FrameSourceError(
                _("The pictures ended"),
                _("The source has nothing more to show."),
                _("Choose it again, or another."),
            )
        )

    @Slot(object)
    def _on_lost(self, error: FrameSourceError) -> None:
        if self._shown.rate and time.monotonic() - self._opening_since > _STEADY_SECONDS:
            self._failures = 0
        self._close_source()
        # A capture outlives its camera.
        if isinstance(error, CameraError) and not self._has_capture:
            wait = self._back_off[min(self._failures, len(self._back_off) - 1)]
            self._failures += 1
            self._reopening.start(round(wait * 1000))
        else:
            self._set_running(False)
        if not self._has_capture:
            self._set_state(CameraState.LOST)
        if self._trouble != str(error):
            self._trouble = str(error)
            _log.info("no picture: %s", error)
            self.failed.emit(error)

    @Slot()
    def _watch(self) -> None:
        silence = self._capture.silence
        if silence is not None and silence > _SILENCE_SECONDS:
            self._on_lost(
                CameraError(
                    _("The picture stopped"),
                    _("The camera or stream sends nothing any more."),
                    _("Check its cable and its cover."),
                )
            )
        elif silence is None and time.monotonic() - self._opening_since > _OPENING_SECONDS:
            self._on_lost(
                CameraError(
                    _("The camera does not answer"),
                    _("It has been asked for its picture for a while, and its driver hangs."),
                    _("Plug it out and in again, or choose another camera."),
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
            self._snapshot = snapshot
            _log.info("captured")
            self._set_state(CameraState.CAPTURED)
            self.captured.emit(snapshot)
            if self._explains:
                self._inference.explain(snapshot)

    @Slot(object, object)
    def _on_explained(self, snapshot: EmotionSnapshot, found: OcclusionMap) -> None:
        if self._explains and self._state is CameraState.CAPTURED and snapshot is self._snapshot:
            self.explained.emit(found)

    @Slot(object, object)
    def _on_capture_failed(self, frame: Frame, error: AppError) -> None:
        if self._state is CameraState.CAPTURING and frame is self._frame:
            self.give_up_capture()
            self.failed.emit(error)
