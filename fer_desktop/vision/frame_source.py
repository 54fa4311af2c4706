"""Where frames come from: a camera, a video, photos, a stream."""

from __future__ import annotations

import contextlib
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

import cv2

from fer_desktop.domain import Frame
from fer_desktop.errors import CameraError, FrameSourceError
from fer_desktop.translation import _
from fer_desktop.vision.camera import open_camera
from fer_desktop.vision.camera_source import CameraSource
from fer_desktop.vision.media import LONGEST_SIDE, fit_within, is_folder, is_photo, read_photo
from fer_desktop.vision.pacing import Metronome
from fer_desktop.vision.video import VideoSource

if TYPE_CHECKING:
    from collections.abc import Callable

    from fer_desktop.domain import Image

_log = logging.getLogger(__name__)

_PHOTO_RATE = 10
_SECONDS_PER_PHOTO = 4

_CLIPBOARD = "clipboard:"
_STREAM_TIMEOUT_MS = 1500
_STREAM_SCHEMES = ("http", "https", "rtsp", "rtsps")


class FrameSource(Protocol):
    """Yields frames at its own pace; belongs to one thread, which opens, reads and closes it."""

    @property
    def name(self) -> str:
        """What the user is shown: the camera's or the file's name."""
        ...

    def read(self) -> Frame:
        """Waits for the next frame; no source ends.

        To keep its pace it blocks for 0.1 s at most; a camera or stream may take up to its time-out.

        Raises:
            FrameSourceError: The source is lost.
        """
        ...

    def close(self) -> None:
        """Releases the camera or file."""
        ...


def is_live(spec: str) -> bool:
    """Whether `spec` names a camera of this computer or a stream, rather than a file or folder."""
    kind = spec.partition(":")[0].lower()
    return kind == "camera" or kind in _STREAM_SCHEMES


def open_source(spec: str) -> FrameSource:
    """Opens what `spec` names: "camera:0", a video, a photo, a folder of photos, or a stream's URL.

    Raises:
        FrameSourceError: It is not there, busy, empty, or none of these.
    """
    kind = spec.partition(":")[0]
    if kind == "camera":
        return open_camera(spec)
    if kind.lower() in _STREAM_SCHEMES:
        return open_stream(spec)
    path = Path(spec)
    if spec.startswith("~"):
        with contextlib.suppress(RuntimeError):  # if there is no such user, the file is not found
            path = path.expanduser()
    if is_folder(path):
        return FolderSource(path)
    return StillSource(read_photo(path), path.name) if is_photo(path) else VideoSource(path)


class StillSource:
    """Shows one picture over and over, ten times a second.

    Args:
        image: BGR.
        name: What the user knows it by.
    """

    def __init__(self, image: Image, name: str) -> None:
        self.name = name
        self._image = fit_within(image, LONGEST_SIDE)
        self._metronome = Metronome(_PHOTO_RATE)

    def read(self) -> Frame:
        """Waits a tenth of a second and returns the picture."""
        return Frame(self._image, *self._metronome.wait())

    def close(self) -> None:
        """Does nothing: it is in memory."""


class Clipboard:
    """Opens sources, including the picture that was pasted last, which has no file.

    Args:
        open_source: Opens all others.
    """

    def __init__(self, open_source: Callable[[str], FrameSource]) -> None:
        self._open_source = open_source
        self._pasted: Image | None = None

    def keep(self, image: Image) -> str:
        """Keeps a picture in memory until the next one; returns the spec that opens it."""
        self._pasted = image
        return _CLIPBOARD

    def open(self, spec: str) -> FrameSource:
        """Opens what `spec` names.

        Raises:
            FrameSourceError: It cannot be opened.
        """
        pasted = self._pasted
        if spec == _CLIPBOARD and pasted is not None:
            return StillSource(pasted, _("Pasted picture"))
        return self._open_source(spec)


class FolderSource:
    """Shows the photos of a folder by name, each for four seconds, and starts over after the last.

    Photos that cannot be read are named in the log and skipped.

    Raises:
        FrameSourceError: The folder or all of its photos cannot be read, or there are none.
    """

    def __init__(self, path: Path) -> None:
        self.name = path.name
        self._path = path
        try:
            self._photos = sorted(
                (file for file in path.iterdir() if is_photo(file)), key=lambda file: file.name.casefold()
            )
        except OSError as error:
            raise FrameSourceError(
                _("Folder unreadable"),
                _("{path} cannot be read ({reason}).").format(path=path, reason=error.strerror),
                _("Check its permissions."),
            ) from error
        if not self._photos:
            raise FrameSourceError(
                _("No photos"),
                _("There are no photos in {path}.").format(path=path),
                _("Choose a folder with photos, or a single one."),
            )
        self._next = 0
        self._image = self._next_photo()
        self._metronome = Metronome(_PHOTO_RATE)

    def read(self) -> Frame:
        """Waits a tenth of a second and returns the photo whose turn it is."""
        number, at = self._metronome.wait()
        if number and number % (_PHOTO_RATE * _SECONDS_PER_PHOTO) == 0:
            self._image = self._next_photo()
        return Frame(self._image, number, at)

    def close(self) -> None:
        """Does nothing: no file is open."""

    def _next_photo(self) -> Image:
        while self._photos:
            self._next %= len(self._photos)
            photo = self._photos[self._next]
            try:
                image = fit_within(read_photo(photo), LONGEST_SIDE)
            except FrameSourceError as error:
                _log.warning("Photo skipped: %s", error)
                del self._photos[self._next]
            else:
                self._next += 1
                return image
        raise FrameSourceError(
            _("No photo can be read"),
            _("None of the photos in {path} can be read.").format(path=self._path),
            _("Choose another folder."),
        )


def open_stream(url: str) -> CameraSource:
    """Opens a stream, such as that of a network camera or a phone (HTTP, RTSP).

    Raises:
        CameraError: It does not respond in time, sends no video, or only black or frozen pictures.
    """
    name = _("Stream")  # not the URL: it may hold a password
    with contextlib.suppress(ValueError):  # if it is not a URL, it cannot be opened either
        name = urlsplit(url).hostname or name
    capture = cv2.VideoCapture(
        url,
        cv2.CAP_FFMPEG,
        [
            *(cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, _STREAM_TIMEOUT_MS),
            *(cv2.CAP_PROP_READ_TIMEOUT_MSEC, _STREAM_TIMEOUT_MS),
        ],
    )
    if not capture.isOpened():
        raise CameraError(
            _("The stream cannot be opened"),
            _("{name} does not respond, or does not send video.").format(name=name),
            _("Check the address, and that the camera is on and on the same network."),
        )
    stopped = CameraError(
        _("The stream stopped"),
        _("{name} sends no more pictures.").format(name=name),
        _("Check that the camera is on and on the same network."),
    )
    return CameraSource(capture, name, stopped, capture.release)
