"""The model file of a run: in 8 bits if that costs next to nothing, with the best crop margin for it."""

from __future__ import annotations

import hashlib
import math
from typing import TYPE_CHECKING, get_args

from training.classifier import file_classifier, predict, torch_classifier
from training.evaluation.app_view import search_crop_margin
from training.evaluation.record import Exported
from training.model_file import Precision, check_onnx, fold, quantize_onnx, write_onnx
from training.targets import evaluation_labels, training_targets

if TYPE_CHECKING:
    from pathlib import Path

    from training.classifier import Classifier
    from training.config import Recipe
    from training.data.face_set import FaceSet
    from training.model_file import DeployedModel

MOST_LOST_TO_ROUNDING = 0.002
"""Share of the validation faces that int8 weights may cost before fp16 ones are stored instead."""

_CHECKED_FACES = 32
_CALIBRATION_FACES = 256


def export_run(
    recipe: Recipe, model: DeployedModel, path: Path, data: FaceSet
) -> tuple[Classifier, Exported]:
    """Writes the model file, and finds its crop margin.

    Args:
        recipe: What was trained.
        model: The calibrated network.
        path: The file to write.
        data: The data set: validation faces decide, training faces scale the rounding to 8 bits.

    Returns:
        The file, ready to run, and its record.

    Raises:
        TrainingError: The file differs from the network.
        DataError: The app's detector found no face.
    """
    indices, labels = evaluation_labels(recipe, data, "validation")
    learned = training_targets(recipe, data).indices
    scaling = data.faces[learned[:: math.ceil(len(learned) / _CALIBRATION_FACES)]]

    def accuracy(classify: Classifier) -> float:
        return float((predict(classify, data, indices).argmax(axis=1) == labels).mean())

    accuracies = {"network": accuracy(torch_classifier(model))}
    for precision in get_args(Precision):
        folded = fold(model, precision)
        write_onnx(folded, path, precision)
        difference = check_onnx(folded, path, data.faces[indices[:_CHECKED_FACES]])
        if precision == "int8":
            quantize_onnx(path, scaling)
        classify = file_classifier(path)
        accuracies[precision] = accuracy(classify)
        if accuracies[precision] >= accuracies["network"] - MOST_LOST_TO_ROUNDING:
            break
    margin, search = search_crop_margin(classify, data, indices, labels)
    return classify, Exported(
        precision=precision,
        validation_accuracy=accuracies,
        difference_to_torch=difference,
        crop_margin=margin,
        crop_margin_search=search,
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
    )
