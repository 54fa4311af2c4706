"""Photos, folders, videos and streams as frame sources, and everything else."""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import pytest

from fer_desktop.errors import CameraError, FrameSourceError
from fer_desktop.vision.frame_source import Clipboard, StillSource, is_live, open_source
from fer_desktop.vision.pacing import Metronome
from tests.fakes.clock import Clock
from tests.fakes.frames import gray_of, plain
from tests.fakes.http_camera import Fault, HttpCamera
from tests.fakes.videos import write_video

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fer_desktop.domain import Image
    from fer_desktop.vision.frame_source import FrameSource


NAMES = ["grün 你好 \U0001f600", "-v", "a:b", "concat:x", "%03d", "n" * 250]
if sys.platform == "linux":  # other systems have no names that are not text
    NAMES.append(os.fsdecode(b"caf\xe9"))


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


def save(path: Path, image: Image) -> Path:
    path.write_bytes(cv2.imencode(path.suffix, image)[1].tobytes())
    return path


def read_times(source: FrameSource, count: int) -> None:
    for _ in range(count):
        source.read()


def refusal(spec: str | Path) -> FrameSourceError:
    with pytest.raises(FrameSourceError) as caught:
        open_source(str(spec))
    assert caught.value.message
    assert caught.value.hint
    return caught.value


def test_photo_is_repeated_ten_times_a_second(tmp_path: Path, clock: Clock) -> None:
    source = open_source(str(save(tmp_path / "grün 你好.png", plain(77))))
    frames = [source.read() for _ in range(4)]
    assert source.name == "grün 你好.png"
    assert [gray_of(frame) for frame in frames] == [77] * 4
    assert [frame.number for frame in frames] == [0, 1, 2, 3]
    assert [frame.captured_at for frame in frames] == pytest.approx([100.0, 100.1, 100.2, 100.3])


def test_large_photo_is_scaled_down(tmp_path: Path) -> None:
    source = open_source(str(save(tmp_path / "large.png", plain(9, width=2000, height=1000))))
    assert source.read().image.shape == (640, 1280, 3)


def test_folder_shows_each_photo_for_four_seconds(tmp_path: Path, clock: Clock) -> None:
    save(tmp_path / "B.png", plain(20))
    save(tmp_path / "a.png", plain(10))
    save(tmp_path / "c.png", plain(30))
    (tmp_path / "README.md").write_text("no photo")
    source = open_source(str(tmp_path))
    grays = [gray_of(source.read()) for _ in range(160)]
    assert source.name == tmp_path.name
    assert grays == [10] * 40 + [20] * 40 + [30] * 40 + [10] * 40


