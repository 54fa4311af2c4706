"""Files that are missing, damaged or not what their names say: each is named, and no cache is left."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.training.conftest import tiny_faces, votes_for, write_data
from tests.training.data_forms import (
    OURS,
    csv_rows,
    encoded,
    picture,
    pictures,
    split_paths,
    write_csv,
    write_tree,
)
from training.data.prepare import prepare
from training.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def _nothing(folder: Path) -> None:
    (folder / "fer2013.zip").unlink()


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


def _damaged_face(folder: Path) -> None:
    archive = folder / "fer2013.zip"  # stored uncompressed, so that a face's bytes can be damaged in place
    content = archive.read_bytes()
    start = content.index(b"\xff\xd8\xff")
    archive.write_bytes(content[: start + 2] + b"\0" * 40 + content[start + 42 :])


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (_nothing, "contains no zip"),
        (_truncated, "fer2013.zip is not a zip, or not an intact one"),
        (_no_zip, "fer2013.zip is not a zip, or not an intact one"),
        (_empty_zip, "fer2013.zip contains no pictures"),
        (_no_test_faces, "fer2013.zip has no test faces"),
        (_votes_of_another_set, "ferplus.csv has no row for"),
        (_wrong_columns, "ferplus.csv has no column"),
        (_no_number, "ferplus.csv, line 2: 'many' is not a number"),
        (_binary_votes, "ferplus.csv is not a table"),
        (_damaged_face, "fer2013.zip is not a zip, or not an intact one .*angry"),
    ],
)
def test_bad_input_is_named_and_leaves_no_cache(
    tmp_path: Path, spoil: Callable[[Path], None], words: str
) -> None:
    faces = tiny_faces(0)
    source = write_data(tmp_path / "source", faces, {name: votes_for(name.split("/")[1]) for name in faces})
    spoil(source)
    _refused(source, tmp_path / "cache", words)


def _refused(source: Path, cache: Path, words: str) -> None:
    with pytest.raises(DataError, match=words) as caught:
        prepare(source, cache)
    assert caught.value.hint
    assert not list(cache.glob("*/"))


def test_a_missing_source_is_named(tmp_path: Path) -> None:
    _refused(tmp_path / "nowhere", tmp_path / "cache", "nowhere does not exist")


@pytest.mark.filterwarnings(
    "ignore:Corrupt EXIF data"
)  # Pillow's warning about half a TIFF before it gives up
@pytest.mark.parametrize("suffix", [".jpg", ".png", ".bmp", ".tiff", ".webp"])
@pytest.mark.parametrize("share", [0.0, 0.02, 0.5, 0.9])
def test_a_truncated_picture_is_named(tmp_path: Path, suffix: str, share: float) -> None:
    source = write_tree(tmp_path / "set", pictures(split_paths(("train", "val", "test"), OURS, 1), 96))
    content = encoded(picture(99, 96), suffix)
    (source / "test" / "sad" / f"half{suffix}").write_bytes(content[: int(share * len(content))])
    _refused(
        source,
        tmp_path / "cache",
        rf"test.sad.half{suffix} (is not a picture|is not a complete|cannot be read)",
    )


def test_a_file_that_is_not_a_picture_is_named(tmp_path: Path) -> None:
    source = write_tree(tmp_path / "set", pictures(split_paths(("train", "val", "test"), OURS, 1)))
    (source / "test" / "sad" / "page.jpg").write_text("<html>Sign in</html>")
    _refused(source, tmp_path / "cache", "page.jpg is not a picture")


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may read everything")
@pytest.mark.parametrize("locked", ["test/sad", "test/sad/test-sad-0.png"])
def test_what_must_not_be_read_is_named(tmp_path: Path, locked: str) -> None:
    source = write_tree(tmp_path / "set", pictures(split_paths(("train", "val", "test"), OURS, 1)))
    (source / locked).chmod(0)
    try:
        _refused(source, tmp_path / "cache", f"{locked} cannot be read .*Check its permissions")
    finally:
        (source / locked).chmod(0o700)


def test_a_link_to_nowhere_is_named(tmp_path: Path) -> None:
    source = write_tree(tmp_path / "set", pictures(split_paths(("train", "val", "test"), OURS, 1)))
    (source / "test" / "sad" / "link.png").symlink_to(tmp_path / "nowhere.png")
    _refused(source, tmp_path / "cache", "link.png cannot be read")


def _set(column: str, value: str) -> Callable[[Path], None]:
    def spoil(path: Path) -> None:
        rows = csv_rows()
        rows[4][column] = value
        write_csv(path, rows)

    return spoil


def _cut(size: int) -> Callable[[Path], None]:
    def spoil(path: Path) -> None:
        path.write_bytes(path.read_bytes()[:-size])

    return spoil


def _other_columns(path: Path) -> None:
    path.write_text("path,label\na.png,sad\n")


def _only_a_header(path: Path) -> None:
    path.write_text("emotion,pixels,Usage\n")


def _sign_in_page(path: Path) -> None:
    path.write_text("<html>Sign in</html>")


def _binary(path: Path) -> None:
    path.write_bytes(bytes(range(256)))


def _only_training(path: Path) -> None:
    write_csv(path, [row for row in csv_rows() if row["Usage"] == "Training"])


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (_set("emotion", "7"), "line 6: the emotion '7' is not one of 0 to 6"),
        (_set("emotion", "sad!"), "line 6: the emotion 'sad!' is not one"),
        (_set("Usage", "Testing"), "line 6: the Usage 'Testing' is not one of Training"),
        (_set("pixels", "1 2 3"), "line 6: 3 pixels instead of 2304"),
        (_set("pixels", " ".join(["256"] * 2304)), "line 6: a pixel is not a number from 0 to 255"),
        (_set("pixels", " ".join(["x"] * 2304)), "line 6: a pixel is not a number from 0 to 255"),
        (_cut(6), "line 64: the Usage 'Private' is not one"),
        (_cut(200), "line 64: 2 columns instead of 3; it may be truncated"),
        (_other_columns, "has the columns path, label, not emotion, pixels, usage"),
        (_only_a_header, "has no rows"),
        (_sign_in_page, "has the columns <html>"),
        (_binary, "is not a table"),
        (_only_training, "has no validation and no test faces"),
    ],
)
def test_a_damaged_csv_names_the_line(tmp_path: Path, spoil: Callable[[Path], None], words: str) -> None:
    table = write_csv(tmp_path / "fer2013.csv", csv_rows())
    spoil(table)
    _refused(table, tmp_path / "cache", f"fer2013.csv.*{words}")


def test_floating_point_pixels_are_refused(tmp_path: Path) -> None:
    source = write_tree(tmp_path / "set", pictures(split_paths(("train", "val", "test"), OURS, 1)))
    path = source / "test" / "sad" / "float.tiff"
    path.write_bytes(encoded(picture(99).astype(np.float32) / 255, ".tiff"))
    _refused(source, tmp_path / "cache", "float.tiff")
