"""A face detector that finds what the test says."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fer_desktop.domain import FaceBox, Image


class ScriptedDetector:
    """Finds `boxes` in the whole frame, and near a place the one that overlaps it the most.

    Attributes:
        boxes: The faces, the largest first.
        hidden: Faces that only a search near their place finds.
        finds_near: Whether a look near a place finds anything.
        searches: How often the whole frame was searched.
    """

    def __init__(self, *boxes: FaceBox) -> None:
        self.boxes = boxes
        self.hidden: tuple[FaceBox, ...] = ()
        self.finds_near = True
        self.searches = 0

    def detect(self, image: Image) -> tuple[FaceBox, ...]:  # noqa: ARG002  # the protocol's
        """Returns the scripted faces."""
        self.searches += 1
        return self.boxes

    def find_near(self, gray: Image, box: FaceBox) -> FaceBox | None:  # noqa: ARG002  # the protocol's
        """Returns the scripted face that overlaps `box` the most."""
        near = max((*self.boxes, *self.hidden), key=box.overlap, default=None)
        return near if self.finds_near and near is not None and box.overlap(near) > 0 else None
