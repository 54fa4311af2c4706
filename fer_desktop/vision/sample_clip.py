"""The bundled sample photos as a clip that moves like a person before a camera."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from fer_desktop.domain import Frame, Image


class SampleClip:
    """A frame source for the demo: 640x480, 25 frames a second, the same at every run."""

    name = "Sample photos"

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self) -> Frame:
        """Waits for the next frame."""
        raise NotImplementedError

    def close(self) -> None:
        """Lets go of the photos."""

    def render(self, number: int) -> Image:
        """Returns the picture of the frame `number`."""
        raise NotImplementedError
