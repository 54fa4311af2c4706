"""Words and figures that several views show, in the user's language."""

from __future__ import annotations

import re

from fer_desktop.domain import Emotion
from fer_desktop.translation import _, pgettext

_LONG_WORD = re.compile(r"(\S{40})(?=\S)")
"""More letters in a row than fit a narrow window."""


def breakable(text: str) -> str:
    """Returns a text whose long words, such as paths, can be broken: a label grows as wide as they are."""
    return _LONG_WORD.sub("\\1\N{ZERO WIDTH SPACE}", text)


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
