"""Videos in files: their pictures with the times that they belong to, and playing them."""

from __future__ import annotations

import math
import os
import re
import threading
import time
from typing import TYPE_CHECKING

import cv2
import numpy as np

from fer_desktop.domain import Frame
from fer_desktop.errors import FrameSourceError
from fer_desktop.translation import _
from fer_desktop.vision.media import file_size, fit_within

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from fer_desktop.domain import Image

VIDEO_SUFFIXES = frozenset(
    {
        ".mp4",
        ".m4v",
        ".mov",
        ".avi",
        ".mkv",
        ".webm",
        ".wmv",
        ".mpg",
        ".mpeg",
        ".gif",
        ".heic",
        ".heif",
        ".avif",
    }
)
"""What is taken for a video in a folder; a file that is named is tried whatever its suffix.

Phones' photos too: few of them can be read, but then that is said, instead of passing them over.
"""

_DEFAULT_FPS = 25.0
"""For videos that do not say their frame rate."""

_MAX_FPS = 240.0
_MAX_PIXELS = 2**26
"""Of one picture; 8K has half of it."""

_LONGEST_STEP = 60.0
"""Seconds between two pictures beyond which the file's times are not believed."""

_LONGEST_DURATION = 1e6
_SEEK_SECONDS = 1.0
"""How long a search for the exact picture may take; then the nearest one is shown."""

_LATE_SECONDS = 0.1
"""Who comes later leaves pictures out, so that a slow computer does not slow the video down."""

_LOST_SECONDS = 1.0
"""Who comes later than that goes on where the video was, as after a sleep of the computer."""

_LONGEST_SIDE = 1280
_LONGEST_WAIT = 0.1

_GRID_ITEM = re.compile(rb"infe.{8,10}grid", re.DOTALL)
"""Says of a HEIC or AVIF photo that it is a grid of tiles: ISO/IEC 14496-12, 8.11.6; 23008-12, 6.6.2.3."""

_GRID_BYTES = 2**16
"""Within so many from the start it is said."""


class VideoFile:
    """The pictures of a video one after the other; belongs to one thread.

    Attributes:
        rate: Frames per second, on average; the times of the pictures count, as phones record at varying
            rates.
        duration: Seconds; 0 where the file does not say.
        is_still: It says that it holds one picture alone, as a GIF may.

    Raises:
        FrameSourceError: It is not there, cannot be read, or is no video.
    """

    def __init__(self, path: Path) -> None:
        file_size(path)
        self._path = path
        self._capture = self._open()
        rate = self._capture.get(cv2.CAP_PROP_FPS)
        self.rate = rate if 0 < rate <= _MAX_FPS else _DEFAULT_FPS
        count = self._capture.get(cv2.CAP_PROP_FRAME_COUNT)
        self.is_still = count == 1
        duration = count / self.rate
        self.duration = duration if 0 < duration < _LONGEST_DURATION else 0.0
        self._at = -1 / self.rate

    def advance(self) -> float | None:
        """Goes on to the next picture.

        Returns:
            Its time in seconds from the start, always after the one before; None at the end of the video.
        """
        if not self._capture.grab():
            return None
        at = self._capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
        # Broken files have times that stand still, go back or leap.
        self._at = at if self._at < at <= self._at + _LONGEST_STEP else self._at + 1 / self.rate
        return self._at

    def picture(self) -> Image | None:
        """Returns the picture that `advance` went to, in BGR; None where it is damaged."""
        ok, image = self._capture.retrieve()
        return image.astype(np.uint8, copy=False) if ok and image is not None else None

    def seek(self, seconds: float) -> float | None:
        """Goes to the picture of a time, or the nearest one that can be found fast; returns as `advance`."""
        deadline = time.monotonic() + _SEEK_SECONDS
        # OpenCV counts pictures at the average rate; one earlier, so that none of a varying rate is passed.
        self._capture.set(cv2.CAP_PROP_POS_MSEC, max(0.0, seconds - 1 / self.rate) * 1000)
        found = self._capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
        self._at = (found if 0 <= found <= seconds else seconds) - 1 / self.rate
        # Where rates vary, the place that was found may lie far before the one that was asked for.
        while (at := self.advance()) is not None and at < seconds - 0.5 / self.rate:
            if time.monotonic() > deadline:
                break
        return at

    def rewind(self) -> None:
        """Goes back before the first picture.

        Raises:
            FrameSourceError: The file is gone.
        """
        self._capture.release()
        self._capture = self._open()  # not every format can be searched
        self._at = -1 / self.rate

    def close(self) -> None:
        """Closes the file."""
        self._capture.release()

    def unreadable(self) -> FrameSourceError:
        """Returns the error for a video without a picture that can be read."""
        return FrameSourceError(
            _("Video unreadable"),
            _("No pictures can be read from {path}.").format(path=self._path),
            _("Choose another video."),
        )

    def _open(self) -> cv2.VideoCapture:
        file_size(self._path)
        # As bytes, since OpenCV crashes on names that are no text; an absolute path, else FFmpeg takes names
        # such as "concat:x" for a protocol.
        name = os.fsencode(self._path.absolute())
        capture: cv2.VideoCapture = cv2.VideoCapture(name, cv2.CAP_FFMPEG)  # type: ignore[call-overload]  # bytes too
        if not capture.isOpened():
            raise FrameSourceError(
                _("Not a picture or video"),
                _("{path} cannot be read as a photo or a video.").format(path=self._path),
                _("Choose a photo (JPEG, PNG, WebP, BMP, TIFF) or a video."),
            )
        if self._is_grid():
            capture.release()
            raise FrameSourceError(
                _("Photo of another kind"),
                _("{path} is a HEIC or AVIF photo in tiles, of which only one can be read.").format(
                    path=self._path
                ),
                _("Save it as JPEG, then open that."),
            )
        pixels = capture.get(cv2.CAP_PROP_FRAME_WIDTH) * capture.get(cv2.CAP_PROP_FRAME_HEIGHT)
        if pixels > _MAX_PIXELS:
            capture.release()
            raise FrameSourceError(
                _("Video too large"),
                _("The pictures of {path} have {megapixels:.0f} megapixels.").format(
                    path=self._path, megapixels=pixels / 1e6
                ),
                _("Make it smaller, then try again."),
            )
        return capture

    def _is_grid(self) -> bool:
        """Whether it is a photo in tiles, as phones take them; FFmpeg gives the first tile for the whole."""
        try:
            with self._path.open("rb") as file:
                return _GRID_ITEM.search(file.read(_GRID_BYTES)) is not None
        except OSError:  # reading its pictures says why
            return False


