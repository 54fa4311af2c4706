"""Cameras: a machine without one, and one whose driver says what the test wants."""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from fer_desktop.errors import FrameSourceError
from fer_desktop.vision.camera import CameraInfo, CameraSource, list_cameras, open_camera
from fer_desktop.vision.frame_source import open_source

if TYPE_CHECKING:
    from collections.abc import Callable

    from fer_desktop.domain import Image

RNG = np.random.default_rng(3)


def noisy() -> Image:
    return RNG.integers(0, 256, (48, 64, 3)).astype(np.uint8)


class Driver:
    """Cameras as the drivers of an operating system show them; takes the place of cv2.VideoCapture.

    Attributes:
        listed: Backend to the names of its cameras, in its order.
        pictures: Backend and index to what that camera's next picture is; None where it fails.
        opened: What was opened, in order.
        asked: Properties that were set.
        released: How many captures were given back.
    """

    def __init__(self) -> None:
        self.listed: dict[int, list[str]] = {}
        self.pictures: dict[tuple[int, int], Callable[[], Image | None]] = {}
        self.opened: list[tuple[int, int]] = []
        self.asked: list[tuple[int, float]] = []
        self.released = 0

    def enumerate_cameras(self, backend: int) -> list[SimpleNamespace]:
        names = self.listed.get(backend, [])
        return [SimpleNamespace(index=index, name=name) for index, name in enumerate(names)]

    def capture(self, index: int, backend: int) -> SimpleNamespace:
        self.opened.append((backend, index))
        picture = self.pictures.get((backend, index))

        def read() -> tuple[bool, Image | None]:
            image = picture() if picture else None
            return image is not None, image

        def release() -> None:
            self.released += 1

        return SimpleNamespace(
            isOpened=lambda: picture is not None,
            read=read,
            set=lambda name, value: self.asked.append((name, value)),
            release=release,
        )


@pytest.fixture
def driver(monkeypatch: pytest.MonkeyPatch) -> Driver:
    driver = Driver()
    monkeypatch.setattr("cv2_enumerate_cameras.enumerate_cameras", driver.enumerate_cameras)
    monkeypatch.setattr(cv2, "VideoCapture", driver.capture)
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr("os.access", lambda _path, _mode: True)
    return driver


def with_camera(driver: Driver, picture: Callable[[], Image | None]) -> CameraSource:
    driver.listed[cv2.CAP_V4L2] = ["Webcam"]
    driver.pictures[cv2.CAP_V4L2, 0] = picture
    return open_camera(0)


def read_times(source: CameraSource, count: int) -> None:
    for _ in range(count):
        source.read()


def refusal(index: int) -> FrameSourceError:
    with pytest.raises(FrameSourceError) as caught:
        open_camera(index)
    assert caught.value.hint
    return caught.value


def test_machine_without_a_camera_says_so(driver: Driver) -> None:
    assert refusal(0).title == "No camera found"
    assert list_cameras() == ()


def test_camera_is_opened_at_a_small_size_and_read(driver: Driver) -> None:
    driver.listed[cv2.CAP_V4L2] = ["Webcam"]
    driver.pictures[cv2.CAP_V4L2, 0] = noisy
    source = open_source("camera:0")
    frames = [source.read() for _ in range(3)]
    source.close()
    assert source.name == "Webcam"
    assert [frame.number for frame in frames if frame] == [0, 1, 2]
    assert driver.asked == [(cv2.CAP_PROP_FRAME_WIDTH, 640), (cv2.CAP_PROP_FRAME_HEIGHT, 480)]
    assert driver.released == 1


def test_camera_that_gives_no_picture_is_busy(driver: Driver) -> None:
    driver.listed[cv2.CAP_V4L2] = ["Webcam"]
    error = refusal(0)
    assert error.title == "The camera is busy"
    assert "Webcam" in error.message
    assert driver.released == len(driver.opened)