def test_folder_skips_and_names_what_cannot_be_read(
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


def test_folder_whose_photos_are_deleted_is_lost(
    tmp_path: Path, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    photo = save(tmp_path / "a.png", plain(10))
    source = open_source(str(tmp_path))
    photo.unlink()
    with pytest.raises(FrameSourceError, match="No photo can be read"):
        read_times(source, 41)


@pytest.mark.parametrize(
    ("fault", "title"),
    [
        (Fault.UNPLUGGED, "The stream stopped"),
        (Fault.STALLED, "The stream stopped"),
        (Fault.BLACK, "The camera shows only black"),
        (Fault.FROZEN, "The camera is frozen"),
    ],
)
def test_stream_delivers_until_it_fails(opened: list[FrameSource], fault: Fault, title: str) -> None:
    with HttpCamera(gray=90) as camera:
        source = open_source(camera.url)
        opened.append(source)
        assert gray_of(source.read()) == pytest.approx(94, abs=6)
        assert source.name == "127.0.0.1"
        camera.set_fault(fault)
        with pytest.raises(CameraError) as caught:
            read_times(source, 1000)
    assert caught.value.title == title
    assert "secret" not in str(caught.value)


def test_silent_stream_times_out_early() -> None:
    with HttpCamera(fault=Fault.STALLED) as camera:
        error = refusal(camera.url)
    assert error.title == "The stream cannot be opened"
    assert "secret" not in str(error)


def test_stream_of_a_malformed_address_is_refused() -> None:
    assert refusal("http://[no-address/video").title == "The stream cannot be opened"


def test_stream_without_a_server_is_refused() -> None:
    with HttpCamera() as camera:
        url = camera.url
    assert refusal(url).title == "The stream cannot be opened"


@pytest.mark.parametrize(
    ("spec", "live"),
    [
        ("camera:0", True),
        ("camera:name=Webcam", True),
        ("HTTP://host/video", True),
        ("rtsps://host", True),
        ("camera", True),
        ("photo.jpg", False),
        ("C:\\camera:0.mp4", False),
        ("clipboard:", False),
    ],
)
def test_cameras_and_streams_are_live(spec: str, *, live: bool) -> None:
    assert is_live(spec) is live


def test_pasted_picture_is_opened_until_the_next_one() -> None:
    opened: list[str] = []

    def open_other(spec: str) -> StillSource:
        opened.append(spec)
        return StillSource(plain(1), "other")

    clipboard = Clipboard(open_other)
    assert clipboard.open("clipboard:").name == "other"
    for gray in (10, 20):
        source = clipboard.open(clipboard.keep(plain(gray)))
        assert (source.name, gray_of(source.read())) == ("Pasted picture", gray)
    assert clipboard.open("camera:0").name == "other"
    assert opened == ["clipboard:", "camera:0"]


def test_photo_in_the_home_folder_is_opened() -> None:
    save(Path.home() / "me.png", plain(77))
    assert open_source("~/me.png").name == "me.png"


def test_folder_that_cannot_be_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_folder: Path) -> Iterator[Path]:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", fail)
    error = refusal(tmp_path)
    assert error.title == "Folder unreadable"
    assert "Permission denied" in error.message


@pytest.mark.parametrize("suffix", [".png", ".avi"])
@pytest.mark.parametrize("name", NAMES)
def test_every_name_can_be_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, opened: list[FrameSource], name: str, suffix: str
) -> None:
    monkeypatch.chdir(tmp_path)
    plain_file = tmp_path / f"plain{suffix}"
    save(plain_file, plain(77)) if suffix == ".png" else write_video(plain_file, [plain(77)])
    plain_file.rename(Path(name + suffix))
    opened.append(open_source(name + suffix))
    assert gray_of(opened[0].read()) == pytest.approx(77, abs=3)


@pytest.mark.parametrize(
    ("name", "title"),
    [("none", "File not found"), ("n" * 300, "File unreadable"), ("with\0nul", "File not found")],
)
@pytest.mark.parametrize("suffix", ["", ".jpg", ".mp4"])
def test_name_that_no_file_has_is_refused(tmp_path: Path, name: str, suffix: str, title: str) -> None:
    error = refusal(f"{tmp_path}/{name}{suffix}")
    assert error.title == title
    assert name.replace("\0", "\\x00") + suffix in error.message


def test_home_of_an_unknown_user_is_refused() -> None:
    assert refusal("~no-such-user/me.jpg").title == "File not found"


@pytest.mark.parametrize("content", [b"", b"no picture", b"\xff\xd8\xff\xe0cut"])
@pytest.mark.parametrize("name", ["file.jpg", "file.mp4", "file"])
def test_file_that_is_not_a_picture_is_refused(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    error = refusal(path)
    assert error.title.startswith("Not a photo") or error.title == "Video unreadable"
    assert name in error.message


def test_folder_without_a_readable_photo_is_refused(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert refusal(tmp_path).title == "No photos"
    (tmp_path / "one.jpg").write_bytes(b"no photo")
    (tmp_path / "two.png").write_bytes(b"")
    assert refusal(tmp_path).title == "No photo can be read"


@pytest.mark.parametrize("spec", ["camera:", "camera:one", "camera:-1"])
def test_camera_without_a_number_is_refused(spec: str) -> None:
    assert refusal(spec).title == "Unknown camera"
