"""Pictures in folders named by their class, in a folder or zip: `<split>/<emotion>/*` or `<emotion>/*`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from training.data.class_names import ClassNames, class_of, spelled
from training.data.face_set import FER_CLASSES, SPLITS
from training.data.pictures import shorter_side, square_face
from training.data.splits import SPLIT_OF_FOLDER, TEST, TRAIN, UNKNOWN, USAGES, VALIDATION, subjects_of
from training.data.votes import votes_by_name
from training.errors import DataError, NoDataSetError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from training.data.containers import PictureContainer

FER_SIDE = 48
"""Pixels; the faces of FER-2013 are square."""

FER_NAME = "FER-2013 (Kaggle)"

_FER_FILE = re.compile(r"(Training|PublicTest|PrivateTest)_\w+")
_FOLDERS_OF_SPLIT = {
    TRAIN: (UNKNOWN, TRAIN),
    VALIDATION: (UNKNOWN, VALIDATION, TEST),  # Kaggle's test/ holds both
    TEST: (UNKNOWN, TEST),
}
_SIDES = (48, 224)
_SAMPLED = 200

_LAYOUT_HINT = "Pictures belong in <split>/<emotion>/ (train, validation, test) or in <emotion>/."


class PictureTree:
    """A data set of picture files; see `FaceSource`.

    FER-2013 is recognized by its file names (Training_*, PublicTest_*, PrivateTest_*); they give the split.
    """

    def __init__(self, container: PictureContainer, names: ClassNames) -> None:
        """Finds each picture's class and split by its folders.

        Raises:
            DataError: A class or split is unknown, or a picture is at an unexpected depth or in two splits.
        """
        self.path: Path = container.path
        self._container = container
        if not container.names:
            raise DataError(
                "No pictures", f"{self.path} contains no pictures.", f"{_LAYOUT_HINT} Unpack a zipped table."
            )
        depth = _common_folders(container.names)
        levels = container.names[0].count("/") - depth
        count = len(container.names)
        self.labels = np.empty(count, dtype=np.int64)
        self.splits = np.full(count, UNKNOWN, dtype=np.uint8)
        self.class_names: dict[str, str] = {}
        for index, name in enumerate(container.names):
            folders = name.split("/")[depth:-1]
            place = container.place(name)
            if len(folders) != levels or not 1 <= len(folders) <= 2:
                raise NoDataSetError(
                    "Pictures not in order", f"{place} is not where the others are.", _LAYOUT_HINT
                )
            self.labels[index] = class_of(folders[-1], names, place)
            self.class_names[folders[-1]] = FER_CLASSES[self.labels[index]]
            if len(folders) > 1:
                self.splits[index] = _split_of(folders[0], place)
        self.is_fer2013 = any(_FER_FILE.fullmatch(stem) for stem in self._stems())
        if self.is_fer2013:
            self.name = FER_NAME
            self._splits_by_file_name()
        else:
            self.name = self.path.name if self.path.is_dir() else self.path.stem
            self._check_splits_share_no_file()
        self.subjects = subjects_of(self._stems(), count)

    def side(self) -> int:
        """Returns 48 for FER-2013, otherwise the median of the shorter sides of a sample, 48 to 224."""
        if self.is_fer2013:
            return FER_SIDE
        names = self._container.names
        sample = np.linspace(0, len(names) - 1, min(len(names), _SAMPLED)).astype(int)
        sides = [
            shorter_side(self._container.read(names[index]), self._container.place(names[index]))
            for index in sample
        ]
        return int(np.clip(np.median(sides), *_SIDES))

    def faces(self, side: int) -> Iterator[NDArray[np.uint8]]:
        """Yields the centre of each picture in gray."""
        for name in self._container.names:
            yield square_face(self._container.read(name), self._container.place(name), side)

    def votes(self, path: Path) -> NDArray[np.uint8]:
        """Joins ferplus.csv by class and file name."""
        keys = [(FER_CLASSES[label], stem) for label, stem in zip(self.labels, self._stems(), strict=True)]
        return votes_by_name(path, keys, str(self.path))

    def sha256(self) -> str:
        """Returns the digest of the zip, or of the folder's names and contents."""
        return self._container.sha256()

    def close(self) -> None:
        """Closes the zip."""
        self._container.close()

    def _stems(self) -> Iterator[str]:
        """Yields the file names without their suffixes."""
        for name in self._container.names:
            yield name.rpartition("/")[2].rpartition(".")[0]

    def _splits_by_file_name(self) -> None:
        for index, stem in enumerate(self._stems()):
            place = self._container.place(self._container.names[index])
            name = _FER_FILE.fullmatch(stem)
            if name is None:
                raise DataError(
                    "Not FER-2013",
                    f"{place} is not named Training_, PublicTest_ or PrivateTest_, as others are.",
                    "Remove what does not belong to FER-2013.",
                )
            split, folder = USAGES[name[1]], self.splits[index]
            if folder not in _FOLDERS_OF_SPLIT[split]:
                raise DataError(
                    "Pictures mixed up",
                    f"{place} is named as one for {SPLITS[split]}, but is with those for {SPLITS[folder]}.",
                    "Unpack the data set again.",
                )
            self.splits[index] = split

    def _check_splits_share_no_file(self) -> None:
        first: dict[str, int] = {}
        names = self._container.names
        for index, name in enumerate(names):
            file = name.rpartition("/")[2]
            before = first.setdefault(file, index)
            if self.splits[before] != self.splits[index] and self._same(names[before], name):
                raise DataError(
                    "Picture in two parts",
                    f"{self._container.place(name)} is also {names[before]}.",
                    "Keep it in one of them: a model must not be tested on faces that it was trained on.",
                )

    def _same(self, name: str, other: str) -> bool:
        return self._container.size(name) == self._container.size(other) and (
            self._container.read(name) == self._container.read(other)
        )


def _common_folders(names: list[str]) -> int:
    """Returns how many nested folders contain the whole data set and carry no meaning."""
    depth = 0
    folders = min(name.count("/") for name in names)
    while folders - depth > 1:
        tops = {name.split("/", depth + 1)[depth] for name in names}
        if len(tops) > 1 or spelled(tops.pop()) in SPLIT_OF_FOLDER:
            break
        depth += 1
    return depth


def _split_of(folder: str, place: str) -> int:
    split = SPLIT_OF_FOLDER.get(spelled(folder))
    if split is None:
        raise DataError(
            "Unknown part",
            f"{place}: {folder!r} is not one of {', '.join(SPLIT_OF_FOLDER)}.",
            _LAYOUT_HINT,
        )
    return split
