"""Words and numbers that several views show, in the user's language."""

from __future__ import annotations

import re

from fer_desktop.domain import Emotion
from fer_desktop.emotions import EMOTIONS
from fer_desktop.translation import _, listed

_LONG_WORD = re.compile(r"(\S{40})(?=\S)")
"""More characters in a row than fit a narrow window."""


def breakable(text: str) -> str:
    """Returns a text whose long words, such as paths, can wrap; a label grows to fit them otherwise."""
    return _LONG_WORD.sub("\\1\N{ZERO WIDTH SPACE}", text)


def emotion_word(emotion: Emotion) -> str:
    """Returns how a face looks, within a line: "happy"."""
    return EMOTIONS[emotion].word()


def any_emotion() -> str:
    """Returns how a face may look, within a line: "angry, happy, neutral or sad"."""
    *others, last = map(emotion_word, Emotion)
    return _("{others} or {last}").format(others=listed(others), last=last)


def percent(probability: float) -> str:
    """Returns a probability as a percentage: "82 %"."""
    return _("{number}\N{NO-BREAK SPACE}%").format(number=round(probability * 100))
