"""A new setting in the real window: its declaration brings the dialog, the file and what a change entails."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from fer_desktop import settings as settings_module
from fer_desktop.controllers.source_supervisor import SourceState
from fer_desktop.domain import Emotion
from fer_desktop.settings import Settings, SettingsStore, declare
from fer_desktop.ui.settings_dialog import SettingsDialog
from fer_desktop.ui.tick_box import TickBox
from tests.fakes.app_bench import LONG, Bench
from tests.fakes.http_camera import HttpCamera

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class _OneMore(Settings):
    zoomed: bool = declare(False, "Camera", "Zoom in", needs_login=True, needs_reopen=True, needs_plan=True)


@pytest.fixture
def _one_more_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings_module, "Settings", _OneMore)


@pytest.mark.usefixtures("_one_more_setting")
def test_a_new_setting_is_one_declaration_and_its_consumer(fresh: Bench, profile: Path) -> None:
    seen: list[object] = []
    fresh.settings.follow(lambda now: seen.append(getattr(now, "zoomed", None)), "zoomed")
    with HttpCamera() as camera:
        fresh.window.sources.open(camera.url)
        fresh.until(SourceState.LIVE)
        fresh.choose(Emotion.SAD)
        dialog = fresh.open_dialog(SettingsDialog)
        box = dialog.editor("zoomed")
        assert isinstance(box, TickBox)
        assert box.text() == "Zoom in"
        box.click()
        with fresh.qtbot.waitSignal(fresh.app.account.changed, timeout=LONG):
            dialog.accept_button.click()
        assert fresh.app.flow.picture is SourceState.OPENING
    assert seen == [False, True]
    assert SettingsStore.load(profile).current == _OneMore(zoomed=True)
