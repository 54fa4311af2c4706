"""A frame pipeline that reads what the test says, without a model."""

from __future__ import annotations

import numpy as np

from fer_desktop.domain import (
    Emotion,
    EmotionScores,
    FaceBox,
    FaceReading,
    Frame,
    FrameAnalysis,
    OcclusionMap,
)
from fer_desktop.errors import NoFaceError
from fer_desktop.vision.model_card import ModelCard

CARD = ModelCard(
    version="2026.11.23",
    input_size=48,
    crop_margin=0.1,
    unsure_threshold=0.5,
    test_accuracy=0.85,
    test_recall={Emotion.ANGRY: 0.7, Emotion.HAPPY: 0.95, Emotion.NEUTRAL: 0.85, Emotion.SAD: 0.75},
    sha256="",
)


def scores_of(**probabilities: float) -> EmotionScores:
    """Returns scores from the probabilities of some emotions by their values; the others have none."""
    return EmotionScores(tuple(probabilities.get(emotion, 0.0) for emotion in Emotion))


def scores_for(emotion: Emotion, probability: float = 0.82) -> EmotionScores:
    """Returns scores of which one is dominant."""
    rest = (1 - probability) / (len(Emotion) - 1)
    return EmotionScores(tuple(probability if each is emotion else rest for each in Emotion))


def reading_for(emotion: Emotion, box: FaceBox | None = None, *, unsure: bool = False) -> FaceReading:
    """Returns a face that shows an emotion."""
    return FaceReading(box or FaceBox(16, 12, 24, 24), scores_for(emotion), unsure)


class ScriptedPipeline:
    """Reads the same faces in every frame; none if `faces` is empty."""

    card = CARD

    def __init__(self, *faces: FaceReading) -> None:
        self.faces = faces
        self.restarts = 0
        self.read: list[int] = []
        self.followed: list[int] = []
        self.explained = 0

    def analyse_live(self, frame: Frame, *, attention: bool = False) -> FrameAnalysis:  # noqa: ARG002  # it has none
        """Returns the scripted faces."""
        self.read.append(frame.number)
        return FrameAnalysis(self.faces, detect_seconds=0.004, classify_seconds=0.005)

    def analyse(self, frame: Frame) -> FrameAnalysis:
        """Returns the scripted faces."""
        return self.analyse_live(frame)

    def follow(self, face_id: int) -> None:
        """Notes the number."""
        self.followed.append(face_id)

    def restart_live(self) -> None:
        """Counts."""
        self.restarts += 1

    def capture(self, frame: Frame) -> FaceReading:  # noqa: ARG002  # every frame is read alike
        """Returns the first scripted face."""
        if not self.faces:
            raise NoFaceError("No face found", "There is no face in this picture.", "Look into the camera.")
        return self.faces[0]

    def occlusion(self, frame: Frame, reading: FaceReading) -> OcclusionMap:  # noqa: ARG002  # no pixel counts
        """Counts."""
        self.explained += 1
        return OcclusionMap(reading.box, np.zeros((7, 7), np.float32), reading.scores.dominant, 0.0)