class Playback:
    """What the user wishes of a playing video, and where it is; shared by the window and the capture thread.

    Args:
        duration: Of the video, in seconds; 0 where it is not known.
    """

    def __init__(self, duration: float) -> None:
        self.duration = duration
        self._lock = threading.Lock()
        self._paused = False
        self._position = 0.0
        self._wanted: float | None = None

    @property
    def paused(self) -> bool:
        """Whether the picture stands still."""
        with self._lock:
            return self._paused

    @property
    def position(self) -> float:
        """The time of the picture that is shown, or is about to be, in seconds."""
        with self._lock:
            return self._position if self._wanted is None else self._wanted

    def set_paused(self, paused: bool) -> None:  # noqa: FBT001  # a setter of one value
        """Lets the picture stand still, or go on."""
        with self._lock:
            self._paused = paused

    def seek(self, seconds: float) -> None:
        """Asks for the picture of a time; also while paused."""
        with self._lock:
            self._wanted = min(max(0.0, seconds), self.duration)

    def take_wanted(self) -> float | None:
        """Returns the time that was asked for last, once; for the thread that plays."""
        with self._lock:
            wanted, self._wanted = self._wanted, None
            if wanted is not None:
                self._position = wanted
            return wanted

    def show(self, position: float) -> None:
        """Says which time is shown; for the thread that plays."""
        with self._lock:
            self._position = position


class VideoSource:
    """Plays a video at the times of its pictures, from the start again after the end.

    Attributes:
        playback: Pauses it and moves it.
        is_still: There is nothing to pause: it is one picture.

    Args:
        path: The file.
        now: Seconds on the monotonic clock.
        sleep: Waits for some seconds.

    Raises:
        FrameSourceError: It is not there, cannot be read, or is no video.
    """

    def __init__(
        self,
        path: Path,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.name = path.name
        self._now = now
        self._sleep = sleep
        self._file = VideoFile(path)
        self.playback = Playback(self._file.duration)
        self.is_still = self._file.is_still
        self._number = -1
        self._next_at = self._advance()
        self._image = self._picture()
        self._due = now()

    def read(self) -> Frame:
        """Waits until the next picture's time has come, a tenth of a second at most; then the last one again.

        Raises:
            FrameSourceError: The file is gone or damaged.
        """
        wanted = self.playback.take_wanted()
        if wanted is not None:
            self._seek(wanted)
        elif self.playback.paused:
            self._sleep(_LONGEST_WAIT)
            self._due = self._now()
        else:
            self._play()
        self._number += 1
        return Frame(self._image, self._number, self._now())

    def close(self) -> None:
        """Closes the file."""
        self._file.close()

    def _play(self) -> None:
        wait = self._due - self._now()
        if wait > _LONGEST_WAIT:
            self._sleep(_LONGEST_WAIT)
            return
        if wait > 0:
            self._sleep(wait)
        while _LATE_SECONDS < self._now() - self._due < _LOST_SECONDS:
            self._due += self._go_on()
        self._show_next()

    def _seek(self, seconds: float) -> None:
        at = self._file.seek(seconds)
        self._next_at = self._rewind() if at is None else at
        self._due = self._now()
        self._show_next()

    def _show_next(self) -> None:
        """Shows the picture that the file stands at, and goes on to the one after it."""
        self._image = self._picture()
        self.playback.show(self._next_at)
        self._due += self._go_on()
        if self._now() - self._due >= _LOST_SECONDS:
            self._due = self._now()

    def _go_on(self) -> float:
        """Goes on to the next picture; returns how many seconds after this one it is to be shown."""
        at = self._next_at
        following = self._file.advance()
        if following is None:
            self._next_at = self._rewind()
            return 1 / self._file.rate if at > self._next_at else math.inf  # one picture alone is a photo
        self._next_at = following
        return following - at

    def _rewind(self) -> float:
        self._file.rewind()
        return self._advance()

    def _advance(self) -> float:
        at = self._file.advance()
        if at is None:
            raise self._file.unreadable()
        return at

    def _picture(self) -> Image:
        image = self._file.picture()
        if image is not None:
            return fit_within(image, _LONGEST_SIDE)
        if self._number < 0:
            raise self._file.unreadable()
        return self._image  # one damaged picture among others
