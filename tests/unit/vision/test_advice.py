"""Which advice is given for which measurements."""

from __future__ import annotations

import numpy as np
import pytest

from fer_desktop.domain import Advice, FaceBox
from fer_desktop.vision.advice import Adviser
from fer_desktop.vision.face_tracker import TrackedFace

NEAR = FaceBox(100, 60, 60, 48)
FAR = FaceBox(100, 60, 60, 47)  # less than a fifth of the picture's height


def picture(gray: int) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    return np.full((240, 320), gray, np.uint8)


def seen(box: FaceBox, at: float) -> TrackedFace:
    return TrackedFace(0, box, at, at)


@pytest.mark.parametrize(
    ("box", "gray", "advice"),
    [
        (NEAR, 40, None),
        (FAR, 40, Advice.MOVE_CLOSER),
        (NEAR, 39, Advice.MORE_LIGHT),
        (FAR, 39, Advice.MORE_LIGHT),
        (None, 40, Advice.FACE_CAMERA),
        (None, 39, Advice.MORE_LIGHT),
    ],
)
def test_advice_is_given_once_its_reason_has_lasted(
    box: FaceBox | None, gray: int, advice: Advice | None
) -> None:
    adviser = Adviser()
    given = [
        adviser.update(picture(gray), seen(box, at) if box else None, at) for at in (0.0, 0.3, 0.69, 0.7)
    ]
    assert given == [None, None, None, advice]


def test_bright_background_does_not_hide_a_dark_face() -> None:
    gray = picture(240)
    gray[54:114, 100:160] = 25
    gray[80:88, 120:140] = 200  # a nose that shines
    adviser = Adviser()
    assert [adviser.update(gray, seen(NEAR, at), at) for at in (0.0, 1.0)][-1] is Advice.MORE_LIGHT


@pytest.mark.parametrize(
    ("missed_from", "advice"),
    [(0.35, None), (0.36, Advice.FACE_CAMERA)],  # two fifths of the average over 0.7 s
)
def test_face_that_stays_missing_should_face_the_camera(missed_from: float, advice: Advice | None) -> None:
    adviser = Adviser()
    for at in (0.0, missed_from):
        adviser.update(picture(120), seen(NEAR, 0.0), at)
    assert adviser.update(picture(120), seen(NEAR, 0.0), missed_from + 0.71) is advice


def test_face_that_is_often_missed_should_face_the_camera() -> None:
    adviser = Adviser()
    found_at = 0.0
    for step in range(60):
        at = step / 15
        found_at = at if step % 4 == 0 else found_at
        advice = adviser.update(picture(120), seen(NEAR, found_at), at)
    assert advice is Advice.FACE_CAMERA


def test_single_miss_is_not_a_reason() -> None:
    adviser = Adviser()
    for step in range(60):
        at = step / 15
        found_at = at - 1 / 15 if step % 10 == 5 else at
        assert adviser.update(picture(120), seen(NEAR, found_at), at) is None


def test_advice_does_not_flicker_at_the_threshold() -> None:
    adviser = Adviser()
    for step in range(60):
        at = step / 15
        box = FAR if step % 2 else NEAR
        assert adviser.update(picture(120), seen(box, at), at) is None


def test_advice_that_was_followed_disappears() -> None:
    adviser = Adviser()
    for at in (0.0, 1.0):
        adviser.update(picture(120), seen(FAR, at), at)
    assert [adviser.update(picture(120), seen(NEAR, at), at) for at in (1.1, 2.0)] == [
        Advice.MOVE_CLOSER,
        None,
    ]
