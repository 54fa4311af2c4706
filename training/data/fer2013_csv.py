"""FER-2013 as a table: fer2013.csv (emotion, pixels, Usage) or icml_face_data.csv (the same, reordered)."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import numpy as np

from training.data.class_names import ClassNames, spelled
from training.data.containers import file_sha256, unreadable
from training.data.face_set import FER_CLASSES
from training.data.picture_tree import FER_NAME, FER_SIDE
from training.data.pictures import resize
from training.data.splits import USAGES
from training.data.votes import votes_by_row
from training.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

CSV_NAMES = ("fer2013.csv", "icml_face_data.csv")

_COLUMNS = ("emotion", "pixels", "usage")
_AGAIN = "Download it again, or use Kaggle's zip of pictures."


class Fer2013Csv:
    """A data set with one row per face; see `FaceSource`."""

    def __init__(self, path: Path, names: ClassNames) -> None:
        """Reads everything except the pixels.

        Raises:
            DataError: It cannot be read, has unexpected columns or values, or ends in the middle of a row.
        """
        self.path = path
        self.name = FER_NAME
        self.is_fer2013 = True
        labels, splits = [], []
        self.class_names: dict[str, str] = {}
        for line, emotion, pixels, usage in self._rows():
            label = names.get(spelled(emotion))
            if label is None:
                raise self._wrong(line, f"the emotion {emotion!r} is not one of 0 to 6")
            if usage not in USAGES:
                raise self._wrong(line, f"the Usage {usage!r} is not one of {', '.join(USAGES)}")
            count = len(pixels.split())
            if count != FER_SIDE**2:
                raise self._wrong(line, f"{count} pixels instead of {FER_SIDE**2}")
            labels.append(label)
            splits.append(USAGES[usage])
            self.class_names[emotion] = FER_CLASSES[label]
        if not labels:
            raise DataError("Not FER-2013", f"{path} has no rows.", _AGAIN)
        self.labels = np.array(labels, dtype=np.int64)
        self.splits = np.array(splits, dtype=np.uint8)
        self.subjects = np.arange(len(labels), dtype=np.int64)

    def side(self) -> int:
        """Returns 48."""
        return FER_SIDE

    def faces(self, side: int) -> Iterator[NDArray[np.uint8]]:
        """Yields the pixels of each row as a picture."""
        for line, _, pixels, _ in self._rows():
            try:
                face = np.frombuffer(bytes(map(int, pixels.split())), dtype=np.uint8)
            except ValueError:
                raise self._wrong(line, "a pixel is not a number from 0 to 255") from None
            yield resize(face.reshape(FER_SIDE, FER_SIDE), side)

    def votes(self, path: Path) -> NDArray[np.uint8]:
        """Joins ferplus.csv by its FER-2013 row numbers, or FERPlus's own fer2013new.csv row by row."""
        return votes_by_row(path, self.labels, self.splits, str(self.path))

    def sha256(self) -> str:
        """Returns the file's digest."""
        return file_sha256(self.path)

    def close(self) -> None:
        """Does nothing: no file stays open."""

    def _rows(self) -> Iterator[tuple[int, str, str, str]]:
        """Yields line, emotion, pixels and Usage of each row, without surrounding spaces."""
        try:
            with self.path.open(newline="", encoding="utf-8-sig") as file:
                rows = csv.reader(file)
                header = [name.strip().lower() for name in next(rows, [])]
                if sorted(header) != sorted(_COLUMNS):
                    raise DataError(
                        "Not FER-2013",
                        f"{self.path} has the columns {', '.join(header) or '(none)'}, "
                        f"not {', '.join(_COLUMNS)}.",
                        _AGAIN,
                    )
                emotion, pixels, usage = (header.index(name) for name in _COLUMNS)
                for row in rows:
                    if len(row) != len(_COLUMNS):
                        raise self._wrong(
                            rows.line_num, f"{len(row)} columns instead of 3; it may be truncated"
                        )
                    yield rows.line_num, row[emotion].strip(), row[pixels], row[usage].strip()
        except OSError as error:
            raise unreadable(self.path, error) from error
        except (ValueError, csv.Error) as error:
            raise DataError("Not FER-2013", f"{self.path} is not a table ({error}).", _AGAIN) from error

    def _wrong(self, line: int, what: str) -> DataError:
        return DataError("Data damaged", f"{self.path}, line {line}: {what}.", _AGAIN)
