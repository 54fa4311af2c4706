"""Choosing a camera: names, what each one sees, and what is remembered. The cameras are on loopback."""

from __future__ import annotations

import threading
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest

from fer_desktop import app as app_module
from fer_desktop.controllers import camera_survey
from fer_desktop.controllers.source_supervisor import SourceState
from fer_desktop.errors import CameraError
from fer_desktop.settings import SettingsStore
from fer_desktop.ui import theme
from fer_desktop.ui.camera_picker import CameraPicker
from fer_desktop.vision import frame_source
from fer_desktop.vision.camera import CameraInfo, find_camera
from tests.fakes.app_bench import LONG, NEUTRAL, Bench
from tests.fakes.http_camera import Fault, HttpCamera

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fer_desktop.vision.camera_source import CameraSource

BUILT_IN = CameraInfo(0, "Integrated Camera", "0bda:1111", "/dev/video0")
USB = CameraInfo(2, "HD Webcam", "046d:0825", "/dev/video2")
VIRTUAL = CameraInfo(4, "OBS Virtual Camera", "", "/dev/video4")


class Cameras:
    """The cameras of a computer.

    Attributes:
        plugged: Those that the system lists.
        listed: While cleared, the system does not list them yet.
        opened: The names of those that were opened, in order.
    """

    def __init__(self, stack: ExitStack) -> None:
        self.plugged: tuple[CameraInfo, ...] = (BUILT_IN, USB, VIRTUAL)
        self.opened: list[str] = []
        self.listed = threading.Event()
        self.listed.set()
        self.by_name = {
            camera.name: stack.enter_context(HttpCamera(gray=gray))
            for camera, gray in ((BUILT_IN, 60), (USB, 200), (VIRTUAL, 120))
        }

    def list(self) -> tuple[CameraInfo, ...]:
        self.listed.wait(LONG)
        return self.plugged

    def open(self, spec: str) -> CameraSource:
        camera = find_camera(spec, self.plugged)
        if camera is None:
            raise CameraError("No camera found", "There is none.", "Plug one in.")
        self.opened.append(camera.name)
        return frame_source.open_stream(self.by_name[camera.name].url)


@pytest.fixture
def cameras(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cameras]:
    with ExitStack() as stack:
        cameras = Cameras(stack)
        monkeypatch.setattr(app_module, "list_cameras", cameras.list)
        monkeypatch.setattr(frame_source, "open_camera", cameras.open)
        yield cameras


@pytest.fixture
def computer(cameras: Cameras, fresh: Bench) -> Bench:
    """The app on a computer with three cameras."""
    return fresh


def picker(bench: Bench) -> CameraPicker:
    """Returns the open dialog, once the cameras are listed."""

    def open_ones() -> list[CameraPicker]:
        return [each for each in bench.window.findChildren(CameraPicker) if each.isVisible()]

    bench.wait(lambda: bool(open_ones()) and open_ones()[0].again_button.isEnabled())
    return open_ones()[0]


def request(bench: Bench) -> None:
    actions = bench.window.header.source_button.menu().actions()
    next(action for action in actions if action.text() == "Choose camera…").trigger()


def choose(bench: Bench) -> CameraPicker:
    request(bench)
    return picker(bench)


