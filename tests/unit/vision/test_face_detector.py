"""The Haar detector on the sample photos, and with cascades that cannot be used."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from fer_desktop.domain import FaceBox
from fer_desktop.errors import ModelError
from fer_desktop.paths import resources_dir
from fer_desktop.vision.crop import to_gray
from fer_desktop.vision.face_detector import CASCADE_FILE, HaarFaceDetector
from fer_desktop.vision.media import read_photo
from fer_desktop.vision.sample_clip import SampleClip

if TYPE_CHECKING:
    from pathlib import Path

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


def test_faces_of_a_group_come_largest_first(detector: HaarFaceDetector) -> None:
    boxes = detector.detect(read_photo(SAMPLES / "group.jpeg"))
    assert 2 <= len(boxes) <= 5
    assert [box.area for box in boxes] == sorted((box.area for box in boxes), reverse=True)


def test_moving_face_is_found_in_bad_light(detector: HaarFaceDetector) -> None:
    clip = SampleClip(SAMPLES)
    frames = [(clip.render(number) * 0.35).astype(np.uint8) for number in range(125, 250, 25)]
    assert [len(detector.detect(frame)) for frame in frames] == [1] * len(frames)


def test_face_keeps_its_place_when_the_picture_is_larger(detector: HaarFaceDetector) -> None:
    photo = read_photo(SAMPLES / "neutral.jpeg")
    (box,) = detector.detect(photo)
    (doubled,) = detector.detect(photo.repeat(2, axis=0).repeat(2, axis=1))
    assert doubled.x / 2 == pytest.approx(box.x, abs=20)
    assert doubled.width / 2 == pytest.approx(box.width, rel=0.1)


@pytest.mark.parametrize("factor", [0.82, 0.92, 1.1, 1.2])
def test_followed_face_may_come_closer_or_go(detector: HaarFaceDetector, factor: float) -> None:
    photo = read_photo(SAMPLES / "neutral.jpeg")
    (box,) = detector.detect(photo)
    side = round(box.width / factor)
    now: FaceBox | None = FaceBox(
        box.x + (box.width - side) // 2, box.y + (box.height - side) // 2, side, side
    )
    for _ in range(3):
        assert now is not None
        now = detector.find_near(to_gray(photo), now)
    assert now is not None
    assert now.width == pytest.approx(box.width, rel=0.12)


def test_followed_face_that_stands_still_keeps_its_size(detector: HaarFaceDetector) -> None:
    photo = read_photo(SAMPLES / "happy-baby.jpeg")
    (found,) = detector.detect(photo)
    box: FaceBox | None = found
    for _ in range(30):
        assert box is not None
        box = detector.find_near(to_gray(photo), box)
    assert box is not None
    assert box.width == pytest.approx(found.width, rel=0.12)


@pytest.mark.parametrize("size", [(1, 1), (5, 900), (480, 640)])
def test_picture_without_a_face_has_none(detector: HaarFaceDetector, size: tuple[int, int]) -> None:
    assert detector.detect(np.full((*size, 3), 90, np.uint8)) == ()


@pytest.mark.parametrize(
    ("content", "title"),
    [
        (None, "Face cascade missing"),
        (b"", "Face cascade damaged"),
        (b"no xml at all", "Face cascade damaged"),
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
