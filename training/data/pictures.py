"""From a picture file's bytes to a gray square face."""

from __future__ import annotations

import io
import struct
from typing import TYPE_CHECKING

import cv2
import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from training.errors import DataError

if TYPE_CHECKING:
    from numpy.typing import NDArray

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff", ".webp"})

_BLACK = (0, 0, 0, 255)


def shorter_side(content: bytes, name: str) -> int:
    """Returns the shorter side of a picture in pixels; reads only its header.

    Raises:
        DataError: It is not a picture.
    """
    return min(_open(content, name).size)


def square_face(content: bytes, name: str, side: int) -> NDArray[np.uint8]:
    """Decodes a picture, makes it gray, crops it to its central square and resizes it.

    Pillow decodes it: OpenCV would fill in the missing half of a truncated picture.

    Args:
        content: JPEG, PNG, BMP, TIFF or WebP; any depth and palette. Transparent pixels become black.
        name: How errors name it.
        side: Pixels.

    Returns:
        uint8, [side, side].

    Raises:
        DataError: It is not a picture, or not a complete one.
    """
    picture = _open(content, name)
    try:
        picture.load()
        gray = _gray(ImageOps.exif_transpose(picture))
    except (OSError, SyntaxError, ValueError, EOFError, struct.error, Image.DecompressionBombError) as error:
        raise DataError(
            "Picture damaged", f"{name} is not a complete picture ({error}).", "Copy or download it again."
        ) from error
    return resize(centre(gray), side)


def centre(gray: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Returns the largest square in the middle of a picture, uint8."""
    height, width = gray.shape
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    return gray[top : top + side, left : left + side]


def resize(square: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """Returns a square picture resized to `side`, each pixel the mean of what it covers, uint8."""
    if square.shape[0] == side:
        return square
    return np.asarray(cv2.resize(square, (side, side), interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _open(content: bytes, name: str) -> Image.Image:
    try:
        return Image.open(io.BytesIO(content))
    except UnidentifiedImageError:
        raise DataError(
            "Not a picture", f"{name} is not a picture, despite its name.", "Copy or download it again."
        ) from None
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise DataError(
            "Picture damaged", f"{name} cannot be read ({error}).", "Copy or download it again."
        ) from error


def _gray(picture: Image.Image) -> NDArray[np.uint8]:
    if picture.mode.startswith("I"):  # 16 bits per pixel, which convert() would clip to 8
        return (np.asarray(picture).astype(np.int64) >> 8).clip(0, 255).astype(np.uint8)
    if picture.mode == "F":
        raise ValueError("floating-point pixels are not supported")
    if picture.has_transparency_data:
        colour = picture.convert("RGBA")
        picture = Image.alpha_composite(Image.new("RGBA", colour.size, _BLACK), colour)
    return np.asarray(picture.convert("L"), dtype=np.uint8)
