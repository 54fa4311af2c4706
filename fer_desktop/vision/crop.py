"""From a frame to what the model sees: gray, square crops. Training uses the same functions."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import cv2
import numpy as np

from fer_desktop.domain import FaceBox

if TYPE_CHECKING:
    from fer_desktop.domain import Image

MIN_CROP_SIDE = 24
"""Pixels; the model accepts nothing smaller."""

CAREFUL_SHIFT = 0.04
"""How far a careful reading moves the box to each side, as a share of its side."""


def to_gray(image: Image) -> Image:
    """Returns a BGR picture [height, width, 3] as gray [height, width]."""
    return cv2.cvtColor(image, cv2.COLOR_BGR2GRAY).astype(np.uint8, copy=False)


def crop_box(box: FaceBox, margin: float) -> FaceBox:
    """Returns the square that `crop_face` cuts out, in pixels of the picture."""
    side = max(MIN_CROP_SIDE, round(max(box.width, box.height) * (1 + 2 * margin)))
    return FaceBox(round(box.x + (box.width - side) / 2), round(box.y + (box.height - side) / 2), side, side)


def crop_face(gray: Image, box: FaceBox, margin: float) -> Image:
    """Cuts a square around a face out of a gray picture.

    Beyond the edges of the picture, the outermost pixels are repeated.

    Args:
        gray: The picture, [height, width].
        box: The face; if it is not square, its longer side counts.
        margin: Share of the side that is added on each side; a negative one crops tighter.

    Returns:
        [side, side], a copy, at least `MIN_CROP_SIDE` pixels wide.
    """
    square = crop_box(box, margin)
    rows, above, below = _within(square.y, square.height, gray.shape[0])
    columns, left, right = _within(square.x, square.width, gray.shape[1])
    crop = cv2.copyMakeBorder(gray[rows, columns], above, below, left, right, cv2.BORDER_REPLICATE)
    return crop.astype(np.uint8, copy=False)


def careful_crops(gray: Image, box: FaceBox, margin: float) -> tuple[Image, ...]:
    """Cuts out the views of a face that a capture averages: as found, shifted a little, and all mirrored.

    Returns:
        Ten crops of one size; arguments as for `crop_face`.
    """
    step = max(1, round(box.width * CAREFUL_SHIFT))
    shifts = ((0, 0), (step, 0), (-step, 0), (0, step), (0, -step))
    crops = [crop_face(gray, replace(box, x=box.x + dx, y=box.y + dy), margin) for dx, dy in shifts]
    return (*crops, *(np.ascontiguousarray(crop[:, ::-1]) for crop in crops))


def _within(start: int, side: int, length: int) -> tuple[slice, int, int]:
    """Returns which pixels of an axis a crop takes, at least one, and how many to add on each end."""
    before = min(max(-start, 0), side - 1)
    first, last = min(max(start, 0), length - 1), min(max(start + side, 1), length)
    return slice(first, last), before, side - before - (last - first)
