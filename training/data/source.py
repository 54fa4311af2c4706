"""What every data set provides, whatever its form."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Protocol

from training.data.class_names import load_class_names
from training.data.containers import PictureFolder, PictureZip, unreadable, walk_pictures
from training.data.fer2013_csv import CSV_NAMES, Fer2013Csv
from training.data.picture_tree import PictureTree
from training.errors import DataError, NoDataSetError

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
    """A data set that was listed and checked; its pictures are read one at a time, when needed.

    Attributes:
        path: The file or folder.
        name: What the data set is called.
        is_fer2013: Whether it is FER-2013, which has all three splits itself.
        labels: Index into `FER_CLASSES`, int64, [n].
        splits: Index into `SPLITS`, or `UNKNOWN` if the data set does not say, uint8, [n].
        subjects: A number for each person; see `subjects_of`, int64, [n].
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
        """Returns the FER+ votes for the faces, as in `FaceSet`, from the file of votes at `path`.

        Raises:
            DataError: The file cannot be read, or belongs to other faces.
        """

    def sha256(self) -> str:
        """Returns the digest of everything that matters, in hex.

        Raises:
            DataError: It cannot be read.
        """

    def close(self) -> None:
        """Closes what is open."""


def open_source(path: Path, class_names: str | None) -> FaceSource:
    """Finds out in which form a data set is stored, and lists it.

    Args:
        path: A folder that contains a zip, a csv of FER-2013 or folders of pictures; or a zip or csv itself.
        class_names: See `load_class_names`; fer2013 for a csv if None.

    Raises:
        DataError: There is none, more than one, or one that is malformed.
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
    """Returns the zip, csv or folder of pictures that `path` is or contains."""
    try:
        if path.is_file():
            return path
        if not path.is_dir():
            raise DataError("Data missing", f"{path} does not exist.", _HINT)
        files = sorted(file for file in path.iterdir() if not file.name.startswith("."))
    except OSError as error:
        raise unreadable(path, error) from error
    found = [file for file in files if file.name in CSV_NAMES or file.suffix.lower() == ".zip"]
    if next(walk_pictures(path), None) is not None:
        found.append(path)
    if not found:
        raise NoDataSetError(
            "Data missing", f"{path} contains no zip, no {' or '.join(CSV_NAMES)} and no pictures.", _HINT
        )
    if len(found) > 1:
        names = ", ".join(file.name if file != path else "folders of pictures" for file in found)
        raise DataError(
            "Several data sets", f"{path} contains {names}.", f"Name the one to use: --data {found[0]}"
        )
    return found[0]
