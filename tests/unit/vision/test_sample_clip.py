"""The demo's clip: always the same, moving, and with a face in every shot."""

from __future__ import annotations

from typing import TYPE_CHECKING
from unittest.mock import Mock

import cv2
import numpy as np
import pytest

from fer_desktop.errors import FrameSourceError
from fer_desktop.paths import resources_dir
from fer_desktop.vision.face_detector import CASCADE_FILE, HaarFaceDetector
from fer_desktop.vision.sample_clip import SampleClip

if TYPE_CHECKING:
    from pathlib import Path

SAMPLES = resources_dir() / "samples"
FRAMES_PER_SHOT = 125


@pytest.fixture(scope="module")
def clip() -> SampleClip:
    return SampleClip(SAMPLES)


def test_frames_are_like_those_of_a_camera(clip: SampleClip) -> None:
    frame = clip.read()
    assert frame.image.shape == (480, 640, 3)
    assert frame.image.dtype == np.uint8
    assert frame.number == 0
    assert np.array_equal(frame.image, clip.render(0))


def test_clip_is_always_the_same(clip: SampleClip) -> None:
    assert np.array_equal(clip.render(77), SampleClip(SAMPLES).render(77))


def test_picture_moves_from_frame_to_frame(clip: SampleClip) -> None:
    for number in range(40):
        assert not np.array_equal(clip.render(number), clip.render(number + 1))


@pytest.mark.parametrize(
    ("number", "photo", "move"),
    [
        (0, (1162, 774), [1.0, 0.0, -249.38, -0.0, 1.0, -46.38]),
        (124, (1162, 774), [1.02, -0.022, -260.371, 0.022, 1.02, -60.006]),
        (125, (646, 750), [1.021, -0.022, -1.694, 0.022, 1.021, -136.854]),
        (300, (533, 800), [0.976, 0.005, 60.944, -0.005, 0.976, -143.063]),
        (400, (783, 522), [0.975, -0.025, -92.602, 0.025, 0.975, -26.996]),
        (624, (800, 533), [0.976, 0.025, -73.486, -0.025, 0.976, 6.015]),
        (625, (1162, 774), [0.977, 0.025, -239.447, -0.025, 0.977, -29.565]),
    ],
)
def test_view_of_each_photo_sways_gently(
    clip: SampleClip,
    monkeypatch: pytest.MonkeyPatch,
    number: int,
    photo: tuple[int, int],
    move: list[float],
) -> None:
    warp = Mock(wraps=cv2.warpAffine)
    monkeypatch.setattr(cv2, "warpAffine", warp)
    clip.render(number)
    image, matrix, _size = warp.call_args.args
    assert [*image.shape[1::-1], *matrix.ravel()] == pytest.approx([*photo, *move], abs=1e-3)


def test_every_shot_shows_a_face_most_of_the_time(clip: SampleClip) -> None:
    detector = HaarFaceDetector(resources_dir() / CASCADE_FILE)
    for shot in range(5):
        numbers = range(shot * FRAMES_PER_SHOT, (shot + 1) * FRAMES_PER_SHOT, 12)
        found = [bool(detector.detect(clip.render(number))) for number in numbers]
        assert sum(found) >= 0.9 * len(found), f"shot {shot}"


def test_missing_photo_is_named(tmp_path: Path) -> None:
    with pytest.raises(FrameSourceError, match=r"happy-baby\.jpeg"):
        SampleClip(tmp_path)
