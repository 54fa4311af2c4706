"""LatestSlot: one value between two threads, the newest wins."""

from __future__ import annotations

import threading

from fer_desktop.workers.latest_slot import LatestSlot


def test_only_the_newest_value_is_taken() -> None:
    slot: LatestSlot[int] = LatestSlot()
    for value in (1, 2, 3):
        slot.put(value)
    assert slot.take() == 3
    assert slot.take() is None


def test_put_tells_whether_the_consumer_must_be_woken() -> None:
    slot: LatestSlot[int] = LatestSlot()
    assert slot.put(1) is True
    assert slot.put(2) is False
    slot.take()
    assert slot.put(3) is True


def test_take_waits_for_a_value_of_another_thread() -> None:
    slot: LatestSlot[str] = LatestSlot()
    taken: list[str | None] = []
    consumer = threading.Thread(target=lambda: taken.append(slot.take(timeout=30)))
    consumer.start()
    slot.put("frame")
    consumer.join(30)
    assert taken == ["frame"]


def test_take_gives_up_after_its_timeout() -> None:
    slot: LatestSlot[int] = LatestSlot()
    assert slot.take(timeout=0.01) is None
