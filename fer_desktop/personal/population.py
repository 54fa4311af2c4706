"""What the model reads in posed faces of many people: the prior knowledge about a new person.

A reading's centred log probabilities vary in two ways: from person to person, and from one moment of a person
to the next. Both are measured by `python -m training personal` and kept in the model card.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from fer_desktop.domain import Emotion
from fer_desktop.errors import ModelError
from fer_desktop.translation import _

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike, NDArray

    Vectors = NDArray[np.float64]

SMALLEST = 1e-9
"""Lower probabilities count as this one; a higher bound would lose what the small ones say."""

_EMOTIONS = len(Emotion)
DIMENSIONS = _EMOTIONS - 1
"""Centred log probabilities sum to 0, which leaves one number fewer than there are emotions."""


def _helmert() -> Vectors:
    rows = np.zeros((DIMENSIONS, _EMOTIONS))
    for row in range(DIMENSIONS):
        rows[row, : row + 1] = 1
        rows[row, row + 1] = -(row + 1)
    basis: Vectors = rows.T / np.linalg.norm(rows, axis=1)
    return basis


BASIS = _helmert()
"""[emotions, dimensions], orthonormal columns: takes centred log probabilities to coordinates and back."""


def centred_logs(probabilities: ArrayLike) -> Vectors:
    """Returns the logarithms of probabilities less their mean.

    Args:
        probabilities: [..., emotions]; what is no number counts as 0.
    """
    finite = np.nan_to_num(np.asarray(probabilities, float), nan=0.0)
    logs = np.log(np.clip(finite, SMALLEST, 1))
    centred: Vectors = logs - logs.mean(axis=-1, keepdims=True)
    return centred


@dataclass(frozen=True, slots=True, eq=False)
class Population:
    """How the readings of one model vary between and within people.

    Attributes:
        model_version: Of the model that was read with.
        means: Coordinates of each emotion's mean over people, [emotions, dimensions].
        between: Covariance of people's own means, those of all emotions in a row,
            [emotions * dimensions] squared: who looks angry when relaxed also looks angrier when sad.
        within: For each emotion, the covariance of a person's moments, [emotions, dimensions, dimensions].
        tail: Degrees of freedom of Student's t, by which moments far off are less rare than by a Gaussian.
        temperature: Divides the log densities, so that the probabilities are calibrated.
    """

    model_version: str
    means: Vectors
    between: Vectors
    within: Vectors
    tail: float
    temperature: float

    @classmethod
    def from_card(cls, model_version: str, content: Mapping[str, Any] | None) -> Self:
        """Returns what the model card says.

        Args:
            model_version: The card's version.
            content: Its part `personal`; None if it has none.

        Raises:
            ModelError: There is none, or it is unusable.
        """
        if content is None:
            raise ModelError(
                _("This model cannot learn a face"),
                _("Its card does not say how faces differ from person to person."),
                _("Install the newest FER Desktop, or run `python -m training personal`."),
            )
        size = _EMOTIONS * DIMENSIONS
        try:
            population = cls(
                model_version,
                np.array(content["means"], float).reshape(_EMOTIONS, DIMENSIONS),
                np.array(content["between"], float).reshape(size, size),
                np.array(content["within"], float).reshape(_EMOTIONS, DIMENSIONS, DIMENSIONS),
                float(content["tail"]),
                float(content["temperature"]),
            )
            population._check()
        except (KeyError, TypeError, ValueError, np.linalg.LinAlgError) as error:
            raise ModelError(
                _("Model card unusable"),
                _("What it says about people lacks a value, or has a wrong one ({error}).").format(
                    error=error
                ),
                _("Install FER Desktop again, or run `python -m training personal`."),
            ) from error
        return population

    def _check(self) -> None:
        np.linalg.cholesky(self.between)  # raises LinAlgError if it is no covariance
        np.linalg.cholesky(self.within)
        numbers = np.concatenate([self.means, self.between, self.within], axis=None)
        positive = np.array([self.tail, self.temperature])
        if not (np.isfinite(numbers).all() and np.isfinite(positive).all() and (positive > 0).all()):
            raise ValueError("a number that is not finite, or not positive")

    def to_card(self) -> dict[str, Any]:
        """Returns the numbers as the model card keeps them."""
        return {
            "means": self.means.round(4).tolist(),
            "between": self.between.round(4).tolist(),
            "within": self.within.round(4).tolist(),
            "tail": self.tail,
            "temperature": self.temperature,
        }

    def person(self, shown: Mapping[Emotion, Vectors]) -> tuple[Vectors, Vectors]:
        """Returns where a person's readings of each emotion are expected, by Bayes' rule for Gaussians.

        Each shown moment draws the person's mean of its emotion from the people's towards itself, and those
        of the others by as much as they go together. Without any, the means over people remain.

        Args:
            shown: The coordinates of the moments of each emotion that was shown, [moments, dimensions].

        Returns:
            The means, [emotions, dimensions], and the covariances of one more moment, [emotions, dimensions,
            dimensions].
        """
        precision = np.linalg.inv(self.between)
        pull = np.zeros((_EMOTIONS, DIMENSIONS))
        certainty = np.linalg.inv(self.within)
        for place, emotion in enumerate(Emotion):
            moments = shown.get(emotion)
            if moments is not None and len(moments):
                block = slice(place * DIMENSIONS, (place + 1) * DIMENSIONS)
                precision[block, block] += len(moments) * certainty[place]
                pull[place] = certainty[place] @ (moments - self.means[place]).sum(axis=0)
        doubt = np.linalg.inv(precision)
        means = self.means + (doubt @ pull.ravel()).reshape(_EMOTIONS, DIMENSIONS)
        blocks = doubt.reshape(_EMOTIONS, DIMENSIONS, _EMOTIONS, DIMENSIONS)
        own = np.stack([blocks[place, :, place] for place in range(_EMOTIONS)])
        return means, self.within + own
