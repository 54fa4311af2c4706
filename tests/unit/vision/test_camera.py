"""Cameras: a computer without one, and one whose driver is scripted."""

from __future__ import annotations

import sys
from itertools import chain, cycle, islice, repeat
from types import SimpleNamespace
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from fer_desktop.errors import CameraError, FrameSourceError
from fer_desktop.vision.camera import DRIVERS, CameraInfo, find_camera, list_cameras, open_camera
from fer_desktop.vision.frame_source import open_source
from tests.fakes.clock import Clock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from fer_desktop.domain import Image
    from fer_desktop.vision.camera_source import CameraSource

RNG = np.random.default_rng(3)


def noisy() -> Image:
    return next(live())


def device(
    index: int, name: str, *, vid: int | None = None, pid: int | None = None, path: str | None = None
) -> SimpleNamespace:
    return SimpleNamespace(index=index, name=name, vid=vid, pid=pid, path=path)


class Driver:
    """Cameras as the drivers of an operating system show them; replaces cv2.VideoCapture.

    Attributes:
        listed: Backend to the names of its cameras, in its order, or to what the system says about each; at
            first, Linux has one.
        pictures: Backend and index to what returns that camera's next picture; None if it fails.
        opened: What was opened, in order.
        asked: Properties that were set.
        released: How many captures were given back.
        sources: What `open` opened.
    """

    def __init__(self) -> None:
        self.listed: dict[int, list[str | SimpleNamespace]] = {cv2.CAP_V4L2: ["Webcam"]}
        self.pictures: dict[tuple[int, int], Callable[[], Image | None]] = {}
        self.opened: list[tuple[int, int]] = []
        self.asked: list[tuple[int, float]] = []
        self.released = 0
        self.sources: list[CameraSource] = []

    def open(self, spec: str = "camera:0") -> CameraSource:
        self.sources.append(open_camera(spec))
        return self.sources[-1]

    def enumerate_cameras(self, backend: int) -> list[SimpleNamespace]:
        cameras = self.listed.get(backend, [])
        return [
            device(index, camera) if isinstance(camera, str) else camera
            for index, camera in enumerate(cameras)
        ]

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
def driver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Driver]:
    driver = Driver()
    monkeypatch.setattr("cv2_enumerate_cameras.enumerate_cameras", driver.enumerate_cameras)
    monkeypatch.setattr(cv2, "VideoCapture", driver.capture)
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr("os.access", lambda _path, _mode: True)
    yield driver
    for source in driver.sources:
        source.close()


