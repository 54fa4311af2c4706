"""Cameras of this computer."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CameraInfo:
    """A camera that the user can choose.

    Attributes:
        index: Its number at the operating system.
        name: Its name, for people.
    """

    index: int
    name: str

    @property
    def spec(self) -> str:
        """What `open_source` opens it by: "camera:0"."""
        return f"camera:{self.index}"


def list_cameras() -> tuple[CameraInfo, ...]:
    """Returns the cameras that can be seen, the one to take by default first; empty where there is none."""
    return ()
