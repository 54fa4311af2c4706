"""A face profile: what the model read in the faces that one person showed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from fer_desktop.domain import Emotion
from fer_desktop.personal.population import SMALLEST, centred_logs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from fer_desktop.domain import EmotionScores
    from fer_desktop.personal.population import Vectors

MAX_MOMENTS = 100
"""Of an emotion; older ones give way."""


@dataclass(frozen=True, slots=True)
class ShownEmotion:
    """What was read while a person showed one emotion.

    Attributes:
        moments: The centred log probabilities of each moment, in the order of `Emotion`.
        shown_at: When the newest was added.
    """

    moments: tuple[tuple[float, ...], ...]
    shown_at: datetime

    @property
    def vectors(self) -> Vectors:
        """The moments, [moments, emotions]."""
        return np.array(self.moments).reshape(-1, len(Emotion))

    @property
    def mean(self) -> tuple[float, ...]:
        """The mean of the moments."""
        return tuple(self.vectors.mean(axis=0).tolist())


@dataclass(frozen=True, slots=True)
class FaceProfile:
    """What one person's readings look like: numbers, no pictures.

    Attributes:
        name: What the user calls it.
        model_version: Of the model that read the faces; another one reads them differently.
        shown: The emotions that were shown, each with at least one moment.
    """

    name: str
    model_version: str
    shown: Mapping[Emotion, ShownEmotion]

    @property
    def moments(self) -> int:
        """How many moments it holds."""
        return sum(len(each.moments) for each in self.shown.values())

    def showing(self, emotion: Emotion, readings: Iterable[EmotionScores], shown_at: datetime) -> FaceProfile:
        """Returns the profile with more moments of an emotion.

        Args:
            emotion: What the person showed.
            readings: What the model itself read, one or more.
            shown_at: When.
        """
        before = self.shown[emotion].moments if emotion in self.shown else ()
        new = tuple(tuple(centred_logs(each.probabilities).tolist()) for each in readings)
        shown = ShownEmotion((before + new)[-MAX_MOMENTS:], shown_at)
        return replace(self, shown={**self.shown, emotion: shown})

    def each_held_out(self) -> Iterator[tuple[Emotion, Vectors, FaceProfile]]:
        """Yields each moment's emotion and vector, and the profile without it."""
        for emotion, shown in self.shown.items():
            for place, moment in enumerate(shown.moments):
                others = shown.moments[:place] + shown.moments[place + 1 :]
                rest = {key: each for key, each in self.shown.items() if key is not emotion}
                if others:
                    rest[emotion] = replace(shown, moments=others)
                yield emotion, np.array(moment), replace(self, shown=rest)

    def to_content(self) -> dict[str, Any]:
        """Returns the profile as its file keeps it."""
        shown = {
            emotion.value: {"shown_at": each.shown_at.isoformat(), "moments": each.moments}
            for emotion, each in self.shown.items()
        }
        return {"name": self.name, "model_version": self.model_version, "shown": shown}

    @classmethod
    def from_content(cls, content: dict[str, Any]) -> Self:
        """Returns the profile that `to_content` returned the content of.

        Raises:
            ValueError, KeyError, TypeError: It is not one.
        """
        shown = {}
        for word, each in content["shown"].items():
            moments = np.array(each["moments"], float)
            if moments.ndim != 2 or moments.shape[1] != len(Emotion) or not 1 <= len(moments) <= MAX_MOMENTS:
                raise ValueError(f"{word} has no list of moments")
            if not (np.abs(moments) <= -np.log(SMALLEST)).all():  # NaN fails this, too
                raise ValueError(f"{word} has a moment that no probabilities have")
            shown[Emotion(word)] = ShownEmotion(
                tuple(map(tuple, moments.tolist())), datetime.fromisoformat(each["shown_at"])
            )
        return cls(str(content["name"]), str(content["model_version"]), shown)