@pytest.fixture
def windows(driver: Driver, monkeypatch: pytest.MonkeyPatch) -> Driver:
    """The cameras as Windows shows them: one, in both lists."""
    monkeypatch.setattr(sys, "platform", "win32")
    driver.listed = {cv2.CAP_DSHOW: ["Webcam"], cv2.CAP_MSMF: ["Webcam"]}
    return driver


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock of the camera; each picture takes a thirtieth of a second."""
    clock = Clock()
    monkeypatch.setattr("fer_desktop.vision.camera_source.monotonic", clock.now)
    return clock


def with_camera(
    driver: Driver, clock: Clock, pictures: Iterator[Image | None], name: str = "Webcam"
) -> CameraSource:
    """Opens a camera that sends these pictures."""

    def next_picture() -> Image | None:
        clock.sleep(1 / 30)
        return next(pictures)

    driver.listed[cv2.CAP_V4L2] = [name]
    driver.pictures[cv2.CAP_V4L2, 0] = next_picture
    return driver.open()


def noise(levels: int) -> Iterator[Image]:
    """Yields pictures with this many gray levels, from black up."""
    while True:
        yield RNG.integers(0, levels, (48, 64, 3)).astype(np.uint8)


def live() -> Iterator[Image]:
    return noise(256)


def read_times(source: CameraSource, count: int) -> None:
    for _ in range(count):
        source.read()


def read_until_lost(source: CameraSource, clock: Clock) -> tuple[CameraError, float]:
    """Returns why it was lost, and how many seconds after its last good picture."""
    began = clock.now()
    with pytest.raises(CameraError) as caught:
        read_times(source, 1000)
    return caught.value, clock.now() - began


def refusal(spec: str = "camera:0") -> FrameSourceError:
    with pytest.raises(FrameSourceError) as caught:
        open_camera(spec, release_seconds=0.01)
    assert caught.value.hint
    return caught.value


def test_computer_without_a_camera_says_so(driver: Driver) -> None:
    driver.listed.clear()
    assert refusal().title == "No camera found"
    assert list_cameras() == ()


def test_camera_is_opened_at_a_small_size_and_read(driver: Driver) -> None:
    driver.pictures[cv2.CAP_V4L2, 0] = noisy
    source = open_source("camera:0")
    frames = [source.read() for _ in range(3)]
    source.close()
    assert source.name == "Webcam"
    assert [frame.number for frame in frames] == [0, 1, 2]
    assert driver.asked == [(cv2.CAP_PROP_FRAME_WIDTH, 640), (cv2.CAP_PROP_FRAME_HEIGHT, 480)]
    assert driver.released == 1


@pytest.mark.parametrize("opens", [False, True])
def test_camera_that_gives_no_picture_is_busy(driver: Driver, *, opens: bool) -> None:
    if opens:
        driver.pictures[cv2.CAP_V4L2, 0] = lambda: None
    for _ in range(2):
        error = refusal()
        assert error.title == "The camera is busy"
        assert "Webcam" in error.message
    assert driver.released == len(driver.opened) == 2


def test_camera_without_permission_says_how_to_get_it(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.access", lambda _path, _mode: False)
    error = refusal()
    assert error.title == "Camera access denied"
    assert "group video" in error.hint


@pytest.mark.parametrize("spec", ["camera:3", CameraInfo(1, "Phone").spec])
def test_camera_that_is_not_there_is_reported(driver: Driver, spec: str) -> None:
    assert refusal(spec).title == "Camera not found"


@pytest.mark.parametrize("fails", [False, True])
def test_unplugged_camera_is_lost(driver: Driver, clock: Clock, *, fails: bool) -> None:
    def pictures() -> Iterator[Image | None]:
        yield from islice(live(), 4)
        if fails:
            raise cv2.error("the driver's own words")
        yield None

    source = with_camera(driver, clock, pictures())
    source.read()
    error, _ = read_until_lost(source, clock)
    assert error.title == "Camera disconnected"
    assert "Webcam" in error.message


@pytest.mark.parametrize(
    ("pictures", "title"),
    [(noise(9), "The camera shows only black"), (repeat(noisy()), "The camera is frozen")],
)
def test_fault_is_noticed_within_two_seconds(
    driver: Driver, clock: Clock, pictures: Iterator[Image], title: str
) -> None:
    source = with_camera(driver, clock, chain(islice(live(), 3), pictures))
    error, seconds = read_until_lost(source, clock)
    assert error.title == title
    assert seconds == pytest.approx(1.55, abs=0.04)


def test_dim_picture_is_not_black(driver: Driver, clock: Clock) -> None:
    read_times(with_camera(driver, clock, chain(islice(live(), 3), noise(10))), 100)


def test_virtual_camera_may_show_a_still_picture_but_not_black(driver: Driver, clock: Clock) -> None:
    still = chain(repeat(noisy(), 300), noise(1))
    source = with_camera(driver, clock, still, "OBS Virtual Camera")
    read_times(source, 200)
    error, _ = read_until_lost(source, clock)
    assert error.title == "The camera shows only black"


def test_short_darkness_is_not_a_loss(driver: Driver, clock: Clock) -> None:
    source = with_camera(driver, clock, cycle([*islice(noise(1), 30), noisy(), noisy()]))
    read_times(source, 200)


def test_camera_starts_with_its_first_live_picture(driver: Driver, clock: Clock) -> None:
    bright = noisy()
    source = with_camera(driver, clock, chain(islice(noise(9), 10), [bright], live()))
    assert source.read().image.max() > 200


@pytest.mark.parametrize("gray", [0, 90])
def test_camera_that_never_shows_a_live_picture_is_given_back(
    driver: Driver, clock: Clock, gray: int
) -> None:
    with pytest.raises(CameraError, match="black" if gray == 0 else "frozen"):
        with_camera(driver, clock, repeat(np.full((48, 64, 3), gray, np.uint8)))
    assert driver.released == 1
    assert with_camera(driver, clock, live()).name == "Webcam"  # it can be opened again


def test_camera_whose_driver_hangs_is_not_opened_twice(driver: Driver, clock: Clock) -> None:
    hanging = with_camera(driver, clock, live())
    error = refusal()
    assert error.title == "The camera does not respond"
    assert driver.opened == [(cv2.CAP_V4L2, 0)]
    driver.sources.remove(hanging)
    hanging.close()
    assert driver.open().name == "Webcam"


@pytest.mark.parametrize(
    ("system", "drivers"),
    [
        ("win32", [(cv2.CAP_DSHOW, "MJPG"), (cv2.CAP_MSMF, "")]),
        ("darwin", [(cv2.CAP_AVFOUNDATION, "")]),
        ("linux", [(cv2.CAP_V4L2, "")]),
    ],
)
def test_each_system_has_its_drivers(system: str, drivers: list[tuple[int, str]]) -> None:
    assert [(driver.backend, driver.codec) for driver in DRIVERS[system]] == drivers


def test_windows_opens_directshow_first_with_compression(windows: Driver) -> None:
    windows.pictures[cv2.CAP_DSHOW, 0] = noisy
    windows.open()
    assert windows.opened == [(cv2.CAP_DSHOW, 0)]
    assert windows.asked == [
        (cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG")),
        (cv2.CAP_PROP_FRAME_WIDTH, 640),
        (cv2.CAP_PROP_FRAME_HEIGHT, 480),
    ]


def test_windows_says_where_cameras_are_allowed(windows: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.access", lambda _path, _mode: False)  # says nothing there
    windows.listed[cv2.CAP_MSMF] = ["Phone"]
    error = refusal()
    assert isinstance(error, CameraError)
    assert (error.title, error.settings_url) == ("The camera is busy", "ms-settings:privacy-webcam")
    assert windows.opened == [(cv2.CAP_DSHOW, 0)]  # the other list does not have it


def test_windows_finds_the_same_camera_in_its_other_list(windows: Driver) -> None:
    windows.listed = {cv2.CAP_DSHOW: ["Webcam", "Phone"], cv2.CAP_MSMF: ["Phone", "Webcam"]}
    windows.pictures[cv2.CAP_MSMF, 1] = noisy
    assert windows.open().name == "Webcam"
    assert windows.opened == [(cv2.CAP_DSHOW, 0), (cv2.CAP_MSMF, 1)]


def test_real_cameras_come_before_virtual_ones(driver: Driver) -> None:
    names = ["OBS Virtual Camera", "Integrated IR Camera", "Webcam", "Firewire Cam", "Dummy", "Infrared"]
    driver.listed[cv2.CAP_V4L2] = [*names]
    cameras = list_cameras()
    assert [found.index for found in cameras] == [2, 3, 0, 1, 4, 5]
    assert [found.index for found in cameras if found.secondary] == [0, 1, 4, 5]
    assert [found.index for found in cameras if found.virtual] == [0, 4]
    assert find_camera("camera:default", cameras) == CameraInfo(2, "Webcam")
    assert find_camera("camera:default", []) is None


def test_camera_is_found_again_in_another_port(driver: Driver) -> None:
    driver.listed[cv2.CAP_V4L2] = [device(0, "HD Webcam", vid=0x46D, pid=0x825, path="/dev/video0")]
    (chosen,) = list_cameras()
    assert chosen.hardware == "046d:0825"
    driver.listed[cv2.CAP_V4L2] = [device(0, "Built in", vid=0x46D), device(1, "Other", pid=0x825)]
    assert list_cameras() == (CameraInfo(0, "Built in"), CameraInfo(1, "Other"))
    moved = CameraInfo(2, "HD Webcam", "046d:0825", "/dev/video2")
    other_kind = CameraInfo(0, "HD Webcam", "1111:2222", "/dev/video0")
    assert find_camera(chosen.spec, [other_kind, moved]) == moved
    assert find_camera(chosen.spec, [other_kind]) is None


def test_two_cameras_of_a_kind_are_told_apart_by_path() -> None:
    first, second = (CameraInfo(i, "HD & 4K=Webcam", "046d:0825", f"/dev/video{i}") for i in range(2))
    assert find_camera(second.spec, [first, second]) == second
    assert find_camera(first.spec, [first, second]) == first
    assert (
        find_camera(CameraInfo(5, first.name, first.hardware, "/dev/video5").spec, [first, second]) == first
    )


def test_without_a_list_the_first_indices_are_tried(driver: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_backend: int) -> list[SimpleNamespace]:
        raise OSError("no list")

    monkeypatch.setattr("cv2_enumerate_cameras.enumerate_cameras", fail)
    driver.pictures[cv2.CAP_V4L2, 1] = noisy
    assert list_cameras() == (CameraInfo(1, "Camera 1"),)
    assert driver.opened == [(cv2.CAP_V4L2, index) for index in range(4)]
    assert driver.released == 4
