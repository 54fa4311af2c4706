"""The window with a camera that fails in every way that cameras do; it is served on loopback."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QObject, Qt, QUrl, Slot
from PySide6.QtGui import QDesktopServices
from PySide6.QtTest import QTest

from fer_desktop.controllers.source_supervisor import SourceState
from fer_desktop.errors import AppError, CameraError
from tests.fakes.http_camera import Fault, HttpCamera

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.fakes.app_bench import Bench


@pytest.fixture
def camera() -> Iterator[HttpCamera]:
    with HttpCamera() as camera:
        yield camera


def state(bench: Bench) -> SourceState:
    return bench.app.camera.state


@pytest.mark.parametrize(
    ("fault", "title", "hint"),
    [
        (Fault.UNPLUGGED, "The stream stopped", "the camera is on"),
        (Fault.STALLED, "stopped", "Check"),
        (Fault.BLACK, "The camera shows only black", "Open the shutter"),
        (Fault.FROZEN, "The camera is frozen", "Unplug it and plug it back in"),
    ],
)
def test_a_camera_that_fails_is_reported_and_comes_back_automatically(
    fresh: Bench, camera: HttpCamera, fault: Fault, title: str, hint: str
) -> None:
    idle = fresh.window.stage.idle
    fresh.go_live(camera.url)
    camera.set_fault(fault)
    fresh.until(SourceState.LOST)
    assert title in idle.title.text()
    assert hint in idle.message.text()
    assert "returns automatically" in idle.message.text()
    assert idle.isVisible()
    assert idle.start_button.text() == "Try now"
    assert fresh.window.header.power_button.accessibleName() == "Camera on"
    camera.set_fault(None)
    fresh.until(SourceState.LIVE)
    assert fresh.window.stage.view.isVisible()


def test_try_now_does_not_wait_for_the_next_attempt(fresh: Bench, camera: HttpCamera) -> None:
    fresh.app.source.back_off = (3600.0,)
    fresh.go_live(camera.url)
    camera.set_fault(Fault.UNPLUGGED)
    fresh.until(SourceState.LOST)
    camera.set_fault(None)
    fresh.window.stage.idle.start_button.click()
    fresh.until(SourceState.LIVE)


def test_a_lost_camera_can_be_turned_off_with_one_key(fresh: Bench, camera: HttpCamera) -> None:
    fresh.go_live(camera.url)
    camera.set_fault(Fault.UNPLUGGED)
    fresh.until(SourceState.LOST)
    QTest.keyClick(fresh.window, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    assert state(fresh) is SourceState.OFF
    assert fresh.window.header.power_button.accessibleName() == "Camera off"


def test_a_minimised_window_releases_the_camera(fresh: Bench, camera: HttpCamera) -> None:
    fresh.go_live(camera.url)
    fresh.window.showMinimized()
    fresh.until(SourceState.OFF)
    fresh.window.showNormal()
    fresh.until(SourceState.LIVE)
    assert camera.connections > 1


def test_a_window_that_starts_minimised_opens_its_camera_once_it_is_seen(
    fresh: Bench, camera: HttpCamera
) -> None:
    fresh.settings.update(privacy_accepted=True)
    fresh.window.showMinimized()
    fresh.window.sources.start(camera.url)
    assert state(fresh) is SourceState.OFF
    assert not fresh.app.camera.running
    fresh.window.showNormal()
    fresh.until(SourceState.LIVE)


def test_a_hidden_window_releases_the_camera(fresh: Bench, camera: HttpCamera) -> None:
    fresh.go_live(camera.url)
    fresh.window.hide()
    assert state(fresh) is SourceState.OFF
    fresh.window.show()
    fresh.until(SourceState.LIVE)


def test_a_minimised_window_keeps_the_camera_if_the_user_wants_that(fresh: Bench, camera: HttpCamera) -> None:
    fresh.settings.update(release_camera=False)
    fresh.go_live(camera.url)
    fresh.window.showMinimized()
    fresh.wait(fresh.window.isMinimized)
    assert state(fresh) is SourceState.LIVE


def test_opening_is_shown(fresh: Bench) -> None:
    with HttpCamera(fault=Fault.STALLED) as camera:
        fresh.window.sources.open(camera.url)
        assert fresh.window.stage.idle.isVisible()
        assert fresh.window.stage.idle.title.text() == "Opening the camera…"
        camera.set_fault(None)
        fresh.until(SourceState.LIVE)


def test_the_systems_settings_are_one_click_away(fresh: Bench) -> None:
    idle = fresh.window.stage.idle
    opened: list[str] = []

    class Settings(QObject):
        @Slot(QUrl)
        def open(self, url: QUrl) -> None:
            opened.append(url.toString())

    settings = Settings()
    QDesktopServices.setUrlHandler("ms-settings", settings, "open")  # type: ignore[arg-type]  # takes a string only
    idle.show_error(
        CameraError("Not allowed", "No.", "Yes.", settings_url="ms-settings:privacy-webcam"), again=True
    )
    idle.settings_button.click()
    QDesktopServices.unsetUrlHandler("ms-settings")
    assert opened == ["ms-settings:privacy-webcam"]
    idle.show_error(AppError("File not found", "No.", "Yes."), again=False)
    assert idle.settings_button.isHidden()
