"""The cover of a playlist: a face in the emotion's colour."""

from __future__ import annotations

import cv2
import numpy as np

from fer_desktop.domain import Emotion

SIDE = 640
_QUALITY = 90
_SHIFT = 4  # OpenCV takes fractions of a pixel as integers
_GROUNDS = {  # from the top to the bottom, as red, green and blue
    Emotion.ANGRY: ((0xD9, 0x4B, 0x3D), (0x6E, 0x14, 0x1C)),
    Emotion.HAPPY: ((0xF7, 0xC2, 0x4E), (0xC9, 0x6A, 0x12)),
    Emotion.NEUTRAL: ((0x8C, 0x9A, 0xAB), (0x3E, 0x4A, 0x59)),
    Emotion.SAD: ((0x5B, 0x93, 0xE6), (0x1B, 0x33, 0x70)),
}
_INK = (255, 255, 255)
_MOUTHS = {  # heights of its corners and of its middle, below the face's centre, in radii
    Emotion.ANGRY: (0.56, 0.26),
    Emotion.HAPPY: (0.26, 0.62),
    Emotion.NEUTRAL: (0.42, 0.42),
    Emotion.SAD: (0.58, 0.30),
}


def draw_cover(emotion: Emotion) -> bytes:
    """Returns a square JPEG file's content, always the same for the same emotion.

    It has less than 190 KB: Spotify takes 256, counted in an encoding that is a third longer.
    """
    top, bottom = (np.array(color[::-1], np.float32) for color in _GROUNDS[emotion])
    slope = np.linspace(0, 1, SIDE, dtype=np.float32)[:, None, None]
    ground = np.broadcast_to(top + (bottom - top) * slope, (SIDE, SIDE, 3))
    picture = np.ascontiguousarray(ground.round().astype(np.uint8))
    radius = SIDE * 0.3
    width = round(radius * 0.14)
    _draw_line(picture, _circle(radius), width)
    corner, middle = _MOUTHS[emotion]
    across = np.linspace(-1, 1, 41)
    _draw_line(picture, np.stack([across * 0.46, middle + (corner - middle) * across**2], 1) * radius, width)
    eyes = 0.0 if emotion is Emotion.ANGRY else -0.26
    for side in (-1, 1):
        centre = np.array([side * 0.36, eyes]) * radius
        cv2.fillPoly(picture, [_fixed(_circle(radius * 0.12) + centre)], _INK, cv2.LINE_AA, _SHIFT)
        if emotion is Emotion.ANGRY:
            brow = np.array([[side * 0.58, -0.5], [side * 0.2, -0.3]]) * radius
            _draw_line(picture, brow, width)
    encoded: bytes = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])[1].tobytes()
    return encoded


def _circle(radius: float) -> np.ndarray:
    angles = np.linspace(0, 2 * np.pi, 120)
    return np.stack([np.cos(angles), np.sin(angles)], 1) * radius


def _draw_line(picture: np.ndarray, points: np.ndarray, width: int) -> None:
    cv2.polylines(picture, [_fixed(points)], False, _INK, width, cv2.LINE_AA, _SHIFT)


def _fixed(points: np.ndarray) -> np.ndarray:
    """Puts points around the picture's middle, as OpenCV's integers."""
    fixed: np.ndarray = ((points + SIDE / 2) * 2**_SHIFT).round().astype(np.int32)
    return fixed
