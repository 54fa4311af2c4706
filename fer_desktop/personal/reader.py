"""Reads by a face profile: the model's probabilities in, those for this person out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fer_desktop.domain import Emotion, EmotionScores
from fer_desktop.errors import OtherModelError
from fer_desktop.personal.population import BASIS, DIMENSIONS, centred_logs
from fer_desktop.translation import _

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from fer_desktop.personal.population import Population, Vectors
    from fer_desktop.personal.profile import FaceProfile


class PersonalReader:
    """Says how probable each emotion is, from how near a reading is to what the person showed of each.

    A callable from the model's scores to the person's; about 0.02 ms a face.

    Args:
        population: How people differ; of the same model as the profile.
        profile: What the person showed. Emotions that were not shown are as expected of a person like this.

    Raises:
        OtherModelError: The profile was made with another model.
    """

    def __init__(self, population: Population, profile: FaceProfile) -> None:
        if profile.model_version != population.model_version:
            raise OtherModelError(
                _("Show your faces again"),
                _('The face profile "{name}" was made with model {old}; this is model {new}.').format(
                    name=profile.name, old=profile.model_version, new=population.model_version
                ),
                _("Each model reads faces differently, so show it your faces again."),
            )
        shown = {emotion: each.vectors @ BASIS for emotion, each in profile.shown.items()}
        means, spreads = population.person(shown)
        # The density of Student's t: distances are lengths once the spread is scaled to 1.
        scales = np.linalg.inv(np.linalg.cholesky(spreads))
        self._scales = BASIS @ scales.reshape(-1, DIMENSIONS).T
        self._means = (scales @ means[..., np.newaxis]).ravel()
        self._heights = np.linalg.slogdet(scales)[1] / population.temperature
        self._tail = population.tail
        self._exponent = -0.5 * (population.tail + DIMENSIONS) / population.temperature

    def __call__(self, scores: EmotionScores) -> EmotionScores:
        """Returns the person's probabilities for one face."""
        return EmotionScores(tuple(self.read([scores.probabilities])[0].tolist()))

    def read(self, probabilities: ArrayLike) -> Vectors:
        """Returns the same for several faces, [faces, emotions]; rows sum to 1."""
        offsets = centred_logs(probabilities) @ self._scales - self._means
        distances = np.square(offsets).reshape(-1, len(Emotion), DIMENSIONS).sum(axis=2)
        logs = self._heights + self._exponent * np.log1p(distances / self._tail)
        likelihoods = np.exp(logs - logs.max(axis=1, keepdims=True))
        read: Vectors = likelihoods / likelihoods.sum(axis=1, keepdims=True)
        return read
