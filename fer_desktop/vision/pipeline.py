"""What happens to a frame: its faces are found, cropped and read."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np

from fer_desktop.domain import EmotionScores, FaceReading, FrameAnalysis
from fer_desktop.errors import NoFaceError
from fer_desktop.translation import _
from fer_desktop.vision.crop import careful_crops, crop_face, to_gray
from fer_desktop.vision.emotion_classifier import OnnxEmotionClassifier
from fer_desktop.vision.face_detector import CASCADE_FILE, HaarFaceDetector
from fer_desktop.vision.face_tracker import MIN_OVERLAP
from fer_desktop.vision.live import LiveReader
from fer_desktop.vision.why import occlusion_map

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from fer_desktop.domain import FaceBox, Frame, Image, OcclusionMap
    from fer_desktop.vision.emotion_classifier import EmotionClassifier
    from fer_desktop.vision.face_detector import FaceDetector
    from fer_desktop.vision.model_card import ModelCard


class FramePipeline:
    """Analyses frames, one at a time; belongs to one thread.

    Args:
        detector: Finds the faces.
        classifier: Reads them.
        card: Says how faces are cropped, and when a reading is unsure.
    """

    def __init__(self, detector: FaceDetector, classifier: EmotionClassifier, card: ModelCard) -> None:
        self.card = card
        self._detector = detector
        self._classifier = classifier
        self._personal: Callable[[EmotionScores], EmotionScores] | None = None
        self._live = LiveReader(detector, classifier, card)

    @classmethod
    def load(cls, models: Path, resources: Path) -> FramePipeline:
        """Loads the shipped model and cascade.

        Args:
            models: The folder of emotion.onnx and emotion.json.
            resources: The folder of the cascade.

        Raises:
            ModelError: One of them is missing, damaged, or not what the model card says.
        """
        classifier = OnnxEmotionClassifier.load(models / "emotion.onnx", models / "emotion.json")
        detector = HaarFaceDetector(resources / CASCADE_FILE)
        return cls(detector, classifier, classifier.card)

    def read_as(self, personal: Callable[[EmotionScores], EmotionScores] | None) -> None:
        """Reads "you" as a person from now on; the live view begins afresh.

        Args:
            personal: Turns the model's scores into the person's; None to read as the model alone does.
        """
        self._personal = personal
        self.restart_live()

    def analyse(self, frame: Frame) -> FrameAnalysis:
        """Reads all faces of a single frame."""
        started = perf_counter()
        boxes = self._detector.detect(frame.image)
        detected = perf_counter()
        gray = to_gray(frame.image)
        scores = self._classifier.predict([crop_face(gray, box, self.card.crop_margin) for box in boxes])
        classified = perf_counter()
        return FrameAnalysis(
            faces=tuple(
                self._reading(box, each, yours=place == 0)
                for place, (box, each) in enumerate(zip(boxes, scores, strict=True))
            ),
            detect_seconds=detected - started,
            classify_seconds=classified - detected,
        )

    def analyse_live(self, frame: Frame, *, attention: bool = False) -> FrameAnalysis:
        """Reads the next frame of a source: its faces are followed, and their scores smoothed over time.

        Args:
            frame: The frame.
            attention: Whether to add the model's attention on "you".
        """
        return self._live.read(frame, attention=attention)

    def follow(self, face_id: int) -> None:
        """Makes the face of this number "you" for as long as it is in the live picture."""
        self._live.follow(face_id)

    def restart_live(self) -> None:
        """Forgets the faces that were followed, because the next frames come from another source."""
        self._live = LiveReader(self._detector, self._classifier, self.card, self._personal)

    def capture(self, frame: Frame) -> FaceReading:
        """Reads the face that is followed, otherwise the largest, with care.

        Mirrored and slightly shifted views of it are averaged.

        Raises:
            NoFaceError: There is no face.
        """
        box = self._your_box(frame)
        if box is None:
            raise NoFaceError(
                _("No face found"),
                _("There is no face in this picture."),
                _("Look into the camera, move a little closer, or turn on more light."),
            )
        views = careful_crops(to_gray(frame.image), box, self.card.crop_margin)
        mean = np.mean([scores.probabilities for scores in self._classifier.predict(views)], axis=0)
        return self._reading(box, EmotionScores(tuple(mean.tolist())), yours=True)

    def occlusion(self, frame: Frame, reading: FaceReading) -> OcclusionMap:
        """Returns which parts of a face its reading relied on; takes as long as fifty readings."""
        return occlusion_map(self._predict_yours, frame, reading, self.card.crop_margin)

    def _predict_yours(self, crops: Sequence[Image]) -> tuple[EmotionScores, ...]:
        scores = self._classifier.predict(crops)
        return tuple(map(self._personal, scores)) if self._personal else scores

    def _your_box(self, frame: Frame) -> FaceBox | None:
        boxes = self._detector.detect(frame.image)
        followed = self._live.your_box
        if followed is not None:
            nearest = max(boxes, key=followed.overlap, default=None)
            if nearest is not None and followed.overlap(nearest) >= MIN_OVERLAP:
                return nearest
            near = self._detector.find_near(to_gray(frame.image), followed)
            if near is not None:
                return near
        return boxes[0] if boxes else None

    def _reading(self, box: FaceBox, general: EmotionScores, *, yours: bool) -> FaceReading:
        scores = self._personal(general) if self._personal and yours else general
        unsure = max(scores.values()) < self.card.unsure_threshold
        return FaceReading(box, scores, unsure, general=general)
