"""What would help to read a face, judged from the brightness, size and misses in the picture."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from fer_desktop.domain import Advice
from fer_desktop.vision.crop import crop_face

if TYPE_CHECKING:
    from fer_desktop.domain import Image
    from fer_desktop.vision.face_tracker import TrackedFace

PATIENCE = 0.7
"""Seconds that a reason must last before its advice is shown, and must be gone before it is removed."""

FAR = 0.2
"""A face that takes up less of the picture's height has too few pixels to be read well."""

DARK = 40
"""Mean gray level, of 255, below which it is too dark; low, because dark skin is not a lack of light."""

MANY_MISSES = 0.4
"""Share of the frames of the last second or so in which a face that is present was not found."""

_MISS_SECONDS = 0.7


class Adviser:
    """Gives one piece of advice at a time, without flickering."""

    def __init__(self) -> None:
        self._misses = 0.0
        self._updated_at: float | None = None
        self._shown: Advice | None = None
        self._reason: Advice | None = None
        self._reason_since: float

    def update(self, gray: Image, you: TrackedFace | None, at: float) -> Advice | None:
        """Takes the next frame.

        Args:
            gray: The frame, [height, width].
            you: The face that is followed, None if there is none.
            at: When the frame was captured, in seconds.

        Returns:
            What to advise, None if nothing is wrong.
        """
        reason = self._measure(gray, you, at)
        if reason is not self._reason or self._updated_at is None:
            self._reason, self._reason_since = reason, at
        self._updated_at = at
        if at - self._reason_since >= PATIENCE:
            self._shown = reason
        return self._shown

    def _measure(self, gray: Image, you: TrackedFace | None, at: float) -> Advice | None:
        passed = 0.0 if self._updated_at is None else max(0.0, at - self._updated_at)
        missed = float(you is None or you.found_at != at)
        self._misses += (1 - math.exp(-passed / _MISS_SECONDS)) * (missed - self._misses)
        face = gray if you is None else crop_face(gray, you.box, 0)
        if face.mean() < DARK:
            return Advice.MORE_LIGHT
        if you is None or self._misses > MANY_MISSES:
            return Advice.FACE_CAMERA
        if you.box.height < FAR * gray.shape[0]:
            return Advice.MOVE_CLOSER
        return None
