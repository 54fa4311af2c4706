"""Cameras of this computer."""

from __future__ import annotations

import logging
import os
import re
import sys
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING

import cv2
import numpy as np

from fer_desktop.domain import Frame
from fer_desktop.errors import FrameSourceError

if TYPE_CHECKING:
    from fer_desktop.domain import Image

_log = logging.getLogger(__name__)

_WIDTH, _HEIGHT = 640, 480

_PROBED = 4
"""How many indices are tried where the system's list of cameras cannot be had."""

_BLACK_FRAMES = 30
_SAME_FRAMES = 60
_BLACK_LEVEL = 8
"""Brightest value of a picture that shows nothing; even in the dark a sensor's noise lies above it."""

_SECONDARY = re.compile(r"virtual|\bobs\b|\bir\b|infrared|dummy|loopback", re.IGNORECASE)
"""Names of cameras that show no person; they are never the default."""


@dataclass(frozen=True, slots=True)
class CameraInfo:
    """A camera that the user can choose.

    Attributes:
        index: Its number at the operating system.
        name: Its name, for people.
    """

    index: int
    name: str

    @property
    def spec(self) -> str:
        """What `open_source` opens it by: "camera:0"."""
        return f"camera:{self.index}"


class CameraSource:
    """The frames of an opened camera, at the camera's rate.

    Args:
        capture: The camera, opened.
        name: What the user knows it by.
    """

    def __init__(self, capture: cv2.VideoCapture, name: str) -> None:
        self.name = name
        self._capture = capture
        self._number = -1
        self._sample: Image | None = None
        self._black = 0
        self._same = 0

    def read(self) -> Frame:
        """Waits for the next frame.

        Raises:
            FrameSourceError: The camera is gone, or sends pictures that show that it does not work.
        """
        ok, image = self._capture.read()
        if not ok or image is None:
            raise FrameSourceError(
                "The camera was lost",
                f"{self.name} stopped: it was unplugged, or another program took it.",
                "Plug it in again, then start the camera.",
            )
        picture = image.astype(np.uint8, copy=False)
        self._watch(picture[::4, ::4])
        self._number += 1
        return Frame(picture, self._number, monotonic())

    def close(self) -> None:
        """Gives the camera back."""
        self._capture.release()

    def _watch(self, sample: Image) -> None:
        """Notices a camera that delivers, but sees nothing: drivers often fail without saying so."""
        self._black = self._black + 1 if sample.max() <= _BLACK_LEVEL else 0
        same = self._sample is not None and np.array_equal(sample, self._sample)
        self._same = self._same + 1 if same else 0
        self._sample = sample
        if self._black >= _BLACK_FRAMES:
            raise FrameSourceError(
                "The camera shows only black",
                f"{self.name} sends black pictures: its shutter may be closed, or the system blocks it.",
                "Open the shutter, allow the camera in the system's privacy settings, then start it again.",
            )
        if self._same >= _SAME_FRAMES:
            raise FrameSourceError(
                "The camera is frozen",
                f"{self.name} sends the same picture again and again.",
                "Plug it out and in again, then start the camera.",
            )


def list_cameras() -> tuple[CameraInfo, ...]:
    """Returns the cameras that can be seen, the one to take by default first; empty where there is none."""
    cameras = _enumerate(_backends()[0])
    return tuple(sorted(cameras, key=lambda camera: (bool(_SECONDARY.search(camera.name)), camera.index)))


def open_camera(index: int) -> CameraSource:
    """Opens a camera at 640x480, or what it has nearest to that.

    Raises:
        FrameSourceError: There is no such camera, or it gives no picture.
    """
    first, *others = _backends()
    capture = _open(index, first)
    if capture is not None:
        return CameraSource(capture, _name_of(index, list_cameras()))
    cameras = list_cameras()
    if not cameras:
        raise FrameSourceError(
            "No camera found",
            "This computer has no camera, or it is switched off.",
            "Plug one in, or open a photo.",
        )
    if index not in {camera.index for camera in cameras}:
        raise FrameSourceError(
            "Camera not found",
            f"Camera {index} is not there any more.",
            "Plug it in again, or choose another camera.",
        )
    name = _name_of(index, cameras)
    for backend in others:
        # Each backend counts cameras in its own order.
        same = [camera.index for camera in _enumerate(backend) if camera.name == name]
        capture = _open(same[0], backend) if same else None
        if capture is not None:
            return CameraSource(capture, name)
    if sys.platform.startswith("linux") and not os.access(f"/dev/video{index}", os.R_OK | os.W_OK):
        raise FrameSourceError(
            "The camera is not allowed",
            f"This user may not use {name}.",
            "Add the user to the group video (sudo usermod -aG video $USER), then log in again.",
        )
    raise FrameSourceError(
        "The camera is busy",
        f"{name} gives no picture: another program may use it, or the system does not allow it here.",
        "Close other programs that use it, allow it in the system's privacy settings, then try again.",
    )


def _backends() -> tuple[int, ...]:
    """Returns OpenCV's backends of this system in the order to try; its own choice may take 20 s."""
    if sys.platform == "win32":
        return (cv2.CAP_DSHOW, cv2.CAP_MSMF)
    if sys.platform == "darwin":
        return (cv2.CAP_AVFOUNDATION,)
    return (cv2.CAP_V4L2,)


def _open(index: int, backend: int) -> cv2.VideoCapture | None:
    """Returns an opened camera that gave a frame, or None."""
    capture = cv2.VideoCapture(index, backend)
    if capture.isOpened():
        if backend == cv2.CAP_DSHOW:
            # Before the size: raw pictures come at less than one frame a second from some cameras.
            capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
        capture.set(cv2.CAP_PROP_FRAME_WIDTH, _WIDTH)
        capture.set(cv2.CAP_PROP_FRAME_HEIGHT, _HEIGHT)
        if capture.read()[0]:
            return capture
    capture.release()
    return None


def _enumerate(backend: int) -> list[CameraInfo]:
    try:
        # Here, because it loads system libraries that may be missing.
        from cv2_enumerate_cameras import enumerate_cameras

        return [CameraInfo(camera.index, camera.name) for camera in enumerate_cameras(backend)]
    except (ImportError, OSError, RuntimeError, AttributeError, ValueError) as error:
        _log.info("No list of cameras (%s); trying the first %d", error, _PROBED)
    found = []
    for index in range(_PROBED):
        capture = cv2.VideoCapture(index, backend)
        if capture.isOpened():
            found.append(CameraInfo(index, f"Camera {index}"))
        capture.release()
    return found


def _name_of(index: int, cameras: tuple[CameraInfo, ...]) -> str:
    return next((camera.name for camera in cameras if camera.index == index), f"Camera {index}")
