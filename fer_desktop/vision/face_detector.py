"""Finding faces: the Viola-Jones cascade of OpenCV, behind an interface that another detector can take."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import cv2
import numpy as np

from fer_desktop.domain import FaceBox
from fer_desktop.errors import ModelError

if TYPE_CHECKING:
    from pathlib import Path

    from fer_desktop.domain import Image


class FaceDetector(Protocol):
    """Finds the faces in a picture."""

    def detect(self, image: Image) -> tuple[FaceBox, ...]:
        """Returns the faces of a BGR picture [height, width, 3], the largest first."""
        ...


class HaarFaceDetector:
    """Finds upright faces that look about into the camera (Viola and Jones, 2001).

    Not to be shared by threads: OpenCV's cascade keeps state while it searches.
    """

    def __init__(self, cascade_path: Path) -> None:
        self._cascade = cv2.CascadeClassifier()

    def detect(self, image: Image) -> tuple[FaceBox, ...]:
        """Returns the faces of a BGR picture [height, width, 3], the largest first."""
        raise NotImplementedError
