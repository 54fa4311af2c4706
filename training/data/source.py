"""What a data set gives, in whatever form it comes."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Protocol

from training.data.class_names import load_class_names
from training.data.containers import PictureFolder, PictureZip, unreadable, walk_pictures
from training.data.fer2013_csv import CSV_NAMES, Fer2013Csv
from training.data.picture_tree import PictureTree
from training.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

_HINT = (
    "Point --data (or FER_DATA) at fer2013.zip from Kaggle, fer2013.csv, or a folder or zip of pictures in "
    "<split>/<emotion>/ or <emotion>/."
)


class FaceSource(Protocol):
    """A data set that was listed and found in order; its pictures are read one at a time when due.

    Attributes:
        path: The file or folder.
        name: What the data set is called.
        is_fer2013: Whether it is FER-2013, which has all three parts of its own.
        labels: Index into `FER_CLASSES`, int64, [n].
        splits: Index into `SPLITS`, or `UNKNOWN` where the data set says nothing, uint8, [n].
        subjects: A number for each person, as from `subjects_of`, int64, [n].
        class_names: The class, of `FER_CLASSES`, of each name or number that the data set uses.
    """

    path: Path
    name: str
    is_fer2013: bool
    labels: NDArray[np.int64]
    splits: NDArray[np.uint8]
    subjects: NDArray[np.int64]
    class_names: dict[str, str]

    def side(self) -> int:
        """Returns the width and height in pixels that suit the faces.

        Raises:
            DataError: A face cannot be read.
        """

    def faces(self, side: int) -> Iterator[NDArray[np.uint8]]:
        """Yields the faces in order, gray, uint8, [side, side].

        Raises:
            DataError: A face cannot be read.
        """

    def votes(self, path: Path) -> NDArray[np.uint8]:
        """Returns the FER+ votes of the faces, as in `FaceSet`, from the file of votes at `path`.

        Raises:
            DataError: The file cannot be read, or belongs to other faces.
        """

    def sha256(self) -> str:
        """Returns the digest of all that counts, in hex.

        Raises:
            DataError: It cannot be read.
        """

    def close(self) -> None:
        """Gives back what is open."""


def open_source(path: Path, class_names: str | None) -> FaceSource:
    """Finds out in which form a data set is there, and lists it.

    Args:
        path: A folder that holds a zip, a csv of FER-2013 or folders of pictures, or a zip or csv itself.
        class_names: See `load_class_names`; for a csv it is fer2013 where nothing is said.

    Raises:
        DataError: There is none, or more than one, or it is not in order.
    """
    found = _find(path)
    if found.suffix.lower() == ".csv" and found.is_file():
        return Fer2013Csv(found, load_class_names(class_names or "fer2013"))
    names = load_class_names(class_names)
    container = PictureFolder(found) if found.is_dir() else PictureZip(found)
    with ExitStack() as closing_on_error:
        closing_on_error.callback(container.close)
        tree = PictureTree(container, names)
        closing_on_error.pop_all()
    return tree


def _find(path: Path) -> Path:
    """Returns the zip, csv or folder of pictures that `path` is or holds."""
    try:
        if path.is_file():
            return path
        if not path.is_dir():
            raise DataError("Data missing", f"{path} is not there.", _HINT)
        files = sorted(file for file in path.iterdir() if not file.name.startswith("."))
    except OSError as error:
        raise unreadable(path, error) from error
    found = [file for file in files if file.name in CSV_NAMES or file.suffix.lower() == ".zip"]
    if next(walk_pictures(path), None) is not None:
        found.append(path)
    if not found:
        raise DataError(
            "Data missing", f"{path} holds no zip, no {' or '.join(CSV_NAMES)}, no pictures.", _HINT
        )
    if len(found) > 1:
        names = ", ".join(file.name if file != path else "folders of pictures" for file in found)
        raise DataError(
            "Several data sets", f"{path} holds {names}.", f"Name the one to take: --data {found[0]}"
        )
    return found[0]
