"""Opens the real window, waits for a state, and closes it.

Run as `python -m tests.e2e.closer STATE PROFILE_DIR`; prints "closing" when it closes the window.
"""

from __future__ import annotations

import signal
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING
from unittest.mock import patch

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QFileDialog

from fer_desktop import startup as startup_module
from fer_desktop.__main__ import main
from fer_desktop.controllers.flow import Capture, FlowState
from fer_desktop.controllers.source_supervisor import SourceState
from fer_desktop.domain import Emotion
from fer_desktop.paths import resources_dir
from fer_desktop.settings import SettingsStore
from fer_desktop.spotify import sandbox as sandbox_module
from fer_desktop.spotify.sandbox import Fault, Sandbox
from fer_desktop.ui.main_window import MainWindow
from fer_desktop.ui.settings_dialog import SettingsDialog
from tests.fakes.frames import blank_frame

if TYPE_CHECKING:
    from collections.abc import Callable

    from fer_desktop.domain import Frame

_LOOK_MS = 20
_PHOTO = str(resources_dir() / "samples" / "happy-baby.jpeg")


class BlockedCamera:
    """A camera whose driver blocks at the second frame, or when it is opened."""

    name = "Blocked"

    def __init__(self, *, opens: bool) -> None:
        self._first = True
        if not opens:
            threading.Event().wait()

    def read(self) -> Frame:
        if not self._first:
            threading.Event().wait()
        self._first = False
        return blank_frame()

    def close(self) -> None:
        raise AssertionError("a blocked driver gives nothing back")


class SlowSandbox(Sandbox):
    """A music service that does not answer searches."""

    def __enter__(self) -> SlowSandbox:
        super().__enter__()
        self.fail_next(Fault.SLOW, "/v1/search", times=100)
        return self


class Closer:
    """Waits for a state and closes the window in it."""

    def __init__(self, state: str) -> None:
        closers: dict[str, Callable[[], object]] = {
            "interrupted": lambda: signal.raise_signal(signal.SIGINT),
            "terminated": lambda: signal.raise_signal(signal.SIGTERM),
        }
        self._signalled = state in closers
        self._close = closers.get(state, QApplication.quit)
        self._reached = {
            "opening": lambda window: window.flow.picture is SourceState.OPENING,
            "blocked": lambda window: window.flow.picture is SourceState.LIVE,
            "analysing": lambda window: window.flow.can_capture and window.camera.analysis_milliseconds > 0,
            "interrupted": lambda window: window.flow.can_capture,
            "terminated": lambda window: window.flow.can_capture,
            "explaining": self._explains,
            "requesting": self._requests,
            "dialog": self._has_settings_open,
            "file dialog": self._has_file_dialog_open,
        }[state]
        self._looking = QTimer()
        self._looking.timeout.connect(self._look)
        self._looking.start(_LOOK_MS)

    def _look(self) -> None:
        windows = [each for each in QApplication.topLevelWidgets() if isinstance(each, MainWindow)]
        if windows and windows[0].isVisible() and self._reached(windows[0]):
            self._looking.stop()
            print("closing", time.monotonic(), flush=True)  # noqa: T201  # the test reads it
            self._close()
            if self._signalled and not windows[0].isVisible():
                print("closed amid what Qt had called", file=sys.stderr)  # noqa: T201  # the test reads it

    def _explains(self, window: MainWindow) -> bool:
        if window.flow.can_capture:
            window.header.why_button.setChecked(True)
            window.stage.capture_button.click()
        return window.flow.picture is Capture.TAKEN

    def _requests(self, window: MainWindow) -> bool:
        if window.flow.state is FlowState.PLANNED:
            window.playlist_panel.create_button.click()
        elif window.flow.state is FlowState.EMPTY:
            window.emotion_panel.choices[Emotion.HAPPY].click()
        return window.flow.working

    def _has_settings_open(self, window: MainWindow) -> bool:
        dialogs = window.findChildren(SettingsDialog)
        if not dialogs:
            window.header.settings_button.click()
        return any(dialog.isVisible() for dialog in dialogs)

    def _has_file_dialog_open(self, window: MainWindow) -> bool:
        if any(isinstance(each, QFileDialog) and each.isVisible() for each in QApplication.topLevelWidgets()):
            return True
        QTimer.singleShot(0, window.header.open_photo)
        return False


def run(state: str, profile_dir: str) -> int:
    """Runs the app until it has closed in a state."""
    if state in ("opening", "blocked"):
        with patch.object(
            startup_module, "open_source", lambda _spec: BlockedCamera(opens=state == "blocked")
        ):
            SettingsStore(Path(profile_dir)).update(privacy_accepted=True)
            return main(["--profile-dir", profile_dir, "--source", "camera:0"])
    with patch.object(sandbox_module, "Sandbox", SlowSandbox if state == "requesting" else Sandbox):
        return main(["--demo", "--source", _PHOTO])


if __name__ == "__main__":
    app = QApplication(["fer-desktop"])
    closer = Closer(sys.argv[1])
    sys.exit(run(*sys.argv[1:]))
