"""Freed memory is returned to the system."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from fer_desktop.memory import return_freed_memory

PAGES = Path("/proc/self/statm")


def resident_pages() -> int:
    return int(PAGES.read_text().split()[1])


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems return it by themselves")
def test_the_holes_between_blocks_in_use_are_returned() -> None:
    blocks = [bytes(10_000 + number * 37 % 50_000) for number in range(2000)]
    kept = blocks[::20]  # spread over the whole heap, up to its end
    blocks.clear()
    before = resident_pages()

    return_freed_memory()

    assert kept
    assert resident_pages() < before - 5000  # of 4 kB
