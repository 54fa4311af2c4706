"""The picture and its reading: the frames of a source, live or frozen, and what is read in them."""

from __future__ import annotations

import logging
import time
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


class CameraController(QObject):
    """Shows the frames of a source and has them read, and freezes one for a capture. `Flow` says when.

    Signals:
        state_changed: The new SourceState, also behind a frozen picture.
        running_changed: Whether the source is open, being opened, or will be reopened automatically.
        frame_changed: A Frame to show.
        analysis_changed: The FrameAnalysis of a recent frame.
        captured: The EmotionSnapshot of the frozen frame.
        capture_failed: The NoFaceError of the frozen frame.
        explained: The OcclusionMap of the frozen frame.
        lost: The FrameSourceError that ended the source.
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
    capture_failed = Signal(object)
    explained = Signal(object)
    lost = Signal(object)
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
        self._shown = RateMeter()
        self._analysis_seconds = 0.0
        self._model_loaded = False
        self._explains = False
        self._frozen: Frame | None = None
        self._snapshot: EmotionSnapshot | None = None
        source.state_changed.connect(self._on_state)
        source.running_changed.connect(self.running_changed)
        source.opening.connect(inference.expect_source)
        source.opened.connect(self.source_changed)
        source.playback_changed.connect(self.playback_changed)
        source.frame_changed.connect(self._on_frame)
        source.lost.connect(self.lost)
        inference.ready.connect(self._on_model_ready)
        inference.failed.connect(self.model_failed)
        inference.analysis_available.connect(self._on_analysis)
        inference.captured.connect(self._on_captured)
        inference.capture_failed.connect(self._on_capture_failed)
        inference.explained.connect(self._on_explained)

    @property
    def state(self) -> SourceState:
        """What the source is doing."""
        return self._source.state

    @property
    def spec(self) -> str:
        """What the picture comes from, or came from last."""
        return self._source.spec

    @property
    def running(self) -> bool:
        """Whether the source is open, being opened, or will be reopened automatically."""
        return self._source.running

    @property
    def frozen(self) -> bool:
        """Whether one frame is shown in place of the live ones."""
        return self._frozen is not None

    @property
    def can_read(self) -> bool:
        """Whether the model that reads faces is loaded."""
        return self._model_loaded

    @property
    def explaining(self) -> bool:
        """Whether the parts of a face that a reading relied on are shown."""
        return self._explains

    @property
    def frames_per_second(self) -> float:
        """The rate at which frames are shown, over the last second or so."""
        return self._shown.rate

    @property
    def analysis_milliseconds(self) -> float:
        """How long the last analysis took."""
        return self._analysis_seconds * 1000

    def start(self, spec: str) -> None:
        """Opens a frame source; what was shown before is closed, also a frozen frame."""
        self._unfreeze()
        self._source.start(spec)

    def stop(self) -> None:
        """Releases the camera until the user starts it again; a frozen frame stays."""
        self._source.stop()

    def suspend(self) -> None:
        """Releases a camera while no one can see its picture; `resume` opens it again."""
        self._source.suspend()

    def resume(self) -> None:
        """Reopens what `suspend` has closed; a frozen frame stays."""
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
        """Freezes the newest frame, and asks for a careful reading of it."""
        frame = self._source.frame
        if frame is None:
            return
        self._frozen = frame
        self._source.set_needed(False)  # a capture outlives its camera
        self._inference.set_paused(True)
        self._inference.capture(frame)

    def thaw(self) -> None:
        """Shows live frames again; but a source that the user has switched off stays off."""
        if self._frozen is not None:
            self._unfreeze()
            self._source.set_needed(True)

    def set_explaining(self, wanted: bool) -> None:
        """Shows from now on which parts of a face a reading relied on, or no longer."""
        self._explains = wanted
        self._inference.set_attention(wanted)
        if wanted and self._snapshot is not None:
            self._inference.explain(self._snapshot)

    def _unfreeze(self) -> None:
        self._frozen = self._snapshot = None
        self._inference.set_paused(False)

    @Slot(object)
    def _on_state(self, state: SourceState) -> None:
        if state is not SourceState.LIVE:
            self._shown.clear()
        self.state_changed.emit(state)

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
        if analysis is not None and self.state is SourceState.LIVE and self._frozen is None:
            if not self._analysis_seconds:
                _log.info("first analysis")
            self._analysis_seconds = analysis.detect_seconds + analysis.classify_seconds
            self.analysis_changed.emit(analysis)

    @Slot(object)
    def _on_captured(self, snapshot: EmotionSnapshot) -> None:
        if snapshot.frame is self._frozen:
            self._snapshot = snapshot
            _log.info("captured")
            self.captured.emit(snapshot)
            if self._explains:
                self._inference.explain(snapshot)

    @Slot(object, object)
    def _on_explained(self, snapshot: EmotionSnapshot, found: OcclusionMap) -> None:
        if self._explains and snapshot is self._snapshot:
            self.explained.emit(found)

    @Slot(object, object)
    def _on_capture_failed(self, frame: Frame, error: AppError) -> None:
        if frame is self._frozen:
            self.capture_failed.emit(error)
