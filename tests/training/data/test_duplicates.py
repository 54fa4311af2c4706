"""Training copies of validation and test faces are found; pictures that only look alike are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from tests.training.conftest import tiny_faces, votes_for, write_data
from tests.training.data_forms import picture
from training.data.duplicates import exact_copies, near_copies
from training.data.prepare import prepare
from training.progress import Progress

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

SILENT = Progress(lambda _: None, 1, "")
LARGE = picture(3, side=144)


def _cut(top: int, left: int, side: int) -> NDArray[np.uint8]:
    """Returns a part of the large picture as a face; one pixel of the original face is two pixels of it."""
    part = LARGE[top : top + side, left : left + side]
    return np.asarray(cv2.resize(part, (48, 48), interpolation=cv2.INTER_AREA), dtype=np.uint8)


ORIGINAL = _cut(24, 24, 96)


def _is_near(face: NDArray[np.uint8], other: NDArray[np.uint8]) -> bool:
    faces = np.stack([face, other])
    return bool(near_copies(faces, np.array([0]), np.array([1]), SILENT)[0])


@pytest.mark.parametrize(
    "copy",
    [
        lambda: ORIGINAL,
        lambda: (ORIGINAL * 0.6 + 50).astype(np.uint8),  # lit differently
        lambda: cv2.imdecode(cv2.imencode(".jpg", ORIGINAL, [cv2.IMWRITE_JPEG_QUALITY, 60])[1], 0),
        lambda: _cut(24 + 4, 24 - 4, 96),  # shifted by 2 pixels
        lambda: _cut(24 - 7, 24 + 7, 96),  # by 3.5
        lambda: _cut(20, 20, 104),  # a twelfth smaller
        lambda: _cut(28, 28, 88),  # a twelfth larger
    ],
    ids=["same", "lit", "saved-again", "shifted", "shifted-more", "smaller", "larger"],
)
def test_a_copy_is_found(copy: Callable[[], NDArray[np.uint8]]) -> None:
    assert _is_near(np.asarray(copy(), np.uint8), ORIGINAL)


@pytest.mark.parametrize(
    "other",
    [
        lambda: picture(4),
        lambda: ORIGINAL[:, ::-1],
        lambda: np.full((48, 48), 128, np.uint8),
        # The same light on another subject: the thumbnails look alike, the details do not.
        lambda: (
            cv2.GaussianBlur(ORIGINAL, (0, 0), 4) * 0.9 + np.random.default_rng(0).normal(12, 12, (48, 48))
        ).clip(0, 255),
    ],
    ids=["other", "mirrored", "gray", "same-light"],
)
def test_another_picture_is_no_copy(other: Callable[[], NDArray[np.uint8]]) -> None:
    assert not _is_near(np.asarray(other(), np.uint8), ORIGINAL)


def test_exact_copies_are_equal_in_every_pixel() -> None:
    changed = ORIGINAL.copy()
    changed[0, 0] ^= 1
    faces = np.stack([ORIGINAL, changed, picture(5), ORIGINAL])
    assert exact_copies(faces, np.array([0, 1, 2]), np.array([3])).tolist() == [True, False, False]


def test_larger_faces_are_compared_as_well() -> None:
    faces = np.stack([LARGE, (LARGE * 0.7 + 20).astype(np.uint8), picture(6, side=144)])
    assert near_copies(faces, np.array([1, 2]), np.array([0]), SILENT).tolist() == [True, False]


def test_training_copies_are_dropped_and_those_within_evaluation_are_counted(tmp_path: Path) -> None:
    faces = tiny_faces(1)
    faces["train/sad/Training_0.jpg"] = faces["test/sad/PrivateTest_0.jpg"]
    faces["train/sad/Training_1.jpg"] = (faces["test/happy/PublicTest_1.jpg"] * 0.8 + 20).astype(np.uint8)
    faces["train/sad/Training_3.jpg"] = faces["train/sad/Training_2.jpg"]  # within training: kept
    faces["test/angry/PublicTest_0.jpg"] = faces["test/angry/PrivateTest_1.jpg"]
    source = write_data(tmp_path, faces, {name: votes_for(name.split("/")[1]) for name in faces})
    data = prepare(source, tmp_path / "cache")
    assert data.manifest["duplicates_dropped"] == {"exact": 1, "near": 1}
    assert data.manifest["validation_copies_of_test"] == {"exact": 1, "near": 0}
    assert data.manifest["counts"]["train"]["four_classes"] == 32  # as in the data set
    assert len(data.evaluation_faces("train")) == 30
    assert len(data.evaluation_faces("validation")) == 16
    assert len(data.evaluation_faces("test")) == 16
