"""How much of its accuracy a model keeps under what a webcam does to a face."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from training.classifier import predict
from training.evaluation.metrics import even_choice, measure_headline
from training.evaluation.paired_test import paired_test
from training.evaluation.perturbations import FAR, PERTURBATIONS
from training.evaluation.record import Perturbed, Robustness

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from training.classifier import Classifier
    from training.data.face_set import FaceSet

MOST_LOST = 0.08
"""Share of the faces that no perturbation but `FAR` should cost."""

_MOST_FACES = 800


def measure_robustness(
    classify: Classifier, data: FaceSet, indices: NDArray[np.int64], labels: NDArray[np.int64]
) -> Robustness:
    """Measures a model on unchanged faces and under each of `PERTURBATIONS`.

    Args:
        classify: The model.
        data: The data set.
        indices: Which faces, at least one, [n]; of more than 800 an even choice is looked at.
        labels: Their labels, 0 to 3 as in `Emotion`, [n].
    """
    chosen = even_choice(len(indices), _MOST_FACES)
    indices, labels = indices[chosen], labels[chosen]
    plain = predict(classify, data, indices).argmax(axis=1)
    perturbed = {}
    for name, perturb in PERTURBATIONS.items():
        views = np.stack([perturb(face) for face in data.faces[indices]])
        seen = classify(views).probabilities.argmax(axis=1)
        test = paired_test(plain == labels, seen == labels)
        perturbed[name] = Perturbed(
            **dict(measure_headline(labels, seen)), loss=test.difference, loss_interval=test.interval
        )
    return Robustness(faces=len(labels), plain=measure_headline(labels, plain), perturbed=perturbed)


def costly(robustness: Robustness) -> list[str]:
    """Returns the names of the perturbations, `FAR` left out, that cost more than `MOST_LOST`."""
    return [
        name for name, figures in robustness.perturbed.items() if name != FAR and figures.loss > MOST_LOST
    ]
