"""The dialog for what nobody expected: says so, and gives the user something to send."""

from __future__ import annotations

import logging
import platform
import sys
import threading
import traceback
from typing import TYPE_CHECKING

from PySide6 import __version__ as pyside_version
from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtWidgets import QMessageBox

from fer_desktop import __version__

if TYPE_CHECKING:
    from types import TracebackType

_log = logging.getLogger(__name__)


class CrashReporter(QObject):
    """Catches exceptions that nothing else caught, on any thread, logs them and shows the first one.

    Use as a context manager around the event loop; it puts back what it replaced.
    """

    _caught = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._shown = False
        self._caught.connect(self._show, Qt.ConnectionType.QueuedConnection)

    def __enter__(self) -> CrashReporter:
        self._before = sys.excepthook, threading.excepthook
        sys.excepthook = self._on_exception
        threading.excepthook = lambda args: self._on_exception(
            args.exc_type, args.exc_value or args.exc_type(), args.exc_traceback
        )
        return self

    def __exit__(self, *_: object) -> None:
        sys.excepthook, threading.excepthook = self._before

    def _on_exception(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        _log.critical("unexpected", exc_info=(kind, error, trace))
        self._caught.emit("".join(traceback.format_exception(kind, error, trace)))

    @Slot(str)
    def _show(self, report: str) -> None:
        if self._shown:
            return
        self._shown = True
        box = QMessageBox()
        box.setIcon(QMessageBox.Icon.Warning)
        box.setWindowTitle("FER Desktop")
        box.setText("Something went wrong that FER Desktop did not expect.")
        box.setInformativeText(
            "You can go on, but closing and starting it again is safer. The details below help to find the "
            "cause; they hold no pictures."
        )
        box.setDetailedText(
            f"FER Desktop {__version__}, Python {platform.python_version()}, PySide6 {pyside_version}, "
            f"{platform.platform()}\n\n{report}"
        )
        box.setStandardButtons(QMessageBox.StandardButton.Close)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.open()
        self._box = box
