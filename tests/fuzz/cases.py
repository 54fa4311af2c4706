"""What is damaged, and how the app reads it."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import cv2
import numpy as np

from fer_desktop.domain import Frame
from fer_desktop.errors import AppError
from fer_desktop.paths import resources_dir
from fer_desktop.playlist.moods import load_moods
from fer_desktop.settings import FILE_NAME as SETTINGS_NAME
from fer_desktop.settings import SettingsStore
from fer_desktop.vision.annotation import annotated_jpeg
from fer_desktop.vision.batch import analyse_file
from fer_desktop.vision.emotion_classifier import OnnxEmotionClassifier
from fer_desktop.vision.face_detector import CASCADE_FILE, HaarFaceDetector
from fer_desktop.vision.media import read_photo
from fer_desktop.vision.model_card import ModelCard
from fer_desktop.vision.pipeline import FramePipeline
from tests.fakes.tiny_model import TINY_MODEL, tiny_card, write_tiny_model
from tests.fakes.videos import write_gif, write_video
from tests.fuzz.mutation import damaged, damaged_json, damaged_png

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from fer_desktop.domain import Image

_SIDE = 96
_PICTURES_PER_VIDEO = 8


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of file.

    Attributes:
        name: The name of the file.
        content: Its content before it is damaged.
        damage: Damages it.
        read: Reads it as the app does.
    """

    name: str
    content: bytes
    damage: Callable[[bytes, random.Random], bytes]
    read: Callable[[Path], object]


class Fuzz:
    """The cases; each depends only on its number.

    Args:
        folder: An empty folder to work in.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        write_tiny_model(folder / "models")
        self._pipeline = FramePipeline.load(folder / "models", resources_dir())

    def run(self, number: int) -> bool:
        """Damages a file and reads it; returns whether it could be read anyway.

        Raises:
            Exception: Anything but an AppError, or one without text.
        """
        chance = random.Random(number)  # noqa: S311  # it must be repeatable, not secret
        kind = self._kinds[number % len(self._kinds)]
        path = self._folder / kind.name
        path.write_bytes(kind.damage(kind.content, chance))
        try:
            kind.read(path)
        except AppError as error:
            if not error.title or not error.message or not error.hint:
                raise ValueError(f"{error!r} says too little") from error
            return False
        return True

    def kind_of(self, number: int) -> str:
        """Returns the name of the file that a case damages."""
        return self._kinds[number % len(self._kinds)].name

    @cached_property
    def _kinds(self) -> tuple[_Kind, ...]:
        kinds = [
            _Kind(name, content, damaged_png if name.endswith(".png") else damaged, self._read_photo)
            for name, content in _photos().items()
        ]
        kinds += [
            _Kind(f"damaged-{video.name}", video.read_bytes(), damaged, self._read_video)
            for video in self._videos()
        ]
        card = json.dumps(tiny_card(TINY_MODEL.read_bytes())).encode()
        settings = json.dumps(
            {"source": "camera:0", "mirror": False, "track_count": 30, "second_playlist": "new"}
        ).encode()
        moods = (resources_dir() / "moods.toml").read_bytes()
        for damage in (damaged, damaged_json):
            kinds.append(_Kind("card.json", card, damage, self._read_card))
            kinds.append(_Kind(SETTINGS_NAME, settings, damage, _read_settings))
        kinds.append(_Kind("moods.toml", moods, _damaged_toml, load_moods))
        return tuple(kinds)

    def _videos(self) -> tuple[Path, ...]:
        pictures = [cv2.resize(_face(), None, fx=1 + n / 20, fy=1)[:, :_SIDE] for n in range(12)]
        mp4 = self._folder / "clip.mp4"
        writer = cv2.VideoWriter(str(mp4), cv2.VideoWriter.fourcc(*"mp4v"), 10, (_SIDE, _SIDE))
        for picture in pictures:
            writer.write(picture)
        writer.release()
        images = [picture.astype(np.uint8, copy=False) for picture in pictures]
        return (
            mp4,
            write_video(self._folder / "clip.avi", images, rate=10),
            write_gif(self._folder / "clip.gif", images, [100] * len(images)),
        )

    def _read_photo(self, path: Path) -> None:
        photo = read_photo(path)
        annotated_jpeg(photo, self._pipeline.analyse(Frame(photo, 0, 0.0)).faces)

    def _read_video(self, path: Path) -> None:
        for picture, _ in zip(analyse_file(self._pipeline, path), range(_PICTURES_PER_VIDEO), strict=False):
            annotated_jpeg(picture.image, picture.faces)

    def _read_card(self, path: Path) -> None:
        card = ModelCard.load(path)
        classifier = OnnxEmotionClassifier.load(self._folder / "models" / "emotion.onnx", path)
        detector = HaarFaceDetector(resources_dir() / CASCADE_FILE)
        FramePipeline(detector, classifier, card).analyse(Frame(_face(), 0, 0.0))
        [round((1 - share) * 100) for share in (card.test_accuracy, *card.test_recall.values())]


def _read_settings(path: Path) -> None:
    settings = SettingsStore.load(path.parent)
    settings.update(mirror=not settings.current.mirror)
    if SettingsStore.load(path.parent).current != settings.current:
        raise ValueError("the settings that were saved are not those that were loaded")


def _damaged_toml(content: bytes, chance: random.Random) -> bytes:
    if chance.random() < 0.02:
        return b"angry = " + b"[" * 100_000
    return damaged(content, chance)


def _photos() -> dict[str, bytes]:
    """Returns a face in each format and depth that is read as a photo."""
    face = _face()
    deep = face.astype(np.uint16) * 257
    progressive = (cv2.IMWRITE_JPEG_PROGRESSIVE, 1, cv2.IMWRITE_JPEG_RST_INTERVAL, 4)
    animation = cv2.Animation()
    animation.frames, animation.durations = [face, face[::-1].copy()], [100, 100]
    turned = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"
    jpeg = _encoded(".jpg", face)
    return {
        "plain.jpg": jpeg[:2] + b"\xff\xe1" + (len(turned) + 2).to_bytes(2, "big") + turned + jpeg[2:],
        "progressive.jpg": cv2.imencode(".jpg", face, progressive)[1].tobytes(),
        "plain.png": _encoded(".png", face),
        "deep.png": cv2.imencode(".png", deep)[1].tobytes(),
        "moving.png": cv2.imencodeanimation(".png", animation)[1].tobytes(),
        "plain.webp": _encoded(".webp", face),
        "moving.webp": cv2.imencodeanimation(".webp", animation)[1].tobytes(),
        "plain.bmp": _encoded(".bmp", face),
        "plain.tiff": _encoded(".tiff", face),
        "deep.tiff": cv2.imencode(".tiff", deep)[1].tobytes(),
    }


def _face() -> Image:
    photo = read_photo(resources_dir() / "samples" / "neutral.jpeg")[290:890, 210:810]
    return cv2.resize(photo, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)


def _encoded(suffix: str, image: Image) -> bytes:
    return cv2.imencode(suffix, image)[1].tobytes()
