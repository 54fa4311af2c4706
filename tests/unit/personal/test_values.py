from __future__ import annotations

from fer_desktop import personal
from tests.fakes.values import changeable


def test_all_are_plain_values() -> None:
    assert changeable(personal) == set()
