"""A supervised source that a test drives by hand: what it opens, delivers and loses."""

from __future__ import annotations

import threading
from collections import UserList
from typing import TYPE_CHECKING

from fer_desktop.controllers.source_supervisor import SourceSupervisor
from fer_desktop.errors import CameraError, FrameSourceError
from fer_desktop.workers.capture_worker import CaptureWorker
from fer_desktop.workers.latest_slot import LatestSlot
from tests.fakes.clock import Clock
from tests.fakes.frames import ScriptedSource, blank_frame

if TYPE_CHECKING:
    from collections.abc import Callable

    from fer_desktop.domain import Frame

LONG = 30.0
"""Seconds that a thread may take on a busy computer."""


def gone(title: str = "Camera disconnected") -> CameraError:
    """Returns the error of a camera that was unplugged."""
    return CameraError(title, "It was unplugged.", "Plug it in.")


class Permission:
    """Stands in for the system: answers at once, or when the test does."""

    def __init__(self) -> None:
        self.allows = True
        self.waits = False
        self.answers: list[Callable[[bool], None]] = []

    def request(self, on_answer: Callable[[bool], None]) -> None:
        """Answers, or keeps the question for the test."""
        if self.waits:
            self.answers.append(on_answer)
        else:
            on_answer(self.allows)


class BackOff(UserList[float]):
    """Waits that note which of them was taken."""

    def __init__(self, *seconds: float) -> None:
        super().__init__(seconds)
        self.taken: list[int] = []

    def __getitem__(self, index: int) -> float:  # type: ignore[override]  # slices are not used
        self.taken.append(index)
        return self.data[index]


class SourceBench:
    """A supervisor over a real capture worker; each source that it opens delivers one frame.

    Args:
        frames: Where the analysis takes its frames.
    """

    def __init__(self, frames: LatestSlot[Frame] | None = None) -> None:
        self.source = ScriptedSource()
        self.clock = Clock()
        self.opened: list[str] = []
        self.troubles: list[CameraError] = []
        self.answers = threading.Event()
        self.answers.set()
        self.permission = Permission()
        self.back_off = BackOff(0.01, 0.02)
        self.capture = CaptureWorker(self._open, frames or LatestSlot(), self.clock.now)
        self.supervisor = SourceSupervisor(
            self.capture,
            self.permission,  # type: ignore[arg-type]  # the stand-in has what is used
            back_off=self.back_off,
            after_wake=0.01,
            now=self.clock.now,
        )

    def close(self) -> None:
        """Ends the source and its thread."""
        self.source.lose()
        self.capture.close(LONG)

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
