"""What a webcam does to a face: light, focus, compression, noise, a tilted head, a misplaced box."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from fer_desktop.domain import FaceBox
from fer_desktop.vision.crop import MIN_CROP_SIDE, crop_face

if TYPE_CHECKING:
    from collections.abc import Callable

    from cv2.typing import MatLike

    from fer_desktop.domain import Image

NOISE_SIGMA = 0.08 * 255
"""Of the third of five severities in CIFAR-10-C, pictures of 32 px (Hendrycks and Dietterich, 2019)."""

BLUR_SIGMA = 0.7 / 32
"""Of its Gaussian blur at the same severity, as a share of the picture's side."""

JPEG_QUALITY = 30
ROLL_DEGREES = 20.0
BOX_SHIFT = 0.1
TIGHT, LOOSE = 0.75, 1.3

BACKLIGHT_STOPS = 2.0
"""How much too dark a camera that exposes for the window behind a face leaves the face."""

VEIL = 0.05
"""Share of the window's light that the lens scatters over the face (veiling glare, ISO 9358)."""

_GAMMA = 2.2
"""About that of sRGB (IEC 61966-2-1)."""


def scale_values(face: Image, factor: float) -> Image:
    """Multiplies the pixel values, as picture editors do for brightness; values above 255 are clipped."""
    return _rounded(face.astype(np.float64) * factor)


def expose(face: Image, stops: float) -> Image:
    """Exposes longer, each stop doubling the light; values above white are clipped."""
    return _from_light(_to_light(face) * 2.0**stops)


def backlight(face: Image) -> Image:
    """Puts a bright window behind the face: white around an oval, in it the face, dark and veiled."""
    across = np.linspace(-1, 1, face.shape[1])
    down = np.linspace(-1, 1, face.shape[0])[:, np.newaxis]
    background = np.clip((np.hypot(across, 0.85 * down) - 0.9) / 0.2, 0, 1)
    behind = _to_light(face) * 2.0**-BACKLIGHT_STOPS * (1 - background) + background
    return _from_light(behind * (1 - VEIL) + VEIL)


def blur(face: Image) -> Image:
    """Puts the face out of focus."""
    sigma = BLUR_SIGMA * face.shape[1]
    return _rounded(cv2.GaussianBlur(face, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE))


def compress(face: Image) -> Image:
    """Stores the face as JPEG, which costs more detail than storing the whole frame."""
    data = cv2.imencode(".jpg", face, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])[1]
    return _rounded(np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE)))


def add_noise(face: Image) -> Image:
    """Adds the noise of poor light: different for each face, always the same for the same face."""
    generator = np.random.default_rng(int(face.sum()))
    return _rounded(face + generator.normal(0, NOISE_SIGMA, face.shape))


def roll(face: Image, degrees: float) -> Image:
    """Tilts the head counterclockwise; the crop stays upright, as the app's boxes are."""
    height, width = face.shape
    matrix = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), degrees, 1)
    return _rounded(
        cv2.warpAffine(face, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    )


def crop(face: Image, right: float = 0.0, down: float = 0.0, scale: float = 1.0) -> Image:
    """Crops the face again as the app does, with its box moved or of another size.

    Args:
        face: The face, [side, side].
        right: The share of the side by which the box is moved.
        down: The same, downwards.
        scale: Of the box's side; beyond the picture, its outermost pixels are repeated.
    """
    side = round(face.shape[1] * scale)
    centred = (face.shape[1] - side) / 2
    left, top = (round(centred + face.shape[1] * moved) for moved in (right, down))
    return crop_face(face, FaceBox(left, top, side, side), margin=0)


def shrink(face: Image) -> Image:
    """Shows the face from afar: with the smallest side that the model accepts."""
    return _rounded(cv2.resize(face, (MIN_CROP_SIDE, MIN_CROP_SIDE), interpolation=cv2.INTER_AREA))


FAR = f"{MIN_CROP_SIDE} px"
"""The name of `shrink`, which removes most of what there is to see."""

PERTURBATIONS: dict[str, Callable[[Image], Image]] = {
    "half brightness": lambda face: scale_values(face, 0.5),
    "double brightness": lambda face: scale_values(face, 2),
    "half the light": lambda face: expose(face, -1),
    "double the light": lambda face: expose(face, 1),
    "backlight": backlight,
    "blur": blur,
    f"JPEG {JPEG_QUALITY}": compress,
    "noise": add_noise,
    f"head tilted {ROLL_DEGREES:g} degrees left": lambda face: roll(face, ROLL_DEGREES),
    f"head tilted {ROLL_DEGREES:g} degrees right": lambda face: roll(face, -ROLL_DEGREES),
    f"box {BOX_SHIFT:.0%} left": lambda face: crop(face, right=-BOX_SHIFT),
    f"box {BOX_SHIFT:.0%} right": lambda face: crop(face, right=BOX_SHIFT),
    f"box {BOX_SHIFT:.0%} up": lambda face: crop(face, down=-BOX_SHIFT),
    f"box {BOX_SHIFT:.0%} down": lambda face: crop(face, down=BOX_SHIFT),
    f"box of {TIGHT:g} times the side": lambda face: crop(face, scale=TIGHT),
    f"box of {LOOSE:g} times the side": lambda face: crop(face, scale=LOOSE),
    FAR: shrink,
}
"""By name, each turns a gray face, uint8, [side, side], into another, always the same for the same face.

Half and double brightness scale the pixel values; half and double the light change the exposure: twice the
values are more than four times the light.
"""


def _to_light(face: Image) -> MatLike:
    """Returns the light that pixel values stand for, 0..1."""
    return np.asarray((face / 255.0) ** _GAMMA)


def _from_light(light: MatLike) -> Image:
    return _rounded(np.clip(light, 0, 1) ** (1 / _GAMMA) * 255)


def _rounded(values: MatLike) -> Image:
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)
