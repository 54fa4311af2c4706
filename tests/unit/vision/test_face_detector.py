"""The Haar detector on the sample photos, and with cascades that cannot be used."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from fer_desktop.domain import FaceBox
from fer_desktop.errors import ModelError
from fer_desktop.paths import resources_dir
from fer_desktop.vision.crop import crop_face, to_gray
from fer_desktop.vision.face_detector import CASCADE_FILE, HaarFaceDetector
from fer_desktop.vision.media import fit_within, read_photo
from fer_desktop.vision.sample_clip import SampleClip

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from fer_desktop.domain import Image

    Script = Callable[..., tuple[HaarFaceDetector, "ScriptedCascade"]]

CASCADE = resources_dir() / CASCADE_FILE
SAMPLES = resources_dir() / "samples"


@pytest.fixture(scope="module")
def detector() -> HaarFaceDetector:
    return HaarFaceDetector(CASCADE)


@pytest.mark.parametrize(
    ("photo", "nose"),
    [
        ("angry.jpg", (400, 670)),
        ("happy-baby.jpeg", (620, 290)),
        ("neutral.jpeg", (490, 620)),
        ("sad-baby.jpeg", (720, 470)),
    ],
)
def test_single_face_is_found_and_nothing_else(
    detector: HaarFaceDetector, photo: str, nose: tuple[int, int]
) -> None:
    (box,) = detector.detect(read_photo(SAMPLES / photo))
    assert abs(box.x + box.width / 2 - nose[0]) < 0.2 * box.width
    assert abs(box.y + box.height / 2 - nose[1]) < 0.2 * box.height


def test_faces_of_a_group_are_sorted_by_size(detector: HaarFaceDetector) -> None:
    boxes = detector.detect(read_photo(SAMPLES / "group.jpeg"))
    assert 2 <= len(boxes) <= 5
    assert [box.area for box in boxes] == sorted((box.area for box in boxes), reverse=True)


def test_moving_face_is_found_in_bad_light(detector: HaarFaceDetector) -> None:
    clip = SampleClip(SAMPLES)
    frames = [(clip.render(number) * 0.35).astype(np.uint8) for number in range(125, 250, 25)]
    assert [len(detector.detect(frame)) for frame in frames] == [1] * len(frames)


def test_face_is_found_at_the_same_place_in_a_larger_picture(detector: HaarFaceDetector) -> None:
    photo = read_photo(SAMPLES / "neutral.jpeg")
    (box,) = detector.detect(photo)
    (doubled,) = detector.detect(photo.repeat(2, axis=0).repeat(2, axis=1))
    assert doubled.x / 2 == pytest.approx(box.x, abs=20)
    assert doubled.width / 2 == pytest.approx(box.width, rel=0.1)


@pytest.mark.parametrize(
    ("photo", "factor", "frames"),
    [
        ("neutral.jpeg", 0.82, 3),
        ("neutral.jpeg", 0.92, 3),
        ("neutral.jpeg", 1.1, 3),
        ("neutral.jpeg", 1.2, 3),
        ("happy-baby.jpeg", 1.0, 30),
    ],
)
def test_followed_box_comes_to_fit_the_face_and_stays(
    detector: HaarFaceDetector, photo: str, factor: float, frames: int
) -> None:
    image = read_photo(SAMPLES / photo)
    (box,) = detector.detect(image)
    side = round(box.width / factor)
    now: FaceBox | None = FaceBox(
        box.x + (box.width - side) // 2, box.y + (box.height - side) // 2, side, side
    )
    for _ in range(frames):
        assert now is not None
        now = detector.find_near(to_gray(image), now)
    assert now is not None
    assert now.width == pytest.approx(box.width, rel=0.12)


class ScriptedCascade:
    """Finds what the test scripts, and keeps what it was shown and asked."""

    def __init__(self, *answers: list[list[int]]) -> None:
        self.answers = list(answers)
        self.shown: list[Image] = []
        self.asked: list[dict[str, object]] = []

    def detectMultiScale(self, gray: Image, **options: object) -> list[list[int]]:  # noqa: N802  # OpenCV's name
        self.shown.append(gray)
        self.asked.append(options)
        return self.answers.pop(0)

    def read(self, _: object) -> bool:
        return True

    def empty(self) -> bool:
        return False


def asked(scale: float, neighbours: int, smallest: int, largest: int = 0) -> dict[str, object]:
    sizes = {"minSize": (smallest,) * 2, "maxSize": (largest,) * 2}
    return {"scaleFactor": scale, "minNeighbors": neighbours, **sizes}


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> Script:
    """Makes a detector whose cascade is scripted."""

    def make(*answers: list[list[int]]) -> tuple[HaarFaceDetector, ScriptedCascade]:
        cascade = ScriptedCascade(*answers)
        monkeypatch.setattr(cv2, "CascadeClassifier", lambda: cascade)
        return HaarFaceDetector(CASCADE), cascade

    return make


def noise(height: int, width: int) -> Image:
    return np.random.default_rng(4).integers(0, 256, (height, width, 3), np.uint8)


def test_picture_is_searched_small_and_each_candidate_is_confirmed(script: Script) -> None:
    candidates = [[100, 80, 60, 60], [30, 40, 50, 40], [24, 34, 70, 80]]
    detector, cascade = script(candidates, [[9, 9, 40, 40]], [], [[9, 9, 40, 40]])
    image = noise(960, 1280)
    assert detector.detect(image) == (FaceBox(0, 40, 280, 320), FaceBox(304, 224, 240, 240))
    assert cascade.asked == [asked(1.25, 2, 29), *[asked(1.05, 3, 34)] * 3]
    small = to_gray(fit_within(image, 320))
    padded, *views = cascade.shown
    assert np.array_equal(padded, np.pad(cv2.equalizeHist(small), 24, mode="edge"))
    for view, (x, y, width, height) in zip(views, candidates, strict=True):
        crop = crop_face(small, FaceBox(x - 24, y - 24, width, height), 0.2)
        assert np.array_equal(view, cv2.resize(crop, (67, 67)))
    detector, cascade = script([])
    assert detector.detect(noise(100, 320)) == ()
    assert cascade.asked == [asked(1.25, 2, 24)]  # the cascade finds nothing smaller


@pytest.mark.parametrize(
    ("found", "nearest"),
    [
        ([[14, 13, 35, 35], [13, 16, 35, 35], [14, 14, 33, 33]], FaceBox(103, 121, 70, 70)),
        ([[16, 13, 35, 35], [13, 15, 35, 35], [10, 10, 41, 41]], FaceBox(101, 125, 70, 70)),
        ([[16, 13, 35, 35], [13, 16, 35, 35], [12, 12, 37, 37]], FaceBox(99, 119, 74, 74)),
        ([[10, 13, 35, 35], [13, 10, 35, 35], [14, 14, 33, 33]], FaceBox(103, 123, 66, 66)),
    ],
)
def test_nearest_place_of_the_view_is_the_face(
    script: Script, found: list[list[int]], nearest: FaceBox
) -> None:
    gray, box = to_gray(noise(480, 640)), FaceBox(100, 120, 72, 72)
    detector, cascade = script([], found)
    assert detector.find_near(gray, box) == nearest
    assert cascade.asked == [asked(1.05, 3, 31, 42), asked(1.05, 3, 29, 45)]
    view = cv2.resize(crop_face(gray, box, 0.35), (61, 61), interpolation=cv2.INTER_AREA)
    assert all(np.array_equal(shown, cv2.equalizeHist(view)) for shown in cascade.shown)
    assert script([], [])[0].find_near(gray, box) is None


def test_large_face_is_followed_by_a_ninth_of_its_pixels(script: Script) -> None:
    gray, box = to_gray(noise(480, 640)), FaceBox(100, 0, 400, 400)
    detector, cascade = script([[12, 12, 37, 37]])
    assert detector.find_near(gray, box) == FaceBox(94, -6, 412, 412)
    view = cv2.resize(crop_face(gray, box, 0.35)[::3, ::3], (61, 61), interpolation=cv2.INTER_AREA)
    assert np.array_equal(cascade.shown[0], cv2.equalizeHist(view))


@pytest.mark.parametrize("size", [(1, 1), (5, 900), (480, 640)])
def test_picture_without_a_face_has_none(detector: HaarFaceDetector, size: tuple[int, int]) -> None:
    assert detector.detect(np.full((*size, 3), 90, np.uint8)) == ()


@pytest.mark.parametrize(
    ("content", "title"),
    [
        (None, "Face cascade missing"),
        (b"", "Face cascade damaged"),
        (b"not XML", "Face cascade damaged"),
        (b'<?xml version="1.0"?><opencv_storage><other>1</other></opencv_storage>', "Face cascade damaged"),
        (CASCADE.read_bytes()[:50_000], "Face cascade damaged"),
        (b"\xff\xfe\x00", "Face cascade unreadable"),
    ],
    ids=["missing", "empty", "text", "other xml", "cut", "binary"],
)
def test_unusable_cascade_says_what_to_do(tmp_path: Path, content: bytes | None, title: str) -> None:
    path = tmp_path / "cascade.xml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ModelError) as caught:
        HaarFaceDetector(path)
    assert caught.value.title == title
    assert caught.value.hint
