"""Closing the window ends everything soon, whatever is going on."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from fer_desktop.app import App
from fer_desktop.controllers.source_supervisor import SourceState
from fer_desktop.domain import Emotion
from fer_desktop.errors import NotLoggedInError
from fer_desktop.music import MusicProvider
from fer_desktop.settings import SettingsStore
from fer_desktop.spotify.config import CAPABILITIES
from fer_desktop.ui.settings_dialog import SettingsDialog
from tests.fakes.app_bench import LONG, NEUTRAL, OPENERS, Bench
from tests.fakes.frames import ScriptedSource, blank_frame

if TYPE_CHECKING:
    from pathlib import Path

    from PySide6.QtWidgets import QDialog
    from pytestqt.qtbot import QtBot

    from fer_desktop.music import MusicSession
    from fer_desktop.vision.frame_source import FrameSource


class Blocked:
    """A camera and a music service that do not answer while `closing` waits."""

    def __init__(self, profile_dir: Path, *, opens: bool) -> None:
        self.released = threading.Event()
        self.opens = opens
        self.source = ScriptedSource()
        self.app = App(
            SettingsStore(profile_dir), MusicProvider(CAPABILITIES, self._open_session), self._open
        )
        self.app.window.show()

    def _open_session(self, *_: object) -> MusicSession:
        self.released.wait(LONG)
        raise NotLoggedInError("Not connected", "Nobody is.", "")

    def _open(self, _spec: str) -> FrameSource:
        if not self.opens:
            self.released.wait(LONG)
        self.source.deliver(blank_frame())
        return self.source


@pytest.mark.parametrize("state", [SourceState.LIVE, SourceState.OPENING])
def test_a_blocked_driver_and_service_do_not_hold_up_closing(
    qtbot: QtBot, models: Path, profile: Path, state: SourceState
) -> None:
    blocked = Blocked(profile, opens=state is SourceState.LIVE)
    blocked.app.resume()
    blocked.app.camera.start("camera:0")
    qtbot.waitUntil(lambda: blocked.app.flow.picture is state, timeout=LONG)
    began = time.monotonic()
    blocked.app.window.close()
    ended = blocked.app.close()
    seconds = time.monotonic() - began
    blocked.released.set()
    blocked.source.lose()
    assert not ended
    assert seconds < 3  # with a wait for each part in turn it would be more


def test_closing_while_all_is_well_waits_for_everything(fresh: Bench) -> None:
    fresh.choose(Emotion.HAPPY)
    fresh.window.close()
    assert fresh.app.close()
    fresh.closed = True


@pytest.mark.parametrize("kind", OPENERS)
def test_no_dialog_keeps_the_window_from_being_closed_or_opens_twice(
    fresh: Bench, kind: type[QDialog]
) -> None:
    dialog = fresh.open_dialog(kind)
    assert fresh.open_dialog(kind) is dialog
    assert QGuiApplication.modalWindow() is None  # Qt would refuse to close the window behind one


def test_the_keys_that_stop_the_camera_and_close_the_app_work_next_to_a_dialog(fresh: Bench) -> None:
    fresh.window.sources.open(NEUTRAL)
    fresh.until(SourceState.LIVE)
    dialog = fresh.open_dialog(SettingsDialog)
    fresh.wait(dialog.isActiveWindow)
    QTest.keyClick(dialog, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    assert fresh.app.flow.picture is SourceState.OFF
    QTest.keyClick(dialog, Qt.Key.Key_Q, Qt.KeyboardModifier.ControlModifier)
    assert not fresh.window.isVisible()
