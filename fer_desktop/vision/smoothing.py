"""Calm live readings: probabilities averaged over time, and a label that does not flicker."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fer_desktop.domain import FaceReading


class EmotionSmoother:
    """Follows the largest face from frame to frame."""

    def update(self, face: FaceReading | None, at: float) -> FaceReading | None:
        """Takes the largest face of the next frame, and returns what to show."""
        raise NotImplementedError
