from __future__ import annotations

from fer_desktop import vision
from tests.fakes.values import changeable


def test_all_are_plain_values() -> None:
    assert changeable(vision) == set()
