"""Any model as one function from faces to probabilities: a network, a checkpoint or a model file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import onnxruntime
import torch
from numpy.typing import NDArray

from fer_desktop.domain import Emotion
from fer_desktop.vision.emotion_classifier import ORT_ERRORS
from training.engine import load_network
from training.errors import TrainingError
from training.model_file import DeployedModel

if TYPE_CHECKING:
    from pathlib import Path

    from training.data.face_set import FaceSet

FloatArray = NDArray[np.floating[Any]]

_BATCH = 64


@dataclass(frozen=True, slots=True)
class Predictions:
    """What a model says about some faces.

    Attributes:
        probabilities: In the order of `Emotion`, float32, [n, emotions].
        attention: Spatial attention in 0..1, float32, [n, h, w], or None if the model has none.
    """

    probabilities: FloatArray
    attention: FloatArray | None


Classifier = Callable[[NDArray[np.uint8]], Predictions]
"""From gray faces, uint8, [n, h, w], to what a model says about them."""


def open_classifier(model: Path) -> Classifier:
    """Opens a model file (.onnx) or a checkpoint (.ckpt).

    Raises:
        TrainingError: It is neither, is missing or damaged, or has other inputs or outputs.
    """
    if model.suffix == ".onnx":
        return file_classifier(model)
    if model.suffix == ".ckpt":
        network, recipe = load_network(model)
        return torch_classifier(DeployedModel(network, recipe.image_size))
    raise TrainingError(
        "Not a model", f"{model} is neither .onnx nor .ckpt.", "Name a model file or a run's best.ckpt."
    )


def torch_classifier(model: DeployedModel) -> Classifier:
    """Runs a model in torch, on the GPU if there is one."""
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    model = model.eval().to(device)

    def classify(faces: NDArray[np.uint8]) -> Predictions:
        with torch.inference_mode():
            parts = [model(torch.tensor(batch).unsqueeze(1).to(device)) for batch in _batches(faces)]
        attention = [maps.cpu().numpy() for _, maps in parts if maps is not None]
        return Predictions(
            np.concatenate([probabilities.cpu().numpy() for probabilities, _ in parts]),
            np.concatenate(attention) if attention else None,
        )

    return classify


def file_classifier(path: Path) -> Classifier:
    """Runs a model file of the app's format in onnxruntime; its attention may be missing.

    Raises:
        TrainingError: It is missing or damaged, or does not turn `faces` into `probabilities`.
    """
    options = onnxruntime.SessionOptions()
    # By default it uses all cores, even those that this process must not use, and then waits for them.
    options.intra_op_num_threads = torch.get_num_threads()
    try:
        session = onnxruntime.InferenceSession(path.read_bytes(), options, providers=["CPUExecutionProvider"])
    except OSError as error:
        raise TrainingError(
            "Model unreadable", f"{path} cannot be read ({error.strerror}).", "Check its name."
        ) from error
    except ORT_ERRORS as error:
        raise TrainingError("Model damaged", f"{path} cannot be run.", "Export it again.") from error
    outputs = [value.name for value in session.get_outputs() if value.name in ("probabilities", "attention")]
    classes = [value.shape[-1] for value in session.get_outputs() if value.name == "probabilities"]
    if [value.name for value in session.get_inputs()] != ["faces"] or classes != [len(Emotion)]:
        raise TrainingError(
            "Not one of our models",
            f"{path} does not turn `faces` into `probabilities` of {', '.join(Emotion)}.",
            "Export one with `python -m training export`.",
        )

    def classify(faces: NDArray[np.uint8]) -> Predictions:
        parts = [
            dict(zip(outputs, session.run(outputs, {"faces": batch[:, np.newaxis]}), strict=True))
            for batch in _batches(faces)
        ]
        return Predictions(
            np.concatenate([part["probabilities"] for part in parts]),
            np.concatenate([part["attention"] for part in parts]) if "attention" in outputs else None,
        )

    return classify


def predict(
    classify: Classifier, data: FaceSet, indices: NDArray[np.int64], *, mirrored: bool = False
) -> FloatArray:
    """Returns the probabilities of faces of a data set, float32, [n, emotions], with one batch in memory.

    Args:
        classify: The model.
        data: The data set.
        indices: Which faces, at least one, [n].
        mirrored: Look at their mirror images instead.
    """
    step = -1 if mirrored else 1
    return np.concatenate(
        [
            classify(np.ascontiguousarray(data.faces[batch][:, :, ::step])).probabilities
            for batch in _batches(indices)
        ]
    )


def _batches(values: NDArray[Any]) -> list[NDArray[Any]]:
    return [values[start : start + _BATCH] for start in range(0, len(values), _BATCH)]
