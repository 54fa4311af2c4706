"""Cameras of this computer."""

from __future__ import annotations

import logging
import os
import re
import sys
import threading
from collections import defaultdict
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlencode

import cv2

from fer_desktop.errors import CameraError, FrameSourceError
from fer_desktop.translation import _
from fer_desktop.vision.camera_source import CameraSource

if TYPE_CHECKING:
    from collections.abc import Sequence

_log = logging.getLogger(__name__)

DEFAULT_CAMERA = "camera:default"
"""Names the camera to use if the user has chosen none."""

FRAME_SIZE = (640, 480)
"""Width and height in pixels that a camera is asked for."""

_PROBED = 4
"""How many indices are tried if the system gives no list of cameras."""

_RELEASE_SECONDS = 2.0

_VIRTUAL = re.compile(r"virtual|\bobs\b|dummy|loopback", re.IGNORECASE)
_INFRARED = re.compile(r"\bir\b|infrared", re.IGNORECASE)
"""Names of cameras that show no person; neither kind is ever the default."""

_in_use: defaultdict[int, threading.Lock] = defaultdict(threading.Lock)
"""By index: of two captures of one camera, the second would fail as busy."""


@dataclass(frozen=True, slots=True)
class Driver:
    """A way to access the cameras of a system.

    Attributes:
        backend: OpenCV's number for it.
        codec: What the camera is asked for before the size; "" for its default.
    """

    backend: int
    codec: str = ""


DRIVERS = {
    # DirectShow first: Media Foundation may take 20 s to open. Compressed: some cameras send less than one
    # raw picture a second; but asking Media Foundation for it takes another 10 s.
    "win32": (Driver(cv2.CAP_DSHOW, "MJPG"), Driver(cv2.CAP_MSMF)),
    "darwin": (Driver(cv2.CAP_AVFOUNDATION),),
    "linux": (Driver(cv2.CAP_V4L2),),
}
"""How each system's cameras are opened, in the order to try; OpenCV's own choice may take 20 s."""

PRIVACY_SETTINGS = {
    "win32": "ms-settings:privacy-webcam",
    "darwin": "x-apple.systempreferences:com.apple.preference.security?Privacy_Camera",
}
"""The page of each system's settings where cameras are allowed, as a URL."""


@dataclass(frozen=True, slots=True)
class CameraInfo:
    """A camera that the user can choose.

    Attributes:
        index: Its number in the operating system; it changes as cameras come and go.
        name: Its name, for people.
        hardware: Its USB vendor and product, such as "046d:0825"; "" if it has none.
        path: Its place in the system, which distinguishes two of a kind; "" if it is not known.
    """

    index: int
    name: str
    hardware: str = ""
    path: str = ""

    @property
    def spec(self) -> str:
        """What `open_source` opens it by, even after others were plugged in or unplugged."""
        return "camera:" + urlencode({"name": self.name, "hardware": self.hardware, "path": self.path})

    @property
    def secondary(self) -> bool:
        """Whether its name says that it shows no person: a virtual or an infrared camera."""
        return self.virtual or bool(_INFRARED.search(self.name))

    @property
    def virtual(self) -> bool:
        """Whether its name says that a program makes its pictures, which may stand still for a long time."""
        return bool(_VIRTUAL.search(self.name))


def list_cameras() -> tuple[CameraInfo, ...]:
    """Returns the cameras that are connected, the default one first; empty if there is none."""
    cameras = _enumerate(_drivers()[0].backend)
    return tuple(sorted(cameras, key=lambda camera: (camera.secondary, camera.index)))


def find_camera(spec: str, cameras: Sequence[CameraInfo]) -> CameraInfo | None:
    """Returns the camera that a spec names, or None if it is not among `cameras`.

    Args:
        spec: "camera:default", "camera:" and an index, or the spec of a `CameraInfo`.
        cameras: Those of `list_cameras`.

    Raises:
        FrameSourceError: The spec does not name a camera.
    """
    which = spec.partition(":")[2]
    if spec == DEFAULT_CAMERA:
        return cameras[0] if cameras else None
    if which.isdecimal():
        return next((camera for camera in cameras if camera.index == int(which)), None)
    wanted = {key: values[0] for key, values in parse_qs(which).items()}
    if "name" not in wanted:
        raise FrameSourceError(
            _("Unknown camera"),
            _("{spec} does not name a camera.").format(spec=spec),
            _("Cameras are called camera:0, camera:1 and so on."),
        )
    return _same(CameraInfo(-1, wanted["name"], wanted.get("hardware", ""), wanted.get("path", "")), cameras)


