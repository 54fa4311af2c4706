"""How much of its accuracy a model keeps under what a webcam does to a face."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from training.classifier import predict
from training.evaluation.metrics import even_choice, headline_rates
from training.evaluation.paired_test import PairedTest
from training.evaluation.perturbations import FAR, PERTURBATIONS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from training.classifier import Classifier
    from training.data.face_set import FaceSet

MOST_LOST = 0.08
"""Share of the faces that none but the far ones should cost."""

_MOST_FACES = 800


def measure_robustness(
    classify: Classifier, data: FaceSet, indices: NDArray[np.int64], labels: NDArray[np.int64]
) -> dict[str, Any]:
    """Returns the accuracy on faces as they are and under each of `PERTURBATIONS`.

    Args:
        classify: The model.
        data: Where the faces are.
        indices: Which faces, at least one, [n]; of more than 800 an even choice is looked at.
        labels: Theirs, 0 to 3 as in `Emotion`, [n].

    Returns:
        "faces", how many; "plain" and by name "perturbed", each with "accuracy" and "macro_recall", the
        perturbed also with "loss", the plain accuracy less theirs, and "loss_interval", its 95 % interval.
    """
    chosen = even_choice(len(indices), _MOST_FACES)
    indices, labels = indices[chosen], labels[chosen]
    plain = predict(classify, data, indices)
    perturbed = {}
    for name, perturb in PERTURBATIONS.items():
        views = np.stack([perturb(face) for face in data.faces[indices]])
        seen = classify(views).probabilities
        test = PairedTest.of(plain.argmax(axis=1) == labels, seen.argmax(axis=1) == labels)
        perturbed[name] = {
            **headline_rates(labels, seen.argmax(axis=1)),
            "loss": test.difference,
            "loss_interval": list(test.interval),
        }
    return {
        "faces": len(labels),
        "plain": headline_rates(labels, plain.argmax(axis=1)),
        "perturbed": perturbed,
    }


def costly(robustness: dict[str, Any]) -> list[str]:
    """Returns the names of the perturbations but the far faces that cost more than `MOST_LOST`."""
    return [
        name
        for name, figures in robustness["perturbed"].items()
        if name != FAR and figures["loss"] > MOST_LOST
    ]
