"""What a webcam does to a face, on a made-up one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from training.evaluation.perturbations import (
    FAR,
    PERTURBATIONS,
    add_noise,
    backlight,
    blur,
    crop,
    expose,
    roll,
    scale_values,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray


@pytest.fixture
def face() -> NDArray[np.uint8]:
    return np.random.default_rng(3).integers(40, 215, (48, 48), dtype=np.uint8)


@pytest.mark.parametrize("name", PERTURBATIONS)
def test_each_changes_the_face_always_in_the_same_way(name: str, face: NDArray[np.uint8]) -> None:
    before = face.copy()
    changed = PERTURBATIONS[name](face)
    assert changed.dtype == np.uint8
    assert changed.shape[0] == changed.shape[1] >= 24
    assert changed.shape != face.shape or (changed != face).any()
    assert (PERTURBATIONS[name](face) == changed).all()
    assert (face == before).all()


def test_brightness_scales_the_values_and_stops_at_white() -> None:
    values = np.array([[0, 100, 127, 128, 255]], np.uint8)
    assert scale_values(values, 0.5).tolist() == [[0, 50, 64, 64, 128]]
    assert scale_values(values, 2).tolist() == [[0, 200, 254, 255, 255]]


def test_a_stop_is_twice_the_light_and_changes_the_values_less() -> None:
    gray = np.array([[100]], np.uint8)
    brighter = expose(gray, 1)
    assert (brighter[0, 0] / 100) ** 2.2 == pytest.approx(2, rel=0.02)
    assert expose(brighter, -1)[0, 0] == pytest.approx(100, abs=1)


def test_backlight_is_white_at_the_corners_and_dark_and_flat_inside(face: NDArray[np.uint8]) -> None:
    lit = backlight(face)
    assert lit[[0, 0, -1, -1], [0, -1, 0, -1]].tolist() == [255] * 4
    inside, before = lit[16:32, 16:32], face[16:32, 16:32]
    assert inside.mean() < 0.8 * before.mean()
    assert inside.std() < 0.6 * before.std()


def test_blur_removes_detail_and_keeps_the_light(face: NDArray[np.uint8]) -> None:
    assert blur(face).std() < 0.5 * face.std()
    assert blur(face).mean() == pytest.approx(face.mean(), abs=2)


def test_noise_has_its_strength_and_a_different_pattern_on_another_face(face: NDArray[np.uint8]) -> None:
    other = np.full_like(face, 127)
    assert (add_noise(other).astype(float) - 127).std() == pytest.approx(0.08 * 255, rel=0.1)
    assert (add_noise(other) != add_noise(np.full_like(face, 128)) - 1).any()


def test_a_head_tilts_to_either_side_in_the_same_way(face: NDArray[np.uint8]) -> None:
    mirrored = np.ascontiguousarray(face[:, ::-1])
    other = roll(mirrored, -20)[:, ::-1].astype(int)
    assert np.abs(roll(face, 20) - other).mean() < 1
    assert (roll(face, 90)[10:38, 10:38] == np.rot90(face)[10:38, 10:38]).mean() > 0.95


def test_a_moved_box_shows_the_face_elsewhere(face: NDArray[np.uint8]) -> None:
    assert (crop(face, right=0.125)[:, :-6] == face[:, 6:]).all()
    assert (crop(face, down=-0.125)[6:] == face[:-6]).all()


def test_a_tight_and_a_loose_box_keep_the_middle(face: NDArray[np.uint8]) -> None:
    assert (crop(face, scale=0.75) == face[6:42, 6:42]).all()
    loose = crop(face, scale=1.5)
    assert loose.shape == (72, 72)
    assert (loose[12:60, 12:60] == face).all()


def test_far_faces_have_the_smallest_side() -> None:
    assert PERTURBATIONS[FAR](np.full((48, 48), 9, np.uint8)).tolist() == np.full((24, 24), 9).tolist()
