"""FER+ votes are joined by file name or by row, and never to other faces."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.training.conftest import tiny_faces, votes_for, write_data
from tests.training.data_forms import (
    OURS,
    csv_rows,
    fer_files,
    pictures,
    split_paths,
    votes_row,
    write_csv,
    write_tree,
)
from training.data.face_set import VOTE_COLUMNS
from training.data.prepare import prepare
from training.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

Rows = list[dict[str, str]]


def _by_file(rows: Rows) -> Rows:
    """Returns ferplus.csv in a different order than the rows of fer2013.csv, one of them without votes."""
    votes = [
        {"file": file, "fer2013_row": str(number), **votes_row(number)}
        for number, file in enumerate(fer_files(rows))
    ]
    votes[4] = dict.fromkeys(votes[4], "") | {"file": votes[4]["file"]}
    return votes[::-1]


def _by_row(rows: Rows) -> Rows:
    return [{"Usage": row["Usage"], "Image name": "", **votes_row(number)} for number, row in enumerate(rows)]


@pytest.mark.parametrize(("name", "made"), [("ferplus.csv", _by_file), ("fer2013new.csv", _by_row)])
def test_votes_join_the_csv_by_row(tmp_path: Path, name: str, made: Callable[[Rows], Rows]) -> None:
    rows = csv_rows()
    write_csv(tmp_path / "fer2013.csv", rows)
    write_csv(tmp_path / name, made(rows))
    data = prepare(tmp_path / "fer2013.csv", tmp_path / "cache")
    expected = [[int(votes_row(number)[column]) for column in VOTE_COLUMNS] for number in range(len(rows))]
    if name == "ferplus.csv":
        expected[4] = [0] * 10
    assert data.votes.any()
    assert np.array_equal(data.votes, expected)
    assert data.manifest["name"].endswith("with FER+ votes")
    assert set(data.manifest["source_sha256"]) == {"fer2013.csv", name}


def test_votes_join_pictures_by_class_and_name(tmp_path: Path) -> None:
    faces = tiny_faces(0)
    votes = {name: votes_for(name.split("/")[1]) for name in faces}
    votes["train/sad/Training_2.jpg"]["unknown"] = 9
    zipped = prepare(write_data(tmp_path / "zip", faces, votes), tmp_path / "cache")
    folder = write_tree(tmp_path / "folder", {f"fer2013/{name}": face for name, face in faces.items()})
    (folder / "ferplus.csv").write_bytes((tmp_path / "zip" / "ferplus.csv").read_bytes())
    assert np.array_equal(prepare(folder, tmp_path / "cache").votes, zipped.votes)
    (row,) = np.flatnonzero(zipped.votes[:, VOTE_COLUMNS.index("unknown")])
    assert zipped.labels[row] == 3


def test_without_votes_there_are_none(tmp_path: Path) -> None:
    write_csv(tmp_path / "fer2013.csv", csv_rows())
    data = prepare(tmp_path, tmp_path / "cache")
    assert not data.votes.any()
    assert (data.ferplus_emotions == -1).all()
    assert data.manifest["name"] == "FER-2013 (Kaggle)"


def _fewer(rows: Rows) -> Rows:
    return rows[:-1]


def _other_part(rows: Rows) -> Rows:
    rows[0]["Usage"] = "PrivateTest"
    return rows


def _other_label(rows: Rows) -> Rows:
    rows[0]["file"] = rows[0]["file"].replace("/neutral/", "/sad/")
    return rows


def _beyond(rows: Rows) -> Rows:
    rows[0]["fer2013_row"] = "4000"
    return rows


def _many(rows: Rows) -> Rows:
    rows[1]["anger"] = "256"
    return rows


def _negative(rows: Rows) -> Rows:
    rows[1]["anger"] = "-1"
    return rows


@pytest.mark.parametrize(
    ("name", "spoil", "words"),
    [
        ("fer2013new.csv", _fewer, "has 62 rows, .*fer2013.csv has 63 faces"),
        ("fer2013new.csv", _other_part, "line 2 is not for row 0 .*which is in another part"),
        ("fer2013new.csv", _many, "line 3: 256 votes"),
        ("ferplus.csv", _fewer, "has 62 rows, .*fer2013.csv has 63 faces"),
        ("ferplus.csv", _other_label, "gives other labels than .*fer2013.csv in 1 rows"),
        ("ferplus.csv", _beyond, "line 2 is not for row 4000"),
        ("ferplus.csv", _negative, "line 3: '-1' is not a number"),
    ],
)
def test_votes_of_other_rows_are_refused(
    tmp_path: Path, name: str, spoil: Callable[[Rows], Rows], words: str
) -> None:
    rows = csv_rows()
    write_csv(tmp_path / "fer2013.csv", rows)
    write_csv(tmp_path / name, spoil(_by_row(rows) if name == "fer2013new.csv" else _by_file(rows)))
    with pytest.raises(DataError, match=words) as caught:
        prepare(tmp_path, tmp_path / "cache")
    assert name in caught.value.message
    assert caught.value.hint


def test_votes_by_row_do_not_join_pictures(tmp_path: Path) -> None:
    write_tree(tmp_path, tiny_faces(0))
    write_csv(tmp_path / "fer2013new.csv", _by_row(csv_rows()))
    with pytest.raises(DataError, match="Use ferplus"):
        prepare(tmp_path, tmp_path / "cache")


def test_votes_do_not_join_another_data_set(tmp_path: Path) -> None:
    write_tree(tmp_path, pictures(split_paths(("train", "val", "test"), OURS, 1)))
    write_csv(tmp_path / "ferplus.csv", _by_file(csv_rows()))
    with pytest.raises(DataError, match="has no row for angry/"):
        prepare(tmp_path, tmp_path / "cache")


def test_a_truncated_table_of_votes_names_the_line(tmp_path: Path) -> None:
    rows = csv_rows()
    write_csv(tmp_path / "fer2013.csv", rows)
    table = write_csv(tmp_path / "ferplus.csv", _by_file(rows))
    table.write_bytes(table.read_bytes()[:-6])
    with pytest.raises(DataError, match="line 64 has a different number of columns"):
        prepare(tmp_path, tmp_path / "cache")
