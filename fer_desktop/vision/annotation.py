"""Draws readings into a picture, for files; the window draws its own boxes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2

from fer_desktop.vision.media import fit_within

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fer_desktop.domain import FaceReading, Image

_BOX_COLOR = (255, 255, 255)
_PLATE_COLOR = (0, 0, 0)
_JPEG_LIMIT = 65_500
"""Pixels; a JPEG cannot be larger."""


def annotated_jpeg(image: Image, faces: Sequence[FaceReading]) -> bytes:
    """Returns the picture as a JPEG file's content, with a box and a label at each face."""
    picture = image.copy()
    thickness = max(1, round(max(image.shape) / 400))
    font, size = cv2.FONT_HERSHEY_SIMPLEX, thickness * 0.35
    for face in faces:
        left, top = face.box.x, face.box.y
        right, bottom = left + face.box.width, top + face.box.height
        for color, width in (
            (_PLATE_COLOR, 3 * thickness),
            (_BOX_COLOR, thickness),
        ):  # visible on any background
            cv2.rectangle(picture, (left, top), (right, bottom), color, width)
        emotion = face.scores.dominant
        label = f"{emotion.title} {face.scores[emotion]:.0%}{' ?' if face.unsure else ''}"
        (width, height), descent = cv2.getTextSize(label, font, size, thickness)
        # Above the box; inside the picture if the box starts above it.
        baseline = max(top - descent, height + thickness)
        left = max(0, left)
        plate_top, plate_bottom = baseline - height - thickness, baseline + descent
        cv2.rectangle(picture, (left, plate_top), (left + width, plate_bottom), _PLATE_COLOR, cv2.FILLED)
        cv2.putText(picture, label, (left, baseline), font, size, _BOX_COLOR, thickness, cv2.LINE_AA)
    return cv2.imencode(".jpg", fit_within(picture, _JPEG_LIMIT))[1].tobytes()
