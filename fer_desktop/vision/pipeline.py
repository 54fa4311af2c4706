"""The whole way of a frame: find the faces, crop them, read them."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np

from fer_desktop.domain import EmotionScores, FaceReading, FrameAnalysis
from fer_desktop.errors import NoFaceError
from fer_desktop.vision.crop import careful_crops, crop_face, to_gray
from fer_desktop.vision.emotion_classifier import OnnxEmotionClassifier
from fer_desktop.vision.face_detector import HaarFaceDetector
from fer_desktop.vision.smoothing import EmotionSmoother

if TYPE_CHECKING:
    from pathlib import Path

    from fer_desktop.domain import FaceBox, Frame
    from fer_desktop.vision.emotion_classifier import EmotionClassifier
    from fer_desktop.vision.face_detector import FaceDetector


class FramePipeline:
    """Analyses frames, one at a time; belongs to one thread.

    Args:
        detector: Finds the faces.
        classifier: Reads them.
        margin: The model card's `crop_margin`.
        unsure_threshold: The model card's `unsure_threshold`.
    """

    def __init__(
        self, detector: FaceDetector, classifier: EmotionClassifier, margin: float, unsure_threshold: float
    ) -> None:
        self._detector = detector
        self._classifier = classifier
        self._margin = margin
        self._unsure_threshold = unsure_threshold
        self._smoother = EmotionSmoother()

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
        detector = HaarFaceDetector(resources / "haarcascade_frontalface_default.xml")
        return cls(detector, classifier, classifier.card.crop_margin, classifier.card.unsure_threshold)

    def analyse(self, frame: Frame) -> FrameAnalysis:
        """Reads every face of one frame by itself."""
        started = perf_counter()
        boxes = self._detector.detect(frame.image)
        detected = perf_counter()
        gray = to_gray(frame.image)
        scores = self._classifier.predict([crop_face(gray, box, self._margin) for box in boxes])
        classified = perf_counter()
        return FrameAnalysis(
            frame_number=frame.number,
            faces=tuple(map(self._reading, boxes, scores)),
            detect_seconds=detected - started,
            classify_seconds=classified - detected,
        )

    def analyse_live(self, frame: Frame) -> FrameAnalysis:
        """Reads every face of the next frame of a source, the largest ("you") smoothed over time."""
        analysis = self.analyse(frame)
        return analysis

    def restart_live(self) -> None:
        """Forgets the smoothed face; called when the frames come from another source."""
        self._smoother = EmotionSmoother()

    def capture(self, frame: Frame) -> FaceReading:
        """Reads the largest face of one frame with care: flipped and slightly moved views are averaged.

        Raises:
            NoFaceError: There is no face.
        """
        boxes = self._detector.detect(frame.image)
        if not boxes:
            raise NoFaceError(
                "No face found",
                "There is no face in this picture.",
                "Look into the camera, move a little closer, or turn on more light.",
            )
        views = careful_crops(to_gray(frame.image), boxes[0], self._margin)
        mean = np.mean([tuple(scores) for scores in self._classifier.predict(views)], axis=0)
        return self._reading(boxes[0], EmotionScores(*mean.tolist()))

    def _reading(self, box: FaceBox, scores: EmotionScores) -> FaceReading:
        return FaceReading(box, scores, unsure=max(scores) < self._unsure_threshold)
