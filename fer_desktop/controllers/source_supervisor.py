"""Keeps the source of the picture open: opens it, watches it, reopens a lost camera, and releases it."""

from __future__ import annotations

import logging
import time
from enum import Enum, auto
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from fer_desktop.controllers.camera_permission import camera_denied
from fer_desktop.errors import CameraError, FrameSourceError
from fer_desktop.translation import _
from fer_desktop.vision.frame_source import is_live

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from fer_desktop.controllers.camera_permission import CameraPermission
    from fer_desktop.domain import Frame
    from fer_desktop.workers.capture_worker import CaptureWorker

_log = logging.getLogger(__name__)

_WATCH_MS = 250
_SILENCE_SECONDS = 1.5
"""A source that opened and then delivers nothing for this long is lost."""

_OPENING_SECONDS = 25.0
"""A camera that takes longer to open hangs; on Windows, opening may take 20 seconds."""

_BACK_OFF_SECONDS = (1.0, 2.0, 4.0, 8.0)
"""How long a lost camera is left alone before it is opened again, by the number of failures so far."""

_STEADY_SECONDS = 10.0
"""A camera that ran for this long works: if it is then lost, the waits start with the shortest again."""

_AFTER_WAKE_SECONDS = 2.0
"""How long the system needs after sleep until its cameras work."""


class SourceState(Enum):
    """What the source is doing."""

    OFF = auto()
    OPENING = auto()
    LIVE = auto()
    LOST = auto()


