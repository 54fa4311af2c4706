"""The probability bars: when they are painted, and what they need."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtWidgets import QApplication

from fer_desktop.domain import Emotion
from fer_desktop.ui.emotion_panel import EmotionBar
from tests.fakes.paint_counter import PaintCounter

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot


@pytest.fixture
def bar(qtbot: QtBot) -> EmotionBar:
    """Returns a bar that shows 50 % and is painted."""
    bar = EmotionBar(Emotion.HAPPY)
    qtbot.addWidget(bar)
    bar.resize(300, 24)
    bar.set_value(0.5)
    with qtbot.waitExposed(bar):
        bar.show()
    QApplication.processEvents()
    return bar


@pytest.mark.parametrize(
    ("value", "seen"),
    [
        (0.5001, False),  # less than a pixel
        (0.506, True),  # hardly more, but the figure changes
        (0.6, True),
        (None, True),
    ],
)
def test_a_bar_is_painted_again_only_if_that_is_visible(
    bar: EmotionBar, qtbot: QtBot, value: float | None, *, seen: bool
) -> None:
    paints = PaintCounter(bar)
    bar.set_value(value)
    if seen:
        qtbot.waitUntil(lambda: paints.count > 0)
    else:
        QApplication.processEvents()
        assert paints.count == 0
    assert bar.value == value


def test_a_bar_has_room_for_its_words_in_another_font(bar: EmotionBar) -> None:
    font = bar.font()
    font.setPointSizeF(font.pointSizeF() * 2)
    before = bar.grab().toImage()
    bar.setFont(font)
    bar.resize(300, 48)
    assert bar.grab().toImage() != before
    assert bar.track().left() > bar.fontMetrics().horizontalAdvance("neutral")
