"""Photos, folders, videos and streams as frame sources, and what is none of these."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from fer_desktop.errors import FrameSourceError
from fer_desktop.vision.frame_source import open_source
from fer_desktop.vision.pacing import Metronome
from tests.fakes.http_camera import HttpCamera
from tests.fakes.videos import write_video

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fer_desktop.domain import Frame, Image
    from fer_desktop.vision.frame_source import FrameSource


class Clock:
    """A clock that moves only while somebody sleeps."""

    def __init__(self) -> None:
        self.seconds = 100.0
        self.slept: list[float] = []

    def now(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.seconds += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Lets every source pace itself by a clock that takes no time."""
    clock = Clock()
    monkeypatch.setattr(
        "fer_desktop.vision.frame_source.Metronome", lambda rate: Metronome(rate, clock.now, clock.sleep)
    )
    return clock


@pytest.fixture
def opened() -> Iterator[list[FrameSource]]:
    """Sources to close after the test."""
    sources: list[FrameSource] = []
    yield sources
    for source in sources:
        source.close()


def plain(gray: int, *, width: int = 80, height: int = 60) -> Image:
    return np.full((height, width, 3), gray, np.uint8)


def save(path: Path, image: Image) -> Path:
    path.write_bytes(cv2.imencode(path.suffix, image)[1].tobytes())
    return path


def gray_of(frame: Frame | None) -> float:
    assert frame is not None
    return float(frame.image.mean())


def read_times(source: FrameSource, count: int) -> None:
    for _ in range(count):
        source.read()


def refusal(spec: str | Path) -> FrameSourceError:
    with pytest.raises(FrameSourceError) as caught:
        open_source(str(spec))
    assert caught.value.message
    assert caught.value.hint
    return caught.value


def test_photo_repeats_ten_times_a_second(tmp_path: Path, clock: Clock) -> None:
    source = open_source(str(save(tmp_path / "grün 你好.png", plain(77))))
    frames = [source.read() for _ in range(4)]
    assert source.name == "grün 你好.png"
    assert [gray_of(frame) for frame in frames] == [77] * 4
    assert [frame.number for frame in frames if frame] == [0, 1, 2, 3]
    assert [frame.captured_at for frame in frames if frame] == pytest.approx([100.0, 100.1, 100.2, 100.3])


def test_large_photo_is_made_smaller(tmp_path: Path) -> None:
    frame = open_source(str(save(tmp_path / "large.png", plain(9, width=2000, height=1000)))).read()
    assert frame is not None
    assert frame.image.shape == (640, 1280, 3)


def test_photo_is_turned_as_its_exif_says(tmp_path: Path) -> None:
    image = plain(0, width=80, height=40)
    image[:, :40] = 255  # white on the left
    jpeg = cv2.imencode(".jpg", image)[1].tobytes()
    turned_right = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"
    app1 = b"\xff\xe1" + (len(turned_right) + 2).to_bytes(2, "big") + turned_right
    path = tmp_path / "phone.jpg"
    path.write_bytes(jpeg[:2] + app1 + jpeg[2:])
    frame = open_source(str(path)).read()
    assert frame is not None
    assert frame.image.shape == (80, 40, 3)
    assert frame.image[:30].mean() > 240  # white at the top
    assert frame.image[50:].mean() < 15


def test_gray_and_transparent_photos_become_colour(tmp_path: Path) -> None:
    for name, image in {
        "gray.png": plain(50)[:, :, 0],
        "clear.png": np.full((60, 80, 4), 50, np.uint8),
    }.items():
        frame = open_source(str(save(tmp_path / name, image))).read()
        assert frame is not None
        assert frame.image.shape == (60, 80, 3)


def test_folder_shows_each_photo_four_seconds_by_name(tmp_path: Path, clock: Clock) -> None:
    save(tmp_path / "B.png", plain(20))
    save(tmp_path / "a.png", plain(10))
    save(tmp_path / "c.png", plain(30))
    (tmp_path / "README.md").write_text("no photo")
    source = open_source(str(tmp_path))
    grays = [gray_of(source.read()) for _ in range(160)]
    assert source.name == tmp_path.name
    assert grays == [10] * 40 + [20] * 40 + [30] * 40 + [10] * 40


