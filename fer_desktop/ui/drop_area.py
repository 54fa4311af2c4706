"""Files or a picture dropped on the window or pasted into it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QMimeData, Signal, Slot
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication, QImage
from PySide6.QtWidgets import QWidget

from fer_desktop.errors import FrameSourceError
from fer_desktop.translation import _

if TYPE_CHECKING:
    from collections.abc import Callable

    from fer_desktop.domain import Image


class DropArea(QWidget):
    """Accepts files and pictures dropped anywhere on it.

    Signals:
        source_chosen: The spec of one file, folder or picture.
        files_chosen: Many, as a list of paths.
        failed: The FrameSourceError of a clipboard with nothing usable.
    """

    source_chosen = Signal(str)
    files_chosen = Signal(object)
    failed = Signal(object)

    def __init__(self, keep_picture: Callable[[Image], str]) -> None:
        """Creates an empty area; `keep_picture` keeps a picture without a file and returns its spec."""
        super().__init__()
        self._keep_picture = keep_picture
        self.setAcceptDrops(True)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Shows that files and pictures may be dropped here."""
        content = event.mimeData()
        if files_of(content) or content.hasImage():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Opens what was dropped."""
        event.acceptProposedAction()
        self._open(event.mimeData())

    @Slot()
    def paste(self) -> None:
        """Opens the content of the clipboard."""
        self._open(QGuiApplication.clipboard().mimeData())

    def _open(self, content: QMimeData) -> None:
        files, picture = files_of(content), _picture_of(content)
        if len(files) == 1:
            self.source_chosen.emit(str(files[0]))
        elif files:
            self.files_chosen.emit(files)
        elif picture is not None:
            self.source_chosen.emit(self._keep_picture(picture))
        else:
            self.failed.emit(
                FrameSourceError(
                    _("Nothing to open"),
                    _("The clipboard contains no file and no picture."),
                    _("Copy a photo, a video or a part of a picture, then paste again."),
                )
            )


def files_of(content: QMimeData) -> list[Path]:
    """Returns the local files and folders among what was dropped or pasted."""
    return [Path(url.toLocalFile()) for url in content.urls() if url.isLocalFile()]


def _picture_of(content: QMimeData) -> Image | None:
    """Returns the picture in BGR, or None."""
    image = content.imageData() if content.hasImage() else None
    if not isinstance(image, QImage) or image.isNull():
        return None
    image = image.convertToFormat(QImage.Format.Format_BGR888)
    height, width, stride = image.height(), image.width(), image.bytesPerLine()
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(height, stride)
    return rows[:, : width * 3].reshape(height, width, 3).copy()
