"""Crops: where they are, how large they are, and what is beyond the edge of the picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from fer_desktop.domain import FaceBox
from fer_desktop.vision.crop import careful_crops, crop_box, crop_face, to_gray

if TYPE_CHECKING:
    from fer_desktop.domain import Image

GRAY = np.random.default_rng(5).integers(0, 256, (100, 200), np.uint8)


def cut_out(x: int, y: int, side: int) -> Image:
    """Returns a square of the picture, whose outermost pixels are repeated beyond its edges."""
    return np.pad(GRAY, 500, mode="edge")[y + 500 : y + 500 + side, x + 500 : x + 500 + side]


@pytest.mark.parametrize(
    ("box", "margin", "square"),
    [
        (FaceBox(40, 20, 50, 50), 0.0, (40, 20, 50)),
        (FaceBox(40, 30, 40, 40), 0.25, (30, 20, 60)),
        (FaceBox(40, 30, 40, 40), -0.1, (44, 34, 32)),
        (FaceBox(60, 20, 30, 50), 0.0, (50, 20, 50)),
        (FaceBox(60, 20, 50, 30), 0.0, (60, 10, 50)),
        (FaceBox(50, 60, 6, 10), 0.0, (41, 53, 24)),  # the model takes nothing smaller
        (FaceBox(-20, 60, 60, 60), 0.0, (-20, 60, 60)),
        (FaceBox(170, -15, 60, 60), 0.0, (170, -15, 60)),
        (FaceBox(-10, -20, 240, 240), 0.0, (-10, -20, 240)),
        (FaceBox(400, 300, 60, 60), 0.0, (400, 300, 60)),
        (FaceBox(-300, -200, 60, 60), 0.0, (-300, -200, 60)),
    ],
)
def test_crop_is_the_square_around_the_face(
    box: FaceBox, margin: float, square: tuple[int, int, int]
) -> None:
    x, y, side = square
    assert crop_box(box, margin) == FaceBox(x, y, side, side)
    assert np.array_equal(crop_face(GRAY, box, margin), cut_out(x, y, side))


def test_crop_does_not_share_memory_with_the_frame() -> None:
    assert not np.shares_memory(crop_face(GRAY, FaceBox(0, 0, 50, 50), margin=0.0), GRAY)


@pytest.mark.parametrize(("side", "step"), [(50, 2), (10, 1)])
def test_careful_views_are_shifted_and_mirrored_crops_of_one_size(side: int, step: int) -> None:
    views = careful_crops(GRAY, FaceBox(40, 20, side, side), margin=0.1)
    expected = [
        crop_face(GRAY, FaceBox(40 + dx, 20 + dy, side, side), margin=0.1)
        for dx, dy in ((0, 0), (step, 0), (-step, 0), (0, step), (0, -step))
    ]
    assert len(views) == 10
    for view, mirrored, crop in zip(views[:5], views[5:], expected, strict=True):
        assert np.array_equal(view, crop)
        assert np.array_equal(mirrored, crop[:, ::-1])


def test_gray_weighs_the_colours() -> None:
    blue_green_red = np.array([[[255, 0, 0], [0, 255, 0], [0, 0, 255]]], np.uint8)
    assert to_gray(blue_green_red).tolist() == [[29, 150, 76]]  # ITU-R BT.601
