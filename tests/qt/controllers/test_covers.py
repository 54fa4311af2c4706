from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fer_desktop.controllers.covers import CoversController
from fer_desktop.domain import Track
from fer_desktop.spotify.sandbox import Fault, Sandbox
from fer_desktop.workers.job_runner import JobRunner

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytestqt.qtbot import QtBot

LONG = 30_000


class Bench:
    """A controller and what it fetched."""

    def __init__(self, sandbox: Sandbox, qtbot: QtBot) -> None:
        self.qtbot = qtbot
        self.pages_url = sandbox.pages_url
        self.jobs = JobRunner()
        self.controller = CoversController(self.jobs)
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
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


@pytest.fixture
def bench(sandbox: Sandbox, qtbot: QtBot) -> Iterator[Bench]:
    bench = Bench(sandbox, qtbot)
    yield bench
    bench.controller.cancel()
    bench.jobs.close(30)


def test_each_cover_is_fetched_once(bench: Bench, sandbox: Sandbox) -> None:
    bench.fetch("a", "b", "", "a")
    bench.wait()
    assert bench.arrived.keys() == {bench.address("a"), bench.address("b")}
    assert all(content.startswith(b"\x89PNG") for content in bench.arrived.values())
    assert len(sandbox.requests) == 2


def test_a_newer_list_takes_the_place_of_the_one_before(bench: Bench, sandbox: Sandbox) -> None:
    sandbox.fail_next(Fault.SLOW, "/image/64/a.png")
    bench.fetch("a", "b", "c")
    bench.qtbot.waitUntil(sandbox.held.is_set, timeout=LONG)
    bench.fetch("x")
    sandbox.let_go()
    bench.qtbot.waitUntil(lambda: bench.address("x") in bench.arrived, timeout=LONG)
    assert bench.address("b") not in bench.arrived


@pytest.mark.parametrize("fault", [Fault.PLAIN_TEXT, Fault.REMOVED_ENDPOINT])
def test_a_cover_that_cannot_be_had_is_left_out(bench: Bench, sandbox: Sandbox, fault: Fault) -> None:
    sandbox.fail_next(fault, "/image/64/a.png")
    bench.fetch("a", "b")
    bench.wait()
    assert bench.arrived.keys() == {bench.address("b")}


def test_without_a_connection_the_rest_is_not_asked_for(bench: Bench, sandbox: Sandbox) -> None:
    sandbox.fail_next(Fault.CUT_BEFORE_WORK, "/image/64/a.png")
    bench.fetch("a", "b")
    bench.wait()
    assert bench.arrived == {}
    assert len(sandbox.requests) == 1


def test_only_safe_addresses_are_asked(bench: Bench, sandbox: Sandbox) -> None:
    bench.controller.fetch([_track("http://pictures.example/a.png"), _track("file:///etc/hostname")])
    bench.wait()
    assert bench.arrived == {}
