"""The picture: which face is chosen, what is said about it, and that nothing is drawn needlessly."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from fer_desktop.domain import Advice, Emotion, EmotionSnapshot, FaceBox, FaceReading, FrameAnalysis
from fer_desktop.ui.camera_view import CameraView
from tests.fakes.frames import blank_frame
from tests.fakes.paint_counter import PaintCounter
from tests.fakes.pipeline import reading_for

if TYPE_CHECKING:
    from PySide6.QtGui import QImage
    from pytestqt.qtbot import QtBot

LEFT = FaceBox(50, 100, 100, 100)
MIDDLE = FaceBox(270, 200, 100, 100)
RIGHT = FaceBox(500, 100, 100, 100)


def face(box: FaceBox, face_id: int | None) -> FaceReading:
    return replace(reading_for(Emotion.HAPPY, box), face_id=face_id)


def analysis(*faces: FaceReading, advice: Advice | None = None) -> FrameAnalysis:
    return FrameAnalysis(faces, 0.0, 0.0, advice=advice)


@pytest.fixture
def view(qtbot: QtBot) -> CameraView:
    view = CameraView()
    qtbot.addWidget(view)
    view.resize(640, 480)
    view.show_frame(blank_frame(width=640, height=480))
    view.show_analysis(analysis(face(MIDDLE, 5), face(LEFT, 2), face(RIGHT, 9)))
    view.show()
    return view


@pytest.mark.parametrize(
    ("mirrored", "point", "chosen"),
    [(False, (80, 150), [2]), (True, (80, 150), [9]), (False, (320, 250), [5]), (False, (320, 20), [])],
)
def test_click_chooses_the_face_under_it(
    view: CameraView, *, mirrored: bool, point: tuple[int, int], chosen: list[int]
) -> None:
    numbers: list[int] = []
    view.face_chosen.connect(numbers.append)
    view.set_mirrored(mirrored)
    QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=QPoint(*point))
    assert numbers == chosen


@pytest.mark.parametrize(
    ("mirrored", "key", "chosen"),
    [
        (False, Qt.Key.Key_Right, 9),
        (False, Qt.Key.Key_Left, 2),
        (True, Qt.Key.Key_Right, 2),
        (True, Qt.Key.Key_Left, 9),
    ],
)
def test_arrow_keys_step_through_the_faces_as_they_are_seen(
    view: CameraView, *, mirrored: bool, key: Qt.Key, chosen: int
) -> None:
    numbers: list[int] = []
    view.face_chosen.connect(numbers.append)
    view.set_mirrored(mirrored)
    QTest.keyClick(view, key)
    assert numbers == [chosen]


def test_pointer_shows_where_a_click_would_change_something(view: CameraView) -> None:
    for point, shape in (
        (QPoint(80, 150), Qt.CursorShape.PointingHandCursor),
        (QPoint(320, 250), Qt.CursorShape.ArrowCursor),
    ):
        QTest.mouseMove(view, point)
        assert view.cursor().shape() is shape


def test_face_of_a_capture_cannot_be_chosen(view: CameraView) -> None:
    numbers: list[int] = []
    view.face_chosen.connect(numbers.append)
    view.show_analysis(analysis(face(MIDDLE, None)))
    QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=QPoint(320, 250))
    assert numbers == []


def test_boxes_and_advice_are_drawn_and_removed(view: CameraView) -> None:
    with_boxes = view.grab().toImage()
    view.show_analysis(analysis())
    bare = view.grab().toImage()
    assert bare != with_boxes
    view.show_analysis(analysis(advice=Advice.MORE_LIGHT))
    assert view.grab().toImage() not in (bare, with_boxes)
    view.clear_boxes()
    assert view.grab().toImage() == bare


@pytest.mark.parametrize("captured", [False, True])
def test_no_emotion_is_shown_for_an_unsure_face(view: CameraView, *, captured: bool) -> None:
    def picture(emotion: Emotion, *, unsure: bool) -> QImage:
        reading = reading_for(emotion, MIDDLE, unsure=unsure)
        view.clear_boxes()
        if captured:
            frame = blank_frame(width=640, height=480)
            view.show_snapshot(EmotionSnapshot(frame, reading, datetime(2026, 11, 25, tzinfo=UTC)))
        else:
            view.show_analysis(analysis(reading))
        return view.grab().toImage()

    assert picture(Emotion.HAPPY, unsure=False) != picture(Emotion.SAD, unsure=False)
    assert picture(Emotion.HAPPY, unsure=True) == picture(Emotion.SAD, unsure=True)


def test_each_frame_is_shown_in_its_own_colours(view: CameraView) -> None:
    view.clear()
    for width, height, color in (
        (640, 480, QColor("#10C0F0")),
        (320, 240, QColor("#F04010")),
        (320, 240, QColor("#20E030")),
    ):
        frame = blank_frame(width=width, height=height)
        frame.image[:] = (color.blue(), color.green(), color.red())
        view.show_frame(frame)
        frame.image[:] = 0  # the view has its own copy
        assert view.grab().toImage().pixelColor(320, 240) == color


def test_same_picture_is_not_drawn_again(view: CameraView, qtbot: QtBot) -> None:
    frame = blank_frame(width=640, height=480, gray=90)
    view.show_frame(frame)
    QApplication.processEvents()
    paints = PaintCounter(view)
    view.show_frame(replace(frame, number=1))
    QApplication.processEvents()
    assert paints.count == 0
    view.show_frame(blank_frame(width=640, height=480, gray=91))
    qtbot.waitUntil(lambda: paints.count > 0)
