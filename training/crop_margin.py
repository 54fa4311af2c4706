"""Which margin around the app's face boxes suits a model best."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from fer_desktop.paths import resources_dir
from fer_desktop.vision.crop import crop_face
from fer_desktop.vision.face_detector import HaarFaceDetector
from training.errors import DataError
from training.export import predict
from training.metrics import score

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

MARGINS = (-0.1, -0.05, 0.0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4)

_FACE_SIDE = 160
_BORDER = 120
_CROP_SIDE = 96


def search_crop_margin(
    model: Path, faces: NDArray[np.uint8], labels: NDArray[np.int64]
) -> tuple[float, dict[str, float]]:
    """Finds the margin at which the model reads faces best that the app's detector found.

    Each face is enlarged into the middle of a larger frame, its outermost pixels repeated to the frame's
    edge, and cut out again around the box that the detector finds, as the app does.

    Args:
        model: The model file.
        faces: Of the validation part, uint8, [n, 48, 48].
        labels: Their FER+ labels, [n].

    Returns:
        The best margin, a share of the box's side, and for each margin the mean of accuracy and macro recall;
        with "faces", how many the detector found.

    Raises:
        DataError: It found none.
    """
    detector = HaarFaceDetector(resources_dir() / "haarcascade_frontalface_default.xml")
    found, crops = [], []
    for number, face in enumerate(faces):
        enlarged = cv2.resize(face, (_FACE_SIDE, _FACE_SIDE), interpolation=cv2.INTER_CUBIC)
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
        margin: score(labels[found], predict(model, np.stack(views)).argmax(axis=1))
        for margin, views in zip(MARGINS, zip(*crops, strict=True), strict=True)
    }
    best = max(scores, key=scores.__getitem__)
    return best, {"faces": len(found), **{f"{margin:g}": value for margin, value in scores.items()}}


def _fixed_size(crop: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Returns the crop at one size, so that many go into one batch."""
    return np.asarray(
        cv2.resize(crop, (_CROP_SIDE, _CROP_SIDE), interpolation=cv2.INTER_AREA), dtype=np.uint8
    )
