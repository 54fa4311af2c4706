"""Following faces over time, by a detector that finds what the test says."""

from __future__ import annotations

import numpy as np
import pytest

from fer_desktop.domain import FaceBox
from fer_desktop.vision.face_tracker import HOLD, LOOK_OUT_SECONDS, SEARCH_SECONDS, FaceTracker, TrackedFace
from tests.fakes.detector import ScriptedDetector

LARGE = FaceBox(20, 20, 100, 100)
SMALL = FaceBox(200, 40, 60, 60)
IMAGE = np.zeros((240, 320, 3), np.uint8)
GRAY = np.zeros((240, 320), np.uint8)


class Following:
    """A tracker and its detector."""

    def __init__(self, *boxes: FaceBox) -> None:
        self.detector = ScriptedDetector(*boxes)
        self.tracker = FaceTracker(self.detector)

    def at(self, seconds: float) -> tuple[TrackedFace, ...]:
        return self.tracker.update(IMAGE, GRAY, seconds)

    def ids(self, seconds: float) -> list[int]:
        return [face.face_id for face in self.at(seconds)]


def test_a_moving_face_keeps_its_number() -> None:
    following = Following(LARGE)
    (first,) = following.at(0.0)
    for step in range(1, 40):
        following.detector.boxes = (FaceBox(20 + 4 * step, 20, 100, 100),)
        (face,) = following.at(step / 15)
        assert face.face_id == first.face_id
        assert face.box == following.detector.boxes[0]
        assert face.found_at == step / 15


def test_the_whole_frame_is_searched_now_and_then_only() -> None:
    following = Following(LARGE)
    for step in range(31):
        following.at(step / 15)
    assert following.detector.searches == pytest.approx(2 / SEARCH_SECONDS, abs=1)


def test_without_a_face_the_whole_frame_is_searched_more_often_but_not_always() -> None:
    following = Following()
    for step in range(31):
        assert following.at(step / 15) == ()
    assert following.detector.searches == pytest.approx(2 / LOOK_OUT_SECONDS, abs=2)


def test_a_face_that_comes_in_is_found_within_the_search_time() -> None:
    following = Following(LARGE)
    (first,) = following.ids(0.0)
    following.detector.boxes = (LARGE, SMALL)
    assert following.ids(SEARCH_SECONDS - 0.1) == [first]
    assert following.ids(SEARCH_SECONDS) == [first, first + 1]


def test_a_missed_face_keeps_its_box_for_a_moment_and_then_goes() -> None:
    following = Following(LARGE)
    (before,) = following.at(0.0)
    following.detector.boxes = ()
    assert following.at(HOLD - 0.01) == (before,)
    assert following.at(HOLD + 0.01) == ()


def test_a_face_that_comes_back_has_another_number() -> None:
    following = Following(LARGE)
    before = following.ids(0.0)
    following.detector.boxes = ()
    following.at(1.0)
    following.detector.boxes = (LARGE,)
    assert following.ids(2.0) != before


def test_what_no_search_confirms_is_given_up() -> None:
    """Folds and fur may look like a face near one place; the whole frame, searched anew, does not show it."""
    following = Following(LARGE)
    following.at(0.0)
    following.detector.boxes, following.detector.hidden = (), (LARGE,)
    assert len(following.at(1.5)) == 1
    assert following.at(2.5) == ()


def test_two_numbers_never_share_a_place() -> None:
    following = Following(LARGE, SMALL)
    following.at(0.0)
    following.detector.boxes = (FaceBox(110, 30, 100, 100),)  # overlaps both
    (face,) = (face for face in following.at(0.1) if face.found_at == 0.1)
    assert face.box == following.detector.boxes[0]


def test_you_are_the_largest_and_stay_while_another_is_hardly_larger() -> None:
    following = Following(LARGE, SMALL)
    you = following.ids(0.0)[0]
    grown = FaceBox(190, 30, 110, 110)
    following.detector.boxes = (grown, LARGE)
    assert following.ids(0.1)[0] == you
    following.detector.boxes = (FaceBox(180, 20, 140, 140), LARGE)
    assert following.ids(0.2)[0] != you


def test_the_chosen_face_stays_you_until_it_is_gone() -> None:
    following = Following(LARGE, SMALL)
    large, small = following.ids(0.0)
    following.tracker.follow(small)
    assert following.ids(0.1) == [small, large]
    following.detector.boxes = (FaceBox(0, 0, 180, 180), SMALL)
    assert following.ids(0.2) == [small, large]
    following.detector.boxes = (LARGE,)
    assert following.ids(0.8) == [large]


def test_a_number_that_is_gone_is_not_followed() -> None:
    following = Following(LARGE)
    you = following.ids(0.0)
    following.tracker.follow(you[0] + 7)
    assert following.ids(0.1) == you
