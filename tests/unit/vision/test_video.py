"""Videos: their pictures and times, playing, pausing and seeking."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import pytest

from fer_desktop.errors import FrameSourceError
from fer_desktop.vision.frame_source import open_source
from fer_desktop.vision.video import VideoFile, VideoSource
from tests.fakes.clock import Clock
from tests.fakes.frames import gray_of, plain
from tests.fakes.videos import ScriptedVideo, write_gif, write_video

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Play = Callable[[Path], VideoSource]
    Script = Callable[..., ScriptedVideo]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def play(clock: Clock) -> Iterator[Play]:
    """Opens a video that is paced by the clock."""
    sources: list[VideoSource] = []

    def open_video(path: Path) -> VideoSource:
        sources.append(VideoSource(path, clock.now, clock.sleep))
        return sources[-1]

    yield open_video
    for source in sources:
        source.close()


def times(path: Path) -> list[float]:
    video = VideoFile(path)
    found = []
    while (at := video.advance()) is not None:
        found.append(at)
    video.close()
    return found


def refusal(path: Path) -> FrameSourceError:
    with pytest.raises(FrameSourceError) as caught:
        open_source(str(path))
    assert caught.value.hint
    return caught.value


def test_video_plays_at_its_rate_and_starts_over(tmp_path: Path, clock: Clock, play: Play) -> None:
    source = play(write_video(tmp_path / "clip.avi", [plain(gray) for gray in (40, 120, 200)], rate=20))
    frames = [source.read() for _ in range(7)]
    assert [gray_of(frame) for frame in frames] == pytest.approx([40, 120, 200, 40, 120, 200, 40], abs=3)
    assert [frame.number for frame in frames] == list(range(7))
    assert clock.slept == pytest.approx([1 / 20] * 6)
    assert (source.name, source.is_still) == ("clip.avi", False)


def test_pictures_of_a_varying_rate_last_their_own_time(tmp_path: Path, clock: Clock, play: Play) -> None:
    pictures = [plain(gray) for gray in (40, 120, 200)]
    source = play(write_gif(tmp_path / "moving.gif", pictures, [100, 500, 100]))
    changes: list[float] = []
    last = -100.0
    for _ in range(11):
        frame = source.read()
        if abs(gray_of(frame) - last) > 20:
            last = gray_of(frame)
            changes.append(frame.captured_at - 100)
    assert changes == pytest.approx([0, 0.1, 0.6, 0.6 + source.playback.duration / 3])  # then the first again


def test_slow_video_never_waits_long(tmp_path: Path, clock: Clock, play: Play) -> None:
    source = play(write_video(tmp_path / "slow.avi", [plain(40), plain(200)], rate=4))
    grays = [gray_of(source.read()) for _ in range(6)]
    assert grays == pytest.approx([40, 40, 40, 200, 200, 200], abs=3)
    assert max(clock.slept) <= 0.1


def test_paused_video_stands_still_and_continues_where_it_was(
    tmp_path: Path, clock: Clock, play: Play
) -> None:
    source = play(write_video(tmp_path / "clip.avi", [plain(gray) for gray in range(0, 250, 10)], rate=20))
    source.read()
    source.playback.set_paused(True)
    still = [source.read() for _ in range(5)]
    assert [gray_of(frame) for frame in still] == pytest.approx([0] * 5, abs=3)
    assert [frame.number for frame in still] == [1, 2, 3, 4, 5]
    assert clock.slept == pytest.approx([0.1] * 5)
    source.playback.set_paused(False)
    assert [gray_of(source.read()) for _ in range(2)] == pytest.approx([10, 20], abs=3)


@pytest.mark.parametrize("paused", [False, True])
def test_video_seeks_to_a_time(tmp_path: Path, play: Play, *, paused: bool) -> None:
    source = play(write_video(tmp_path / "clip.avi", [plain(gray) for gray in range(0, 250, 10)], rate=10))
    source.playback.set_paused(paused)
    assert source.playback.duration == pytest.approx(2.5)
    for seconds, gray in ((1.5, 150), (0.3, 30), (0.0, 0), (2.4, 240)):
        source.playback.seek(seconds)
        assert gray_of(source.read()) == pytest.approx(gray, abs=3)
        assert source.playback.position == pytest.approx(seconds)


def test_video_starts_over_beyond_its_end(tmp_path: Path, play: Play) -> None:
    source = play(write_video(tmp_path / "clip.avi", [plain(gray) for gray in (40, 120)], rate=10))
    source.playback.seek(99)
    assert gray_of(source.read()) in (pytest.approx(40, abs=3), pytest.approx(120, abs=3))


def test_position_of_a_varying_rate_is_that_of_the_picture(tmp_path: Path, play: Play) -> None:
    pictures = [plain(gray) for gray in (0, 50, 100, 150, 200)]
    source = play(write_gif(tmp_path / "moving.gif", pictures, [100, 100, 900, 100, 100]))
    source.playback.set_paused(True)
    source.playback.seek(1.12)
    assert gray_of(source.read()) == pytest.approx(150, abs=3)
    assert source.playback.position == pytest.approx(1.1)


def test_single_picture_is_shown_like_a_photo(tmp_path: Path, clock: Clock, play: Play) -> None:
    source = play(write_gif(tmp_path / "still.gif", [plain(90)], [100]))
    assert [gray_of(source.read()) for _ in range(4)] == pytest.approx([90] * 4, abs=3)
    assert clock.slept == pytest.approx([0.1] * 3)
    assert source.is_still


def test_large_pictures_are_scaled_down(tmp_path: Path, play: Play) -> None:
    source = play(write_video(tmp_path / "large.avi", [plain(9, width=2000, height=1000)]))
    assert source.read().image.shape == (640, 1280, 3)


def test_deleted_video_is_lost(tmp_path: Path, clock: Clock, play: Play) -> None:
    video = write_video(tmp_path / "clip.avi", [plain(40)] * 2)
    source = play(video)
    video.unlink()
    source.read()
    with pytest.raises(FrameSourceError, match="File not found"):
        source.read()


@pytest.fixture
def scripted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Script:
    """Scripts the video at `tmp_path / "clip.avi"`."""

    def script(*times: float, says: dict[int, float] | None = None) -> ScriptedVideo:
        video = ScriptedVideo(times, says or {})
        monkeypatch.setattr(cv2, "VideoCapture", video.open)
        return video

    (tmp_path / "clip.avi").write_bytes(b"not looked at")
    return script


@pytest.mark.parametrize(
    ("fps", "count", "rate", "duration"),
    [
        (10.0, 100.0, 10, 10),
        (240.0, 24.0, 240, 0.1),
        (240.1, 100.0, 25, 4),
        (0.0, 100.0, 25, 4),
        (float("nan"), 100.0, 25, 4),
        (10.0, 0.0, 10, 0),
        (10.0, -5.0, 10, 0),
        (10.0, 9_999_999.0, 10, 999_999.9),
        (10.0, 1e7, 10, 0),  # eleven days
    ],
)
def test_rate_and_duration_are_those_of_the_file_if_they_make_sense(
    tmp_path: Path,
    scripted: Script,
    fps: float,
    count: float,
    rate: float,
    duration: float,
) -> None:
    scripted(0.0, says={cv2.CAP_PROP_FPS: fps, cv2.CAP_PROP_FRAME_COUNT: count})
    video = VideoFile(tmp_path / "clip.avi")
    assert [video.rate, video.duration] == pytest.approx([rate, duration])
    assert not video.is_still


@pytest.mark.parametrize("width", [8192.0, 8193.0])
def test_pictures_may_have_67_megapixels(tmp_path: Path, scripted: Script, width: float) -> None:
    scripted(0.0, says={cv2.CAP_PROP_FRAME_WIDTH: width, cv2.CAP_PROP_FRAME_HEIGHT: 8192.0})
    if width == 8192:
        VideoFile(tmp_path / "clip.avi")
    else:
        error = refusal(tmp_path / "clip.avi")
        assert error.title == "Video too large"
        assert "67 megapixels" in error.message


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ([0.0, 0.0, float("nan"), -9e15, 1e12, 450.0], [0, 0.1, 0.2, 0.3, 0.4, 0.45]),
        ([59_900.0, 119_890.0, 179_900.0], [59.9, 119.89, 119.99]),  # at most a minute between two
        ([float("nan")] * 2, [0, 0.1]),
    ],
)
def test_times_that_make_no_sense_are_replaced(
    tmp_path: Path, scripted: Script, told: list[float], expected: list[float]
) -> None:
    opened = scripted(*told)
    assert times(tmp_path / "clip.avi") == pytest.approx(expected)
    video = VideoFile(tmp_path / "clip.avi")
    for _ in range(2):
        assert video.advance() == pytest.approx(expected[0])
        video.rewind()
    video.close()
    assert opened.open_now == 0


@pytest.mark.parametrize(
    ("seconds", "asked", "says", "found"),
    [
        (0.5, 400.0, None, (0.5, 5)),
        (0.54, 440.0, None, (0.5, 5)),  # the nearest picture
        (0.56, 460.0, None, (0.6, 6)),
        (0.05, 0.0, None, (0.0, 0)),
        (0.5, 400.0, 9e9, (0.5, 4)),  # it does not know where it went, so it is taken to be there
        (0.5, 400.0, -1.0, (0.5, 4)),
        (5.0, 4900.0, None, None),
    ],
)
def test_search_finds_the_picture_of_a_time(
    tmp_path: Path,
    scripted: Script,
    seconds: float,
    asked: float,
    says: float | None,
    found: tuple[float, int] | None,
) -> None:
    capture = scripted(*range(0, 1000, 100), says={} if says is None else {cv2.CAP_PROP_POS_MSEC: says})
    video = VideoFile(tmp_path / "clip.avi")
    at = video.seek(seconds)
    picture = video.picture()
    assert capture.asked == [pytest.approx(asked)]
    if found is None:
        assert at is None
    else:
        assert picture is not None
        assert [at, picture.mean()] == pytest.approx(found)


@pytest.fixture
def eighths(tmp_path: Path, scripted: Script, play: Play) -> VideoSource:
    """A video of twenty pictures, each of which lasts an eighth of a second, that has shown its first."""
    scripted(*(125.0 * number for number in range(20)), says={cv2.CAP_PROP_FPS: 8.0})
    source = play(tmp_path / "clip.avi")
    assert gray_of(source.read()) == 0
    return source


@pytest.mark.parametrize(
    ("late", "shown"),
    [
        (0.0625, [1, 2]),
        (0.125, [2, 2]),  # one is skipped
        (0.9375, [8, 9]),
        (1.125, [1, 2, 2, 3]),  # as after sleep: it continues where it was
    ],
)
def test_late_video_skips_pictures_unless_it_is_much_too_late(
    eighths: VideoSource, clock: Clock, late: float, shown: list[int]
) -> None:
    clock.seconds += 0.125 + late
    assert [gray_of(eighths.read()) for _ in shown] == shown


def test_video_continues_from_the_picture_it_seeks_to(eighths: VideoSource, clock: Clock) -> None:
    eighths.playback.seek(0.5)
    assert [gray_of(eighths.read()) for _ in range(4)] == [4, 4, 5, 5]
    assert clock.slept == pytest.approx([0.1, 0.025, 0.1])


def test_times_to_seek_to_are_kept_within_the_video(eighths: VideoSource) -> None:
    playback = eighths.playback
    positions = []
    for seconds in (-5.0, 0.25, 99.0):
        playback.seek(seconds)
        positions.append(playback.position)
    assert positions == [0, 0.25, 2.5]
    assert (playback.take_wanted(), playback.position, playback.take_wanted()) == (2.5, 2.5, None)


def test_damaged_picture_is_skipped_unless_it_is_the_first(
    tmp_path: Path, scripted: Script, play: Play
) -> None:
    video = scripted(0.0, 100.0, 200.0)
    video.damaged = {1}
    source = play(tmp_path / "clip.avi")
    assert [gray_of(source.read()) for _ in range(3)] == [0, 0, 2]
    video.damaged = {0}
    assert refusal(tmp_path / "clip.avi").title == "Video unreadable"
    empty = scripted()
    assert refusal(tmp_path / "clip.avi").title == "Video unreadable"
    assert (video.open_now, empty.open_now) == (1, 0)  # the first still plays


def test_search_ends_after_a_second(
    tmp_path: Path, scripted: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    scripted(*range(0, 10_000, 100)).lands_at = 0.0
    video = VideoFile(tmp_path / "clip.avi")
    monkeypatch.setattr("time.monotonic", iter([5.0, 5.5, 6.0, 6.01]).__next__)
    assert video.seek(5.0) == pytest.approx(0.2)


def test_rotated_video_is_upright(tmp_path: Path) -> None:
    path = tmp_path / "phone.mp4"
    picture = plain(0)
    picture[:, :40] = 255  # white on the left
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), 10, (80, 60))
    for _ in range(3):
        writer.write(picture)
    writer.release()
    content = path.read_bytes()
    upright = struct.pack(">9i", 1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30)
    turned = struct.pack(">9i", 0, 1 << 16, 0, -1 << 16, 0, 0, 60 << 16, 0, 1 << 30)  # a quarter to the right
    place = content.index(upright, content.index(b"tkhd"))
    path.write_bytes(content[:place] + turned + content[place + len(upright) :])
    video = VideoFile(path)
    video.advance()
    image = video.picture()
    video.close()
    assert image is not None
    assert image.shape == (80, 60, 3)
    assert image[:25].mean() > 200
    assert image[55:].mean() < 50


@pytest.mark.parametrize("kept", [0.3, 0.5, 0.9])
def test_truncated_video_is_shown_as_far_as_it_goes(tmp_path: Path, kept: float) -> None:
    path = write_video(tmp_path / "clip.avi", [plain(gray) for gray in range(0, 250, 2)], rate=20)
    whole = len(times(path))
    content = path.read_bytes()
    path.write_bytes(content[: round(len(content) * kept)])
    left = times(path)
    assert 0 < len(left) < whole
    assert left == sorted(set(left))


def test_damaged_video_is_refused(tmp_path: Path) -> None:
    video = write_video(tmp_path / "clip.avi", [plain(40)] * 5)
    video.write_bytes(video.read_bytes()[:60])
    assert "clip.avi" in refusal(video).message


def test_photo_made_of_tiles_is_refused() -> None:
    """Two times two gray tiles of 64x64, made by libavif; an iPhone's HEIC is built alike."""
    tiles = Path(__file__).parents[2] / "fakes" / "tiles.avif"
    assert refusal(tiles).title == "Unsupported photo"
    assert "JPEG" in refusal(tiles).hint


def test_video_of_giant_pictures_is_refused(tmp_path: Path) -> None:
    path = write_gif(tmp_path / "giant.gif", [plain(40)], [100])
    content = bytearray(path.read_bytes())
    content[6:10] = b"\xff\xff\xff\xff"  # 65,535 pixels wide and high
    path.write_bytes(content)
    assert refusal(path).title in ("Video too large", "Video unreadable", "Not a photo or video")
