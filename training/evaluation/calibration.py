"""What is chosen for a trained network on the validation part: class shift, temperature, threshold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from fer_desktop.domain import Emotion
from training.classifier import predict, torch_classifier
from training.evaluation.metrics import Rates, confusion_matrix
from training.model_file import DeployedModel
from training.targets import evaluation_labels, training_targets

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from training.classifier import FloatArray
    from training.config import Recipe
    from training.data.face_set import FaceSet
    from training.networks import Network

KEPT_AT_LEAST = 0.85

LEAST_RECALL = 0.75
"""The recall that each emotion should reach, so that none gets its playlist only by luck."""

MOST_PAID = 0.02
"""Share of all faces that reaching it may cost."""

_TEMPERATURES = np.geomspace(0.25, 4, 400)
_THRESHOLDS = np.arange(0.25, 0.95, 0.01)
_SHIFTS = np.linspace(-1, 1, 41)
_LEAST_PROBABILITY = 1e-30


@dataclass(frozen=True, slots=True)
class Calibration:
    """What turns a network's logits into the app's answer, as in `RunMeasurement`."""

    class_shift: list[float]
    temperature: float
    unsure_threshold: float | None


def calibrate(recipe: Recipe, network: Network, data: FaceSet) -> Calibration:
    """Chooses all of it on the validation part, if its faces were not learned."""
    shift: FloatArray = np.zeros(len(Emotion))
    if recipe.validation_too:
        return Calibration(shift.tolist(), 1.0, None)
    indices, labels = evaluation_labels(recipe, data, "validation")
    as_trained = predict(
        torch_classifier(DeployedModel(network, recipe.image_size, data.side)), data, indices
    )
    logits = np.log(np.maximum(as_trained, _LEAST_PROBABILITY))  # up to a constant, which softmax drops
    if recipe.class_shift:
        shift = choose_class_shift(logits, labels, np.array(sampled_prior(recipe, data)))
    temperature = fit_temperature(logits + shift, labels)
    threshold = choose_unsure_threshold(softmax((logits + shift) / temperature))
    return Calibration(shift.tolist(), temperature, threshold)


def softmax(logits: FloatArray) -> FloatArray:
    """Returns probabilities, rows sum to 1, [n, classes]."""
    exponents = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(exponents / exponents.sum(axis=1, keepdims=True))


def fit_temperature(logits: FloatArray, labels: NDArray[np.int64]) -> float:
    """Returns the divisor of the logits that makes the labels most likely (Guo et al., 2017, section 4.2)."""
    rows = np.arange(len(labels))
    losses = [-np.log(softmax(logits / t)[rows, labels] + 1e-12).mean() for t in _TEMPERATURES]
    return float(_TEMPERATURES[int(np.argmin(losses))])


def choose_class_shift(logits: FloatArray, labels: NDArray[np.int64], prior: FloatArray) -> FloatArray:
    """Returns what to add to each class's logit, [4].

    It is a multiple of the log prior that training saw (logit adjustment, Menon et al., 2021): one number is
    chosen, not four, so that it generalizes. It is the one with the highest mean of accuracy and macro recall
    among those that leave no emotion below `LEAST_RECALL`, if that costs at most `MOST_PAID` of accuracy;
    else among all. Among equals it is the smallest.
    """
    steps = sorted(_SHIFTS, key=abs)
    shifts = [-step * np.log(prior) for step in steps]
    rates = [Rates.of(confusion_matrix(labels, (logits + shift).argmax(axis=1))) for shift in shifts]
    scores = np.array([of_shift.accuracy + of_shift.macro_recall for of_shift in rates])
    enough = rates[int(scores.argmax())].accuracy - MOST_PAID
    balanced = np.array(
        [np.nanmin(of_shift.recall) >= LEAST_RECALL and of_shift.accuracy >= enough for of_shift in rates]
    )
    return np.asarray(shifts[int(np.where(balanced | ~balanced.any(), scores, -np.inf).argmax())])


def choose_unsure_threshold(probabilities: FloatArray) -> float:
    """Returns the probability below which the app says that it is unsure.

    It is the highest threshold at which the app is still sure of 85 % of the faces: people take an occasional
    "unsure" for honesty, and a frequent one for a fault.
    """
    confidence = probabilities.max(axis=1)
    fitting = [t for t in _THRESHOLDS if (confidence >= t).mean() >= KEPT_AT_LEAST]
    return round(float(max(fitting, default=_THRESHOLDS[0])), 2)


def sampled_prior(recipe: Recipe, data: FaceSet) -> list[float]:
    """Returns how often each emotion is drawn in training, sums to 1, [4]."""
    counts = training_targets(recipe, data).class_counts()
    drawn = [max(int(count), 1) ** (1 - recipe.balance) for count in counts]
    return [count / sum(drawn) for count in drawn]