class SourceSupervisor(QObject):
    """Keeps one frame source open for as long as it is wanted.

    A camera or stream that is lost is opened again automatically, until it delivers or is stopped.

    Attributes:
        back_off: Seconds before a lost camera is reopened, the first time and each time after.

    Signals:
        state_changed: The new SourceState.
        running_changed: Whether the source is open, being opened, or will be reopened automatically.
        opening: The source is being opened: frames from before no longer count.
        opened: The source delivers; its name.
        playback_changed: The Playback of the video that was opened, None if it is not a video.
        frame_changed: The newest Frame.
        lost: The FrameSourceError that ended it; one that repeats is announced once.
    """

    state_changed = Signal(object)
    running_changed = Signal(bool)
    opening = Signal()
    opened = Signal(str)
    playback_changed = Signal(object)
    frame_changed = Signal(object)
    lost = Signal(object)

    def __init__(
        self,
        capture: CaptureWorker,
        permission: CameraPermission,
        *,
        back_off: Sequence[float] = _BACK_OFF_SECONDS,
        after_wake: float = _AFTER_WAKE_SECONDS,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """Connects the worker.

        Args:
            capture: Delivers the frames; used by no one else.
            permission: Asked before a camera of this computer is opened.
            back_off: See above.
            after_wake: Seconds after sleep before a camera is reopened.
            now: Seconds on the monotonic clock.
        """
        super().__init__()
        self._capture = capture
        self._permission = permission
        self.back_off = back_off
        self._after_wake = after_wake
        self._now = now
        self._spec = ""
        self._state = SourceState.OFF
        self._frame: Frame | None = None
        self._running = False
        self._wanted = False
        self._needed = True
        self._suspended = False
        self._request = 0
        self._opening_since = 0.0
        self._failures = 0
        self._trouble = ""
        self._watching = QTimer(self)
        self._watching.setInterval(_WATCH_MS)
        self._watching.timeout.connect(self._watch)
        self._reopening = QTimer(self)
        self._reopening.setSingleShot(True)
        self._reopening.timeout.connect(self._open)
        capture.opened.connect(self.opened)
        capture.playback_changed.connect(self.playback_changed)
        capture.frame_available.connect(self._on_frame)
        capture.failed.connect(self._on_lost)

    @property
    def spec(self) -> str:
        """What the frames come from, or came from last."""
        return self._spec

    @property
    def state(self) -> SourceState:
        """What the source is doing."""
        return self._state

    @property
    def frame(self) -> Frame | None:
        """The newest frame; None unless the source is live."""
        return self._frame

    @property
    def running(self) -> bool:
        """Whether the source is open, being opened, or will be reopened automatically."""
        return self._running

    def start(self, spec: str) -> None:
        """Opens what `spec` names; what was open before is closed."""
        self._spec = spec
        self._failures = 0
        self._trouble = ""
        self._wanted = True
        self._needed = True
        self._suspended = False
        self._set_running(True)
        self._set_state(SourceState.OPENING)
        self._open()

    def stop(self) -> None:
        """Releases the source until it is started again."""
        self._wanted = False
        self._suspended = False
        self._release()

    def set_needed(self, needed: bool) -> None:
        """Says whether its frames are needed; if not, a camera that is lost or released stays closed.

        Once they are needed again, the source is reopened, unless it was stopped or is suspended.
        """
        self._needed = needed
        if needed and self._wanted and not self._running and not self._suspended:
            self.start(self._spec)

    def suspend(self) -> None:
        """Releases a camera while no one can see its picture; `resume` opens it again."""
        if self._running and is_live(self._spec):
            self._release()
            self._suspended = True

    def resume(self) -> None:
        """Reopens what `suspend` closed, if its frames are needed."""
        if self._suspended and self._needed:
            self.start(self._spec)
        self._suspended = False

    @Slot()
    def prepare_for_sleep(self) -> None:
        """Releases a camera before the computer sleeps; `reopen` opens it again if it is needed."""
        if not self._running or not is_live(self._spec):
            return
        if self._needed:
            self._close()
            self._set_state(SourceState.OPENING)
        else:
            self._release()

    @Slot()
    def reopen(self) -> None:
        """Closes a camera and opens it again: after sleep it is often black or frozen."""
        self.prepare_for_sleep()
        if self._running and is_live(self._spec):
            self._reopening.start(round(self._after_wake * 1000))

    def set_seen(self, seen: bool) -> None:
        """Delivers frames only while someone can see the window."""
        self._capture.set_seen(seen)

    def set_eco(self, eco: bool) -> None:
        """Delivers fewer frames, to save power."""
        self._capture.set_eco(eco)

    @Slot()
    def _open(self) -> None:
        self._close()
        self.opening.emit()
        self._opening_since = self._now()
        self._request += 1
        request = self._request

        def on_answer(allowed: bool) -> None:
            if request != self._request or not self._running:
                return
            if not allowed:
                self._on_lost(camera_denied())
                return
            if is_live(self._spec):  # a file on a slow disk takes its time
                self._watching.start()
            self._capture.start(self._spec)

        if self._spec.startswith("camera:"):
            self._permission.request(on_answer)
        else:
            on_answer(True)

    def _release(self) -> None:
        self._close()
        self._set_running(False)
        self._set_state(SourceState.OFF)

    def _close(self) -> None:
        self._request += 1
        self._watching.stop()
        self._reopening.stop()
        self._capture.stop()
        self._frame = None

    def _set_running(self, running: bool) -> None:
        if running is not self._running:
            self._running = running
            self.running_changed.emit(running)

    def _set_state(self, state: SourceState) -> None:
        if state is not self._state:
            self._state = state
            self.state_changed.emit(state)

    @Slot()
    def _on_frame(self) -> None:
        frame = self._capture.preview.take()
        if frame is None:
            return
        if self._frame is None:
            _log.info("first frame")
        self._frame = frame
        self._trouble = ""
        self._set_state(SourceState.LIVE)
        self.frame_changed.emit(frame)

    @Slot(object)
    def _on_lost(self, error: FrameSourceError) -> None:
        if self._frame is not None and self._now() - self._opening_since > _STEADY_SECONDS:
            self._failures = 0
        self._close()
        if isinstance(error, CameraError) and self._needed:
            wait = self.back_off[min(self._failures, len(self.back_off) - 1)]
            self._failures += 1
            self._reopening.start(round(wait * 1000))
        else:
            self._set_running(False)
        self._set_state(SourceState.LOST)
        if self._trouble != str(error):
            self._trouble = str(error)
            _log.info("no picture: %s", error)
            self.lost.emit(error)

    @Slot()
    def _watch(self) -> None:
        silence = self._capture.silence
        if silence is not None and silence > _SILENCE_SECONDS:
            self._on_lost(
                CameraError(
                    _("The picture stopped"),
                    _("The camera or stream no longer sends anything."),
                    _("Check its cable and its cover."),
                )
            )
        elif silence is None and self._now() - self._opening_since > _OPENING_SECONDS:
            self._on_lost(
                CameraError(
                    _("The camera does not respond"),
                    _("It was asked for a picture some time ago, but its driver does not respond."),
                    _("Unplug it and plug it back in, or choose another camera."),
                )
            )
