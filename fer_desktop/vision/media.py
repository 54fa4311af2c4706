"""Reads picture files: what they may be, and what is read from them."""

from __future__ import annotations

import stat
import struct
from typing import TYPE_CHECKING

import cv2
import numpy as np

from fer_desktop.errors import FrameSourceError
from fer_desktop.translation import N_, _
from fer_desktop.vision import MAX_PHOTO_PIXELS

if TYPE_CHECKING:
    from pathlib import Path

    from fer_desktop.domain import Image

PHOTO_SUFFIXES = frozenset({".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".bmp", ".tif", ".tiff"})
"""What is read as a photo; every other file is tried as a video."""

LONGEST_SIDE = 1280
"""Pixels; larger frames are scaled down, because the window shows no more."""

_MAX_PHOTO_BYTES = 512 * 2**20
"""No camera's photo is larger, and the file is read as a whole."""

_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PNG_FRAME = 12
"""Bytes around the content of a chunk: its length, its type and its checksum."""

_PHOTO_HINT = N_("Choose a photo (JPEG, PNG, WebP, BMP, TIFF) or a video.")


def is_photo(path: Path) -> bool:
    """Whether the file's name says that it is a photo."""
    return path.suffix.lower() in PHOTO_SUFFIXES


def is_folder(path: Path) -> bool:
    """Whether there is a folder of that name; False for a name that no file can have."""
    try:
        return path.is_dir()
    except OSError:  # for example a name that is too long
        return False


def file_size(path: Path) -> int:
    """Returns the size of a file in bytes, after checking that it is one.

    Raises:
        FrameSourceError: It is not there, cannot be read, or is a folder or a device.
    """
    try:
        found = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        raise FrameSourceError(
            _("File not found"), _("{path} does not exist.").format(path=path), _("Check the name.")
        ) from None
    except OSError as error:
        raise _unreadable(path, error) from error
    except ValueError as error:  # a name with a NUL in it
        raise FrameSourceError(
            _("File not found"),
            _("{path!r} is not a valid file name.").format(path=path),
            _("Check the name."),
        ) from error
    if not stat.S_ISREG(found.st_mode):  # reading from a device or a pipe may never end
        raise FrameSourceError(
            _("Not a file"), _("{path} is a folder or a device.").format(path=path), _(_PHOTO_HINT)
        )
    return found.st_size


def read_photo(path: Path) -> Image:
    """Returns a photo in BGR, upright by its EXIF orientation; the first picture of an animated one.

    Raises:
        FrameSourceError: It is not there, cannot be read, is damaged, too large, or not a photo.
    """
    if file_size(path) > _MAX_PHOTO_BYTES:
        raise _too_large(path)
    try:
        # Not cv2.imread: on Windows it cannot open names outside the system's code page.
        content = path.read_bytes()
    except OSError as error:
        raise _unreadable(path, error) from error
    if not content or _is_cut_png(content):
        raise _damaged(path)
    try:
        image = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
    except MemoryError as error:
        raise _too_large(path) from error
    except cv2.error as error:
        if error.code == cv2.Error.STS_NO_MEM or "CV_IO_MAX_IMAGE" in str(error):
            raise _too_large(path) from error
        raise _damaged(path) from error
    if image is None:
        raise _damaged(path)
    return image.astype(np.uint8, copy=False)


def fit_within(image: Image, longest: int) -> Image:
    """Returns the picture, scaled down if its longer side has more than `longest` pixels."""
    scale = longest / max(image.shape[:2])
    if scale >= 1:
        return image
    size = (max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale)))
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)


def _is_cut_png(content: bytes) -> bool:
    """Whether a chunk of a PNG (ISO/IEC 15948, section 5.3) is longer than the file.

    OpenCV allocates what the chunk claims, up to 4 GiB, before it looks.
    """
    if not content.startswith(_PNG_SIGNATURE):
        return False
    place = len(_PNG_SIGNATURE)
    while place + _PNG_FRAME <= len(content):
        length, kind = struct.unpack_from(">I4s", content, place)
        place += _PNG_FRAME + length
        if kind == b"IEND":
            break
    return place > len(content)


def _damaged(path: Path) -> FrameSourceError:
    return FrameSourceError(
        _("Not a photo"), _("{path} is damaged, or not a photo.").format(path=path), _(_PHOTO_HINT)
    )


def _too_large(path: Path) -> FrameSourceError:
    return FrameSourceError(
        _("Photo too large"),
        _("{path} has more than {megapixels} megapixels, or does not fit in memory.").format(
            path=path, megapixels=MAX_PHOTO_PIXELS // 10**6
        ),
        _("Make it smaller, then try again."),
    )


def _unreadable(path: Path, error: OSError) -> FrameSourceError:
    return FrameSourceError(
        _("File unreadable"),
        _("{path} cannot be read ({reason}).").format(path=path, reason=error.strerror),
        _("Check its name and its permissions."),
    )
