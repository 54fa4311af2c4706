"""The window and its controllers know a music service only through its protocols."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fer_desktop.app import App
from fer_desktop.controllers.flow import FlowState
from fer_desktop.domain import Emotion
from fer_desktop.settings import SettingsStore
from fer_desktop.vision.frame_source import open_source
from tests.fakes.app_bench import LONG
from tests.fakes.made_up_music import MadeUpMusic

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot


@pytest.fixture
def music() -> MadeUpMusic:
    return MadeUpMusic()


@pytest.fixture
def app(music: MadeUpMusic, qtbot: QtBot, models: Path, profile: Path) -> Iterator[App]:
    settings = SettingsStore(profile)
    settings.update(own_top_tracks=True, cover=True)
    app = App(settings, music.provider, open_source)
    app.window.show()
    yield app
    app.window.close()
    app.close()


def test_another_service_makes_a_playlist(app: App, music: MadeUpMusic, qtbot: QtBot) -> None:
    panel = app.window.playlist_panel
    app.window.emotion_panel.choices[Emotion.SAD].click()
    panel.create_button.click()
    qtbot.waitUntil(lambda: app.flow.state is FlowState.CREATED, timeout=LONG)
    assert [len(tracks) for tracks in music.lists.values()] == [20]
    assert panel.created.url == "https://made-up.example/0"
    assert panel.created.open_button.text() == "Open in Made Up"
    assert not panel.created.app_button.isVisible()


def test_another_service_connects_without_a_client_id(app: App, music: MadeUpMusic, qtbot: QtBot) -> None:
    button = app.window.playlist_panel.set_up_button
    assert button.text() == "Connect Made Up"
    button.click()
    qtbot.waitUntil(lambda: app.account.account is not None, timeout=LONG)
    assert music.connected
    assert not button.isVisible()
    music.fails_to_connect = True
    app.account.disconnect_account()
    qtbot.waitUntil(lambda: not music.connected and not app.account_jobs.busy, timeout=LONG)
    app.window.emotion_panel.choices[Emotion.SAD].click()
    app.window.playlist_panel.create_button.click()
    qtbot.waitUntil(lambda: app.flow.needs_account, timeout=LONG)
    music.fails_to_connect = False
    button.click()
    qtbot.waitUntil(lambda: app.flow.state is FlowState.CREATED, timeout=LONG)
