"""Small video files, drawn by the test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2

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
    """Writes an animated GIF, whose pictures each last their own time in milliseconds; returns its path."""
    animation = cv2.Animation()
    animation.frames = list(images)
    animation.durations = list(durations)
    path.write_bytes(cv2.imencodeanimation(".gif", animation)[1].tobytes())
    return path
