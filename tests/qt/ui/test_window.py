"""The window over the real app: real workers, a real (tiny) model, a real server."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from fer_desktop.controllers.flow import Capture, FlowState
from fer_desktop.controllers.source_supervisor import SourceState
from fer_desktop.domain import Emotion
from fer_desktop.errors import FrameSourceError, SettingsError
from fer_desktop.settings import SettingsStore
from fer_desktop.spotify.factory import sandbox_provider
from fer_desktop.spotify.sandbox import Fault, Sandbox
from fer_desktop.ui.settings_dialog import SettingsDialog
from tests.fakes.app_bench import NEUTRAL, Bench
from tests.fakes.tiny_model import TINY_MODEL, tiny_card

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from fer_desktop.errors import AppError


@pytest.fixture
def bench(qtbot: QtBot, models: Path, sandbox: Sandbox, profile: Path) -> Iterator[Bench]:
    """The app with the sandbox, which needs no login page."""
    bench = Bench(profile, qtbot, sandbox_provider(sandbox))
    yield bench
    bench.close()


def test_no_camera_is_opened_before_the_notice_is_accepted(bench: Bench) -> None:
    assert bench.window.stage.welcome.isVisible()
    assert bench.primary() == "Start camera"
    bench.window.header.power_button.click()
    assert bench.opened == []
    bench.settings.update(source=NEUTRAL)
    bench.window.stage.welcome.start_button.click()
    bench.until(SourceState.LIVE)
    assert bench.opened == [NEUTRAL]
    assert SettingsStore.load(bench.settings.profile_dir).current.privacy_accepted


def test_settings_that_the_music_service_does_not_use_are_not_offered(bench: Bench) -> None:
    dialog = bench.open_dialog(SettingsDialog)
    assert "Your sandbox account" in {label.text() for label in dialog.findChildren(QLabel)}
    assert not dialog.redirect_uri.text()
    for name in ("redirect_port", "token_store"):
        with pytest.raises(KeyError):
            dialog.editor(name)
    dialog.accept_button.click()


def test_the_notice_says_how_often_the_model_is_wrong(bench: Bench, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: "the app named 25" in bench.window.stage.welcome.how_wrong.text())


def test_one_action_is_primary_at_each_step(bench: Bench) -> None:
    bench.go_live()
    assert bench.primary() == "Capture"
    bench.capture()
    assert bench.primary() == "Create Playlist"
    assert bench.window.focusWidget() is bench.panel.create_button
    assert bench.window.stage.live_button.isVisible()
    assert not bench.window.stage.capture_button.isVisible()
    bench.panel.create_button.click()
    bench.until(FlowState.CREATED)
    assert bench.primary() == "Open in sandbox"
    assert bench.panel.tracks.count() == 20


@pytest.mark.parametrize("accepted", [False, True], ids=["first", "later"])
def test_the_focus_follows_the_next_step_as_the_picture_comes_and_goes(
    qtbot: QtBot, models: Path, sandbox: Sandbox, profile: Path, *, accepted: bool
) -> None:
    SettingsStore.load(profile).update(privacy_accepted=accepted)
    bench = Bench(profile, qtbot, sandbox_provider(sandbox))
    stage = bench.window.stage
    assert bench.window.focusWidget() is stage.start_button
    bench.settings.update(source=NEUTRAL)
    stage.start_button.click()
    bench.wait(stage.capture_button.isEnabled)
    assert bench.window.focusWidget() is stage.capture_button
    bench.app.camera.stop()
    bench.wait(stage.start_button.hasFocus)
    bench.go_live()
    stage.view.setFocus()
    bench.go_live()
    QTest.keyClick(bench.window.focusWidget(), Qt.Key.Key_Space)
    bench.until(Capture.TAKEN)
    bench.close()


def test_the_focus_stays_where_the_user_moved_it_while_the_picture_is_opened(bench: Bench) -> None:
    bench.window.header.settings_button.setFocus()
    bench.go_live()
    assert bench.window.focusWidget() is bench.window.header.settings_button


def test_the_demo_says_so_in_its_title(qtbot: QtBot, models: Path, sandbox: Sandbox, profile: Path) -> None:
    bench = Bench(profile, qtbot, sandbox_provider(sandbox), demo_note="Nothing here is real.")
    assert bench.window.windowTitle() == "Demo \u2014 FER Desktop"  # Qt adds the name unless it is the end
    bench.close()


def test_a_capture_is_shown_as_one_with_its_probabilities(bench: Bench) -> None:
    bench.go_live()
    bench.capture()
    plan = bench.app.playlist.plan
    assert plan is not None
    assert bench.window.emotion_panel.lead.text() == "In the capture you look"
    assert bench.window.emotion_panel.word.text().startswith(plan.emotion.value)
    assert bench.panel.heading.text() == f"{plan.emotion.title} Vibes Playlist"
    values = [bar.value for bar in bench.window.emotion_panel.bars.values()]
    assert sum(value for value in values if value is not None) == pytest.approx(1)


def test_space_captures_and_ctrl_enter_takes_the_next_step(bench: Bench) -> None:
    bench.go_live()
    QTest.keyClick(bench.window.stage.view, Qt.Key.Key_Space)
    bench.until(Capture.TAKEN)
    bench.window.activateWindow()
    QTest.keyClick(bench.window, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    bench.until(FlowState.CREATED)


def test_ctrl_d_turns_the_camera_off_and_on(bench: Bench) -> None:
    bench.go_live()
    QTest.keyClick(bench.window, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    assert bench.app.flow.picture is SourceState.OFF
    assert bench.window.header.power_button.accessibleName() == "Camera off"
    assert bench.window.stage.idle.title.text() == "The camera is off"
    QTest.keyClick(bench.window, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    bench.until(SourceState.LIVE)


def test_a_mood_can_be_chosen_without_a_face_and_given_up_again(bench: Bench) -> None:
    choice = bench.window.emotion_panel.choices[Emotion.SAD]
    choice.click()
    assert bench.state() is FlowState.PLANNED
    assert bench.panel.heading.text() == "Sad Vibes Playlist"
    assert bench.primary() == "Create Playlist"
    choice.click()
    assert bench.state() is FlowState.EMPTY
    assert not choice.isChecked()


def test_a_wide_window_has_two_columns_and_a_narrow_one_folds(bench: Bench, qtbot: QtBot) -> None:
    def side_is_right_of_the_picture() -> bool:
        picture = bench.window.stage.welcome.mapTo(bench.window, bench.window.stage.welcome.rect().topLeft())
        side = bench.window.emotion_panel.mapTo(bench.window, bench.window.emotion_panel.rect().topLeft())
        return side.x() > picture.x() + bench.window.stage.welcome.width()

    bench.window.resize(QSize(1240, 800))
    qtbot.waitUntil(side_is_right_of_the_picture)
    bench.window.resize(QSize(640, 800))
    qtbot.waitUntil(lambda: not side_is_right_of_the_picture())


def test_the_next_step_is_scrolled_into_view(bench: Bench, qtbot: QtBot) -> None:
    bench.window.resize(QSize(480, 520))
    bench.go_live()
    bench.capture()
    create = bench.panel.create_button
    qtbot.waitUntil(lambda: create.visibleRegion().boundingRect() == create.rect())


def test_the_window_keeps_its_size(bench: Bench, sandbox: Sandbox, qtbot: QtBot, profile: Path) -> None:
    bench.window.resize(QSize(700, 560))
    bench.close()
    again = Bench(profile, qtbot, sandbox_provider(sandbox))
    assert again.window.size() == QSize(700, 560)
    again.close()


@pytest.mark.parametrize(
    ("name", "content"),
    [("missing.jpg", None), ("notes.jpg", b"no picture at all"), ("empty", "folder")],
)
def test_a_source_without_pictures_says_what_to_do_and_the_app_stays_usable(
    bench: Bench, tmp_path: Path, name: str, content: bytes | str | None
) -> None:
    path = tmp_path / name
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif content == "folder":
        path.mkdir()
    errors: list[AppError] = []
    bench.app.camera.lost.connect(errors.append)
    bench.window.sources.open(str(path))
    bench.until(SourceState.LOST)
    assert bench.window.stage.idle.title.text() == errors[0].title
    assert errors[0].hint
    assert errors[0].hint in bench.window.stage.idle.message.text()
    assert bench.primary() == "Try again"
    bench.go_live()
    assert bench.primary() == "Capture"


def test_a_missing_camera_is_reported(bench: Bench) -> None:
    bench.window.sources.open("camera:63")
    bench.until(SourceState.LOST)
    assert "camera" in bench.window.stage.idle.title.text().lower()
    assert bench.window.stage.idle.photo_button.isVisible()


def test_a_picture_without_a_face_keeps_the_live_view(bench: Bench, tmp_path: Path) -> None:
    wall = tmp_path / "wall.png"
    cv2.imwrite(str(wall), np.full((240, 320, 3), 200, np.uint8))
    bench.go_live(str(wall))
    bench.window.stage.capture_button.click()
    bench.wait(lambda: bench.window.notification_bar.isVisible())
    assert bench.window.notification_bar.title.text() == "No face found"
    assert bench.app.flow.picture is SourceState.LIVE


def test_a_new_picture_removes_only_notifications_about_pictures(bench: Bench) -> None:
    bar = bench.window.notification_bar
    bench.app.notifications.notify(SettingsError("The settings were reset", "They are broken."))
    bench.go_live()
    bench.capture()
    assert bar.isVisible()
    bench.app.notifications.notify(FrameSourceError("Photo gone", "It is not there any more."))
    bench.window.stage.live_button.click()
    assert bench.app.flow.picture is SourceState.LIVE
    assert not bar.isVisible()


@pytest.mark.parametrize("damage", ["model", "card"])
def test_a_damaged_model_is_reported_and_a_mood_can_still_be_chosen(
    qtbot: QtBot, models: Path, sandbox: Sandbox, profile: Path, damage: str
) -> None:
    if damage == "model":
        (models / "emotion.onnx").write_bytes(b"\0" * 100)
    else:
        card = tiny_card(TINY_MODEL.read_bytes(), classes=["cat", "dog"])
        (models / "emotion.json").write_text(json.dumps(card), encoding="utf-8")
    bench = Bench(profile, qtbot, sandbox_provider(sandbox))
    bench.wait(lambda: bench.window.notification_bar.isVisible())
    assert "odel" in bench.window.notification_bar.title.text()
    bench.window.sources.open(NEUTRAL)
    bench.wait(lambda: " fps · no model" in bench.window.status.text())
    assert bench.window.notification_bar.isVisible()
    bench.choose(Emotion.HAPPY)
    bench.panel.create_button.click()
    bench.until(FlowState.CREATED)
    bench.close()


def test_a_failure_keeps_capture_plan_and_offers_another_try(bench: Bench, sandbox: Sandbox) -> None:
    bench.go_live()
    bench.capture()
    sandbox.fail_next(Fault.ERROR_BEFORE_WORK, "/v1/me/playlists", method="POST")
    bench.panel.create_button.click()
    bench.until(FlowState.FAILED)
    assert bench.panel.failed.error_title.isVisible()
    assert bench.app.flow.picture is Capture.TAKEN
    assert bench.panel.tracks.count() == 20
    assert bench.primary() == "Finish Playlist"  # it may have been created
    bench.panel.create_button.click()
    bench.until(FlowState.CREATED)
    assert len(sandbox.playlists) == 1
