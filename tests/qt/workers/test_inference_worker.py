"""Which frames the inference thread reads."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from fer_desktop.domain import Emotion, EmotionSnapshot
from fer_desktop.workers.inference_worker import InferenceWorker
from tests.fakes.frames import blank_frame
from tests.fakes.pipeline import ScriptedPipeline, reading_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytestqt.qtbot import QtBot


class Reading:
    """A worker over a scripted pipeline, given frames one by one."""

    def __init__(self) -> None:
        self.pipeline = ScriptedPipeline(reading_for(Emotion.HAPPY))
        self.worker = InferenceWorker(lambda: self.pipeline)  # type: ignore[arg-type, return-value]  # the fake has what is used

    def give(self, qtbot: QtBot, number: int) -> None:
        """Hands over the frame of this number, of 30 a second, and waits until it was read."""
        self.worker.frames.put(blank_frame(number))
        qtbot.waitUntil(lambda: number in self.pipeline.read)


@pytest.fixture
def reading(qtbot: QtBot) -> Iterator[Reading]:
    reading = Reading()
    reading.worker.start()
    yield reading
    reading.worker.close(10.0)


def test_last_frame_is_read_even_if_it_came_early(reading: Reading, qtbot: QtBot) -> None:
    reading.give(qtbot, 0)
    reading.give(qtbot, 1)
    assert reading.pipeline.read == [0, 1]


def test_choice_of_a_face_reaches_the_pipeline(reading: Reading, qtbot: QtBot) -> None:
    reading.worker.follow(7)
    reading.give(qtbot, 0)
    assert reading.pipeline.followed == [7]


@pytest.mark.parametrize("end", ["off", "live"])
def test_what_no_one_asks_about_any_more_is_not_explained(qtbot: QtBot, end: str) -> None:
    reading = Reading()  # not running yet
    frame = blank_frame(0)
    snapshot = EmotionSnapshot(frame, reading.pipeline.capture(frame), datetime(2026, 11, 25, tzinfo=UTC))
    reading.worker.set_attention(True)
    reading.worker.set_paused(True)
    reading.worker.explain(snapshot)
    if end == "off":
        reading.worker.set_attention(False)
    else:
        reading.worker.set_paused(False)
    reading.worker.start()
    with qtbot.waitSignal(reading.worker.captured):  # what is to be explained comes after it
        reading.worker.capture(frame)
    reading.worker.close(10.0)
    assert reading.pipeline.explained == 0
