"""Crops: where they lie, how large they are, and what stands beyond the picture's edge."""

from __future__ import annotations

import numpy as np
import pytest

from fer_desktop.domain import FaceBox
from fer_desktop.vision.crop import MIN_CROP_SIDE, careful_crops, crop_face, to_gray

GRADIENT = (np.arange(200, dtype=np.uint8)[np.newaxis, :] + np.zeros((100, 1), np.uint8)).astype(np.uint8)
"""A gray picture, 200x100, in which each column's value is its number."""


def test_crop_without_margin_is_the_box() -> None:
    crop = crop_face(GRADIENT, FaceBox(40, 20, 50, 50), margin=0.0)
    assert np.array_equal(crop, GRADIENT[20:70, 40:90])


def test_margin_is_added_on_each_side() -> None:
    crop = crop_face(GRADIENT, FaceBox(40, 30, 40, 40), margin=0.25)
    assert np.array_equal(crop, GRADIENT[20:80, 30:90])


def test_longer_side_of_a_box_makes_the_square() -> None:
    crop = crop_face(GRADIENT, FaceBox(60, 20, 30, 50), margin=0.0)
    assert np.array_equal(crop, GRADIENT[20:70, 50:100])


@pytest.mark.parametrize(
    ("box", "first", "last"),
    [
        (FaceBox(-20, 10, 60, 60), 0, 39),
        (FaceBox(170, 10, 60, 60), 170, 199),
        (FaceBox(400, 10, 60, 60), 199, 199),
    ],
)
def test_edge_is_repeated_beyond_the_picture(box: FaceBox, first: int, last: int) -> None:
    crop = crop_face(GRADIENT, box, margin=0.0)
    assert crop.shape == (60, 60)
    assert (crop[:, 0] == first).all()
    assert (crop[:, -1] == last).all()


def test_tiny_face_still_gives_what_the_model_takes() -> None:
    assert crop_face(GRADIENT, FaceBox(50, 50, 6, 6), margin=0.0).shape == (MIN_CROP_SIDE, MIN_CROP_SIDE)


def test_crop_does_not_share_memory_with_the_frame() -> None:
    gray = GRADIENT.copy()
    crop = crop_face(gray, FaceBox(0, 0, 50, 50), margin=0.0)
    gray[:] = 7
    assert np.array_equal(crop, GRADIENT[:50, :50])


def test_careful_views_are_shifted_and_mirrored_crops_of_one_size() -> None:
    box = FaceBox(40, 20, 50, 50)
    views = careful_crops(GRADIENT, box, margin=0.0)
    assert {view.shape for view in views} == {(50, 50)}
    assert np.array_equal(views[0], crop_face(GRADIENT, box, margin=0.0))
    assert {int(view[0, 0]) for view in views[:5]} == {38, 40, 42}
    for view, mirrored in zip(views[:5], views[5:], strict=True):
        assert np.array_equal(mirrored, view[:, ::-1])


def test_gray_weighs_the_colours() -> None:
    blue_green_red = np.array([[[255, 0, 0], [0, 255, 0], [0, 0, 255]]], np.uint8)
    assert to_gray(blue_green_red).tolist() == [[29, 150, 76]]  # ITU-R BT.601
