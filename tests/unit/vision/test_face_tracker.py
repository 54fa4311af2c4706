"""Following faces over time, with a scripted detector."""

from __future__ import annotations

import numpy as np
import pytest

from fer_desktop.domain import FaceBox
from fer_desktop.vision.face_tracker import FaceTracker, TrackedFace
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


@pytest.mark.parametrize(("faces", "wait"), [([LARGE], 0.5), ([], 0.2)])
def test_the_whole_frame_is_searched_only_now_and_then(faces: list[FaceBox], wait: float) -> None:
    following = Following(*faces)
    searches = []
    for at in (0.0, 0.1, wait - 0.01, wait, wait + 0.1, 2 * wait - 0.01, 2 * wait):
        following.at(at)
        searches.append(following.detector.searches)
    assert searches == [1, 1, 1, 2, 2, 2, 3]


def test_the_whole_frame_is_searched_soon_after_a_face_was_missed() -> None:
    following = Following(LARGE, SMALL)
    assert following.ids(0.0) == [0, 1]
    following.detector.boxes = (LARGE,)
    for at in (0.1, 0.19, 0.2):
        following.at(at)
    assert following.detector.searches == 2


def test_a_new_face_is_found_by_the_next_search() -> None:
    following = Following(LARGE)
    assert following.ids(0.0) == [0]
    following.detector.boxes = (LARGE, SMALL)
    assert following.ids(0.49) == [0]
    assert following.ids(0.5) == [0, 1]


@pytest.mark.parametrize(("start", "stays", "gone"), [(0.0, 0.3, 0.31), (10.0, 10.25, 10.5)])
def test_a_missed_face_keeps_its_box_for_a_moment(start: float, stays: float, gone: float) -> None:
    following = Following(LARGE)
    (before,) = following.at(start)
    following.detector.boxes = ()
    assert following.at(stays) == (before,)
    assert following.at(gone) == ()


def test_a_face_that_comes_back_gets_another_number() -> None:
    following = Following(LARGE)
    before = following.ids(0.0)
    following.detector.boxes = ()
    following.at(1.0)
    following.detector.boxes = (LARGE,)
    assert following.ids(2.0) != before


def test_a_face_that_no_search_confirms_is_dropped() -> None:
    """Folds and fur may look like a face near one place; a search of the whole frame does not show it."""
    following = Following(LARGE)
    following.at(0.0)
    following.detector.boxes, following.detector.hidden = (), (LARGE,)
    assert [len(following.at(seconds)) for seconds in (1.5, 2.0, 2.1)] == [1, 1, 0]


def test_a_face_found_only_by_searches_keeps_its_number() -> None:
    following = Following(LARGE)
    following.detector.finds_near = False
    following.at(0.0)
    following.detector.boxes = (FaceBox(25, 20, 100, 100),)
    assert following.at(0.2) == (TrackedFace(0, FaceBox(25, 20, 100, 100), 0.2, 0.2),)


def test_boxes_that_share_a_fifth_of_their_area_are_one_face() -> None:
    following = Following(FaceBox(0, 0, 60, 60))
    following.detector.finds_near = False
    following.at(0.0)
    following.detector.boxes = (FaceBox(40, 0, 60, 60),)
    assert following.ids(0.2) == [0]
    following.detector.boxes = (FaceBox(81, 0, 60, 60),)
    assert following.ids(0.4) == [0, 1]  # the first is held for a moment


def test_each_known_face_is_confirmed_by_one_box() -> None:
    following = Following(LARGE)
    following.at(0.0)
    following.detector.boxes = (FaceBox(30, 20, 100, 100), FaceBox(0, 20, 100, 100))
    assert following.ids(0.5) == [0, 1]


def test_two_numbers_never_share_a_place() -> None:
    following = Following(LARGE, SMALL)
    following.at(0.0)
    following.detector.boxes = (FaceBox(110, 30, 100, 100),)  # overlaps both
    (face,) = (face for face in following.at(0.1) if face.found_at == 0.1)
    assert face.box == following.detector.boxes[0]


def test_one_of_two_faces_that_come_to_share_a_fifth_is_missed() -> None:
    following = Following(FaceBox(0, 0, 60, 60), FaceBox(90, 0, 60, 60))
    following.at(0.0)
    following.detector.boxes = (FaceBox(0, 0, 60, 60), FaceBox(40, 0, 60, 60))
    assert [face.found_at for face in following.at(0.1)] == [0.1, 0.0]


def test_you_are_the_largest_face_until_another_is_much_larger() -> None:
    following = Following(LARGE, SMALL)
    you = following.ids(0.0)[0]
    following.detector.boxes = (FaceBox(190, 30, 100, 150), LARGE)
    assert following.ids(0.1)[0] == you
    following.detector.boxes = (FaceBox(190, 30, 100, 151), LARGE)
    assert following.ids(0.2)[0] != you


def test_the_chosen_face_stays_you_until_it_is_gone() -> None:
    following = Following(LARGE, SMALL)
    large, small = following.ids(0.0)
    following.tracker.follow(small)
    assert following.ids(0.1) == [small, large]
    following.detector.boxes = (FaceBox(0, 0, 180, 180), SMALL)
    assert following.ids(0.2) == [small, large]
    following.detector.boxes = (LARGE, FaceBox(200, 150, 70, 70))
    assert following.ids(0.8) == [large, 2]
    following.detector.boxes = (FaceBox(0, 0, 180, 180), FaceBox(200, 150, 70, 70))
    following.tracker.follow(2)
    assert following.ids(0.9) == [2, large]


def test_the_other_faces_are_sorted_by_size() -> None:
    following = Following(FaceBox(0, 0, 70, 70), LARGE, SMALL, FaceBox(200, 150, 80, 80))
    following.tracker.follow(following.at(0.0)[-1].face_id)
    assert [face.box.width for face in following.at(0.1)] == [60, 100, 80, 70]


def test_an_unknown_number_is_not_followed() -> None:
    following = Following(LARGE)
    you = following.ids(0.0)
    following.tracker.follow(you[0] + 7)
    assert following.ids(0.1) == you
