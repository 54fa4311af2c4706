"""The crash dialog: shows unexpected errors to copy, and nothing of a picture."""

from __future__ import annotations

import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QDialog, QMainWindow, QMessageBox, QPushButton

from fer_desktop.ui.crash_dialog import CrashReporter, crash_report

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot


def box() -> QMessageBox | None:
    return next(
        (
            each
            for each in QApplication.topLevelWidgets()
            if isinstance(each, QMessageBox) and each.isVisible()
        ),
        None,
    )


def report_of(error: Exception) -> str:
    try:
        raise error
    except type(error) as caught:
        return crash_report(type(caught), caught, caught.__traceback__)


def test_an_error_on_any_thread_is_shown_once_and_can_be_copied(
    qtbot: QtBot, caplog: pytest.LogCaptureFixture
) -> None:
    window = QMainWindow()
    qtbot.addWidget(window)
    window.show()
    for _ in range(3):
        QDialog(window).show()

    def fail() -> None:
        raise LookupError("who expected this?")

    with CrashReporter():
        thread = threading.Thread(target=fail)
        thread.start()
        thread.join()
        qtbot.waitUntil(lambda: box() is not None)
        shown = box()
        assert shown is not None
        assert shown.parent() is window
        assert QGuiApplication.modalWindow() is None  # Qt would refuse to close the window behind it
        copy = next(each for each in shown.findChildren(QPushButton) if each.text() == "Copy details")
        copy.click()
        assert shown.isVisible()
        details = QGuiApplication.clipboard().text()
        assert "LookupError: who expected this?" in details
        assert "Python" in details
        assert details == shown.detailedText()
        sys.excepthook(ValueError, ValueError("and another"), None)
        shown.close()
        qtbot.waitUntil(lambda: box() is None)
    assert "who expected this?" in caplog.text
    assert "and another" in caplog.text


@pytest.mark.parametrize(
    "pixels",
    [
        np.full((3, 4, 3), 77, np.uint8),
        np.full((480, 640, 3), 77, np.uint8),
        np.full((2, 9), 77.25),
        [[77, 77, 77], [77, 77, 77]],
        bytes([77, 0, 255] * 4),
    ],
)
def test_a_report_contains_no_pixels(pixels: object) -> None:
    report = report_of(ValueError(f"bad frame {pixels}, repr {pixels!r}"))
    assert "ValueError: bad frame" in report
    assert "77" not in report.split("ValueError:")[1]
    assert "\\xff" not in report


def test_a_report_is_short_and_names_no_one() -> None:
    report = report_of(ValueError(f"{Path.home() / 'photo.jpg'} " + "x" * 10_000))
    assert "~/photo.jpg" in report
    assert str(Path.home()) not in report
    assert len(report) < 2_000
