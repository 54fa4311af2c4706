"""The dialog for unexpected errors: says so, and gives the user details to send."""

from __future__ import annotations

import logging
import platform
import re
import sys
import threading
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6 import __version__ as pyside_version
from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QMainWindow, QMessageBox

from fer_desktop import __version__
from fer_desktop.translation import _

if TYPE_CHECKING:
    from types import TracebackType

_log = logging.getLogger(__name__)

_LONGEST_MESSAGE = 300
_NUMBERS = re.compile(r"\[[\[\]\d\s.,eE+-]{8,}(?:\.\.\.[\[\]\d\s.,eE+-]*)*")
_BYTES = re.compile(r"b(['\"])(?:\\.|(?!\1).)*\1")


class CrashReporter(QObject):
    """Catches exceptions that nothing else caught, on any thread, logs them and shows the first one.

    Use as a context manager around the event loop; it restores what it replaced.
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
        report = crash_report(kind, error, trace)
        _log.critical("unexpected\n%s", report)
        self._caught.emit(report)

    @Slot(str)
    def _show(self, report: str) -> None:
        if self._shown:
            return
        self._shown = True
        details = (
            f"FER Desktop {__version__}, Python {platform.python_version()}, PySide6 {pyside_version}, "
            f"{platform.platform()}\n\n{report}"
        )
        # Over the window, not over a dialog or menu that closes and takes this along. Not modal, because Qt
        # does not let a window be closed behind a modal dialog.
        windows = (each for each in QApplication.topLevelWidgets() if isinstance(each, QMainWindow))
        box = QMessageBox(next(windows, None))
        box.setModal(False)
        box.setIcon(QMessageBox.Icon.Warning)
        box.setWindowTitle("FER Desktop")
        box.setText(_("FER Desktop ran into an unexpected problem."))
        box.setInformativeText(
            _(
                "You can continue, but restarting is safer. The details below help to find the cause; they "
                "contain no pictures."
            )
        )
        box.setDetailedText(details)
        copy = box.addButton(_("Copy details"), QMessageBox.ButtonRole.ActionRole)
        copy.clicked.disconnect()  # otherwise it closes the box
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(details))
        box.addButton(QMessageBox.StandardButton.Close)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.show()


def crash_report(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> str:
    """Returns the traceback of an exception, without anything about a picture or a person in its message.

    Rows of numbers and bytes, which may be pixels, are left out, as is all but the start of a long message.
    The user's home folder, which often has a person's name, becomes "~".
    """
    parts = []
    for part in traceback.format_exception(kind, error, trace):
        if not part.startswith(("  File", "Traceback", "\n")):
            clean = _BYTES.sub("b'…'", _NUMBERS.sub("[…]", part))
            parts.append(clean if len(clean) <= _LONGEST_MESSAGE else f"{clean[:_LONGEST_MESSAGE]}…\n")
        else:
            parts.append(part)
    return "".join(parts).replace(str(Path.home()), "~")
