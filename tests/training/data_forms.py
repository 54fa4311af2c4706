"""Made-up pictures, and the forms in which data sets are distributed."""

from __future__ import annotations

import csv
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from fer_desktop.domain import Emotion
from fer_desktop.emotions import EMOTIONS
from training.data.face_set import VOTE_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

FER_NUMBERS = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
"""What FER-2013's numbers mean."""

USAGES = ("Training", "PublicTest", "PrivateTest")
OURS = tuple(EMOTIONS[emotion].fer2013 for emotion in Emotion)


def picture(seed: int, side: int = 48, channels: int = 1) -> NDArray[np.uint8]:
    """Returns a picture unlike those of other seeds, gray or coloured."""
    generator = np.random.default_rng(seed)
    shape = (side, side) if channels == 1 else (side, side, channels)
    coarse = cv2.resize(generator.normal(128, 60, (8, 8)), (side, side), interpolation=cv2.INTER_CUBIC)
    fine = cv2.resize(generator.normal(0, 20, (24, 24)), (side, side), interpolation=cv2.INTER_CUBIC)
    gray = np.clip(coarse + fine, 0, 255).astype(np.uint8)
    return np.broadcast_to(gray if channels == 1 else gray[..., np.newaxis], shape).copy()


def pictures(paths: Iterable[str], side: int = 48) -> dict[str, NDArray[np.uint8]]:
    """Returns a different picture for each path."""
    return {path: picture(seed, side) for seed, path in enumerate(paths)}


def encoded(face: NDArray[Any], suffix: str) -> bytes:
    """Returns a picture file's content."""
    options = [cv2.IMWRITE_JPEG_QUALITY, 98] if suffix == ".jpg" else []
    return bytes(cv2.imencode(suffix, face, options)[1].tobytes())


def write_tree(folder: Path, faces: dict[str, NDArray[np.uint8]]) -> Path:
    """Writes pictures by their paths; returns the folder."""
    for name, face in faces.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(encoded(face, path.suffix))
    return folder


def write_zip(path: Path, faces: dict[str, NDArray[np.uint8]]) -> Path:
    """Writes pictures into a zip; returns its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        for name, face in faces.items():
            archive.writestr(name, encoded(face, Path(name).suffix))
    return path


def split_paths(parts: Iterable[str], classes: Iterable[str], count: int, suffix: str = ".png") -> list[str]:
    """Returns <part>/<class>/<part>-<class>-<number><suffix>."""
    classes = list(classes)
    return [
        f"{part}/{label}/{part}-{label}-{number}{suffix}"
        for part in parts
        for label in classes
        for number in range(count)
    ]


def csv_rows(count: int = 3) -> list[dict[str, str]]:
    """Returns rows of fer2013.csv: `count` of each emotion in each part."""
    return [
        {
            "emotion": str(emotion),
            "pixels": " ".join(map(str, picture(100 * part + 10 * emotion + number).ravel())),
            "Usage": usage,
        }
        for part, usage in enumerate(USAGES)
        for emotion in range(len(FER_NUMBERS))
        for number in range(count)
    ]


def write_csv(path: Path, rows: list[dict[str, str]]) -> Path:
    """Writes rows with the header of their keys; returns the path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def fer_files(rows: list[dict[str, str]]) -> list[str]:
    """Returns the name in Kaggle's zip of each row."""
    return [
        f"{'train' if row['Usage'] == 'Training' else 'test'}/{FER_NUMBERS[int(row['emotion'])]}/"
        f"{row['Usage']}_{number}.jpg"
        for number, row in enumerate(rows)
    ]


def votes_row(number: int) -> dict[str, str]:
    """Returns ten votes that differ from row to row."""
    return dict.fromkeys(VOTE_COLUMNS, "0") | {VOTE_COLUMNS[number % 8]: str(9 - number % 3), "NF": "1"}
