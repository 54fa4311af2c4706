"""Everything the app and its training know about each emotion: one table, one row per emotion.

An emotion's value in `Emotion` is also what the command line, the model card and the section of moods.toml
call it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fer_desktop.domain import Emotion
from fer_desktop.translation import pgettext

if TYPE_CHECKING:
    from collections.abc import Callable

Point = tuple[float, float]
"""x to the right and y down from a drawn face's centre, in tenths of its radius."""

Curve = tuple[Point, Point, Point]
"""Start, control point and end of a quadratic Bézier curve."""


@dataclass(frozen=True, slots=True)
class DrawnFace:
    """The face that stands for an emotion, without its outline.

    Attributes:
        lines: The mouth and, if it has any, the brows.
        eyes: The centre of each.
        eye_radius: In tenths of the face's radius.
    """

    lines: tuple[Curve, ...]
    eyes: tuple[Point, ...] = ((-3.6, -2.6), (3.6, -2.6))
    eye_radius: float = 1.3


@dataclass(frozen=True, slots=True)
class EmotionRow:
    """What is known about one emotion. Colours are "#RRGGBB".

    Attributes:
        word: Returns how a face looks, within a line and in the user's language: "happy".
        light: Its colour in the light scheme, readable as text on it.
        dark: Its colour in the dark scheme and on pictures.
        cover: The top and bottom of a playlist cover's background.
        face: Drawn as icon and on the cover.
        fer2013: Its class, one of `training.data.face_set.FER_CLASSES`.
        ferplus: Its column of FER+ votes, one of `training.data.face_set.VOTE_COLUMNS`.
    """

    word: Callable[[], str]
    light: str
    dark: str
    cover: tuple[str, str]
    face: DrawnFace
    fer2013: str
    ferplus: str


def _mouth(corners: float, bend: float) -> Curve:
    """Returns a mouth, from the heights of its corners and of its control point."""
    return (-4.6, corners), (0.0, bend), (4.6, corners)


EMOTIONS = {
    Emotion.HAPPY: EmotionRow(
        word=lambda: pgettext("how a face looks", "happy"),
        light="#955A00",
        dark="#F5BA4B",
        cover=("#F7C24E", "#C96A12"),
        face=DrawnFace((_mouth(2.4, 9.0),)),
        fer2013="happy",
        ferplus="happiness",
    ),
    Emotion.NEUTRAL: EmotionRow(
        word=lambda: pgettext("how a face looks", "neutral"),
        light="#5C6673",
        dark="#AEB9C6",
        cover=("#8C9AAB", "#3E4A59"),
        face=DrawnFace((_mouth(4.0, 4.0),)),
        fer2013="neutral",
        ferplus="neutral",
    ),
    Emotion.SAD: EmotionRow(
        word=lambda: pgettext("how a face looks", "sad"),
        light="#2459B4",
        dark="#82B2FF",
        cover=("#5B93E6", "#1B3370"),
        face=DrawnFace((_mouth(5.6, 0.6),)),
        fer2013="sad",
        ferplus="sadness",
    ),
    Emotion.ANGRY: EmotionRow(
        word=lambda: pgettext("how a face looks", "angry"),
        light="#B8302A",
        dark="#FF8078",
        cover=("#D94B3D", "#6E141C"),
        face=DrawnFace(
            lines=(
                _mouth(5.8, 2.6),
                ((-5.6, -5.4), (-3.8, -4.5), (-2.0, -3.6)),
                ((5.6, -5.4), (3.8, -4.5), (2.0, -3.6)),
            ),
            eyes=((-3.6, -0.2), (3.6, -0.2)),
        ),
        fer2013="angry",
        ferplus="anger",
    ),
}
"""In the order in which the window lists them; the order of `Emotion` is the model's."""

if _without_row := [emotion for emotion in Emotion if emotion not in EMOTIONS]:
    raise LookupError(f"fer_desktop/emotions.py has no row for {', '.join(_without_row)}")
