"""The bundled sample photos as a clip that moves like a person in front of a camera."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from fer_desktop.domain import Frame
from fer_desktop.translation import _
from fer_desktop.vision.camera import FRAME_SIZE
from fer_desktop.vision.media import read_photo
from fer_desktop.vision.pacing import Metronome

if TYPE_CHECKING:
    from pathlib import Path

    from fer_desktop.domain import Image

_WIDTH, _HEIGHT = FRAME_SIZE
_FPS = 25
_SHOT_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class _Shot:
    """The part of a photo that is shown: a 4:3 view.

    Attributes:
        file: The photo.
        x: The view's centre, as a share of the photo's width.
        y: The same for its height.
        height: The view's height, as a share of the photo's.
    """

    file: str
    x: float
    y: float
    height: float


_SHOTS = (
    _Shot("happy-baby.jpeg", x=0.49, y=0.37, height=0.62),
    _Shot("neutral.jpeg", x=0.49, y=0.49, height=0.64),
    _Shot("angry.jpg", x=0.48, y=0.50, height=0.60),
    _Shot("sad-baby.jpeg", x=0.56, y=0.50, height=0.92),
    _Shot("group.jpeg", x=0.50, y=0.46, height=0.90),
)


class SampleClip:
    """A frame source for the demo: as large as a camera's, 25 frames a second, endless, always the same.

    Args:
        folder: The sample photos.

    Raises:
        FrameSourceError: A photo is missing or damaged.
    """

    def __init__(self, folder: Path) -> None:
        self.name = _("Sample photos")
        self._photos = [_at_view_scale(read_photo(folder / shot.file), shot) for shot in _SHOTS]
        self._metronome = Metronome(_FPS)

    def read(self) -> Frame:
        """Waits for the next frame."""
        number, at = self._metronome.wait()
        return Frame(self.render(number), number, at)

    def close(self) -> None:
        """Releases the photos."""
        self._photos = []

    def render(self, number: int) -> Image:
        """Returns the picture of frame `number`: the view of one photo, swaying gently."""
        seconds = number / _FPS
        index = int(seconds / _SHOT_SECONDS) % len(_SHOTS)
        shot, photo = _SHOTS[index], self._photos[index]
        # Periods without a common factor, so that the movement does not look mechanical.
        zoom = 1 + 0.025 * math.sin(2 * math.pi * seconds / 4.3)
        roll = 1.5 * math.sin(2 * math.pi * seconds / 5.9)
        sway_x = 10 * math.sin(2 * math.pi * seconds / 3.1)
        sway_y = 6 * math.sin(2 * math.pi * seconds / 2.3)
        centre = (shot.x * photo.shape[1], shot.y * photo.shape[0])
        matrix = cv2.getRotationMatrix2D(centre, roll, zoom)
        matrix[:, 2] += (_WIDTH / 2 + sway_x - centre[0], _HEIGHT / 2 + sway_y - centre[1])
        view = cv2.warpAffine(photo, matrix, (_WIDTH, _HEIGHT), borderMode=cv2.BORDER_REPLICATE)
        return view.astype(np.uint8, copy=False)


def _at_view_scale(photo: Image, shot: _Shot) -> Image:
    """Scales the photo so that the view has the height of the clip: moving it neither blurs nor aliases."""
    scale = _HEIGHT / (shot.height * photo.shape[0])
    resized = cv2.resize(photo, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return resized.astype(np.uint8, copy=False)