def gray_of(dialog: CameraPicker, row: int) -> int:
    """Returns the brightness of a thumbnail; 0 while there is none."""
    image = dialog.list.item(row).icon().pixmap(dialog.list.iconSize()).toImage()
    color = image.pixelColor(image.width() // 2, image.height() // 2)
    return 0 if color.rgb() == QColor(theme.tokens().track).rgb() else color.green()


def test_at_the_first_start_the_user_chooses_by_name_and_picture(
    computer: Bench, cameras: Cameras, profile: Path
) -> None:
    computer.window.stage.welcome.start_button.click()
    dialog = picker(computer)
    rows = [dialog.list.item(row) for row in range(dialog.list.count())]
    assert [item.text() for item in rows] == ["Integrated Camera", "HD Webcam", "OBS Virtual Camera"]
    assert dialog.list.currentRow() == 0
    computer.wait(lambda: gray_of(dialog, 2) > 0)
    assert [gray_of(dialog, row) for row in range(3)] == [
        pytest.approx(gray, abs=20) for gray in (60, 200, 120)
    ]
    QTest.keyClick(dialog.list, Qt.Key.Key_Right)
    QTest.keyClick(dialog.list, Qt.Key.Key_Return)
    computer.until(SourceState.LIVE)
    assert cameras.opened[-1] == "HD Webcam"  # the survey was done
    assert find_camera(SettingsStore.load(profile).current.source, cameras.plugged) == USB


def test_a_single_camera_is_started_without_a_question(computer: Bench, cameras: Cameras) -> None:
    cameras.plugged = (USB, VIRTUAL)
    computer.window.stage.welcome.start_button.click()
    computer.until(SourceState.LIVE)
    assert cameras.opened == ["HD Webcam"]
    assert not computer.window.findChildren(CameraPicker)


def test_a_source_opened_while_the_cameras_are_listed_stays(computer: Bench, cameras: Cameras) -> None:
    cameras.plugged = (USB,)
    cameras.listed.clear()
    computer.window.stage.welcome.start_button.click()
    computer.window.sources.open(NEUTRAL)
    computer.until(SourceState.LIVE)
    cameras.listed.set()
    computer.wait(lambda: not computer.app.survey_jobs.busy)
    assert computer.app.camera.spec == NEUTRAL
    assert cameras.opened == []


@pytest.mark.parametrize("seen", [True, False], ids=["seen", "hidden"])
def test_the_camera_comes_back_after_the_list_if_someone_sees_it(
    computer: Bench, cameras: Cameras, *, seen: bool
) -> None:
    computer.settings.update(privacy_accepted=True)
    computer.window.sources.open_camera(USB.spec)
    computer.until(SourceState.LIVE)
    dialog = choose(computer)
    computer.window.setVisible(seen)
    dialog.reject()
    assert computer.app.camera.running is seen
    computer.window.show()
    computer.until(SourceState.LIVE)


@pytest.mark.parametrize("captured", [False, True], ids=["live", "captured"])
def test_no_camera_can_be_chosen_before_the_notice_was_read(
    computer: Bench, cameras: Cameras, captured: object
) -> None:
    computer.window.sources.start(NEUTRAL)
    computer.until(SourceState.LIVE)
    if captured:
        computer.wait(computer.window.stage.capture_button.isEnabled)
        computer.capture()
    request(computer)
    assert computer.window.stage.welcome.isVisible()
    assert computer.window.focusWidget() is computer.window.stage.welcome.start_button
    assert not computer.window.findChildren(CameraPicker)
    assert cameras.opened == []


def test_a_camera_named_on_the_command_line_waits_for_the_notice_too(
    computer: Bench, cameras: Cameras
) -> None:
    computer.window.sources.start(USB.spec)
    assert computer.window.stage.welcome.isVisible()
    assert cameras.opened == []
    computer.window.stage.welcome.start_button.click()
    computer.until(SourceState.LIVE)
    assert cameras.opened == ["HD Webcam"]


def test_opening_something_else_closes_the_list(computer: Bench, cameras: Cameras) -> None:
    computer.settings.update(privacy_accepted=True)
    dialog = choose(computer)
    computer.window.sources.open(NEUTRAL)
    assert not dialog.isVisible()
    computer.until(SourceState.LIVE)
    assert computer.app.camera.spec == NEUTRAL
    again = choose(computer)
    again.reject()
    assert computer.app.camera.spec == NEUTRAL


def test_the_camera_in_use_is_selected_shown_and_comes_back(computer: Bench, cameras: Cameras) -> None:
    computer.settings.update(privacy_accepted=True)
    computer.window.sources.open_camera(USB.spec)
    computer.until(SourceState.LIVE)
    dialog = choose(computer)
    assert dialog.list.currentRow() == 1
    computer.wait(lambda: gray_of(dialog, 1) > 0)
    computer.window.source_presenter.report_visibility()  # as the user comes back from another program
    assert computer.app.flow.picture is SourceState.OFF
    dialog.reject()
    computer.until(SourceState.LIVE)
    assert cameras.opened.count("HD Webcam") == 3


def test_a_camera_without_a_picture_says_why_and_the_next_one_is_tried(
    computer: Bench, cameras: Cameras, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(camera_survey, "PATIENCE_MS", 100)
    computer.settings.update(privacy_accepted=True)
    cameras.by_name["Integrated Camera"].set_fault(Fault.STALLED)
    dialog = choose(computer)
    computer.wait(lambda: "does not respond" in dialog.list.item(0).text())
    assert dialog.list.item(0).text().startswith("Integrated Camera\n")
    monkeypatch.setattr(camera_survey, "PATIENCE_MS", LONG)
    cameras.by_name["Integrated Camera"].set_fault(None)
    dialog.again_button.click()
    computer.wait(lambda: gray_of(picker(computer), 2) > 0)
    assert dialog.list.item(0).text() == "Integrated Camera"


def test_a_newly_connected_camera_is_found_by_looking_again(computer: Bench, cameras: Cameras) -> None:
    computer.settings.update(privacy_accepted=True)
    cameras.plugged = ()
    dialog = choose(computer)
    assert "No camera found" in dialog.hint.text()
    assert not dialog.use_button.isEnabled()
    cameras.plugged = (USB,)
    dialog.again_button.click()
    assert picker(computer).list.item(0).text() == "HD Webcam"
    assert dialog.use_button.isEnabled()


def test_the_app_waits_for_a_remembered_camera_that_is_missing(computer: Bench, cameras: Cameras) -> None:
    cameras.plugged = (BUILT_IN,)
    computer.window.sources.open_camera(USB.spec)
    computer.until(SourceState.LOST)
    cameras.plugged = (BUILT_IN, CameraInfo(7, USB.name, USB.hardware, "/dev/video7"))
    computer.until(SourceState.LIVE)
    assert cameras.opened == ["HD Webcam"]


def test_closing_while_cameras_are_tried_ends_everything(computer: Bench) -> None:
    computer.settings.update(privacy_accepted=True)
    choose(computer)
    computer.closed = True
    computer.window.close()
    assert computer.app.close()
