"""Made-up people for face profiles: how they differ, and what the model reads in their faces."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np

from fer_desktop.domain import Emotion, EmotionScores
from fer_desktop.personal.population import BASIS, DIMENSIONS, Population, centred_logs
from fer_desktop.personal.profile import FaceProfile
from tests.fakes.pipeline import CARD, scores_for

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SHOWN_AT = datetime(2026, 11, 30, 12, tzinfo=UTC)


def population(version: str = CARD.version) -> Population:
    """Returns people of whom most show each emotion as the model expects it."""
    means = centred_logs([scores_for(emotion, 0.7).probabilities for emotion in Emotion]) @ BASIS
    return Population(
        model_version=version,
        means=means,
        between=np.eye(len(Emotion) * DIMENSIONS),
        within=np.tile(0.25 * np.eye(DIMENSIONS), (len(Emotion), 1, 1)),
        tail=10.0,
        temperature=1.0,
    )


def profile(
    shown: Mapping[Emotion, Sequence[EmotionScores]], name: str = "you", version: str = CARD.version
) -> FaceProfile:
    """Returns the profile of someone in whose faces the model reads `shown`."""
    made = FaceProfile(name, version, {})
    for emotion, readings in shown.items():
        made = made.showing(emotion, readings, SHOWN_AT)
    return made


def calm_anger(moments: int = 2) -> FaceProfile:
    """Returns the profile of someone whose angry face the model takes for a neutral one, though not quite."""
    angry = EmotionScores((0.3, 0.01, 0.6, 0.09))
    neutral = EmotionScores((0.01, 0.01, 0.95, 0.03))
    return profile({Emotion.ANGRY: [angry] * moments, Emotion.NEUTRAL: [neutral] * moments})
