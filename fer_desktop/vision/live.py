"""The live view: the faces of one source, followed and smoothed, and what would help to read them."""

from __future__ import annotations

from dataclasses import replace
from time import perf_counter
from typing import TYPE_CHECKING

import cv2
import numpy as np

from fer_desktop.domain import AttentionMap, FaceReading, FrameAnalysis
from fer_desktop.vision.advice import Adviser
from fer_desktop.vision.crop import crop_box, crop_face, to_gray
from fer_desktop.vision.face_tracker import FaceTracker
from fer_desktop.vision.smoothing import EmotionSmoother

if TYPE_CHECKING:
    from collections.abc import Callable

    from fer_desktop.domain import EmotionScores, FaceBox, Frame, Image
    from fer_desktop.vision.emotion_classifier import EmotionClassifier
    from fer_desktop.vision.face_detector import FaceDetector
    from fer_desktop.vision.face_tracker import TrackedFace
    from fer_desktop.vision.model_card import ModelCard

STILL_SECONDS = 1.0
"""A picture that does not change is analysed again after this time, in case it changed unnoticed."""

UNSURE_MARGIN = 0.1
"""How far above the card's threshold an unsure face must rise to become sure, as a share of the way to
certainty, so that one near the threshold does not flicker."""

_THUMBNAIL_SIZE = (64, 48)
_STILL_LEVELS = 3
"""How far gray levels may differ between pictures that count as the same: a camera's noise."""


class LiveReader:
    """Reads the frames of one source in order; belongs to one thread.

    Args:
        detector: Finds the faces.
        classifier: Reads them.
        card: Says how faces are cropped, and when a reading is unsure.
        personal: Turns the model's scores of "you" into the chosen person's; None to leave them.
    """

    def __init__(
        self,
        detector: FaceDetector,
        classifier: EmotionClassifier,
        card: ModelCard,
        personal: Callable[[EmotionScores], EmotionScores] | None = None,
    ) -> None:
        self._personal = personal
        self._classifier = classifier
        self._card = card
        self._tracker = FaceTracker(detector)
        self._adviser = Adviser()
        self._faces: tuple[TrackedFace, ...] = ()
        self._scores: dict[int, EmotionScores] = {}
        self._attention: dict[int, AttentionMap] = {}
        self._attends = False
        self._smoothers: dict[int, EmotionSmoother] = {}
        self._shown: dict[int, FaceReading] = {}
        self._analysis: FrameAnalysis | None = None
        self._analysed_at: float
        self._thumbnail: Image | None = None

    @property
    def your_box(self) -> FaceBox | None:
        """Where "you" were in the newest frame, None if no one is followed."""
        return self._faces[0].box if self._faces else None

    def follow(self, face_id: int) -> None:
        """Makes the face of this number "you" for as long as it is there."""
        self._tracker.follow(face_id)
        self._thumbnail = None  # so that a picture that stands still is read again

    def read(self, frame: Frame, *, attention: bool = False) -> FrameAnalysis:
        """Returns what the next frame shows; a picture that has not changed costs next to nothing.

        Args:
            frame: The frame.
            attention: Whether to add the model's attention (CBAM, Woo et al. 2018) on "you".
        """
        at = frame.captured_at
        started = perf_counter()
        gray = to_gray(frame.image)
        thumbnail = cv2.resize(gray, _THUMBNAIL_SIZE, interpolation=cv2.INTER_AREA).astype(
            np.uint8, copy=False
        )
        still = attention == self._attends and self._is_still(thumbnail, at)
        if self._analysis is not None and still:
            # The average still moves towards what was read.
            self._analysis = replace(self._analysis, faces=self._steady(at))
            return self._analysis
        self._thumbnail, self._analysed_at, self._attends = thumbnail, at, attention
        self._faces = self._tracker.update(frame.image, gray, at)
        detected = perf_counter()
        found = [face for face in self._faces if face.found_at == at]
        self._classify(gray, found)
        self._analysis = FrameAnalysis(
            faces=self._steady(at),
            detect_seconds=detected - started,
            classify_seconds=perf_counter() - detected,
            attention=self._attention.get(self._faces[0].face_id) if self._faces else None,
            advice=self._adviser.update(gray, self._faces[0] if self._faces else None, at),
        )
        return self._analysis

    def _classify(self, gray: Image, found: list[TrackedFace]) -> None:
        """Reads the faces that were found, with the model's attention if that is wanted."""
        crops = [crop_face(gray, face.box, self._card.crop_margin) for face in found]
        if not self._attends:
            scores = self._classifier.predict(crops)
            self._scores = {face.face_id: each for face, each in zip(found, scores, strict=True)}
            self._attention = {}
            return
        self._scores = {}
        for face, (each, weights) in zip(found, self._classifier.predict_with_attention(crops), strict=True):
            self._scores[face.face_id] = each
            box = crop_box(face.box, self._card.crop_margin)
            self._attention[face.face_id] = AttentionMap(box, weights)
        # A face that was missed keeps its map, as it keeps its box.
        here = {face.face_id for face in self._faces}
        self._attention = {key: each for key, each in self._attention.items() if key in here}

    def _is_still(self, thumbnail: Image, at: float) -> bool:
        """Whether the picture is the one that was analysed last, and all its faces were found in it."""
        return (
            self._thumbnail is not None
            and len(self._scores) == len(self._faces)
            and at - self._analysed_at < STILL_SECONDS
            and cv2.absdiff(thumbnail, self._thumbnail).max() <= _STILL_LEVELS
        )

    def _steady(self, at: float) -> tuple[FaceReading, ...]:
        """Returns what to show of each face: its scores averaged, or the last ones if it was missed."""
        shown: dict[int, FaceReading] = {}
        for face in self._faces:
            general = self._scores.get(face.face_id)
            if general is None:
                shown[face.face_id] = self._shown[face.face_id]
                continue
            scores = self._personal(general) if self._personal and face is self._faces[0] else general
            smoother = self._smoothers.setdefault(face.face_id, EmotionSmoother())
            steady = smoother.update(scores, at)
            before = self._shown.get(face.face_id)
            sure_from = self._card.unsure_threshold
            if before is not None and before.unsure:
                sure_from += UNSURE_MARGIN * (1 - sure_from)
            unsure = max(steady.values()) < sure_from
            shown[face.face_id] = FaceReading(face.box, steady, unsure, face.face_id, general)
        self._shown = shown
        self._smoothers = {face_id: self._smoothers[face_id] for face_id in shown}
        return tuple(shown.values())