def open_camera(spec: str, release_seconds: float = _RELEASE_SECONDS) -> CameraSource:
    """Opens a camera at `FRAME_SIZE`, or the nearest size that it has.

    Args:
        spec: Names the camera, as for `find_camera`.
        release_seconds: How long to wait for a camera that this app itself is still reading.

    Raises:
        CameraError: There is no such camera, or it gives no picture.
        FrameSourceError: The spec does not name a camera.
    """
    cameras = list_cameras()
    camera = find_camera(spec, cameras)
    if not cameras:
        raise CameraError(
            _("No camera found"),
            _("This computer has no camera, or it is switched off."),
            _("Plug one in, or open a photo."),
        )
    if camera is None:
        raise CameraError(
            _("Camera not found"),
            _("The camera used last is no longer there."),
            _("Plug it in again, or choose another camera."),
        )
    lock = _in_use[camera.index]
    if not lock.acquire(timeout=release_seconds):
        raise CameraError(
            _("The camera does not respond"),
            _("{name} hangs: its driver has not returned from the last attempt.").format(name=camera.name),
            _("Unplug it and plug it back in."),
        )
    with ExitStack() as stack:
        stack.callback(lock.release)
        capture = _open_first(camera)
        stack.pop_all()  # the lock is held as long as the camera is

    def release() -> None:
        capture.release()
        lock.release()

    return CameraSource(
        capture,
        camera.name,
        CameraError(
            _("Camera disconnected"),
            _("{name} stopped: it was unplugged, or another program took it.").format(name=camera.name),
            _("Plug it in again, or close the other program."),
        ),
        release,
        may_stand_still=camera.virtual,
    )


def _drivers() -> tuple[Driver, ...]:
    return DRIVERS.get(sys.platform, DRIVERS["linux"])


def _open_first(camera: CameraInfo) -> cv2.VideoCapture:
    """Opens a camera with the first driver that gets a picture from it."""
    first, *others = _drivers()
    capture = _open(camera.index, first)
    for driver in others:
        if capture is None:
            # Each backend numbers cameras in its own order.
            same = _same(camera, _enumerate(driver.backend))
            capture = _open(same.index, driver) if same is not None else None
    if capture is not None:
        return capture
    if sys.platform.startswith("linux") and not os.access(f"/dev/video{camera.index}", os.R_OK | os.W_OK):
        raise CameraError(
            _("Camera access denied"),
            _("Your user account may not use {name}.").format(name=camera.name),
            _("Add it to the group video (sudo usermod -aG video $USER), then log in again."),
        )
    raise CameraError(
        _("The camera is busy"),
        _(
            "{name} sends no picture: another program may be using it, or the system does not allow it here."
        ).format(name=camera.name),
        _("Close other programs that use it, or allow it in the system's privacy settings."),
        settings_url=PRIVACY_SETTINGS.get(sys.platform, ""),
    )


def _open(index: int, driver: Driver) -> cv2.VideoCapture | None:
    """Returns an opened camera that gave a frame, or None."""
    capture = cv2.VideoCapture(index, driver.backend)
    if capture.isOpened():
        if driver.codec:
            capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*driver.codec))
        capture.set(cv2.CAP_PROP_FRAME_WIDTH, FRAME_SIZE[0])
        capture.set(cv2.CAP_PROP_FRAME_HEIGHT, FRAME_SIZE[1])
        if capture.read()[0]:
            return capture
    capture.release()
    return None


def _enumerate(backend: int) -> list[CameraInfo]:
    try:
        # Here, because it loads system libraries that may be missing.
        from cv2_enumerate_cameras import enumerate_cameras

        return [
            CameraInfo(
                camera.index,
                camera.name,
                f"{camera.vid:04x}:{camera.pid:04x}" if camera.vid and camera.pid else "",
                camera.path or "",
            )
            for camera in enumerate_cameras(backend)
        ]
    except (ImportError, OSError, RuntimeError, AttributeError, ValueError) as error:
        _log.info("No list of cameras (%s); trying the first %d", error, _PROBED)
    found = []
    for index in range(_PROBED):
        capture = cv2.VideoCapture(index, backend)
        if capture.isOpened():
            found.append(CameraInfo(index, f"Camera {index}"))
        capture.release()
    return found


def _same(wanted: CameraInfo, cameras: Sequence[CameraInfo]) -> CameraInfo | None:
    """Returns the same camera in another list: of the same kind; if there are several, at the same path."""
    alike = [camera for camera in cameras if (camera.name, camera.hardware) == (wanted.name, wanted.hardware)]
    return next((camera for camera in alike if camera.path == wanted.path), alike[0] if alike else None)
