"""FER+ votes: what ten taggers said about each FER-2013 face (Barsoum et al. 2016, microsoft/FERPlus)."""

from __future__ import annotations

import csv
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

import numpy as np

from training.data.containers import unreadable
from training.data.face_set import FER_CLASSES, VOTE_COLUMNS
from training.data.splits import USAGES
from training.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

BY_FILE = "ferplus.csv"
"""Columns file (as in Kaggle's zip), fer2013_row (empty if FER+ has no votes) and `VOTE_COLUMNS`."""

BY_ROW = "fer2013new.csv"
"""FERPlus's own: columns Usage, Image name and `VOTE_COLUMNS`, one row for each row of fer2013.csv."""

_MOST_VOTES = 255
_OTHER_LABELS = 0.01
"""The share of rows whose label may differ: some pictures are in FER-2013 twice, with two labels."""
_HINT = "Put the file of votes next to the data set that it was made for, or remove it."


def find_votes(folder: Path) -> Path | None:
    """Returns the file of votes in a folder, or None if there is none."""
    return next((folder / name for name in (BY_FILE, BY_ROW) if (folder / name).exists()), None)


def votes_by_name(path: Path, faces: Sequence[tuple[str, str]], source: str) -> NDArray[np.uint8]:
    """Returns the votes for picture files, [n, 10].

    Args:
        path: ferplus.csv.
        faces: Of each, the class from `FER_CLASSES` and the file name without its suffix.
        source: Where they are, for the error.

    Raises:
        DataError: The file cannot be read, or one of the faces is not in it.
    """
    if path.name == BY_ROW:
        raise DataError(
            "Votes without file names",
            f"{path} belongs to fer2013.csv, {source} has pictures.",
            "Use ferplus.csv with pictures, or fer2013.csv with these votes.",
        )
    index = {face: number for number, face in enumerate(faces)}
    votes = np.zeros((len(faces), len(VOTE_COLUMNS)), dtype=np.uint8)
    named = np.zeros(len(faces), dtype=np.bool_)
    for line, row in _rows(path, ("file",)):
        number = index.get(_class_and_stem(row["file"]))
        if number is not None:
            votes[number] = _votes(row, path, line)
            named[number] = True
    if not named.all():
        label, stem = faces[int(named.argmin())]
        raise DataError("Votes of other faces", f"{path} has no row for {label}/{stem} of {source}.", _HINT)
    return votes


def votes_by_row(
    path: Path, labels: NDArray[np.int64], splits: NDArray[np.uint8], source: str
) -> NDArray[np.uint8]:
    """Returns the votes for the rows of fer2013.csv, [n, 10].

    Args:
        path: ferplus.csv or fer2013new.csv.
        labels: Index into `FER_CLASSES` of each row, [n].
        splits: Index into `SPLITS` of each row, [n].
        source: The path of fer2013.csv, for the error.

    Raises:
        DataError: The file cannot be read, or its number of rows, its splits or its labels differ from those
            of the faces.
    """
    votes = np.zeros((len(labels), len(VOTE_COLUMNS)), dtype=np.uint8)
    rows = other_labels = 0
    for line, row in _rows(path, ("file", "fer2013_row") if path.name == BY_FILE else ("Usage",)):
        number: int | None = rows
        if path.name == BY_FILE:
            label, stem = _class_and_stem(row["file"])
            usage, _, _ = stem.partition("_")
            number = _number(row["fer2013_row"], path, line) if row["fer2013_row"] else None
        else:
            label, usage = None, row["Usage"]
        rows += 1
        if number is None:
            continue
        if number >= len(labels) or USAGES.get(usage) != splits[number]:
            raise DataError(
                "Votes of other faces",
                f"{path}, line {line} is not for row {number} of {source}, which is in another part.",
                _HINT,
            )
        other_labels += label not in (None, FER_CLASSES[labels[number]])
        votes[number] = _votes(row, path, line)
    if rows != len(labels):
        raise DataError(
            "Votes of other faces", f"{path} has {rows} rows, {source} has {len(labels)} faces.", _HINT
        )
    if other_labels > _OTHER_LABELS * rows:
        raise DataError(
            "Votes of other faces", f"{path} gives other labels than {source} in {other_labels} rows.", _HINT
        )
    return votes


def _class_and_stem(file: str) -> tuple[str, str]:
    path = PurePosixPath(file)
    return path.parent.name, path.stem


def _votes(row: dict[str, str], path: Path, line: int) -> list[int]:
    votes = [_number(row[column] or "0", path, line) for column in VOTE_COLUMNS]
    if max(votes) > _MOST_VOTES:
        raise DataError("Votes unreadable", f"{path}, line {line}: {max(votes)} votes.", "Download it again.")
    return votes


def _number(text: str, path: Path, line: int) -> int:
    if not text.strip().isdecimal():
        raise DataError(
            "Votes unreadable", f"{path}, line {line}: {text!r} is not a number.", "Download it again."
        )
    return int(text)


def _rows(path: Path, keys: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    """Yields the line number and the values of each row; no row lacks a value."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = csv.DictReader(file, restval=None)
            missing = {*keys, *VOTE_COLUMNS} - set(rows.fieldnames or ())
            if missing:
                raise DataError(
                    "Not the FER+ votes", f"{path} has no column {', '.join(sorted(missing))}.", _HINT
                )
            for row in rows:
                if None in row or None in row.values():
                    raise DataError(
                        "Votes unreadable",
                        f"{path}, line {rows.line_num} has a different number of columns than line 1; "
                        "it may be truncated.",
                        "Download it again.",
                    )
                yield rows.line_num, row
    except OSError as error:
        raise unreadable(path, error) from error
    except (ValueError, csv.Error) as error:
        raise DataError(
            "Votes unreadable", f"{path} is not a table ({error}).", "Download it again."
        ) from error
