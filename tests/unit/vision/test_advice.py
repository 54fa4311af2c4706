"""What is advised, by what is measured."""

from __future__ import annotations

import numpy as np
import pytest

from fer_desktop.domain import Advice, FaceBox
from fer_desktop.vision.advice import PATIENCE, Adviser
from fer_desktop.vision.face_tracker import TrackedFace

NEAR = FaceBox(100, 60, 120, 120)
FAR = FaceBox(100, 60, 40, 40)


def picture(gray: int) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    return np.full((240, 320), gray, np.uint8)


def seen(box: FaceBox, at: float) -> TrackedFace:
    return TrackedFace(0, box, at, at)


@pytest.mark.parametrize(
    ("box", "gray", "advice"),
    [
        (NEAR, 120, None),
        (FAR, 120, Advice.MOVE_CLOSER),
        (NEAR, 20, Advice.MORE_LIGHT),
        (FAR, 20, Advice.MORE_LIGHT),
        (None, 120, Advice.FACE_CAMERA),
        (None, 20, Advice.MORE_LIGHT),
    ],
)
def test_what_lasts_is_advised(box: FaceBox | None, gray: int, advice: Advice | None) -> None:
    adviser = Adviser()
    times = [step / 10 for step in range(16)]
    given = [adviser.update(picture(gray), seen(box, at) if box else None, at) for at in times]
    assert given[-1] is advice
    assert all(each is None for each, at in zip(given, times, strict=True) if at < PATIENCE)


def test_bright_ground_behind_a_dark_face_does_not_hide_it() -> None:
    gray = picture(240)
    gray[60:180, 100:220] = 25
    adviser = Adviser()
    assert [adviser.update(gray, seen(NEAR, at), at) for at in (0.0, 1.0)][-1] is Advice.MORE_LIGHT


def test_face_that_is_missed_again_and_again_should_face_the_camera() -> None:
    adviser = Adviser()
    found_at = 0.0
    for step in range(60):
        at = step / 15
        found_at = at if step % 4 == 0 else found_at
        advice = adviser.update(picture(120), seen(NEAR, found_at), at)
    assert advice is Advice.FACE_CAMERA


def test_single_miss_is_no_reason() -> None:
    adviser = Adviser()
    for step in range(60):
        at = step / 15
        found_at = at - 1 / 15 if step % 10 == 5 else at
        assert adviser.update(picture(120), seen(NEAR, found_at), at) is None


def test_advice_does_not_waver_at_the_edge() -> None:
    adviser = Adviser()
    for step in range(60):
        at = step / 15
        box = FAR if step % 2 else NEAR
        assert adviser.update(picture(120), seen(box, at), at) is None


def test_advice_that_was_followed_goes() -> None:
    adviser = Adviser()
    for at in (0.0, 1.0):
        adviser.update(picture(120), seen(FAR, at), at)
    assert [adviser.update(picture(120), seen(NEAR, at), at) for at in (1.1, 2.0)] == [
        Advice.MOVE_CLOSER,
        None,
    ]
