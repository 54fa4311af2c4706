"""Words and figures that several views show, in the user's language."""

from __future__ import annotations

from fer_desktop.domain import Emotion
from fer_desktop.translation import _, pgettext


def emotion_word(emotion: Emotion) -> str:
    """Returns how a face looks, within a line: "happy"."""
    return {
        Emotion.ANGRY: pgettext("how a face looks", "angry"),
        Emotion.HAPPY: pgettext("how a face looks", "happy"),
        Emotion.NEUTRAL: pgettext("how a face looks", "neutral"),
        Emotion.SAD: pgettext("how a face looks", "sad"),
    }[emotion]


def percent(probability: float) -> str:
    """Returns a probability as people read it: "82 %"."""
    return _("{number}\N{NO-BREAK SPACE}%").format(number=round(probability * 100))
