"""The state of the picture: off, opening, live, captured or lost, and the commands that change it."""

from __future__ import annotations

import logging
import time
from enum import Enum, auto
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from fer_desktop.controllers.source_supervisor import SourceState
from fer_desktop.vision.pacing import RateMeter

if TYPE_CHECKING:
    from fer_desktop.controllers.source_supervisor import SourceSupervisor
    from fer_desktop.domain import EmotionSnapshot, Frame, FrameAnalysis, OcclusionMap
    from fer_desktop.errors import AppError
    from fer_desktop.vision.model_card import ModelCard
    from fer_desktop.workers.inference_worker import InferenceWorker

_log = logging.getLogger(__name__)


class CameraState(Enum):
    """Where the picture stands: what its source is doing, or that a capture is shown in its place."""

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
        running_changed: Whether the source is open, being opened, or will be reopened automatically.
        frame_changed: A Frame to show.
        analysis_changed: The FrameAnalysis of a recent frame.
        captured: The EmotionSnapshot of a capture.
        explained: The OcclusionMap of the capture that is shown.
        released: A capture was given up; back to live.
        failed: An AppError to show: the source was lost, or a capture found no face.
        source_changed: The name of the source that delivers.
        playback_changed: The Playback of the video that was opened, None if it is not a video.
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

    def __init__(self, source: SourceSupervisor, inference: InferenceWorker) -> None:
        """Connects the parts.

        Args:
            source: Delivers frames.
            inference: Reads them.
        """
        super().__init__()
        self._source = source
        self._inference = inference
        self._state = CameraState.OFF
        self._shown = RateMeter()
        self._analysis_seconds = 0.0
        self._model_loaded = False
        self._explains = False
        self._frozen: Frame | None = None
        self._snapshot: EmotionSnapshot | None = None
        source.state_changed.connect(self._on_source_state)
        source.running_changed.connect(self.running_changed)
        source.opening.connect(inference.expect_source)
        source.opened.connect(self.source_changed)
        source.playback_changed.connect(self.playback_changed)
        source.frame_changed.connect(self._on_frame)
        source.lost.connect(self.failed)
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
        return self._source.spec

    @property
    def running(self) -> bool:
        """Whether the source is open, being opened, or will be reopened automatically."""
        return self._source.running

    @property
    def can_capture(self) -> bool:
        """Whether `capture` would do something."""
        return self._state is CameraState.LIVE and self._model_loaded

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
        had_capture = self._frozen is not None
        self._unfreeze()
        self._source.start(spec)
        if had_capture:
            self.released.emit()

    def stop(self) -> None:
        """Gives the camera back until the user starts it again; a capture stays."""
        self._source.stop()

    def suspend(self) -> None:
        """Gives a camera back while no one can see its picture; `resume` opens it again."""
        self._source.suspend()

    def resume(self) -> None:
        """Opens again what `suspend` has closed; a capture stays."""
        self._source.resume()

    def set_seen(self, seen: bool) -> None:
        """Shows and analyses frames only while someone can see the window."""
        self._source.set_seen(seen)

    def set_eco(self, eco: bool) -> None:
        """Shows and analyses fewer frames, to save power."""
        self._source.set_eco(eco)
        self._inference.set_eco(eco)

    def follow(self, face_id: int) -> None:
        """Makes the face of this number "you", whose emotion is shown and captured."""
        self._inference.follow(face_id)

    def capture(self) -> None:
        """Freezes the picture and asks for a careful reading of it."""
        if not self.can_capture or self._source.frame is None:
            return
        self._frozen = self._source.frame
        self._source.set_needed(False)  # a capture outlives its camera
        self._inference.set_paused(True)
        self._set_state(CameraState.CAPTURING)
        self._inference.capture(self._frozen)

    def back_to_live(self) -> None:
        """Gives the capture up and shows the live picture again; reopens a source that was closed."""
        if self._frozen is not None and not self.running:
            self.start(self.spec)
        else:
            self.give_up_capture()

    def give_up_capture(self) -> None:
        """Shows the live picture again; but a source that the user has switched off stays off."""
        if self._frozen is None:
            return
        self._unfreeze()
        self._source.set_needed(True)
        self._set_state(CameraState[self._source.state.name])
        self.released.emit()

    def set_explaining(self, wanted: bool) -> None:
        """Says from now on which parts of a face a reading relied on, or no longer."""
        self._explains = wanted
        self._inference.set_attention(wanted)
        if wanted and self._state is CameraState.CAPTURED and self._snapshot is not None:
            self._inference.explain(self._snapshot)

    def _unfreeze(self) -> None:
        self._frozen = None
        self._inference.set_paused(False)

    def _set_state(self, state: CameraState) -> None:
        if state is not self._state:
            self._state = state
            self.state_changed.emit(state)

    @Slot(object)
    def _on_source_state(self, state: SourceState) -> None:
        if state is not SourceState.LIVE:
            self._shown.clear()
        if self._frozen is None:
            self._set_state(CameraState[state.name])

    @Slot(object)
    def _on_frame(self, frame: Frame) -> None:
        self._shown.tick(time.monotonic())
        if self._frozen is None:
            self.frame_changed.emit(frame)

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
        if self._state is CameraState.CAPTURING and snapshot.frame is self._frozen:
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
        if self._state is CameraState.CAPTURING and frame is self._frozen:
            self.give_up_capture()
            self.failed.emit(error)
