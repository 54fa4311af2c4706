"""The probability bars: what they cost while a face hardly changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication

from fer_desktop.domain import Emotion
from fer_desktop.ui.emotion_panel import EmotionBar

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot


class PaintCounter(QObject):
    """Counts how often a widget is painted."""

    def __init__(self, widget: QObject) -> None:
        super().__init__(widget)
        self.count = 0
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802  # Qt's name
        self.count += event.type() is QEvent.Type.Paint
        return super().eventFilter(watched, event)


@pytest.fixture
def bar(qtbot: QtBot) -> EmotionBar:
    """Returns a bar at a half, all painted."""
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
        (0.506, True),  # hardly more, but another figure
        (0.6, True),
        (None, True),
    ],
)
def test_a_bar_is_painted_again_only_where_that_shows(
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
    assert bar._track().left() > bar.fontMetrics().horizontalAdvance("neutral")
