from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from fer_desktop.spotify.covers import fetch_covers
from fer_desktop.spotify.sandbox import Fault

if TYPE_CHECKING:
    from fer_desktop.spotify.sandbox import Sandbox


def _address(sandbox: Sandbox, name: str) -> str:
    return f"{sandbox.pages_url}image/64/{name}.png"


def _fetch(sandbox: Sandbox, *names: str) -> list[str]:
    """Returns the names of the covers that arrived."""
    addresses = {_address(sandbox, name): name for name in names}
    found = dict(fetch_covers(list(addresses), threading.Event()))
    assert all(content.startswith(b"\x89PNG") for content in found.values())
    return [addresses[url] for url in found]


def test_all_arrive_in_order(sandbox: Sandbox) -> None:
    assert _fetch(sandbox, "b", "a", "c") == ["b", "a", "c"]


@pytest.mark.parametrize("fault", [Fault.PLAIN_TEXT, Fault.REMOVED_ENDPOINT])
def test_a_cover_that_cannot_be_fetched_is_skipped(sandbox: Sandbox, fault: Fault) -> None:
    sandbox.fail_next(fault, "/image/64/a.png")
    assert _fetch(sandbox, "a", "b") == ["b"]


def test_without_a_connection_the_rest_is_not_requested(sandbox: Sandbox) -> None:
    sandbox.fail_next(Fault.CUT_BEFORE_WORK, "/image/64/b.png")
    assert _fetch(sandbox, "a", "b", "c") == ["a"]
    assert len(sandbox.requests) == 2


def test_cancelling_stops_before_the_next_one(sandbox: Sandbox) -> None:
    cancel = threading.Event()
    covers = fetch_covers([_address(sandbox, name) for name in "ab"], cancel)
    next(covers)
    cancel.set()
    assert list(covers) == []
    assert len(sandbox.requests) == 1


def test_unsafe_addresses_are_never_requested(sandbox: Sandbox) -> None:
    unsafe = ["http://pictures.example/a.png", "file:///etc/hostname"]
    assert list(fetch_covers(unsafe, threading.Event())) == []
    assert [url for url, _ in fetch_covers([*unsafe, _address(sandbox, "a")], threading.Event())] == [
        _address(sandbox, "a")
    ]
