"""Each form in which a data set is distributed, its parts and its classes."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

from tests.training.conftest import tiny_faces
from tests.training.data_forms import (
    OURS,
    csv_rows,
    encoded,
    fer_files,
    picture,
    pictures,
    split_paths,
    write_csv,
    write_tree,
    write_zip,
)
from training.data.face_set import FER_CLASSES, SPLITS, FaceSet
from training.data.prepare import prepare
from training.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray


def _faces_of_ours(data: FaceSet) -> list[int]:
    return [data.manifest["counts"][split]["four_classes"] for split in SPLITS]


def test_splits_labels_and_votes_come_from_names_and_csv(tiny_data: FaceSet) -> None:
    assert _faces_of_ours(tiny_data) == [32, 16, 16]
    assert [len(tiny_data.evaluation_faces(split)) for split in SPLITS] == [32, 16, 16]
    assert (
        tiny_data.ferplus_emotions[tiny_data.evaluation_faces("test")].tolist()
        == [0] * 4 + [1] * 4 + [2] * 4 + [3] * 4
    )
    assert tiny_data.manifest["duplicates_dropped"] == {"exact": 0, "near": 0}


def test_faces_keep_their_labels_and_pictures(tiny_data: FaceSet) -> None:
    original = tiny_faces(0)["test/happy/PrivateTest_2.jpg"]
    number = tiny_data.evaluation_faces("test")[6]
    assert tiny_data.labels[number] == 1
    assert np.abs(tiny_data.faces[number].astype(int) - original).mean() < 2  # JPEG


def test_the_folder_of_fer2013_is_read_like_its_zip(tmp_path: Path) -> None:
    faces = tiny_faces(0)
    folder = prepare(write_tree(tmp_path / "unpacked", faces), tmp_path / "cache")
    archive = prepare(write_zip(tmp_path / "archive.zip", faces), tmp_path / "cache")
    assert folder.manifest["counts"] == archive.manifest["counts"]
    assert np.array_equal(folder.faces, archive.faces)
    assert np.array_equal(folder.splits, archive.splits)
    assert not folder.votes.any()


@pytest.mark.parametrize("columns", [("emotion", "pixels", "Usage"), ("emotion", " Usage", " pixels")])
def test_the_csv_is_read_like_the_zip(tmp_path: Path, columns: tuple[str, ...]) -> None:
    rows = csv_rows()
    name = "fer2013.csv" if columns[1] == "pixels" else "icml_face_data.csv"
    reordered = [{column: row[column.strip()] for column in columns} for row in rows]
    write_csv(tmp_path / "table" / name, reordered)
    table = prepare(tmp_path / "table", tmp_path / "cache")
    files = {
        file.replace(".jpg", ".png"): np.array(row["pixels"].split(), dtype=np.uint8).reshape(48, 48)
        for file, row in zip(fer_files(rows), rows, strict=True)
    }
    zipped = prepare(write_zip(tmp_path / "fer2013.zip", files), tmp_path / "cache")
    assert table.manifest["counts"] == zipped.manifest["counts"]
    assert table.faces.shape == (63, 48, 48)

    def content(data: FaceSet) -> Counter[tuple[int, int, bytes]]:
        return Counter(
            (int(label), int(split), face.tobytes())
            for label, split, face in zip(data.labels, data.splits, data.faces, strict=True)
        )

    assert content(table) == content(zipped)


@pytest.mark.parametrize("as_zip", [False, True])
def test_parts_may_have_their_usual_names_inside_another_folder(tmp_path: Path, *, as_zip: bool) -> None:
    faces = pictures("DATASET/" + path for path in split_paths(("Training", "valid", "testing"), OURS, 3))
    source = write_zip(tmp_path / "set.zip", faces) if as_zip else write_tree(tmp_path / "set", faces)
    said: list[str] = []
    data = prepare(source, tmp_path / "cache", report=said.append)
    assert _faces_of_ours(data) == [12, 12, 12]
    assert data.manifest["name"] == "set"
    assert data.manifest["seed"] is None
    assert not any("seed" in line for line in said)


def test_without_parts_a_tenth_of_each_class_is_for_validation_and_for_test(tmp_path: Path) -> None:
    faces = pictures(path.removeprefix("all/") for path in split_paths(["all"], ["anger", *OURS[1:]], 20))
    source = write_tree(tmp_path / "set", faces)
    said: list[str] = []
    data = prepare(source, tmp_path / "cache", seed=1, report=said.append)
    assert _faces_of_ours(data) == [64, 8, 8]
    assert np.bincount(data.labels[data.splits == 2]).tolist() == [2, 2, 2, 2]
    assert any("a tenth of the faces for each, drawn by seed 1" in line for line in said)
    assert np.array_equal(prepare(source, tmp_path / "again", seed=1).splits, data.splits)
    other = prepare(source, tmp_path / "cache", seed=2)
    assert not np.array_equal(other.splits, data.splits)
    assert other.digest != data.digest


def test_validation_is_taken_out_of_training_if_it_is_missing(tmp_path: Path) -> None:
    source = write_tree(tmp_path / "set", pictures(split_paths(("train", "test"), OURS, 10)))
    said: list[str] = []
    data = prepare(source, tmp_path / "cache", report=said.append)
    assert _faces_of_ours(data) == [36, 4, 40]
    assert any("No validation part" in line for line in said)


def test_the_validation_part_becomes_the_test_part_if_that_is_missing(tmp_path: Path) -> None:
    faces = pictures(split_paths(("train", "val"), OURS, 10))
    source = write_tree(tmp_path / "set", faces)
    said: list[str] = []
    data = prepare(source, tmp_path / "cache", report=said.append)
    assert _faces_of_ours(data) == [36, 4, 40]
    assert any("its validation part is the test part" in line for line in said)
    held_out = {face.tobytes() for path, face in faces.items() if path.startswith("val")}
    assert {face.tobytes() for face in data.faces[data.splits == 2]} == held_out


@pytest.mark.parametrize(
    "name",
    [
        "S{subject:03d}_00{number}_00000017",
        "A{subject}.AN{number}.39",
        "{session}F{subject:02d}ANS",
        "Rafd090_{subject:02d}_Caucasian_female_angry_frontal{number}",
        "{subject:03d}_o_m_a_{session}",
    ],
)
def test_no_person_is_in_two_parts_if_names_identify_persons(tmp_path: Path, name: str) -> None:
    subjects = {}
    for label in OURS:
        for subject in range(20):
            for number in range(2):
                stem = name.format(
                    subject="ABCDEFGHIJKLMNOPQRST"[subject] if name.startswith("A{") else subject,
                    number=number,
                    session=("ab" if name.startswith("{subject") else "AB")[number],
                )
                subjects[f"{label}/{stem}.png"] = subject
    faces = pictures(subjects)
    data = prepare(write_tree(tmp_path / "CK+48", faces), tmp_path / "cache")
    subject_of = {face.tobytes(): subjects[path] for path, face in faces.items()}
    in_part = [
        {subject_of[face.tobytes()] for face in data.faces[data.splits == split]} for split in range(3)
    ]
    assert [len(people) for people in in_part] == [16, 2, 2]
    assert len(set.union(*in_part)) == 20


@pytest.mark.parametrize(
    ("names", "numbers", "happy"),
    [("affectnet", range(8), 1), ("rafdb", range(1, 8), 4), ("fer2013", range(7), 3)],
)
def test_numbered_folders_mean_what_the_named_data_set_says(
    tmp_path: Path, names: str, numbers: range, happy: int
) -> None:
    faces = pictures(split_paths(("train", "val", "test"), map(str, numbers), 1))
    source = write_tree(tmp_path / "set", faces)
    data = prepare(source, tmp_path / "cache", class_names=names)
    assert data.manifest["class_names"][str(happy)] == "happy"
    assert sorted(set(data.labels.tolist())) == list(range(len(numbers)))
    happy_faces = {face.tobytes() for path, face in faces.items() if f"/{happy}/" in path}
    assert {face.tobytes() for face in data.faces[data.labels == 1]} == happy_faces


def test_a_file_of_the_user_names_classes(tmp_path: Path) -> None:
    source = write_tree(tmp_path / "set", pictures(split_paths(("train", "val", "test"), "ABCD", 1)))
    names = tmp_path / "names.toml"
    names.write_text('angry = ["A"]\nhappy = ["b"]\nneutral = ["C"]\nfear = ["D"]\n')
    said: list[str] = []
    data = prepare(source, tmp_path / "cache", class_names=str(names), report=said.append)
    assert _faces_of_ours(data) == [3, 3, 3]
    assert [FER_CLASSES[label] for label in sorted(set(data.labels))] == ["angry", "happy", "neutral", "fear"]
    assert any("No sad faces" in line and "cannot recognize sad" in line for line in said)


def test_other_class_names_make_another_cache(tmp_path: Path) -> None:
    source = write_tree(tmp_path / "set", pictures(split_paths(("train", "val", "test"), "123456", 1)))
    first = prepare(source, tmp_path / "cache", class_names="affectnet")
    second = prepare(source, tmp_path / "cache", class_names="rafdb")
    assert first.digest != second.digest
    assert not np.array_equal(first.labels, second.labels)


@pytest.mark.parametrize(("pixels", "side"), [(32, 48), (100, 100), (300, 224)])
def test_the_side_suits_the_pictures(tmp_path: Path, pixels: int, side: int) -> None:
    paths = split_paths(("train", "val", "test"), OURS, 1)
    data = prepare(write_tree(tmp_path / "set", pictures(paths, pixels)), tmp_path / "cache")
    assert data.side == data.manifest["side"] == side


def test_portrait_and_landscape_pictures_are_cropped_to_their_middle(tmp_path: Path) -> None:
    middle = picture(99, 60)
    faces = pictures(split_paths(("train", "val", "test"), OURS, 1), 60)
    faces["test/sad/wide.png"] = np.pad(middle, ((0, 0), (20, 20)))
    faces["test/sad/upright.png"] = np.pad(picture(98, 60), ((9, 9), (0, 0)))
    data = prepare(write_tree(tmp_path / "set", faces), tmp_path / "cache")
    assert any(np.array_equal(face, middle) for face in data.faces)
    assert any(np.array_equal(face, picture(98, 60)) for face in data.faces)


@pytest.mark.parametrize("kind", ["colour", "sixteen-bit", "palette", "alpha", "unicode"])
def test_pictures_of_any_kind_are_made_gray(tmp_path: Path, kind: str) -> None:
    source = write_tree(tmp_path / "set", pictures(split_paths(("train", "val", "test"), OURS, 1)))
    gray = picture(99)
    path = source / "test" / "sad" / ("Gesichtsausdrücke 顔.png" if kind == "unicode" else "face.png")
    colour = np.repeat(gray[..., np.newaxis], 3, axis=2)
    kinds: dict[str, NDArray[Any]] = {
        "colour": colour,
        "sixteen-bit": gray.astype(np.uint16) * 257,
        "alpha": np.dstack([colour, np.full_like(gray, 255)]),
    }
    if kind == "palette":
        Image.fromarray(gray).convert("P").save(path)
    else:
        path.write_bytes(encoded(kinds.get(kind, gray), ".png"))
    data = prepare(source, tmp_path / "cache")
    assert any(np.abs(face.astype(int) - gray).max() <= 1 for face in data.faces)


def _unknown_number(folder: Path) -> None:
    write_tree(folder, pictures(split_paths(("train", "val", "test"), "12", 1)))


def _unknown_name(folder: Path) -> None:
    write_tree(folder, pictures(split_paths(("train", "val", "test"), (*OURS, "bored"), 1)))


def _no_part(folder: Path) -> None:
    write_tree(folder, pictures(split_paths(("train", "fold2"), OURS, 1)))


def _deeper(folder: Path) -> None:
    write_tree(folder, pictures([*split_paths(("train", "test"), OURS, 1), "train/sad/more/1.png"]))


def _no_folder(folder: Path) -> None:
    write_tree(folder, pictures(["1.png", "2.png"]))


def _no_training(folder: Path) -> None:
    write_tree(folder, pictures(split_paths(("val", "test"), OURS, 1)))


def _too_few(folder: Path) -> None:
    write_tree(folder, pictures(f"{label}/1.png" for label in OURS))


def _none_of_ours(folder: Path) -> None:
    write_tree(folder, pictures(split_paths(("train", "test"), ["fear"], 20)))


def _same_file(folder: Path) -> None:
    faces = pictures(split_paths(("train", "val", "test"), OURS, 1))
    faces["train/sad/again.png"] = faces["test/sad/again.png"] = picture(99)
    write_tree(folder, faces)


def _test_in_training(folder: Path) -> None:
    write_tree(folder, {**tiny_faces(0), "train/sad/PublicTest_9.jpg": picture(99)})


def _training_in_test(folder: Path) -> None:
    write_tree(folder, {**tiny_faces(0), "test/sad/Training_9.jpg": picture(99)})


def _stranger(folder: Path) -> None:
    write_tree(folder, {**tiny_faces(0), "test/sad/me.jpg": picture(99)})


@pytest.mark.parametrize(
    ("build", "message", "hint"),
    [
        (_unknown_number, "test/1/.* the meaning of class 1 depends", "affectnet, rafdb"),
        (_unknown_name, "'bored' is not a known emotion .*anger", "--class-names"),
        (_no_part, "'fold2' is not one of train, training", "<split>/<emotion>/"),
        (_deeper, "more/1.png is not where the others are", "<split>/<emotion>/"),
        (_no_folder, "1.png is not where the others are", "<emotion>/"),
        (_no_training, "only faces for validation and test", "train/"),
        (_too_few, "no validation and no test faces", "add what is missing"),
        (
            _none_of_ours,
            "no train and no validation and no test faces of angry, happy",
            "add what is missing",
        ),
        (_same_file, "train/sad/again.png is also test/sad/again.png", "Keep it in one"),
        (_test_in_training, "train/sad/PublicTest_9.jpg is named as one for validation", "Unpack"),
        (_training_in_test, "test/sad/Training_9.jpg is named as one for train", "Unpack"),
        (_stranger, "me.jpg is not named Training_", "Remove"),
    ],
)
def test_folders_in_the_wrong_layout_are_named(
    tmp_path: Path, build: Callable[[Path], None], message: str, hint: str
) -> None:
    build(tmp_path / "set")
    with pytest.raises(DataError) as caught:
        prepare(tmp_path / "set", tmp_path / "cache")
    assert re.search(message, caught.value.message)
    assert hint in caught.value.hint
    assert not (tmp_path / "cache").exists()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "is neither affectnet, fer2013, rafdb nor a file"),
        ("angry = [", "names.toml: "),
        ('furious = ["1"]', "'furious' is not one of angry"),
        ("angry = [1]", "angry is not a list of names"),
        ('angry = ["1"]\nsad = ["1"]', "'1' stands for two classes"),
    ],
)
def test_wrong_class_names_are_named(tmp_path: Path, content: str | None, words: str) -> None:
    source = write_tree(tmp_path / "set", pictures(split_paths(("train", "val", "test"), OURS, 1)))
    names = tmp_path / "names.toml"
    if content is not None:
        names.write_text(content)
    with pytest.raises(DataError, match=words) as caught:
        prepare(source, tmp_path / "cache", class_names=str(names))
    assert caught.value.hint


def test_one_of_several_data_sets_in_a_folder_is_asked_for(tmp_path: Path) -> None:
    write_zip(tmp_path / "fer2013.zip", tiny_faces(0))
    write_tree(tmp_path, tiny_faces(0))
    with pytest.raises(DataError, match=r"contains fer2013\.zip, folders of pictures.*Name the one to use"):
        prepare(tmp_path, tmp_path / "cache")


@pytest.mark.timeout(600)  # half a minute on an idle computer
def test_fer2013_has_the_faces_that_its_authors_count(fer_data: Path, tmp_path: Path) -> None:
    data = prepare(fer_data, tmp_path)
    counts = data.manifest["counts"]
    assert [counts[split]["four_classes"] for split in SPLITS] == [21_005, 2_622, 2_590]
    assert counts["train"]["ferplus_four_classes"] == 23_886
    test = data.evaluation_faces("test")
    assert (data.ferplus_emotions[test] >= 0).sum() == 2_485
    assert data.side == 48
