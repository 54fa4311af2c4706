"""The clip for the benchmarks: 640x480, 30 frames a second, as a camera sends it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fer_desktop.paths import resources_dir
from fer_desktop.vision.sample_clip import SampleClip
from tests.fakes.videos import write_video

if TYPE_CHECKING:
    from pathlib import Path

    from fer_desktop.domain import Image

_SHOT = range(125, 250)
"""The frames of the sample clip that show one adult who moves gently."""


def one_face() -> list[Image]:
    """Returns the frames forwards and backwards, so that the clip can be looped."""
    clip = SampleClip(resources_dir() / "samples")
    there = [clip.render(number) for number in _SHOT]
    return there + there[-2:0:-1]


def write_clips(folder: Path) -> tuple[Path, Path]:
    """Writes the clip with one face, and the same upside down without one, in a webcam's format."""
    faces = one_face()
    return (
        write_video(folder / "one-face.avi", faces, rate=30),
        write_video(folder / "no-face.avi", [image[::-1].copy() for image in faces], rate=30),
    )
