"""The whole app with its window, for tests that use it as a user does."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QObject, Qt, QUrl, Slot
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QPushButton

from fer_desktop.app import App
from fer_desktop.controllers.flow import Capture
from fer_desktop.domain import Emotion
from fer_desktop.paths import resources_dir
from fer_desktop.settings import SettingsStore
from fer_desktop.spotify.factory import SPOTIFY
from fer_desktop.ui.batch_dialog import BatchDialog
from fer_desktop.ui.camera_picker import CameraPicker
from fer_desktop.ui.connect_dialog import ConnectDialog
from fer_desktop.ui.help_dialog import HelpDialog, show_help
from fer_desktop.ui.settings_dialog import SettingsDialog
from fer_desktop.vision.frame_source import open_source

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from fer_desktop.controllers.flow import FlowState
    from fer_desktop.controllers.source_supervisor import SourceState
    from fer_desktop.music import MusicProvider
    from fer_desktop.spotify.sandbox import Sandbox
    from fer_desktop.ui.track_list import TrackList
    from fer_desktop.vision.frame_source import FrameSource

NEUTRAL = str(resources_dir() / "samples" / "neutral.jpeg")
LONG = 30_000
"""Milliseconds that a step may take on a busy computer."""

_Dialog = TypeVar("_Dialog", bound=QDialog)


class Browser(QObject):
    """Notes the pages that the app opens, and logs in if it is told to."""

    def __init__(self, sandbox: Sandbox) -> None:
        super().__init__()
        self.opened: list[str] = []
        self.agrees = True
        self._sandbox = sandbox

    @Slot(QUrl)
    def open(self, url: QUrl) -> None:
        self.opened.append(url.toString())
        if "/authorize" in url.toString() and self.agrees:
            self._sandbox.open_url(bytes(url.toEncoded().data()).decode())


class Bench:
    """The running app with a profile and a music service.

    Attributes:
        opened: The sources that were opened.
    """

    def __init__(
        self, profile_dir: Path, qtbot: QtBot, music: MusicProvider = SPOTIFY, *, demo_note: str = ""
    ) -> None:
        self.qtbot = qtbot
        self.closed = False
        self.opened: list[str] = []
        self.settings = SettingsStore.load(profile_dir)
        self.app = App(self.settings, music, self._open, demo_note=demo_note)
        self.window = self.app.window
        self.panel = self.window.playlist_panel
        self.window.show()
        self.app.resume()
        self.idle()

    def _open(self, spec: str) -> FrameSource:
        self.opened.append(spec)
        return open_source(spec)

    def wait(self, reached: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(reached, timeout=LONG)

    def until(self, state: SourceState | Capture | FlowState) -> None:
        """Waits for a state of the picture or of the playlist."""
        self.wait(lambda: state in (self.app.flow.picture, self.app.flow.state))

    def idle(self) -> None:
        self.wait(lambda: not (self.app.account_jobs.busy or self.app.playlist_jobs.busy))

    def state(self) -> FlowState:
        return self.app.flow.state

    def go_live(self, spec: str = NEUTRAL) -> None:
        self.window.sources.open(spec)
        self.wait(self.window.stage.capture_button.isEnabled)

    def capture(self) -> None:
        QTest.mouseClick(self.window.stage.capture_button, Qt.MouseButton.LeftButton)
        self.until(Capture.TAKEN)

    def choose(self, emotion: Emotion) -> None:
        self.window.emotion_panel.choices[emotion].click()

    def press(self, button: QPushButton) -> None:
        """Clicks a visible button, and waits until its work is done."""
        assert button.isVisible()
        assert button.isEnabled()
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
        self.wait(lambda: not self.app.flow.working)
        self.idle()

    def preview(self) -> TrackList:
        self.choose(Emotion.SAD)
        self.press(self.panel.ready.preview_button)
        return self.panel.tracks

    def create(self) -> None:
        self.choose(Emotion.SAD)
        self.press(self.panel.create_button)

    def log_in(self, client_id: str) -> ConnectDialog:
        """Opens the assistant, and starts a login in it."""
        self.panel.set_up_button.click()
        assistant = self.assistant()
        assistant.client_id.setText(client_id)
        assistant.connect_button.click()
        return assistant

    def open_dialog(self, kind: type[_Dialog]) -> _Dialog:
        OPENERS[kind](self)
        return self.dialog(kind)

    def dialog(self, kind: type[_Dialog]) -> _Dialog:
        """Returns the open dialog of a kind."""
        (dialog,) = (each for each in self.window.findChildren(kind) if each.isVisible())
        return dialog

    def assistant(self) -> ConnectDialog:
        return self.dialog(ConnectDialog)

    def no_assistant(self) -> bool:
        return not [each for each in self.window.findChildren(ConnectDialog) if each.isVisible()]

    def primary(self) -> str:
        (button,) = (
            each
            for each in self.window.findChildren(QPushButton)
            if each.property("primary") and each.isVisible() and each.window() is self.window
        )
        return button.text()

    def close(self) -> None:
        if self.closed:
            return
        self.closed = True
        self.window.close()
        self.app.close()


def _choose_camera(bench: Bench) -> None:
    bench.settings.update(privacy_accepted=True)
    bench.window.sources.choose_camera()


OPENERS: dict[type[QDialog], Callable[[Bench], object]] = {
    SettingsDialog: lambda bench: bench.window.header.settings_button.click(),
    ConnectDialog: lambda bench: bench.window.playlist_presenter.open_assistant(),
    HelpDialog: lambda bench: show_help(bench.window),
    BatchDialog: lambda bench: bench.window.header.many_files_requested.emit(),
    CameraPicker: _choose_camera,
}
"""How each dialog is opened."""
