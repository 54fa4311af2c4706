"""Where frames come from: a camera, a video, photos, a stream."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from fer_desktop.domain import Frame


class FrameSource(Protocol):
    """Yields frames at its own pace; belongs to one thread, which opens, reads and closes it."""

    @property
    def name(self) -> str:
        """What the user is shown: the camera's or the file's name."""
        ...

    def read(self) -> Frame | None:
        """Waits for the next frame; None where the source has come to its end.

        To keep its pace it blocks for 0.1 s at most; a camera or a stream may take up to its time-out.

        Raises:
            FrameSourceError: The source is lost.
        """
        ...

    def close(self) -> None:
        """Lets go of the camera or file."""
        ...


def open_source(spec: str) -> FrameSource:
    """Opens what `spec` names: "camera:0", a video, a photo, a folder of photos, or a stream's URL.

    Raises:
        FrameSourceError: It is not there, busy, empty, or none of these.
    """
    raise NotImplementedError
