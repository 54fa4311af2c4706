from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fer_desktop.controllers.covers import CoversController
from fer_desktop.domain import Track
from fer_desktop.spotify.covers import fetch_covers
from fer_desktop.spotify.sandbox import Fault, Sandbox
from fer_desktop.workers.job_runner import JobRunner
from tests.fakes.app_bench import LONG

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytestqt.qtbot import QtBot


class Covers:
    """A controller and what it fetched."""

    def __init__(self, sandbox: Sandbox, qtbot: QtBot) -> None:
        self.qtbot = qtbot
        self.pages_url = sandbox.pages_url
        self.jobs = JobRunner()
        self.controller = CoversController(self.jobs, fetch_covers)
        self.arrived: dict[str, bytes] = {}
        self.controller.arrived.connect(self.arrived.__setitem__)

    def address(self, name: str) -> str:
        return f"{self.pages_url}image/64/{name}.png"

    def fetch(self, *names: str) -> None:
        self.controller.fetch([_track(self.address(name) if name else "") for name in names])

    def wait(self) -> None:
        self.qtbot.waitUntil(lambda: not self.jobs.busy, timeout=LONG)


def _track(cover_url: str) -> Track:
    return Track("1", "spotify:track:1", "One", ("Ada",), 1, "", "", cover_url=cover_url)


@pytest.fixture
def covers(sandbox: Sandbox, qtbot: QtBot) -> Iterator[Covers]:
    covers = Covers(sandbox, qtbot)
    yield covers
    covers.controller.cancel()
    covers.jobs.close(30)


def test_each_cover_is_fetched_once(covers: Covers, sandbox: Sandbox) -> None:
    covers.fetch("a", "b", "", "a")
    covers.wait()
    assert covers.arrived.keys() == {covers.address("a"), covers.address("b")}
    assert all(content.startswith(b"\x89PNG") for content in covers.arrived.values())
    assert len(sandbox.requests) == 2


def test_a_newer_list_replaces_the_one_before(covers: Covers, sandbox: Sandbox) -> None:
    sandbox.fail_next(Fault.SLOW, "/image/64/a.png")
    covers.fetch("a", "b", "c")
    covers.qtbot.waitUntil(sandbox.held.is_set, timeout=LONG)
    covers.fetch("x")
    sandbox.let_go()
    covers.qtbot.waitUntil(lambda: covers.address("x") in covers.arrived, timeout=LONG)
    assert covers.address("b") not in covers.arrived
