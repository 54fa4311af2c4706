"""Which margin around the app's face boxes suits a model best."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from fer_desktop.paths import resources_dir
from fer_desktop.vision.crop import crop_face
from fer_desktop.vision.face_detector import HaarFaceDetector
from training.errors import DataError
from training.evaluation.metrics import score

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from training.classifier import Classifier
    from training.data.face_set import FaceSet

MARGINS = (-0.1, -0.05, 0.0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4)

_FACE_SIDE = 160
_BORDER = 120
_CROP_SIDE = 96
_MOST_FACES = 3000


def search_crop_margin(
    classify: Classifier, data: FaceSet, indices: NDArray[np.int64], labels: NDArray[np.int64]
) -> tuple[float, dict[str, float]]:
    """Finds the margin at which the model reads faces best that the app's detector found.

    Each face is enlarged into the middle of a larger frame, its outermost pixels repeated to the frame's
    edge, and cut out again around the box that the detector finds, as the app does.

    Args:
        classify: The model.
        data: Where the faces are.
        indices: Those of the validation part, [n]; of more than 3,000 an even choice is looked at.
        labels: Their labels, [n].

    Returns:
        The best margin, a share of the box's side, and for each margin the mean of accuracy and macro recall;
        with "faces", how many the detector found.

    Raises:
        DataError: It found none.
    """
    detector = HaarFaceDetector(resources_dir() / "haarcascade_frontalface_default.xml")
    found, crops = [], []
    chosen = np.linspace(0, len(indices) - 1, min(len(indices), _MOST_FACES)).astype(np.int64)
    for number in chosen:
        enlarged = cv2.resize(
            data.faces[indices[number]], (_FACE_SIDE, _FACE_SIDE), interpolation=cv2.INTER_CUBIC
        )
        frame = cv2.copyMakeBorder(enlarged, _BORDER, _BORDER, _BORDER, _BORDER, cv2.BORDER_REPLICATE)
        boxes = detector.detect(np.asarray(cv2.cvtColor(frame, cv2.COLOR_GRAY2BGR), dtype=np.uint8))
        if boxes:
            gray = np.asarray(frame, dtype=np.uint8)
            found.append(number)
            crops.append([_fixed_size(crop_face(gray, boxes[0], margin)) for margin in MARGINS])
    if not found:
        raise DataError(
            "No face found", "The face detector found none of the validation faces.", "Check the data."
        )
    scores = {
        margin: score(labels[found], classify(np.stack(views)).probabilities.argmax(axis=1))
        for margin, views in zip(MARGINS, zip(*crops, strict=True), strict=True)
    }
    best = max(scores, key=scores.__getitem__)
    return best, {"faces": len(found), **{f"{margin:g}": value for margin, value in scores.items()}}


def _fixed_size(crop: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Returns the crop at one size, so that many go into one batch."""
    return np.asarray(
        cv2.resize(crop, (_CROP_SIDE, _CROP_SIDE), interpolation=cv2.INTER_AREA), dtype=np.uint8
    )
