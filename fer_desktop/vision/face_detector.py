"""Finds faces: OpenCV's Viola-Jones cascade, behind an interface that another detector can implement."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import cv2
import numpy as np

from fer_desktop.domain import FaceBox
from fer_desktop.errors import ModelError
from fer_desktop.translation import N_, _
from fer_desktop.vision.crop import crop_face, to_gray
from fer_desktop.vision.media import fit_within

if TYPE_CHECKING:
    from pathlib import Path

    from cv2.typing import MatLike

    from fer_desktop.domain import Image

CASCADE_FILE = "haarcascade_frontalface_default.xml"

# Chosen on the sample clip, also half-lit, noisy and at half the size: the fastest of the settings that lose
# hardly any face there and find none where there is none.
_SEARCHED_SIDE = 320
_SCALE_STEP = 1.25
_MIN_NEIGHBOURS = 2

_MIN_FACE = 0.12
"""Faces smaller than this share of the picture's shorter side are too far away to be read."""

_BORDER = 0.1
"""Share of the shorter side that is added around the picture, so that faces cut off by its edge are found."""

_CASCADE_WINDOW = 24

_CONFIRM_FACE = 48
_CONFIRM_MARGIN = 0.2
_CONFIRM_SCALE_STEP = 1.05
_CONFIRM_NEIGHBOURS = 3

# Chosen on the sample clip at eight frames a second, also dark, noisy and at half the size: no face is lost,
# and it takes a seventh of the time.
_NEAR_FACE = 36
_NEAR_MARGIN = 0.35
_NEAR_SCALE_STEP = 1.05
_NEAR_NEIGHBOURS = 3
_NEAR_SIZES = ((31, 42), (29, 45))
"""Smallest and largest side, in the view's pixels, to look for; the second pair if the first finds nothing.

In the shifted and rotated sample photos the first pair finds seven of eight faces. It takes three quarters of
the time; its boxes jitter less from frame to frame, and their mean size is that of the boxes of `detect`.
"""

_HINT = N_("Install FER Desktop again.")


class FaceDetector(Protocol):
    """Finds the faces in a picture."""

    def detect(self, image: Image) -> tuple[FaceBox, ...]:
        """Returns the faces of a BGR picture [height, width, 3], the largest first."""
        ...

    def find_near(self, gray: Image, box: FaceBox) -> FaceBox | None:
        """Returns where a face is that was in `box` a moment ago, None if it is no longer near.

        Args:
            gray: The picture in gray, [height, width].
            box: Where it was.
        """
        ...


class HaarFaceDetector:
    """Finds upright faces that look roughly into the camera (Viola and Jones, 2001).

    Must not be shared between threads: OpenCV's cascade keeps state while it searches.

    Args:
        cascade_path: OpenCV's `CASCADE_FILE`.

    Raises:
        ModelError: The cascade is missing or damaged.
    """

    def __init__(self, cascade_path: Path) -> None:
        try:
            content = cascade_path.read_text(encoding="utf-8")
        except FileNotFoundError:
            raise ModelError(
                _("Face cascade missing"),
                _("{path} does not exist.").format(path=cascade_path),
                _(_HINT),
            ) from None
        except (OSError, ValueError) as error:
            raise ModelError(
                _("Face cascade unreadable"),
                _("{path} cannot be read.").format(path=cascade_path),
                _(_HINT),
            ) from error
        self._cascade = cv2.CascadeClassifier()
        damaged = ModelError(
            _("Face cascade damaged"),
            _("{path} is not a face cascade.").format(path=cascade_path),
            _(_HINT),
        )
        try:
            # From memory: on Windows OpenCV cannot open names outside the system's code page.
            storage = cv2.FileStorage()
            storage.open(content, cv2.FILE_STORAGE_READ | cv2.FILE_STORAGE_MEMORY)
            usable = self._cascade.read(storage.getFirstTopLevelNode()) and not self._cascade.empty()
        except cv2.error as error:
            raise damaged from error
        if not usable:
            raise damaged

    def detect(self, image: Image) -> tuple[FaceBox, ...]:
        """Returns the faces of a picture, as `FaceDetector` says."""
        gray = to_gray(fit_within(image, _SEARCHED_SIDE))
        shorter = min(gray.shape)
        border = round(_BORDER * shorter)
        padded = cv2.copyMakeBorder(
            cv2.equalizeHist(gray), border, border, border, border, cv2.BORDER_REPLICATE
        )
        smallest = max(_CASCADE_WINDOW, round(_MIN_FACE * shorter))
        found = self._search(padded, _SCALE_STEP, _MIN_NEIGHBOURS, smallest)
        candidates = [FaceBox(x - border, y - border, width, height) for x, y, width, height in found]
        scale = image.shape[1] / gray.shape[1]
        faces = [_scaled(box, scale) for box in candidates if self._confirms(gray, box)]
        return tuple(sorted(faces, key=lambda box: box.area, reverse=True))

    def find_near(self, gray: Image, box: FaceBox) -> FaceBox | None:
        """Returns where a face is that was in `box` a moment ago, as `FaceDetector` says."""
        view = crop_face(gray, box, _NEAR_MARGIN)
        scale = len(view) / round(_NEAR_FACE * (1 + 2 * _NEAR_MARGIN))
        side = round(len(view) / scale)
        every = max(1, len(view) // (3 * side))  # a ninth of the pixels of a large face shows as much
        small = cv2.equalizeHist(
            cv2.resize(view[::every, ::every], (side, side), interpolation=cv2.INTER_AREA)
        )
        for smallest, largest in _NEAR_SIZES:
            found = self._search(small, _NEAR_SCALE_STEP, _NEAR_NEIGHBOURS, smallest, largest)
            if found:
                break
        else:
            return None

        def distance(place: list[int]) -> float:
            x, y, width, height = place
            return abs(x + width / 2 - side / 2) + abs(y + height / 2 - side / 2) + abs(width - _NEAR_FACE)

        x, y, width, height = min(found, key=distance)
        # From the pixels of the view to those of the frame; both have the same centre.
        left = box.x + box.width / 2 + (x - side / 2) * scale
        top = box.y + box.height / 2 + (y - side / 2) * scale
        return FaceBox(round(left), round(top), round(width * scale), round(height * scale))

    def _confirms(self, gray: Image, box: FaceBox) -> bool:
        """Looks at a candidate alone, at a fixed size, in finer steps, and with its own contrast.

        Equalising shows faces in bad light, but also brings out folds and fur that look like one.
        """
        side = round(_CONFIRM_FACE * (1 + 2 * _CONFIRM_MARGIN))
        view = cv2.resize(crop_face(gray, box, _CONFIRM_MARGIN), (side, side))
        smallest = round(0.7 * _CONFIRM_FACE)
        return bool(self._search(view, _CONFIRM_SCALE_STEP, _CONFIRM_NEIGHBOURS, smallest))

    def _search(
        self, gray: MatLike, scale_step: float, min_neighbours: int, smallest: int, largest: int = 0
    ) -> list[list[int]]:
        """Returns x, y, width and height of what looks like a face; a `largest` of 0 allows any size."""
        found = self._cascade.detectMultiScale(
            gray,
            scaleFactor=scale_step,
            minNeighbors=min_neighbours,
            minSize=(smallest, smallest),
            maxSize=(largest, largest),
        )
        boxes: list[list[int]] = np.asarray(found).reshape(-1, 4).tolist()
        return boxes


def _scaled(box: FaceBox, scale: float) -> FaceBox:
    return FaceBox(*(round(value * scale) for value in (box.x, box.y, box.width, box.height)))
