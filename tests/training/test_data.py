"""From the zip and the votes to the cache."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.training.conftest import tiny_faces, votes_for, write_data
from training.data import SPLITS, VOTE_COLUMNS, FaceSet, prepare
from training.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def face_set(votes: list[dict[str, int]], labels: list[int] | None = None) -> FaceSet:
    count = len(votes)
    return FaceSet(
        faces=np.zeros((count, 48, 48), np.uint8),
        labels=np.array(labels or [0] * count),
        votes=np.array([[row.get(column, 0) for column in VOTE_COLUMNS] for row in votes], np.uint8),
        splits=np.zeros(count, np.uint8),
        manifest={},
    )


def test_the_most_votes_are_the_label_and_ties_go_to_the_first() -> None:
    data = face_set(
        [
            {"sadness": 6, "neutral": 4},
            {"neutral": 5, "anger": 5},
            {"fear": 6, "sadness": 4},
            {"NF": 9, "happiness": 1},
            {},
            {"unknown": 5, "happiness": 5},
        ]
    )
    assert data.ferplus_labels().tolist() == [3, 0, -1, 1, -1, 1]


def test_votes_for_other_emotions_do_not_count_in_the_shares() -> None:
    data = face_set([{"sadness": 4, "neutral": 2, "fear": 3, "unknown": 1}])
    assert data.vote_shares(np.array([0]))[0] == pytest.approx([0, 0, 1 / 3, 2 / 3])


def test_training_takes_the_faces_that_ferplus_gives_one_of_ours_whatever_fer2013_says() -> None:
    data = face_set([{"anger": 9}, {"anger": 9}, {"fear": 9}], labels=[0, 5, 0])
    assert data.training_faces().tolist() == [0, 1]


def test_splits_labels_and_votes_come_from_names_and_csv(tiny_data: FaceSet) -> None:
    assert tiny_data.manifest["counts"]["train"]["four_classes"] == 32
    assert [len(tiny_data.evaluation_faces(split)) for split in SPLITS] == [32, 16, 16]
    assert (
        tiny_data.ferplus_labels()[tiny_data.evaluation_faces("test")].tolist()
        == [0] * 4 + [1] * 4 + [2] * 4 + [3] * 4
    )
    assert tiny_data.manifest["duplicates_dropped"] == 0


def test_faces_keep_their_labels_and_pictures(tiny_data: FaceSet) -> None:
    original = tiny_faces(0)["test/happy/PrivateTest_2.jpg"]
    number = tiny_data.evaluation_faces("test")[6]
    assert tiny_data.labels[number] == 1
    assert np.abs(tiny_data.faces[number].astype(int) - original).mean() < 2  # JPEG


def test_training_copies_of_validation_and_test_faces_are_dropped(tmp_path: Path) -> None:
    faces = tiny_faces(1)
    faces["train/sad/Training_0.jpg"] = faces["test/sad/PrivateTest_0.jpg"]
    faces["train/sad/Training_1.jpg"] = (faces["test/happy/PublicTest_1.jpg"] * 0.8 + 20).astype(np.uint8)
    faces["train/sad/Training_3.jpg"] = faces["train/sad/Training_2.jpg"]  # within training: stays
    source = write_data(tmp_path, faces, {name: votes_for(name.split("/")[1]) for name in faces})
    data = prepare(source, tmp_path / "cache")
    assert data.manifest["duplicates_dropped"] == 2
    assert len(data.evaluation_faces("train")) == 30
    assert len(data.evaluation_faces("test")) == 16


def test_a_prepared_set_is_read_from_the_cache(tiny_source: Path, tmp_path: Path) -> None:
    first = prepare(tiny_source, tmp_path)
    kept = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.npy")}
    second = prepare(tiny_source, tmp_path)
    assert isinstance(second.faces, np.memmap)
    assert np.array_equal(first.faces, second.faces)
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.npy")} == kept


def test_other_sources_get_another_cache(tiny_source: Path, tmp_path: Path) -> None:
    faces = tiny_faces(2)
    other = write_data(tmp_path / "other", faces, {name: votes_for(name.split("/")[1]) for name in faces})
    assert prepare(tiny_source, tmp_path).digest != prepare(other, tmp_path).digest


def test_a_damaged_cache_names_the_folder_to_delete(tiny_source: Path, tmp_path: Path) -> None:
    prepare(tiny_source, tmp_path)
    next(tmp_path.rglob("votes.npy")).write_bytes(b"")
    with pytest.raises(DataError, match=r"Delete .*fer2013-"):
        prepare(tiny_source, tmp_path)


def _no_archive(folder: Path) -> None:
    (folder / "fer2013.zip").unlink()


def _no_votes(folder: Path) -> None:
    (folder / "ferplus.csv").unlink()


def _truncated(folder: Path) -> None:
    archive = folder / "fer2013.zip"
    archive.write_bytes(archive.read_bytes()[:20_000])


def _no_zip(folder: Path) -> None:
    (folder / "fer2013.zip").write_text("<html>Sign in</html>")


def _empty_zip(folder: Path) -> None:
    write_data(folder, {}, {})


def _no_test_faces(folder: Path) -> None:
    faces = {name: face for name, face in tiny_faces(0).items() if "PrivateTest" not in name}
    write_data(folder, faces, {name: votes_for(name.split("/")[1]) for name in faces})


def _votes_of_another_set(folder: Path) -> None:
    write_data(folder, tiny_faces(0), {"train/sad/Training_0.jpg": votes_for("sad")})


def _wrong_columns(folder: Path) -> None:
    (folder / "ferplus.csv").write_text("emotion,pixels\n0,1 2 3\n")


def _no_number(folder: Path) -> None:
    table = folder / "ferplus.csv"
    table.write_text(table.read_text().replace(",7,", ",many,"))


def _binary_votes(folder: Path) -> None:
    (folder / "ferplus.csv").write_bytes(bytes(range(256)))


def _large_faces(folder: Path) -> None:
    faces = {name: np.zeros((96, 96), np.uint8) for name in tiny_faces(0)}
    write_data(folder, faces, {name: votes_for(name.split("/")[1]) for name in faces})


def _damaged_face(folder: Path) -> None:
    archive = folder / "fer2013.zip"  # stored, so that a face's bytes can be spoilt in place
    content = archive.read_bytes()
    start = content.index(b"\xff\xd8\xff")
    archive.write_bytes(content[: start + 2] + b"\0" * 40 + content[start + 42 :])


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (_no_archive, "fer2013.zip is not there"),
        (_no_votes, "ferplus.csv is not there"),
        (_truncated, "no zip, or not a whole one"),
        (_no_zip, "no zip, or not a whole one"),
        (_empty_zip, "no train and no validation and no test faces"),
        (_no_test_faces, "no test faces"),
        (_votes_of_another_set, "has no row for"),
        (_wrong_columns, "has no column"),
        (_no_number, "invalid literal"),
        (_binary_votes, "FER\\+ votes unreadable"),
        (_large_faces, "is 96x96 pixels"),
        (_damaged_face, "Data damaged"),
    ],
)
def test_bad_input_is_named_and_leaves_no_cache(
    tmp_path: Path, spoil: Callable[[Path], None], words: str
) -> None:
    faces = tiny_faces(0)
    source = write_data(tmp_path / "source", faces, {name: votes_for(name.split("/")[1]) for name in faces})
    spoil(source)
    with pytest.raises(DataError, match=words) as caught:
        prepare(source, tmp_path / "cache")
    assert caught.value.hint
    assert not list(tmp_path.glob("cache/*"))


def test_fer2013_has_the_faces_that_its_authors_count(fer_data: Path, tmp_path: Path) -> None:
    data = prepare(fer_data, tmp_path)
    counts = data.manifest["counts"]
    assert [counts[split]["four_classes"] for split in SPLITS] == [21_005, 2_622, 2_590]
    assert counts["train"]["ferplus_four_classes"] == 23_886
    test = data.evaluation_faces("test")
    assert (data.ferplus_labels()[test] >= 0).sum() == 2_485
