"""The capture thread: opens a frame source, reads it, and gives it back."""

from __future__ import annotations

import threading
import time
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal, Slot

from fer_desktop.errors import FrameSourceError
from fer_desktop.memory import return_freed_memory
from fer_desktop.vision.frame_source import is_live
from fer_desktop.vision.pacing import RateLimit
from fer_desktop.vision.video import VideoSource
from fer_desktop.workers.latest_slot import LatestSlot

if TYPE_CHECKING:
    from collections.abc import Callable

    from fer_desktop.domain import Frame
    from fer_desktop.vision.frame_source import FrameSource

_RELEASE_SECONDS = 2.0
"""How long the next source waits for the last one to be given back; after that, its thread is left behind."""

_UNSEEN_SECONDS = 0.1
"""How long a file that no one sees waits before it checks again."""

_PREVIEW_RATE = 30
_ECO_PREVIEW_RATE = 15
"""Frames shown per second, at most."""


class _Session:
    """One start of a source: what its thread reports after it was stopped is ignored."""

    def __init__(self, spec: str, previous: threading.Thread | None, preview_rate: int) -> None:
        self.spec = spec
        self.previous = previous
        self.preview_limit = RateLimit(preview_rate)
        self.stop = threading.Event()
        self.heard_at: float | None = None


class CaptureWorker(QObject):
    """Reads frames on a thread of its own; lives on the GUI thread.

    Every frame goes to two slots, one for the picture and one for the analysis, where the newest overwrites
    the last; the picture gets no more frames than the eye needs.

    Signals:
        opened: The source delivers; its name.
        playback_changed: The Playback of the video that was opened, None if it is not a video.
        frame_available: A frame is waiting in `preview`.
        failed: The source cannot be opened or was lost; a FrameSourceError.
    """

    opened = Signal(str)
    playback_changed = Signal(object)
    frame_available = Signal()
    failed = Signal(object)

    _reported = Signal(object, object)

    def __init__(
        self,
        open_source: Callable[[str], FrameSource],
        frames: LatestSlot[Frame],
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """Creates an idle worker.

        Args:
            open_source: Opens what a spec such as "camera:0" names; called on the capture thread.
            frames: Where the analysis takes its frames.
            now: Seconds on the monotonic clock.
        """
        super().__init__()
        self._now = now
        self.preview: LatestSlot[Frame] = LatestSlot()
        self._open_source = open_source
        self._frames = frames
        self._preview_rate = _PREVIEW_RATE
        self._seen = True
        self._session: _Session | None = None
        self._thread: threading.Thread | None = None
        self._reported.connect(self._announce, Qt.ConnectionType.QueuedConnection)

    @property
    def silence(self) -> float | None:
        """Seconds since the running source delivered a frame or was opened; None if none is open."""
        heard_at = self._session.heard_at if self._session is not None else None
        return None if heard_at is None else self._now() - heard_at

    def start(self, spec: str) -> None:
        """Opens the source that `spec` names, after stopping the last one. Does not wait."""
        self.stop()
        self._session = _Session(spec, self._thread, self._preview_rate)
        self._thread = threading.Thread(
            target=self._capture, args=(self._session,), name="capture", daemon=True
        )
        self._thread.start()

    def set_eco(self, eco: bool) -> None:
        """Shows fewer frames, to save power."""
        self._preview_rate = _ECO_PREVIEW_RATE if eco else _PREVIEW_RATE
        if self._session is not None:
            self._session.preview_limit = RateLimit(self._preview_rate)

    def set_seen(self, seen: bool) -> None:
        """Delivers frames only while someone can see them; files pause in the meantime."""
        self._seen = seen

    def stop(self) -> None:
        """Asks the thread to give the source back, and stops listening to it. Does not wait."""
        if self._session is not None:
            self._session.stop.set()
            self._session = None
        self._empty_slots()

    def close(self, deadline: float) -> bool:
        """Stops, and waits at most `deadline` seconds until the source is given back; for the end of the app.

        Returns:
            Whether it was; a thread blocked in a driver is left behind.
        """
        self.stop()
        if self._thread is not None:
            self._thread.join(deadline)
        return self._thread is None or not self._thread.is_alive()

    def _capture(self, session: _Session) -> None:
        if session.previous is not None:
            # Two sessions on one device would make the second fail as "busy".
            session.previous.join(_RELEASE_SECONDS)
        if session.stop.is_set():
            return
        # A last frame of the previous session would keep this one's from being announced.
        self._empty_slots()
        try:
            source = self._open_source(session.spec)
        except FrameSourceError as error:
            self._reported.emit(session, partial(self.failed.emit, error))
            return
        try:
            if not session.stop.is_set():
                session.heard_at = self._now()
                playback = None
                if isinstance(source, VideoSource) and not source.is_still:
                    playback = source.playback
                self._reported.emit(session, partial(self.playback_changed.emit, playback))
                self._reported.emit(session, partial(self.opened.emit, source.name))
            while not session.stop.is_set():
                if not self._seen and not is_live(session.spec):
                    session.heard_at = self._now()
                    session.stop.wait(_UNSEEN_SECONDS)
                    continue
                frame = source.read()
                if session.stop.is_set():
                    return
                session.heard_at = self._now()
                if not self._seen:
                    continue
                self._frames.put(frame)
                if session.preview_limit.passes(frame.captured_at) and self.preview.put(frame):
                    self._reported.emit(session, self.frame_available.emit)
        except FrameSourceError as error:
            self._reported.emit(session, partial(self.failed.emit, error))
        finally:
            source.close()
            return_freed_memory()

    def _empty_slots(self) -> None:
        self.preview.take()
        self._frames.take()

    @Slot(object, object)
    def _announce(self, session: _Session, announce: Callable[[], None]) -> None:
        if session is self._session:
            announce()
