"""Follows faces from frame to frame: near where they were, and in the whole frame now and then."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fer_desktop.domain import FaceBox, Image
    from fer_desktop.vision.face_detector import FaceDetector

SEARCH_SECONDS = 0.5
"""After this time the whole frame is searched again, for new faces."""

LOOK_OUT_SECONDS = 0.2
"""The same while a face is missing, or there is none."""

HOLD = 0.3
"""Seconds that the last box of a face stays while the face is not found."""

_CONFIRM_SECONDS = 2.0
"""A face that no search of the whole frame finds for this long was something else."""

MIN_OVERLAP = 0.2
"""Intersection over union below which two boxes are two faces."""

_TAKE_OVER = 1.5
"""How many times larger another face must be to become "you" automatically."""


@dataclass(frozen=True, slots=True)
class TrackedFace:
    """A face that is followed.

    Attributes:
        face_id: Its number, the same in each frame.
        box: Where it was last found.
        found_at: When that was, in seconds on the clock of the frames.
        confirmed_at: When a search of the whole frame last found it.
    """

    face_id: int
    box: FaceBox
    found_at: float
    confirmed_at: float


class FaceTracker:
    """Follows the faces of one source; belongs to one thread.

    One face is "you": the largest one, until another is much larger or the user chooses.

    Args:
        detector: Finds the faces.
    """

    def __init__(self, detector: FaceDetector) -> None:
        self._detector = detector
        self._faces: dict[int, TrackedFace] = {}
        self._searched_at: float | None = None
        self._next_id = 0
        self._you: int | None = None
        self._chosen = False

    def follow(self, face_id: int) -> None:
        """Makes the face of this number "you" for as long as it is there."""
        if face_id in self._faces:
            self._you, self._chosen = face_id, True

    def update(self, image: Image, gray: Image, at: float) -> tuple[TrackedFace, ...]:
        """Finds the faces of the next frame.

        Args:
            image: The frame, BGR.
            gray: The same in gray, [height, width].
            at: When it was captured, in seconds.

        Returns:
            "You" first, then the others, the largest first. A face that was missed keeps its last box for
            `HOLD` seconds.
        """
        found = self._find_near(gray)
        complete = bool(self._faces) and len(found) == len(self._faces)
        wait = SEARCH_SECONDS if complete else LOOK_OUT_SECONDS
        confirmed: set[int] = set()
        if self._searched_at is None or at - self._searched_at >= wait:
            self._searched_at = at
            confirmed = self._search(image, found)
        faces: dict[int, TrackedFace] = {}
        for face_id in {**self._faces, **found}:
            before = self._faces.get(face_id)
            if before is None:
                faces[face_id] = TrackedFace(face_id, found[face_id], at, at)
                continue
            confirmed_at = at if face_id in confirmed else before.confirmed_at
            if at - confirmed_at > _CONFIRM_SECONDS:
                continue
            if face_id in found:
                faces[face_id] = TrackedFace(face_id, found[face_id], at, confirmed_at)
            elif at - before.found_at <= HOLD:
                faces[face_id] = before
        self._faces = faces
        self._choose_you()
        return tuple(
            sorted(faces.values(), key=lambda face: (face.face_id != self._you, -face.box.area, face.face_id))
        )

    def _find_near(self, gray: Image) -> dict[int, FaceBox]:
        """Returns the faces that are near where they were, each place once."""
        found: dict[int, FaceBox] = {}
        for face_id, face in self._faces.items():
            box = self._detector.find_near(gray, face.box)
            if box is not None and all(box.overlap(other) < MIN_OVERLAP for other in found.values()):
                found[face_id] = box
        return found

    def _search(self, image: Image, found: dict[int, FaceBox]) -> set[int]:
        """Adds to `found` what else the whole frame shows; returns the known faces that it confirms."""
        places = {face_id: found.get(face_id, face.box) for face_id, face in self._faces.items()}
        confirmed: set[int] = set()
        for box in self._detector.detect(image):
            known = max(places, key=lambda face_id: box.overlap(places[face_id]), default=None)
            if known is None or box.overlap(places[known]) < MIN_OVERLAP:
                found[self._next_id] = box
                self._next_id += 1
            else:
                del places[known]
                confirmed.add(known)
                found.setdefault(known, box)
        return confirmed

    def _choose_you(self) -> None:
        if not self._faces:
            return
        largest = max(self._faces.values(), key=lambda face: face.box.area)
        you = self._faces.get(self._you) if self._you is not None else None
        if you is None:
            self._you, self._chosen = largest.face_id, False
        elif not self._chosen and largest.box.area > _TAKE_OVER * you.box.area:
            self._you = largest.face_id
