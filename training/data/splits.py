"""Which faces are for training, validation and test, if the data set does not say all of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from training.data.face_set import SPLITS
from training.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

UNKNOWN = len(SPLITS)
"""Stands for the split of a face that is in none yet."""

TRAIN, VALIDATION, TEST = range(len(SPLITS))

SPLIT_OF_FOLDER = {
    "train": TRAIN, "training": TRAIN,
    "val": VALIDATION, "valid": VALIDATION, "validation": VALIDATION, "publictest": VALIDATION,
    "test": TEST, "testing": TEST, "privatetest": TEST,
}  # fmt: skip

USAGES = {"Training": TRAIN, "PublicTest": VALIDATION, "PrivateTest": TEST}
"""What FER-2013 calls its parts."""

_SUBJECTS = {
    "CK+": re.compile(r"(S\d{3})_\d{3}_\d{8}"),
    "JAFFE": re.compile(r"([A-Z]{2})\.(?:AN|DI|FE|HA|NE|SA|SU)\d\.\d+"),
    "KDEF": re.compile(r"[AB]([FM]\d{2})(?:AF|AN|DI|HA|NE|SA|SU)(?:S|FL|FR|HL|HR)"),
    "RaFD": re.compile(r"Rafd\d{3}_(\d{2})_\w+"),
    "FACES": re.compile(r"(\d{3})_[ymo]_[fm]_[adfhns]_[ab]"),
}
"""File names, without their suffixes, that identify the person (S010_004_00000017, KA.AN1.39, AF01ANS,
Rafd090_01_Caucasian_female_angry_frontal, 004_o_m_a_a)."""

_SHARE = 0.1
_FEW = 2
"""A class with no more faces than this is not divided."""


def subjects_of(stems: Iterable[str], count: int) -> NDArray[np.int64]:
    """Returns a number for each person that file names identify, and one for each other face, [n]."""
    numbers: dict[tuple[str, str], int] = {}
    subjects = np.arange(count, dtype=np.int64)
    for index, stem in enumerate(stems):
        for data_set, pattern in _SUBJECTS.items():
            name = pattern.fullmatch(stem)
            if name is not None:
                subjects[index] = numbers.setdefault((data_set, name[1]), index)
                break
    return subjects


def complete_splits(
    splits: NDArray[np.uint8], labels: NDArray[np.int64], subjects: NDArray[np.int64], seed: int
) -> tuple[NDArray[np.uint8], str]:
    """Makes all three parts if the data set has fewer, with no person in two of those that it makes.

    - No parts, or a training part only: a tenth each for validation and test.
    - No validation part: a tenth of the training part.
    - No test part: what the data set calls validation becomes the test part, because published results on
      such sets (AffectNet) are measured there, and a tenth of the training part becomes validation. Choosing
      and testing on the same faces would flatter the result.

    Args:
        splits: Index into `SPLITS`, `UNKNOWN` if the data set does not say, uint8, [n].
        labels: Index into `FER_CLASSES`, [n]; each class is divided equally if no person is known.
        subjects: See `subjects_of`, [n].
        seed: Of the draw.

    Returns:
        The complete splits, and a sentence that says what was done, "" for nothing.

    Raises:
        DataError: There are validation or test faces but none to train on.
    """
    given = set(np.unique(splits).tolist())
    complete = splits.copy()
    draw = np.random.default_rng(seed)
    if given <= {UNKNOWN, TRAIN}:
        complete[:] = TRAIN
        test = _take(np.arange(len(splits)), _SHARE, labels, subjects, draw)
        complete[test] = TEST
        rest = np.flatnonzero(complete == TRAIN)
        complete[_take(rest, _SHARE / (1 - _SHARE), labels, subjects, draw)] = VALIDATION
        said = "No validation and no test part in the data set: a tenth of the faces for each"
    elif TRAIN not in given:
        raise DataError(
            "No faces to train on",
            f"There are only faces for {' and '.join(SPLITS[index] for index in sorted(given))}.",
            "Put the training faces into a folder train/ next to the others.",
        )
    elif {VALIDATION, TEST} <= given:
        return complete, ""
    else:
        said = "No validation part in the data set: a tenth of the training part for it"
        if TEST not in given:
            complete[splits == VALIDATION] = TEST
            said = (
                "No test part in the data set: its validation part is the test part, "
                "and a tenth of the training part is for validation"
            )
        train = np.flatnonzero(splits == TRAIN)
        complete[_take(train, _SHARE, labels, subjects, draw)] = VALIDATION
    people = len(np.unique(subjects)) < len(subjects)
    return complete, f"{said}, drawn by seed {seed}" + (", with no person in two parts." if people else ".")


def _take(
    faces: NDArray[np.int64],
    share: float,
    labels: NDArray[np.int64],
    subjects: NDArray[np.int64],
    draw: np.random.Generator,
) -> NDArray[np.int64]:
    """Draws a share of some faces: entire persons, or the same share of each class if none are known."""
    people, person, counts = np.unique(subjects[faces], return_inverse=True, return_counts=True)
    if len(people) < len(faces):
        order = draw.permutation(len(people))
        nearest = np.abs(np.cumsum(counts[order]) - share * len(faces)).argmin()
        taken = order[: nearest + 1]
        return faces[np.isin(person, taken)]
    parts = [draw.permutation(faces[labels[faces] == label]) for label in np.unique(labels[faces])]
    return np.concatenate([part[: max(int(len(part) > _FEW), round(share * len(part)))] for part in parts])
