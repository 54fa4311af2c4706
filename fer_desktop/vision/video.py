"""Video files: their pictures and the times that those belong to, and playing them."""

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
from fer_desktop.vision.media import LONGEST_SIDE, file_size, fit_within

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from fer_desktop.domain import Image

VIDEO_SUFFIXES = frozenset({
    ".mp4", ".m4v", ".mov", ".avi", ".mkv", ".webm", ".wmv", ".mpg", ".mpeg", ".gif",
    ".heic", ".heif", ".avif",
})  # fmt: skip
"""What counts as a video in a folder; a file given by name is tried whatever its suffix.

This includes the photos of phones: few of them can be read, but the user is told so instead of them being
skipped silently.
"""

_DEFAULT_FPS = 25.0
"""For videos that do not state their frame rate."""

_MAX_FPS = 240.0
_MAX_PIXELS = 2**26
"""Of one picture; 8K has half as many."""

_LONGEST_STEP = 60.0
"""Seconds between two pictures beyond which the file's times are not trusted."""

_LONGEST_DURATION = 1e6
_SEEK_SECONDS = 1.0
"""How long a search for the exact picture may take; after that the nearest one is shown."""

_LATE_SECONDS = 0.1
"""If playback is later than this, it skips pictures, so that a slow computer does not slow the video down."""

_LOST_SECONDS = 1.0
"""If it is later than this, as after sleep, it continues from where the video was."""

_LONGEST_WAIT = 0.1

_GRID_ITEM = re.compile(rb"infe.{8,10}grid", re.DOTALL)
"""Marks a HEIC or AVIF photo as a grid of tiles: ISO/IEC 14496-12, 8.11.6; 23008-12, 6.6.2.3."""

_GRID_BYTES = 2**16
"""The mark is within this many bytes from the start."""


class VideoFile:
    """The pictures of a video, one after the other; belongs to one thread.

    Attributes:
        rate: Frames per second on average; the times of the pictures count, because phones record at
            varying rates.
        duration: Seconds; 0 if the file does not state it.
        is_still: Whether it states that it holds a single picture, as a GIF may.

    Raises:
        FrameSourceError: It is not there, cannot be read, or is not a video.
    """

    def __init__(self, path: Path) -> None:
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
        """Moves to the next picture.

        Returns:
            Its time in seconds from the start, always later than the one before; None at the end.
        """
        if not self._capture.grab():
            return None
        at = self._capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
        # Damaged files have times that stand still, go back or jump.
        self._at = at if self._at < at <= self._at + _LONGEST_STEP else self._at + 1 / self.rate
        return self._at

    def picture(self) -> Image | None:
        """Returns the picture that `advance` moved to, in BGR; None if it is damaged."""
        ok, image = self._capture.retrieve()
        return image.astype(np.uint8, copy=False) if ok and image is not None else None

    def seek(self, seconds: float) -> float | None:
        """Moves to the picture of a time, or the nearest one that is found quickly; returns as `advance`."""
        deadline = time.monotonic() + _SEEK_SECONDS
        # OpenCV counts pictures at the average rate; one earlier, so that none is missed at a varying rate.
        self._capture.set(cv2.CAP_PROP_POS_MSEC, max(0.0, seconds - 1 / self.rate) * 1000)
        found = self._capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
        self._at = (found if 0 <= found <= seconds else seconds) - 1 / self.rate
        # At varying rates, the position that was found may be long before the one that was asked for.
        while (at := self.advance()) is not None and at < seconds - 0.5 / self.rate:
            if time.monotonic() > deadline:
                break
        return at

    def rewind(self) -> None:
        """Goes back to before the first picture.

        Raises:
            FrameSourceError: The file is gone.
        """
        self._capture.release()
        self._capture = self._open()  # not every format can seek
        self._at = -1 / self.rate

    def close(self) -> None:
        """Closes the file."""
        self._capture.release()

    def unreadable(self) -> FrameSourceError:
        """Returns the error for a video that has no readable picture."""
        return FrameSourceError(
            _("Video unreadable"),
            _("No pictures can be read from {path}.").format(path=self._path),
            _("Choose another video."),
        )

    def _open(self) -> cv2.VideoCapture:
        file_size(self._path)
        # As bytes, because OpenCV crashes on names that are not text; an absolute path, because FFmpeg takes
        # names such as "concat:x" for a protocol.
        name = os.fsencode(self._path.absolute())
        capture: cv2.VideoCapture = cv2.VideoCapture(name, cv2.CAP_FFMPEG)  # type: ignore[call-overload]  # bytes too
        if not capture.isOpened():
            raise FrameSourceError(
                _("Not a photo or video"),
                _("{path} cannot be read as a photo or a video.").format(path=self._path),
                _("Choose a photo (JPEG, PNG, WebP, BMP, TIFF) or a video."),
            )
        if self._is_grid():
            capture.release()
            raise FrameSourceError(
                _("Unsupported photo"),
                _("{path} is a HEIC or AVIF photo made of tiles, of which only one can be read.").format(
                    path=self._path
                ),
                _("Save it as a JPEG, then open that."),
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
        """Whether it is a photo made of tiles, as phones take them; FFmpeg returns only the first tile."""
        try:
            with self._path.open("rb") as file:
                return _GRID_ITEM.search(file.read(_GRID_BYTES)) is not None
        except OSError:  # reading its pictures reports why
            return False


class Playback:
    """What the user wants from a playing video, and its position; for the window and the capture thread.

    Args:
        duration: Of the video, in seconds; 0 if it is not known.
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
        """Pauses the video, or continues it."""
        with self._lock:
            self._paused = paused

    def seek(self, seconds: float) -> None:
        """Asks for the picture of a time; works while paused, too."""
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
        """Notes which time is shown; for the thread that plays."""
        with self._lock:
            self._position = position


class VideoSource:
    """Plays a video at the times of its pictures, over and over.

    Attributes:
        playback: Pauses and seeks.
        is_still: Whether it is a single picture: there is nothing to pause.

    Args:
        path: The file.
        now: Seconds on the monotonic clock.
        sleep: Waits for some seconds.

    Raises:
        FrameSourceError: It is not there, cannot be read, or is not a video.
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
        try:
            self._next_at = self._advance()
            self._image = self._picture()
        except FrameSourceError:
            self.close()
            raise
        self._due = now()

    def read(self) -> Frame:
        """Waits for the next picture's time, but a tenth of a second at most; then repeats the last one.

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
            self._due += self._move_on()
        self._show_next()

    def _seek(self, seconds: float) -> None:
        at = self._file.seek(seconds)
        self._next_at = self._rewind() if at is None else at
        self._due = self._now()
        self._show_next()

    def _show_next(self) -> None:
        """Shows the current picture of the file, and moves to the one after it."""
        self._image = self._picture()
        self.playback.show(self._next_at)
        self._due += self._move_on()
        if self._now() - self._due >= _LOST_SECONDS:
            self._due = self._now()

    def _move_on(self) -> float:
        """Moves to the next picture; returns how many seconds after this one it is due."""
        at = self._next_at
        following = self._file.advance()
        if following is None:
            self._next_at = self._rewind()
            return 1 / self._file.rate if at > self._next_at else math.inf  # a single picture is a photo
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
            return fit_within(image, LONGEST_SIDE)
        if self._number < 0:
            raise self._file.unreadable()
        return self._image  # one damaged picture among others
