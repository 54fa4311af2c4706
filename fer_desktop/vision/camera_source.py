"""The frames of an opened camera or stream, and a check that it sees anything."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

import cv2
import numpy as np

from fer_desktop.domain import Frame
from fer_desktop.errors import CameraError
from fer_desktop.translation import _
from fer_desktop.vision.media import LONGEST_SIDE, fit_within

if TYPE_CHECKING:
    from collections.abc import Callable

    from fer_desktop.domain import Image

_PATIENCE_SECONDS = 1.5
"""How long a camera may show black, or one and the same picture, before it counts as lost."""

_BLACK_LEVEL = 8
"""Brightest value of a picture that shows nothing; even in the dark, a sensor's noise is above it."""


class CameraSource:
    """The frames of an opened camera, at the camera's rate.

    Args:
        capture: The camera, opened.
        name: What the user knows it by.
        gone: What is raised once it delivers nothing.
        release: Gives the camera back; called once, even if this fails.
        may_stand_still: An unchanging picture is not a sign of a fault.

    Raises:
        CameraError: It delivers nothing, or only black or frozen pictures.
    """

    def __init__(
        self,
        capture: cv2.VideoCapture,
        name: str,
        gone: CameraError,
        release: Callable[[], None],
        *,
        may_stand_still: bool = False,
    ) -> None:
        self.name = name
        self._capture = capture
        self._gone = gone
        self._release = release
        self._watch = _PictureWatch(name, may_stand_still=may_stand_still)
        self._number = -1
        try:
            # Cameras start with some black pictures; a lost one is back only once its picture moves.
            while not self._watch.alive:
                self._watch.look(self._next_image())
        except CameraError:
            self.close()
            raise

    def read(self) -> Frame:
        """Waits for the next frame.

        Raises:
            CameraError: The camera is gone, or sends pictures that show that it does not work.
        """
        image = self._next_image()
        self._watch.look(image)
        self._number += 1
        return Frame(image, self._number, monotonic())

    def close(self) -> None:
        """Gives the camera back."""
        self._release()

    def _next_image(self) -> Image:
        try:
            ok, image = self._capture.read()
        except cv2.error as error:
            raise self._gone from error
        if not ok or image is None:
            raise self._gone
        return fit_within(image.astype(np.uint8, copy=False), LONGEST_SIDE)


class _PictureWatch:
    """Notices a camera that delivers but sees nothing: drivers often fail silently.

    Attributes:
        alive: The last picture was neither black nor, if that counts, the same as the one before.
    """

    def __init__(self, name: str, *, may_stand_still: bool) -> None:
        self.alive = False
        self._name = name
        self._may_stand_still = may_stand_still
        self._sample: Image | None = None
        now = monotonic()
        self._bright_at = now
        self._changed_at = now

    def look(self, image: Image) -> None:
        """Compares a picture with those before it.

        Raises:
            CameraError: It has been black or frozen for too long.
        """
        now = monotonic()
        sample = image[::4, ::4]
        bright = bool(sample.max() > _BLACK_LEVEL)
        changed = self._may_stand_still or (
            self._sample is not None and not np.array_equal(sample, self._sample)
        )
        self._sample = sample
        self.alive = bright and changed
        if bright:
            self._bright_at = now
        if changed:
            self._changed_at = now
        if now - self._bright_at >= _PATIENCE_SECONDS:
            raise CameraError(
                _("The camera shows only black"),
                _("{name} sends black pictures: its shutter may be closed, or the system blocks it.").format(
                    name=self._name
                ),
                _("Open the shutter, or allow the camera in the system's privacy settings."),
            )
        if now - self._changed_at >= _PATIENCE_SECONDS:
            raise CameraError(
                _("The camera is frozen"),
                _("{name} keeps sending the same picture.").format(name=self._name),
                _("Unplug it and plug it back in."),
            )