def test_camera_that_opens_without_a_picture_is_busy(driver: Driver) -> None:
    driver.listed[cv2.CAP_V4L2] = ["Webcam"]
    driver.pictures[cv2.CAP_V4L2, 0] = lambda: None
    assert refusal(0).title == "The camera is busy"
    assert driver.released == len(driver.opened)


def test_camera_without_permission_says_how_to_get_it(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver.listed[cv2.CAP_V4L2] = ["Webcam"]
    monkeypatch.setattr("os.access", lambda _path, _mode: False)
    error = refusal(0)
    assert error.title == "The camera is not allowed"
    assert "group video" in error.hint


def test_other_camera_than_those_there_is_named(driver: Driver) -> None:
    driver.listed[cv2.CAP_V4L2] = ["Webcam"]
    error = refusal(3)
    assert error.title == "Camera not found"
    assert "3" in error.message


def test_unplugged_camera_is_lost(driver: Driver) -> None:
    pictures: list[Image | None] = [noisy(), noisy(), None]
    source = with_camera(driver, lambda: pictures.pop(0))
    source.read()
    with pytest.raises(FrameSourceError, match="The camera was lost"):
        source.read()


def test_camera_that_shows_only_black_is_lost(driver: Driver) -> None:
    source = with_camera(driver, lambda: RNG.integers(0, 6, (48, 64, 3)).astype(np.uint8))
    with pytest.raises(FrameSourceError, match="only black"):
        read_times(source, 30)


def test_short_darkness_is_no_loss(driver: Driver) -> None:
    pictures = ([np.zeros((48, 64, 3), np.uint8)] * 29 + [noisy()]) * 3
    source = with_camera(driver, lambda: pictures[-1] if len(pictures) == 1 else pictures.pop(0))
    read_times(source, 80)


def test_frozen_camera_is_lost(driver: Driver) -> None:
    still = noisy()
    source = with_camera(driver, lambda: still)
    with pytest.raises(FrameSourceError, match="frozen"):
        read_times(source, 62)


def test_windows_opens_directshow_first_and_compressed(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    driver.listed = {cv2.CAP_DSHOW: ["Webcam"], cv2.CAP_MSMF: ["Webcam"]}
    driver.pictures[cv2.CAP_DSHOW, 0] = noisy
    open_camera(0)
    assert driver.opened == [(cv2.CAP_DSHOW, 0)]
    assert [name for name, _ in driver.asked] == [
        cv2.CAP_PROP_FOURCC,
        cv2.CAP_PROP_FRAME_WIDTH,
        cv2.CAP_PROP_FRAME_HEIGHT,
    ]


def test_windows_finds_the_same_camera_in_its_other_list(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    driver.listed = {cv2.CAP_DSHOW: ["Webcam", "Phone"], cv2.CAP_MSMF: ["Phone", "Webcam"]}
    driver.pictures[cv2.CAP_MSMF, 1] = noisy
    assert open_camera(0).name == "Webcam"
    assert driver.opened == [(cv2.CAP_DSHOW, 0), (cv2.CAP_MSMF, 1)]


def test_cameras_of_people_come_before_virtual_ones(driver: Driver) -> None:
    driver.listed[cv2.CAP_V4L2] = ["OBS Virtual Camera", "Integrated IR Camera", "Webcam", "Firewire Cam"]
    cameras = list_cameras()
    assert cameras[:2] == (CameraInfo(2, "Webcam"), CameraInfo(3, "Firewire Cam"))
    assert [found.spec for found in cameras] == ["camera:2", "camera:3", "camera:0", "camera:1"]


def test_without_a_list_the_first_indices_are_tried(driver: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_backend: int) -> list[SimpleNamespace]:
        raise OSError("no list")

    monkeypatch.setattr("cv2_enumerate_cameras.enumerate_cameras", fail)
    driver.pictures[cv2.CAP_V4L2, 1] = noisy
    assert list_cameras() == (CameraInfo(1, "Camera 1"),)
    assert driver.released == len(driver.opened)
