"""A tiny data set in the layout of Kaggle's zip, and a recipe that takes seconds."""

from __future__ import annotations

import csv
import io
import os
import zipfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
from filelock import FileLock

from fer_desktop.paths import resources_dir
from fer_desktop.vision.crop import crop_face, to_gray
from fer_desktop.vision.face_detector import CASCADE_FILE, HaarFaceDetector
from training.__main__ import main
from training.config import Recipe
from training.data.face_set import FER_CLASSES, VOTE_COLUMNS, FaceSet
from training.data.prepare import prepare

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

FACES_PER_CLASS = {"Training": 8, "PublicTest": 4, "PrivateTest": 4}


def tiny_faces(seed: int) -> dict[str, NDArray[np.uint8]]:
    """Returns made-up faces by name in the zip: one real face, with a different light for each class."""
    photo = np.asarray(cv2.imread(str(resources_dir() / "samples" / "neutral.jpeg")), dtype=np.uint8)
    detector = HaarFaceDetector(resources_dir() / CASCADE_FILE)
    crop = crop_face(to_gray(photo), detector.detect(photo)[0], margin=0.1)
    face = cv2.resize(crop, (48, 48), interpolation=cv2.INTER_AREA).astype(float)
    generator = np.random.default_rng(seed)
    across = np.linspace(-50, 50, 48)
    down = across[:, np.newaxis]
    lights = [across, -across, down, -down, across + down, across - down, down - across]
    faces = {}
    for prefix, count in FACES_PER_CLASS.items():
        folder = "train" if prefix == "Training" else "test"
        for label, light in zip(FER_CLASSES[:-1], lights, strict=True):
            for number in range(count):
                blobs = cv2.resize(generator.normal(0, 35, (8, 8)), (48, 48), interpolation=cv2.INTER_CUBIC)
                name = f"{folder}/{label}/{prefix}_{number}.jpg"
                # Without grain they would be copies of one picture.
                grain = cv2.resize(generator.normal(0, 30, (24, 24)), (48, 48), interpolation=cv2.INTER_CUBIC)
                faces[name] = np.clip(face + light + blobs + grain, 0, 255).astype(np.uint8)
    return faces


def votes_for(label: str) -> dict[str, int]:
    """Returns ten votes, seven of them for FER-2013's label."""
    column = {"angry": "anger", "happy": "happiness", "sad": "sadness"}.get(label, label)
    return dict.fromkeys(VOTE_COLUMNS, 0) | {"contempt": 1, "neutral": 2} | {column: 7}


def write_data(folder: Path, faces: dict[str, NDArray[np.uint8]], votes: dict[str, dict[str, int]]) -> Path:
    """Writes fer2013.zip and ferplus.csv; returns the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(folder / "fer2013.zip", "w") as archive:
        for name, face in faces.items():
            archive.writestr(name, cv2.imencode(".jpg", face, [cv2.IMWRITE_JPEG_QUALITY, 98])[1].tobytes())
    text = io.StringIO()
    writer = csv.DictWriter(text, ["file", "fer2013_row", *VOTE_COLUMNS])
    writer.writeheader()
    writer.writerows({"file": name, "fer2013_row": 0, **row} for name, row in votes.items())
    (folder / "ferplus.csv").write_text(text.getvalue(), encoding="utf-8")
    return folder


@contextmanager
def turn_in(folder: Path) -> Iterator[None]:
    """Keeps the other test processes out of a folder."""
    folder.mkdir(exist_ok=True)
    with FileLock(folder / "lock"):
        yield


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Returns a folder that all test processes share; they take turns in making what they share."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    return folder / "shared"


@pytest.fixture(scope="session")
def tiny_source(shared_folder: Path) -> Path:
    with turn_in(shared_folder):
        if not (shared_folder / "source").exists():
            faces = tiny_faces(0)
            votes = {name: votes_for(name.split("/")[1]) for name in faces}
            write_data(shared_folder / "source", faces, votes)
    return shared_folder / "source"


@pytest.fixture(scope="session")
def tiny_data(tiny_source: Path, tmp_path_factory: pytest.TempPathFactory) -> FaceSet:
    return prepare(tiny_source, tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="session")
def tiny_recipe(shared_folder: Path) -> Path:
    """Returns the path of `quick` made small: two epochs of four steps."""
    changes = {"name": "tiny", "epochs": 2, "small_epochs": 1, "batch_size": 8, "small_image_size": 24}
    path = shared_folder / "tiny.toml"
    with turn_in(shared_folder):
        path.write_text(Recipe.load("quick", changes).to_toml(), encoding="utf-8")
    return path


def command(source: Path, recipe: Path, folder: Path) -> list[str]:
    """Returns the arguments that make a model in `folder`."""
    values = {
        "--recipe": recipe,
        "--data": source,
        "--cache": folder / "cache",
        "--models": folder / "models",
    }
    return [str(part) for pair in values.items() for part in pair]


@pytest.fixture(scope="session")
def made(tiny_source: Path, tiny_recipe: Path, shared_folder: Path) -> Path:
    """Returns the folder of the cache, the run and the model that one whole command made."""
    folder = shared_folder / "made"
    with turn_in(shared_folder):
        if not (folder / "models" / "README.md").exists():  # what is written last
            assert main(command(tiny_source, tiny_recipe, folder)) == 0
    return folder


@pytest.fixture(scope="session")
def fer_data() -> Path:
    """Returns the folder of the real data set."""
    folder = os.environ.get("FER_DATA")
    if not folder:
        pytest.skip("FER_DATA names no folder with fer2013.zip and ferplus.csv")
    return Path(folder)
