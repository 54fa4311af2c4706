"""Labelled photos through the app's detector and crop, to the keywords of a playlist."""

from __future__ import annotations

import csv
import shutil
from typing import TYPE_CHECKING

import pytest

from fer_desktop.paths import models_dir, resources_dir
from training.errors import DataError
from training.evaluation.captures import evaluate_captures

if TYPE_CHECKING:
    from pathlib import Path

SAMPLES = resources_dir() / "samples"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Returns sample photos by emotion: one in the wrong folder, one without a face, one damaged."""
    for place, photo in (
        ("happy", "happy-baby.jpeg"),
        ("happy", "neutral.jpeg"),
        ("neutral", "neutral.jpeg"),
        ("sad", "surprised.jpeg"),
    ):
        (tmp_path / "photos" / place).mkdir(parents=True, exist_ok=True)
        shutil.copy(SAMPLES / photo, tmp_path / "photos" / place / photo)
    (tmp_path / "photos" / "sad" / "broken.jpg").write_bytes(b"no photo")
    (tmp_path / "photos" / "sad" / "notes.txt").write_text("not a photo either")
    return tmp_path / "photos"


def test_each_photo_passes_or_fails_with_its_reason(folder: Path, tmp_path: Path) -> None:
    lines: list[str] = []
    evaluate_captures(folder, models_dir(), tmp_path / "out", lines.append)
    with (tmp_path / "out" / "captures.csv").open(newline="") as file:
        rows = {row["photo"]: row for row in csv.DictReader(file)}
    assert {name: row["result"] for name, row in rows.items()} == {
        "happy/happy-baby.jpeg": "pass",
        "happy/neutral.jpeg": "fail",
        "neutral/neutral.jpeg": "pass",
        "sad/broken.jpg": "fail",
        "sad/surprised.jpeg": "fail",
    }
    assert rows["happy/happy-baby.jpeg"]["keywords"] == "Happy, Good, Joy, Pop"
    assert rows["happy/neutral.jpeg"]["keywords"] == "Calm, Chilling, Relaxed, Ambiance"
    assert 0.25 < float(rows["neutral/neutral.jpeg"]["probability"]) <= 1
    assert rows["sad/surprised.jpeg"]["note"] == "no face found"
    assert rows["sad/broken.jpg"]["note"] == "cannot be read as a photo"
    assert rows["sad/broken.jpg"]["keywords"] == ""
    text = (tmp_path / "out" / "captures.md").read_text()
    assert "2 of 5 photos pass (40.0%); nothing could be read in 2" in text
    assert "| happy | 2 | 1 | 50.0% |" in text
    assert any("sad/broken.jpg: cannot be read" in line for line in lines)
    assert any("sad/notes.txt: left out" in line for line in lines)


def test_a_folder_that_is_not_an_emotion_is_named(folder: Path, tmp_path: Path) -> None:
    (folder / "surprise").mkdir()
    with pytest.raises(DataError, match=r"surprise is not one of the emotions\. .*angry, happy"):
        evaluate_captures(folder, models_dir(), tmp_path / "out", lambda _: None)


@pytest.mark.parametrize("make", [True, False])
def test_a_folder_without_photos_is_named(make: bool, tmp_path: Path) -> None:  # noqa: FBT001
    if make:
        (tmp_path / "photos" / "happy").mkdir(parents=True)
    with pytest.raises(DataError, match="photos"):
        evaluate_captures(tmp_path / "photos", models_dir(), tmp_path / "out", lambda _: None)