def test_folder_leaves_out_and_names_what_cannot_be_read(
    tmp_path: Path, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    save(tmp_path / "a.png", plain(10))
    (tmp_path / "broken.jpg").write_bytes(b"no photo")
    save(tmp_path / "c.png", plain(30))
    with caplog.at_level(logging.WARNING):
        source = open_source(str(tmp_path))
        grays = [gray_of(source.read()) for _ in range(120)]
    assert grays == [10] * 40 + [30] * 40 + [10] * 40
    assert [record.getMessage() for record in caplog.records if "broken.jpg" in record.getMessage()]


def test_folder_whose_photos_all_go_is_lost(
    tmp_path: Path, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    photo = save(tmp_path / "a.png", plain(10))
    source = open_source(str(tmp_path))
    photo.unlink()
    with pytest.raises(FrameSourceError, match="No photo can be read"):
        read_times(source, 41)


def test_video_plays_at_its_rate_and_starts_again(
    tmp_path: Path, clock: Clock, opened: list[FrameSource]
) -> None:
    video = write_video(tmp_path / "clip.avi", [plain(gray) for gray in (40, 120, 200)], rate=20)
    source = open_source(str(video))
    opened.append(source)
    frames = [source.read() for _ in range(7)]
    assert [gray_of(frame) for frame in frames] == pytest.approx([40, 120, 200, 40, 120, 200, 40], abs=3)
    assert [frame.number for frame in frames if frame] == list(range(7))
    assert clock.slept == pytest.approx([1 / 20] * 6)


def test_slow_video_never_waits_long(tmp_path: Path, clock: Clock, opened: list[FrameSource]) -> None:
    source = open_source(str(write_video(tmp_path / "slow.avi", [plain(40), plain(200)], rate=4)))
    opened.append(source)
    grays = [gray_of(source.read()) for _ in range(6)]
    assert grays == pytest.approx([40, 40, 40, 200, 200, 200], abs=3)
    assert max(clock.slept) <= 0.1


def test_video_that_goes_away_is_lost(tmp_path: Path, clock: Clock, opened: list[FrameSource]) -> None:
    video = write_video(tmp_path / "clip.avi", [plain(40)] * 2)
    source = open_source(str(video))
    opened.append(source)
    video.unlink()
    with pytest.raises(FrameSourceError, match="File not found"):
        read_times(source, 3)


def test_stream_delivers_until_it_stops(opened: list[FrameSource]) -> None:
    with HttpCamera(plain(90), count=40) as camera:
        source = open_source(camera.url)
        opened.append(source)
        first = source.read()
        with pytest.raises(FrameSourceError) as caught:
            read_times(source, 41)
    assert gray_of(first) == pytest.approx(90, abs=3)
    assert source.name == "127.0.0.1"
    assert caught.value.title == "The stream stopped"
    assert "secret" not in str(caught.value)


def test_silent_stream_is_given_up_early() -> None:
    with HttpCamera(plain(90), count=40, answers=False) as camera:
        error = refusal(camera.url)
    assert error.title == "The stream cannot be opened"
    assert "secret" not in str(error)


def test_stream_without_a_server_is_refused() -> None:
    with HttpCamera(plain(90), count=1) as camera:
        url = camera.url
    assert refusal(url).title == "The stream cannot be opened"


def test_missing_file_is_named(tmp_path: Path) -> None:
    for name in ("none.jpg", "none.mp4"):
        error = refusal(tmp_path / name)
        assert error.title == "File not found"
        assert name in error.message


@pytest.mark.parametrize("content", [b"", b"no picture", b"\xff\xd8\xff\xe0cut"])
@pytest.mark.parametrize("name", ["file.jpg", "file.mp4", "file"])
def test_file_that_is_no_picture_is_refused(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    error = refusal(path)
    assert error.title.startswith("Not a picture") or error.title == "Video unreadable"
    assert name in error.message


def test_damaged_video_is_refused(tmp_path: Path) -> None:
    video = write_video(tmp_path / "clip.avi", [plain(40)] * 5)
    video.write_bytes(video.read_bytes()[:60])
    assert "clip.avi" in refusal(video).message


def test_empty_folder_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path).title == "No photos"


def test_folder_of_broken_photos_is_refused(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "one.jpg").write_bytes(b"no photo")
    (tmp_path / "two.png").write_bytes(b"")
    assert refusal(tmp_path).title == "No photo can be read"


@pytest.mark.parametrize("spec", ["camera:", "camera:one", "camera:-1"])
def test_camera_without_a_number_is_refused(spec: str) -> None:
    assert refusal(spec).title == "Unknown camera"


def test_metronome_does_not_burst_after_a_pause() -> None:
    clock = Clock()
    metronome = Metronome(10, clock.now, clock.sleep)
    assert metronome.wait() == (0, 100.0)
    clock.seconds = 105.0  # somebody was busy for five seconds
    assert metronome.wait() == (1, 105.0)
    metronome.wait()
    metronome.wait()
    assert clock.slept[-1] == pytest.approx(0.1)
