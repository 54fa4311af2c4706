"""Paints a map of weights over a face, for the Why view."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter

if TYPE_CHECKING:
    from fer_desktop.domain import AttentionMap, OcclusionMap

STOPS = (0.0, 0.35, 0.7, 1.0)
COLORS = ((0x2C, 0x11, 0x60), (0xB5, 0x36, 0x7A), (0xFB, 0x9B, 0x06), (0xFC, 0xFF, 0xA4))
"""Red, green and blue at the stops; brightness alone distinguishes them, for people who see few colours."""

_DRAWN_SIDE = 96
_OPACITY = 0.75
_EDGE = 8
"""Pixels over which the map fades at its edge, which is not an edge of the face."""


class FaceMapPainter:
    """Draws a map of weights smoothly over a face; nothing if there is none.

    Attributes:
        shown: The map, None if there is none.
    """

    def __init__(self) -> None:
        self.shown: AttentionMap | OcclusionMap | None = None
        self._image = QImage()

    def show(self, face_map: AttentionMap | OcclusionMap | None) -> None:
        """Sets the map to draw, None for none."""
        self.shown = face_map
        if face_map is not None:
            self._image = _image_of(face_map)

    def paint(self, painter: QPainter, picture: QRectF, scale: float) -> None:
        """Draws the map.

        Args:
            painter: Draws the picture, mirrored or not.
            picture: Where the picture is.
            scale: Its pixels on the screen per pixel of the frame.
        """
        if self.shown is None:
            return
        box = self.shown.box
        left, top = picture.x() + box.x * scale, picture.y() + box.y * scale
        painter.save()
        painter.setClipRect(picture)
        painter.drawImage(QRectF(left, top, box.width * scale, box.height * scale), self._image)
        painter.restore()


def _image_of(face_map: AttentionMap | OcclusionMap) -> QImage:
    """Returns the map as a smooth picture; the greater the weight, the more opaque."""
    size = (_DRAWN_SIDE, _DRAWN_SIDE)
    weights = np.clip(cv2.resize(face_map.weights, size, interpolation=cv2.INTER_CUBIC), 0, 1)
    channels = [np.interp(weights, STOPS, channel) for channel in zip(*COLORS, strict=True)]
    to_edge = np.minimum(np.arange(_DRAWN_SIDE) + 1, np.arange(_DRAWN_SIDE, 0, -1))
    fade = np.minimum(1, np.minimum.outer(to_edge, to_edge) / _EDGE)
    pixels = np.dstack([*channels, 255 * _OPACITY * weights * fade]).round().astype(np.uint8)
    return QImage(pixels.data, *size, pixels.strides[0], QImage.Format.Format_RGBA8888).copy()
