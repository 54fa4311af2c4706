"""The demo's clip: the same at every run, moving, and with a face in every shot."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from fer_desktop.errors import FrameSourceError
from fer_desktop.paths import resources_dir
from fer_desktop.vision.face_detector import CASCADE_FILE, HaarFaceDetector
from fer_desktop.vision.sample_clip import SampleClip

if TYPE_CHECKING:
    from pathlib import Path

SAMPLES = resources_dir() / "samples"
FRAMES_A_SHOT = 125


@pytest.fixture(scope="module")
def clip() -> SampleClip:
    return SampleClip(SAMPLES)


def test_frames_are_those_of_a_small_camera(clip: SampleClip) -> None:
    frame = clip.read()
    assert frame.image.shape == (480, 640, 3)
    assert frame.image.dtype == np.uint8
    assert frame.number == 0
    assert np.array_equal(frame.image, clip.render(0))


def test_clip_is_the_same_at_every_run(clip: SampleClip) -> None:
    assert np.array_equal(clip.render(77), SampleClip(SAMPLES).render(77))


def test_picture_moves_from_frame_to_frame(clip: SampleClip) -> None:
    for number in range(40):
        assert not np.array_equal(clip.render(number), clip.render(number + 1))


def test_every_shot_shows_a_face_most_of_the_time(clip: SampleClip) -> None:
    detector = HaarFaceDetector(resources_dir() / CASCADE_FILE)
    for shot in range(5):
        numbers = range(shot * FRAMES_A_SHOT, (shot + 1) * FRAMES_A_SHOT, 12)
        found = [bool(detector.detect(clip.render(number))) for number in numbers]
        assert sum(found) >= 0.9 * len(found), f"shot {shot}"


def test_missing_photo_is_named(tmp_path: Path) -> None:
    with pytest.raises(FrameSourceError, match=r"happy-baby\.jpeg"):
        SampleClip(tmp_path)
