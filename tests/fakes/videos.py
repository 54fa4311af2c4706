"""Small video files, drawn by the test, and one whose properties the test sets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from fer_desktop.domain import Image


def write_video(path: Path, images: Sequence[Image], rate: float = 25.0) -> Path:
    """Writes an AVI of Motion JPEG; returns its path."""
    height, width = images[0].shape[:2]
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), rate, (width, height))
    for image in images:
        writer.write(image)
    writer.release()
    return path


def write_gif(path: Path, images: Sequence[Image], durations: Sequence[int]) -> Path:
    """Writes an animated GIF with a duration in milliseconds for each picture; returns its path."""
    animation = cv2.Animation()
    animation.frames = list(images)
    animation.durations = list(durations)
    path.write_bytes(cv2.imencodeanimation(".gif", animation)[1].tobytes())
    return path


class ScriptedVideo:
    """A video as OpenCV's VideoCapture shows it; the gray of each picture is its number.

    Args:
        times: Of the pictures, in milliseconds, or what a damaged file says about them.
        changes: What else it says, by OpenCV's properties.

    Attributes:
        asked: The times that were searched for, in milliseconds.
        lands_at: Where each search ends; None for where it was asked to go.
        damaged: The numbers of the pictures that cannot be read.
        open_now: How many captures of it are open.
    """

    def __init__(self, times: Sequence[float], changes: dict[int, float]) -> None:
        self.times = times
        self.says = {
            cv2.CAP_PROP_FPS: 10.0,
            cv2.CAP_PROP_FRAME_COUNT: len(times),
            cv2.CAP_PROP_FRAME_WIDTH: 80.0,
            cv2.CAP_PROP_FRAME_HEIGHT: 60.0,
        } | changes
        self.next = 0
        self.now = 0.0
        self.open_now = 0
        self.asked: list[float] = []
        self.lands_at: float | None = None
        self.damaged: set[int] = set()

    def open(self, *_: object) -> ScriptedVideo:
        """Stands in for cv2.VideoCapture."""
        self.next = 0
        self.open_now += 1
        return self

    def isOpened(self) -> bool:  # noqa: N802  # OpenCV's name
        """It always is."""
        return True

    def get(self, name: int) -> float:
        """Returns a property."""
        return self.now if name == cv2.CAP_PROP_POS_MSEC else self.says[name]

    def set(self, _name: int, milliseconds: float) -> None:
        """Goes to the first picture at or after the time, or where it lands, and says so."""
        self.asked.append(milliseconds)
        lands_at = milliseconds if self.lands_at is None else self.lands_at
        self.next = sum(at < lands_at for at in self.times)
        self.now = self.says.get(cv2.CAP_PROP_POS_MSEC, lands_at)

    def grab(self) -> bool:
        """Goes to the next picture."""
        if self.next >= len(self.times):
            return False
        self.now = self.times[self.next]
        self.next += 1
        return True

    def retrieve(self) -> tuple[bool, Image | None]:
        """Returns whether the picture can be read, and the picture."""
        number = self.next - 1
        return (False, None) if number in self.damaged else (True, np.full((60, 80, 3), number, np.uint8))

    def release(self) -> None:
        """Closes it."""
        self.open_now -= 1
