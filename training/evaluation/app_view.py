"""Faces as the app sees them: in a frame, found by its detector, cropped with its margin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from fer_desktop.paths import resources_dir
from fer_desktop.vision.camera import FRAME_SIZE
from fer_desktop.vision.crop import careful_crops, crop_face
from fer_desktop.vision.face_detector import CASCADE_FILE, HaarFaceDetector
from training.errors import DataError
from training.evaluation.metrics import even_choice, measure_headline, score
from training.evaluation.paired_test import paired_test
from training.evaluation.record import Capture, Found, MarginSearch

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from fer_desktop.domain import FaceBox, Image
    from training.classifier import Classifier
    from training.data.face_set import FaceSet

MARGINS = (-0.15, -0.1, -0.05, 0.0, 0.05, 0.1, 0.2)

FACE_SIDES = (96, 160, 240)
"""In pixels in the frame: someone who leans back, sits at the desk, or bends over it."""

_CROP_SIDE = 96
_FACES_FOR_MARGIN = 900
_FACES_FOR_CAPTURE = 600


@dataclass(frozen=True, slots=True)
class FoundFaces:
    """The faces that the detector found, each cropped in several ways.

    Attributes:
        numbers: Which of the faces that were looked for, [n].
        crops: By face and way, uint8, [n, ways, side, side].
        found: How many were found, and how many there were.
    """

    numbers: NDArray[np.int64]
    crops: NDArray[np.uint8]
    found: Found

    @classmethod
    def look_for(
        cls, data: FaceSet, indices: NDArray[np.int64], cut: Callable[[Image, FaceBox], Sequence[Image]]
    ) -> FoundFaces:
        """Puts faces into frames and looks for them.

        Each is enlarged into the middle of a frame of a camera's size, its outermost pixels repeated to the
        frame's edge; the sizes alternate.

        Args:
            data: The data set.
            indices: Which faces, [n].
            cut: Crops a face from a gray frame, given its box, in one or more ways.

        Raises:
            DataError: None was found.
        """
        detector = HaarFaceDetector(resources_dir() / CASCADE_FILE)
        numbers, crops = [], []
        found = {f"{side}": (0, 0) for side in FACE_SIDES}
        for number, index in enumerate(indices):
            side = FACE_SIDES[number % len(FACE_SIDES)]
            frame = _frame(data.faces[index], side)
            boxes = detector.detect(np.asarray(cv2.cvtColor(frame, cv2.COLOR_GRAY2BGR), dtype=np.uint8))
            hits, looked = found[f"{side}"]
            found[f"{side}"] = (hits + bool(boxes), looked + 1)
            if boxes:
                numbers.append(number)
                crops.append(np.stack([_fixed_size(each) for each in cut(frame, boxes[0])]))
        if not numbers:
            raise DataError(
                "No face found", f"The face detector found none of {len(indices)} faces.", "Check the data."
            )
        return cls(np.array(numbers), np.stack(crops), found)


def search_crop_margin(
    classify: Classifier, data: FaceSet, indices: NDArray[np.int64], labels: NDArray[np.int64]
) -> tuple[float, MarginSearch]:
    """Finds the margin at which the model reads the faces best that the app's detector found.

    Args:
        classify: The model.
        data: The data set.
        indices: Faces of the validation part, [n]; of more than 900 an even choice is looked at.
        labels: Their labels, 0 to 3 as in `Emotion`, [n].

    Returns:
        The margin, a share of the box's side, with the highest mean of accuracy and macro recall; and how all
        margins did.

    Raises:
        DataError: The detector found none.
    """
    chosen = even_choice(len(indices), _FACES_FOR_MARGIN)
    faces = FoundFaces.look_for(
        data, indices[chosen], lambda gray, box: [crop_face(gray, box, margin) for margin in MARGINS]
    )
    labels = labels[chosen][faces.numbers]
    named = [
        classify(np.ascontiguousarray(faces.crops[:, way])).probabilities.argmax(axis=1)
        for way in range(len(MARGINS))
    ]
    scores = [score(labels, of_margin) for of_margin in named]
    search = MarginSearch(
        found=faces.found,
        faces=len(labels),
        margins={
            f"{margin:g}": measure_headline(labels, of_margin)
            for margin, of_margin in zip(MARGINS, named, strict=True)
        },
    )
    return MARGINS[int(np.argmax(scores))], search


def measure_capture(
    classify: Classifier,
    data: FaceSet,
    indices: NDArray[np.int64],
    labels: NDArray[np.int64],
    margin: float,
) -> Capture:
    """Measures what a capture gains by averaging mirrored and slightly moved views (`careful_crops`).

    Args:
        classify: The model.
        data: The data set.
        indices: The faces to measure on, [n]; of more than 600 an even choice is looked at.
        labels: Their labels, 0 to 3 as in `Emotion`, [n].
        margin: The crop margin of the model's card.

    Raises:
        DataError: The detector found none.
    """
    chosen = even_choice(len(indices), _FACES_FOR_CAPTURE)
    faces = FoundFaces.look_for(data, indices[chosen], lambda gray, box: careful_crops(gray, box, margin))
    labels = labels[chosen][faces.numbers]
    count, ways = faces.crops.shape[:2]
    probabilities = classify(faces.crops.reshape(count * ways, _CROP_SIDE, _CROP_SIDE)).probabilities
    of_views = probabilities.reshape(count, ways, -1)
    single, averaged = of_views[:, 0].argmax(axis=1), of_views.mean(axis=1).argmax(axis=1)
    return Capture(
        found=faces.found,
        single=measure_headline(labels, single),
        averaged=measure_headline(labels, averaged),
        gain=paired_test(averaged == labels, single == labels),
    )


def _frame(face: Image, side: int) -> Image:
    enlarged = cv2.resize(face, (side, side), interpolation=cv2.INTER_CUBIC)
    width, height = FRAME_SIZE
    left, top = (width - side) // 2, (height - side) // 2
    return np.asarray(
        cv2.copyMakeBorder(
            enlarged, top, height - side - top, left, width - side - left, cv2.BORDER_REPLICATE
        ),
        dtype=np.uint8,
    )


def _fixed_size(crop: Image) -> Image:
    """Returns the crop at one size, so that many fit into one batch."""
    return np.asarray(
        cv2.resize(crop, (_CROP_SIDE, _CROP_SIDE), interpolation=cv2.INTER_AREA), dtype=np.uint8
    )
