"""The Why view in the real window, with the tiny model: its attention is the brightness of the face."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtTest import QTest

from fer_desktop.domain import AttentionMap, Emotion, FaceBox, OcclusionMap
from fer_desktop.ui.face_map import FaceMapPainter
from fer_desktop.ui.why_legend import WhyLegend
from fer_desktop.vision.emotion_classifier import OnnxEmotionClassifier

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from pytestqt.qtbot import QtBot

    from fer_desktop.domain import FrameAnalysis, Image
    from tests.fakes.app_bench import Bench


@pytest.fixture
def analyses(fresh: Bench) -> list[FrameAnalysis]:
    analyses: list[FrameAnalysis] = []
    fresh.app.camera.analysis_changed.connect(analyses.append)
    return analyses


@pytest.fixture
def found(fresh: Bench) -> list[OcclusionMap]:
    found: list[OcclusionMap] = []
    fresh.app.camera.explained.connect(found.append)
    return found


def test_it_costs_nothing_while_it_is_off(
    fresh: Bench, analyses: list[FrameAnalysis], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Sequence[Image]] = []
    monkeypatch.setattr(OnnxEmotionClassifier, "predict_with_attention", lambda _, crops: asked.append(crops))
    fresh.go_live()
    fresh.wait(lambda: bool(analyses))
    assert analyses[-1].you is not None
    assert not asked
    assert not fresh.window.stage.why_legend.isVisible()


def test_live_picture_shows_the_attention_until_it_is_turned_off(
    fresh: Bench, analyses: list[FrameAnalysis]
) -> None:
    fresh.window.activateWindow()
    QTest.keyClick(fresh.window, Qt.Key.Key_Y, Qt.KeyboardModifier.ControlModifier)
    assert fresh.window.header.why_button.isChecked()
    fresh.go_live()
    legend = fresh.window.stage.why_legend
    fresh.wait(lambda: bool(analyses) and analyses[-1].attention is not None)
    assert legend.isVisible()
    assert "not why it decides" in legend.text.text()
    fresh.window.header.why_button.click()
    assert not legend.isVisible()
    fresh.wait(lambda: analyses[-1].attention is None)


@pytest.mark.parametrize("first", ["why", "capture"])
def test_a_capture_shows_what_its_reading_relied_on(
    fresh: Bench, found: list[OcclusionMap], first: str
) -> None:
    fresh.go_live()
    if first == "why":
        fresh.window.header.why_button.click()
        fresh.capture()
    else:
        fresh.capture()
        assert not found
        fresh.window.header.why_button.click()
    legend = fresh.window.stage.why_legend
    fresh.wait(lambda: bool(found))
    assert legend.isVisible()
    assert "not whether it is right" in legend.text.text()
    fresh.window.stage.live_button.click()
    assert "not why it decides" in legend.text.text()


def test_the_answer_for_a_capture_that_was_given_up_is_not_shown(
    fresh: Bench, found: list[OcclusionMap], analyses: list[FrameAnalysis]
) -> None:
    fresh.go_live()
    fresh.window.header.why_button.click()
    fresh.capture()
    fresh.window.stage.live_button.click()
    found.clear()  # in case it was answered before the click
    analyses.clear()
    fresh.wait(lambda: bool(analyses))  # by then it was answered
    assert not found


def painted(weights: NDArray[np.float64], *, mirrored: bool = False) -> Image:
    """Returns what is drawn of a map over a face at 20, 10, 40 pixels wide, in a picture at double size."""
    canvas = QImage(200, 160, QImage.Format.Format_RGB888)
    canvas.fill(Qt.GlobalColor.black)
    painter = FaceMapPainter()
    painter.show(AttentionMap(FaceBox(20, 10, 40, 40), weights.astype(np.float32)))
    drawing = QPainter(canvas)
    if mirrored:
        drawing.translate(200, 0)
        drawing.scale(-1, 1)
    painter.paint(drawing, QRectF(0, 0, 200, 160), 2.0)
    drawing.end()
    rows = np.frombuffer(canvas.constBits(), np.uint8).reshape(160, canvas.bytesPerLine())
    return rows[:, :600].reshape(160, 200, 3).copy()


def test_the_map_covers_the_face_and_is_brightest_where_the_weight_is(qtbot: QtBot) -> None:
    weights = np.zeros((6, 6))
    weights[1, 4] = 1
    for mirrored in (False, True):
        gray = cv2.cvtColor(painted(weights, mirrored=mirrored), cv2.COLOR_RGB2GRAY)
        y, x = np.unravel_index(gray.argmax(), gray.shape)
        right = 40 + 80 * 4.5 / 6
        assert (x, y) == pytest.approx((200 - right if mirrored else right, 20 + 80 * 1.5 / 6), abs=4)
        outside = gray.copy()
        left = 200 - 120 if mirrored else 40
        outside[20:100, left : left + 80] = 0
        assert not outside.any()


def test_the_map_is_smooth(qtbot: QtBot) -> None:
    weights = np.zeros((6, 6))
    weights[2:4, 2:4] = 1
    gray = cv2.cvtColor(painted(weights), cv2.COLOR_RGB2GRAY).astype(int)
    assert gray.max() > 100
    assert (
        np.abs(np.diff(gray, axis=1)).max() < gray.max() / 3
    )  # drawn as blocks, an edge would be a single step


@pytest.mark.parametrize(
    ("drop", "words"), [(0.37, "sad falls by 37 percentage points"), (0.0, "No single part decides")]
)
def test_the_legend_says_how_much_covering_changes(qtbot: QtBot, drop: float, words: str) -> None:
    legend = WhyLegend()
    qtbot.addWidget(legend)
    legend.show_occlusion(OcclusionMap(FaceBox(0, 0, 9, 9), np.zeros((7, 7), np.float32), Emotion.SAD, drop))
    assert words in legend.text.text()
