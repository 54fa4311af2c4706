"""The inference thread: loads the model, reads the newest frame, and makes careful readings on request."""

from __future__ import annotations

import threading
from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from fer_desktop.domain import EmotionSnapshot, Frame, FrameAnalysis
from fer_desktop.errors import ModelError, NoFaceError
from fer_desktop.vision.pacing import RateLimit
from fer_desktop.workers.latest_slot import LatestSlot

if TYPE_CHECKING:
    from collections.abc import Callable

    from fer_desktop.vision.pipeline import FramePipeline

_WAKE_SECONDS = 0.05
"""How long a stop or a capture waits for the thread, at most."""

_RATE = 15
"""Frames read per second, at most: to the eye, no face changes faster."""

_ECO_RATE = 5


class InferenceWorker(QObject):
    """Analyses frames on a thread of its own; lives on the GUI thread.

    Signals:
        ready: The model is loaded; its ModelCard.
        failed: The model cannot be used; a ModelError.
        analysis_available: An analysis is waiting in `analyses`.
        captured: A capture was read; an EmotionSnapshot.
        capture_failed: A capture shows no face; its Frame and a NoFaceError.
        explained: What the reading of a capture relied on; its EmotionSnapshot and an OcclusionMap.
    """

    ready = Signal(object)
    failed = Signal(object)
    analysis_available = Signal()
    captured = Signal(object)
    capture_failed = Signal(object, object)
    explained = Signal(object, object)

    def __init__(self, load_pipeline: Callable[[], FramePipeline]) -> None:
        """Creates an idle worker; `load_pipeline` is called on the inference thread."""
        super().__init__()
        self.frames: LatestSlot[Frame] = LatestSlot()
        self.analyses: LatestSlot[FrameAnalysis] = LatestSlot()
        self._captures: LatestSlot[Frame] = LatestSlot()
        self._unexplained: LatestSlot[EmotionSnapshot] = LatestSlot()
        self._choices: LatestSlot[int] = LatestSlot()
        self._load_pipeline = load_pipeline
        self._limit = RateLimit(_RATE)
        self._stopping = threading.Event()
        self._paused = False
        self._source_changed = threading.Event()
        self._attends = False
        self._thread = threading.Thread(target=self._infer, name="inference", daemon=True)

    def start(self) -> None:
        """Starts the thread, which loads the model first."""
        self._thread.start()

    def close(self, deadline: float) -> bool:
        """Ends the thread and waits for it, at most `deadline` seconds; returns whether it has ended."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(deadline)
        return not self._thread.is_alive()

    def set_paused(self, paused: bool) -> None:
        """Drops the frames that come while it is paused; captures are still read.

        Continuing cancels what was asked about a capture.
        """
        self._paused = paused
        if not paused:
            self._unexplained.take()
        self.analyses.take()

    def set_eco(self, eco: bool) -> None:
        """Analyses fewer frames, to save power."""
        self._limit = RateLimit(_ECO_RATE if eco else _RATE)

    def follow(self, face_id: int) -> None:
        """Makes the face of this number "you"."""
        self._choices.put(face_id)

    def expect_source(self) -> None:
        """The next frames come from another source: the faces seen so far no longer count."""
        self.frames.take()
        self._choices.take()
        self._source_changed.set()

    def capture(self, frame: Frame) -> None:
        """Asks for the careful reading of a frame; `captured` or `capture_failed` answers."""
        self._captures.put(frame)

    def set_attention(self, wanted: bool) -> None:
        """Adds the model's attention to each analysis, or stops doing so and explains no capture either."""
        self._attends = wanted
        if not wanted:
            self._unexplained.take()

    def explain(self, snapshot: EmotionSnapshot) -> None:
        """Asks which parts of a captured face its reading relied on; `explained` answers."""
        self._unexplained.put(snapshot)

    def _infer(self) -> None:
        try:
            pipeline = self._load_pipeline()
        except ModelError as error:
            self.failed.emit(error)
            return
        self.ready.emit(pipeline.card)
        early: Frame | None = None
        while not self._stopping.is_set():
            wanted = self._captures.take()
            if wanted is not None:
                self._read_capture(pipeline, wanted)
            snapshot = self._unexplained.take()
            if snapshot is not None:
                self.explained.emit(snapshot, pipeline.occlusion(snapshot.frame, snapshot.reading))
            newest = self.frames.take(_WAKE_SECONDS)
            if self._source_changed.is_set():
                self._source_changed.clear()
                pipeline.restart_live()
                early = None
            frame = newest or early
            if frame is None or self._paused:
                early = None
                continue
            if newest is not None and not self._limit.passes(newest.captured_at):
                # Read it after all if no other follows, as in a paused video.
                early = newest
                continue
            early = None
            chosen = self._choices.take()
            if chosen is not None:
                pipeline.follow(chosen)
            analysis = pipeline.analyse_live(frame, attention=self._attends)
            if self.analyses.put(analysis):
                self.analysis_available.emit()

    def _read_capture(self, pipeline: FramePipeline, frame: Frame) -> None:
        try:
            reading = pipeline.capture(frame)
        except NoFaceError as error:
            self.capture_failed.emit(frame, error)
            return
        self.captured.emit(EmotionSnapshot(frame, reading, datetime.now().astimezone()))
