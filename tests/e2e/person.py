"""Acts as a user of the real window: looks, clicks, and writes down what was visible.

Run as `python -m tests.e2e.person RESULT.json ARGUMENTS...`; the arguments go to the real `main()`.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton

from fer_desktop.__main__ import main
from fer_desktop.controllers.flow import FlowState
from fer_desktop.ui.main_window import MainWindow

if TYPE_CHECKING:
    from collections.abc import Callable

_LOOK_MS = 50
_PATIENCE_SECONDS = 60.0


class Person:
    """Waits for a button that can be clicked, clicks it, and continues with the next."""

    def __init__(self) -> None:
        self.seen: dict[str, object] = {}
        self._steps: list[Callable[[MainWindow], bool]] = [
            self._sees_happiness,
            self._captures,
            self._creates,
            self._leaves,
        ]
        self._deadline = time.monotonic() + _PATIENCE_SECONDS
        self._looking = QTimer()
        self._looking.timeout.connect(self._look)
        self._looking.start(_LOOK_MS)

    def _look(self) -> None:
        windows = [each for each in QApplication.topLevelWidgets() if isinstance(each, MainWindow)]
        if not windows or not windows[0].isVisible():
            return
        window = windows[0]
        if time.monotonic() > self._deadline:
            self.seen["gave up at"] = self._steps[0].__name__
            window.close()
        elif self._steps[0](window):
            self._steps.pop(0)
            if not self._steps:
                self._looking.stop()

    def _sees_happiness(self, window: MainWindow) -> bool:
        words = window.emotion_panel.word.text()
        if not words.startswith("happy") or not window.stage.capture_button.isEnabled():
            return False
        self.seen["live"] = words
        self.seen["note"] = window.demo_note.text() if window.demo_note.isVisible() else ""
        _click(window.stage.capture_button)
        return True

    def _captures(self, window: MainWindow) -> bool:
        button = window.playlist_panel.create_button
        if not button.isVisible():
            return False
        self.seen["captured"] = window.emotion_panel.word.text()
        self.seen["back to live"] = window.stage.live_button.isVisible()
        _click(button)
        return True

    def _creates(self, window: MainWindow) -> bool:
        panel = window.playlist_panel
        if window.flow.state is FlowState.FAILED:
            self.seen["error"] = panel.failed.error_text.text()
            self._deadline = 0
            return False
        if not panel.created.open_button.isVisible():
            return False
        self.seen |= {
            "playlist": panel.heading.text(),
            "facts": panel.facts.text(),
            "tracks": [track.title for track in panel.tracks.chosen()],
            "link": panel.created.url,
            "platform": QApplication.platformName(),
        }
        _click(window.stage.live_button)
        return True

    def _leaves(self, window: MainWindow) -> bool:
        if not window.stage.capture_button.isEnabled():
            return False
        self.seen["live again"] = True
        window.close()
        return True


def _click(button: QPushButton) -> None:
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


if __name__ == "__main__":
    app = QApplication(["fer-desktop"])
    person = Person()
    exit_code = main(sys.argv[2:])
    Path(sys.argv[1]).write_text(json.dumps(person.seen), encoding="utf-8")
    sys.exit(exit_code)
