"""Frames and a frame source that a test drives by hand."""

from __future__ import annotations

import queue
import threading
from typing import TYPE_CHECKING

import numpy as np

from fer_desktop.domain import Frame
from fer_desktop.errors import FrameSourceError

if TYPE_CHECKING:
    from fer_desktop.domain import Image


def plain(gray: int, *, width: int = 80, height: int = 60) -> Image:
    """Returns a picture of one gray."""
    return np.full((height, width, 3), gray, np.uint8)


def gray_of(frame: Frame) -> float:
    """Returns the mean brightness of a frame."""
    return float(frame.image.mean())


def blank_frame(number: int = 0, *, width: int = 64, height: int = 48, gray: int = 128) -> Frame:
    """Returns a frame of one gray."""
    return Frame(plain(gray, width=width, height=height), number, captured_at=number / 30)


class ScriptedSource:
    """A frame source that delivers what the test puts in, and otherwise waits."""

    name = "Scripted"

    def __init__(self) -> None:
        self._script: queue.Queue[Frame | FrameSourceError] = queue.Queue()
        self.asked = threading.Event()
        self.closed = threading.Event()

    @property
    def left(self) -> int:
        """How many items were not read yet."""
        return self._script.qsize()

    def deliver(self, *items: Frame | FrameSourceError) -> None:
        """Adds frames; an error is raised in its turn."""
        for item in items:
            self._script.put(item)

    def lose(self) -> None:
        """Adds the end: the source is gone."""
        self.deliver(FrameSourceError("Gone", "It is gone.", "Look for it."))

    def read(self) -> Frame:
        """Returns the next frame of the script."""
        self.asked.set()
        item = self._script.get()
        if isinstance(item, Exception):
            raise item
        return item

    def close(self) -> None:
        """Notes that the source was released."""
        self.closed.set()
