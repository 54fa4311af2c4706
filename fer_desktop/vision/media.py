"""Reading pictures and videos from files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from fer_desktop.errors import FrameSourceError

if TYPE_CHECKING:
    from pathlib import Path

    from fer_desktop.domain import Image

PHOTO_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff"})
"""What is read as a photo; every other file is tried as a video."""

DEFAULT_FPS = 25.0
"""For videos that do not say their frame rate."""

_MAX_FPS = 240.0

_PHOTO_HINT = "Choose a photo (JPEG, PNG, WebP, BMP, TIFF) or a video."


def is_photo(path: Path) -> bool:
    """Whether the file's name says that it is a photo."""
    return path.suffix.lower() in PHOTO_SUFFIXES


def read_photo(path: Path) -> Image:
    """Returns a photo in BGR, upright as its EXIF orientation says.

    Raises:
        FrameSourceError: It is not there, cannot be read, or is no photo.
    """
    try:
        # Not cv2.imread: on Windows it cannot open names beyond the system's code page.
        content = np.frombuffer(path.read_bytes(), dtype=np.uint8)
    except FileNotFoundError:
        raise FrameSourceError("File not found", f"{path} is not there.", "Check the name.") from None
    except OSError as error:
        raise FrameSourceError(
            "File unreadable", f"{path} cannot be read ({error.strerror}).", "Check its permissions."
        ) from error
    try:
        image = cv2.imdecode(content, cv2.IMREAD_COLOR) if content.size else None
    except cv2.error as error:  # for example more pixels than OpenCV takes
        raise FrameSourceError("Not a picture", f"{path} cannot be read as a photo.", _PHOTO_HINT) from error
    if image is None:
        raise FrameSourceError("Not a picture", f"{path} cannot be read as a photo.", _PHOTO_HINT)
    return image.astype(np.uint8, copy=False)


def open_video(path: Path) -> cv2.VideoCapture:
    """Returns an opened video file; the caller releases it.

    Raises:
        FrameSourceError: It is not there, or is no video.
    """
    if not path.is_file():
        raise FrameSourceError("File not found", f"{path} is not there.", "Check the name.")
    # An absolute path, else FFmpeg takes names such as "concat:x" for a protocol.
    capture = cv2.VideoCapture(str(path.resolve()), cv2.CAP_FFMPEG)
    if not capture.isOpened():
        raise FrameSourceError(
            "Not a picture or video", f"{path} cannot be read as a photo or a video.", _PHOTO_HINT
        )
    return capture


def frame_rate(capture: cv2.VideoCapture) -> float:
    """Returns the frames per second of an opened video."""
    rate = capture.get(cv2.CAP_PROP_FPS)
    return rate if 0 < rate <= _MAX_FPS else DEFAULT_FPS


def fit_within(image: Image, longest: int) -> Image:
    """Returns the picture, made smaller where its longer side has more than `longest` pixels."""
    scale = longest / max(image.shape[:2])
    if scale >= 1:
        return image
    size = (max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale)))
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
