"""What the unit tests share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fer_desktop.spotify.sandbox import Sandbox

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """Stands for Spotify."""
    with Sandbox() as running:
        yield running
