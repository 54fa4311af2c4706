"""The music service that playlists are created at: another one is its own folder, and is registered here."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from fer_desktop.spotify.factory import SPOTIFY, sandbox_provider

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fer_desktop.music import MusicProvider

MUSIC = SPOTIFY


@contextmanager
def demo_music() -> Iterator[MusicProvider]:
    """Runs what stands in for the music service in the demo."""
    # Imported here because the real app starts faster without the sandbox.
    from fer_desktop.spotify.sandbox import Sandbox

    with Sandbox() as sandbox:
        yield sandbox_provider(sandbox)
