"""The window and its controllers know a music service only through its protocols."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fer_desktop.controllers.flow import FlowState
from fer_desktop.settings import SettingsStore
from tests.fakes.app_bench import Bench
from tests.fakes.made_up_music import MadeUpMusic

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot


@pytest.fixture
def music() -> MadeUpMusic:
    return MadeUpMusic()


@pytest.fixture
def bench(music: MadeUpMusic, qtbot: QtBot, models: Path, profile: Path) -> Iterator[Bench]:
    SettingsStore(profile).update(own_top_tracks=True, cover=True)
    bench = Bench(profile, qtbot, music.provider)
    yield bench
    bench.close()


def test_another_service_makes_a_playlist(bench: Bench, music: MadeUpMusic) -> None:
    bench.create()
    assert bench.state() is FlowState.CREATED
    assert [len(tracks) for tracks in music.lists.values()] == [20]
    assert bench.panel.created.url == "https://made-up.example/0"
    assert bench.panel.created.open_button.text() == "Open in Made Up"
    assert not bench.panel.created.app_button.isVisible()


def test_another_service_connects_without_a_client_id(bench: Bench, music: MadeUpMusic) -> None:
    account, button = bench.app.account, bench.panel.set_up_button
    assert button.text() == "Connect Made Up"
    button.click()
    bench.wait(lambda: account.account is not None)
    assert music.connected
    assert not button.isVisible()
    music.fails_to_connect = True
    account.disconnect_account()
    bench.wait(lambda: not music.connected)
    bench.idle()
    bench.create()
    assert bench.app.flow.needs_account
    music.fails_to_connect = False
    bench.panel.set_up_button.click()
    bench.until(FlowState.CREATED)
