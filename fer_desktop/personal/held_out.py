"""Whether a profile helps: each moment that was shown, read by the profile of the others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from fer_desktop.domain import Emotion
from fer_desktop.personal.reader import PersonalReader
from fer_desktop.translation import _

if TYPE_CHECKING:
    from fer_desktop.personal.population import Population
    from fer_desktop.personal.profile import FaceProfile

_LEAST = 1e-9


@dataclass(frozen=True, slots=True)
class Comparison:
    """How the personal and the general reading do on the held-out moments.

    Attributes:
        moments: How many there are, of each emotion that was shown.
        personal: How many of them the personal reading names correctly.
        general: How many the model alone does.
        gain: By how much the personal reading's mean log probability of what was shown is higher.
    """

    moments: dict[Emotion, int]
    personal: dict[Emotion, int]
    general: dict[Emotion, int]
    gain: float

    @property
    def better(self) -> bool:
        """Whether the personal reading names more of them or, if both name as many, is surer of them."""
        personal, general = sum(self.personal.values()), sum(self.general.values())
        return personal > general or (personal == general and self.gain > 0)

    @property
    def advice(self) -> str:
        """What to do about a profile that does no better, "" if it does."""
        if self.better:
            return ""
        if self.general == self.moments:
            return _(
                "The model alone already names all these faces correctly. Show it some that it misreads."
            )
        return _("Make each expression a little stronger, and show it several times.")


def compare_held_out(population: Population, profile: FaceProfile) -> Comparison:
    """Holds out each moment in turn.

    Raises:
        OtherModelError: The profile was made with another model.
    """
    moments, personal, general = (dict.fromkeys(profile.shown, 0) for _each in range(3))
    gains = []
    for emotion, vector, others in profile.each_held_out():
        place = list(Emotion).index(emotion)
        alone = np.exp(vector) / np.exp(vector).sum()
        own = PersonalReader(population, others).read([alone])[0]
        moments[emotion] += 1
        personal[emotion] += int(own.argmax() == place)
        general[emotion] += int(alone.argmax() == place)
        gains.append(np.log(max(own[place], _LEAST) / max(alone[place], _LEAST)))
    return Comparison(moments, personal, general, float(np.mean(gains)) if gains else 0.0)


def reader_if_better(population: Population, profile: FaceProfile) -> PersonalReader | None:
    """Returns the reader of a profile; None if the general reading does as well on what was shown.

    Raises:
        OtherModelError: The profile was made with another model.
    """
    return PersonalReader(population, profile) if compare_held_out(population, profile).better else None
