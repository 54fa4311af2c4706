"""Reading many files: paused, cancelled, and with files that cannot be read among them."""

from __future__ import annotations

import contextlib
import errno
import json
import threading
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from fer_desktop.domain import Emotion, FaceBox
from fer_desktop.errors import AppError, CancelledError, FrameSourceError
from fer_desktop.paths import resources_dir
from fer_desktop.vision.batch import AnnotatedCopies, Batch, JsonList, PictureAnalysis, analyse_file, new_file
from fer_desktop.vision.media import read_photo
from fer_desktop.vision.pipeline import FramePipeline
from tests.fakes.pipeline import ScriptedPipeline, reading_for
from tests.fakes.tiny_model import write_tiny_model
from tests.fakes.videos import ScriptedVideo

if TYPE_CHECKING:
    from collections.abc import Callable

    from fer_desktop.domain import FaceReading, Image
    from fer_desktop.vision.batch import BatchProgress

SAMPLES = resources_dir() / "samples"
FILES = [SAMPLES / name for name in ("neutral.jpeg", "surprised.jpeg", "angry.jpg")]


class Seen:
    """What a batch reported and wrote."""

    def __init__(self) -> None:
        self.progress: list[BatchProgress] = []
        self.problems: list[FrameSourceError] = []
        self.written: list[str] = []

    def write(self, picture: PictureAnalysis) -> None:
        self.written.append(picture.file.name)


def picture_of(height: int, width: int, *faces: FaceReading) -> PictureAnalysis:
    return PictureAnalysis(FILES[0], 0, 0.0, np.zeros((height, width, 3), np.uint8), faces, 1.0)


@pytest.fixture
def pipeline(tmp_path: Path) -> FramePipeline:
    write_tiny_model(tmp_path / "models")
    return FramePipeline.load(tmp_path / "models", resources_dir())


def test_progress_counts_files_and_faces(pipeline: FramePipeline, tmp_path: Path) -> None:
    seen = Seen()
    missing = tmp_path / "missing.jpg"
    batch = Batch([*FILES, missing], seen.progress.append, seen.problems.append)
    batch.run(pipeline, [seen])
    assert seen.written == [file.name for file in FILES]
    shares = [progress.share for progress in seen.progress]
    assert shares == [0, 0.25, 0.25, 0.5, 0.5, 0.75, 0.75]
    assert {progress.total for progress in seen.progress} == {4}
    assert seen.progress[-1].faces == 2  # none is found in the middle one
    assert [str(missing) in problem.message for problem in seen.problems] == [True]


def test_cancelling_keeps_what_was_written(pipeline: FramePipeline) -> None:
    seen = Seen()
    batch = Batch(
        FILES, lambda progress: batch.cancel() if progress.index == 1 else None, seen.problems.append
    )
    with pytest.raises(CancelledError):
        batch.run(pipeline, [seen])
    assert seen.written == ["neutral.jpeg"]


def test_paused_batch_waits_until_it_may_continue(pipeline: FramePipeline) -> None:
    seen = Seen()
    paused = threading.Event()

    def on_progress(progress: BatchProgress) -> None:
        if progress.index == 1 and not paused.is_set():
            batch.set_paused(True)
            paused.set()

    batch = Batch(FILES, on_progress, seen.problems.append)
    reading = threading.Thread(target=batch.run, args=(pipeline, [seen]))
    reading.start()
    assert paused.wait(30)
    assert reading.is_alive()
    assert seen.written == ["neutral.jpeg"]
    batch.set_paused(False)
    reading.join(30)
    assert seen.written == [file.name for file in FILES]


def test_paused_batch_can_be_cancelled(pipeline: FramePipeline) -> None:
    batch = Batch(FILES, lambda _: None, lambda _: None)
    batch.set_paused(True)
    batch.cancel()
    with pytest.raises(CancelledError):
        batch.run(pipeline, [])


@pytest.mark.parametrize(("count", "shares"), [(20, [0, 0.3, 0.55, 0.8]), (10, [0, 0.6, 1, 1]), (0, [0] * 4)])
def test_video_is_read_every_half_second(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, count: int, shares: list[float]
) -> None:
    video = ScriptedVideo(range(0, 2000, 100), {cv2.CAP_PROP_FRAME_COUNT: count})
    video.damaged = {5}
    monkeypatch.setattr(cv2, "VideoCapture", video.open)
    (tmp_path / "clip.avi").write_bytes(b"not looked at")
    pipeline = ScriptedPipeline(reading_for(Emotion.HAPPY), reading_for(Emotion.SAD))
    found = list(analyse_file(pipeline, tmp_path / "clip.avi"))  # type: ignore[arg-type]  # has what is used
    assert [picture.frame for picture in found] == pipeline.read == [0, 6, 11, 16]
    assert [int(picture.image.mean()) for picture in found] == [0, 6, 11, 16]
    assert [picture.seconds for picture in found] == pytest.approx([0, 0.6, 1.1, 1.6])
    assert [picture.share for picture in found] == pytest.approx(shares)
    assert all(picture.faces == pipeline.faces[:1] for picture in found)


def test_video_without_a_picture_is_unreadable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    video = ScriptedVideo([0.0, 100.0], {})
    video.damaged = {0, 1}
    monkeypatch.setattr(cv2, "VideoCapture", video.open)
    (tmp_path / "clip.avi").write_bytes(b"not looked at")
    with pytest.raises(FrameSourceError, match="Video unreadable"):
        list(analyse_file(ScriptedPipeline(), tmp_path / "clip.avi"))  # type: ignore[arg-type]  # has what is used


def test_annotated_copies_have_boxes_and_labels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = []
    for name in ("rectangle", "putText"):
        draw = getattr(cv2, name)

        def watched(picture: Image, *args: object, draw: Callable[..., object] = draw) -> None:
            drawn.append(args)
            draw(picture, *args)

        monkeypatch.setattr(cv2, name, watched)
    gray = np.full((1001, 800, 3), 128, np.uint8)
    boxes = (FaceBox(200, 300, 300, 400), FaceBox(-20, -50, 300, 400))
    faces = tuple(reading_for(Emotion.SAD, box, unsure=True) for box in boxes)
    copies = AnnotatedCopies(tmp_path / "new" / "folder")
    picture = PictureAnalysis(Path("clip.mp4"), 6, 0.2, gray, faces, 1.0)
    copies.write(picture)
    black, white, font = (0, 0, 0), (255, 255, 255), cv2.FONT_HERSHEY_SIMPLEX
    assert drawn == [
        *(((200, 300), (500, 700), black, 9), ((200, 300), (500, 700), white, 3)),
        ((200, 262), (384, 300), black, cv2.FILLED),
        ("Sad 82% ?", (200, 289), font, pytest.approx(1.05), white, 3, cv2.LINE_AA),
        *(((-20, -50), (280, 350), black, 9), ((-20, -50), (280, 350), white, 3)),
        ((0, 0), (184, 38), black, cv2.FILLED),  # there is no room above the box
        ("Sad 82% ?", (0, 27), font, pytest.approx(1.05), white, 3, cv2.LINE_AA),
    ]
    drawn.clear()
    copies.write(replace(picture, image=gray[:90, :80], faces=(reading_for(Emotion.HAPPY, boxes[0]),)))
    assert [args[-1] for args in drawn[:2]] == [3, 1]
    assert drawn[3][0] == "Happy 82%"
    assert sorted(copy.name for copy in (tmp_path / "new" / "folder").iterdir()) == [
        *("clip-frame000006-faces-2.jpg", "clip-frame000006-faces.jpg")
    ]
    assert gray.min() == gray.max() == 128


def test_list_is_complete_after_an_interruption() -> None:
    stream = StringIO()
    picture = picture_of(8, 8, *[reading_for(Emotion.ANGRY, FaceBox(1, 2, 3, 4))] * 2)
    with contextlib.suppress(CancelledError), JsonList(stream) as entries:
        entries.write(picture)
        raise CancelledError
    assert [entry["box"] for entry in json.loads(stream.getvalue())] == [[1, 2, 3, 4]] * 2


def test_full_disk_is_reported(tmp_path: Path) -> None:
    words = r"out\.csv cannot be written \(No space left on device\)\."
    with pytest.raises(AppError, match=words), new_file(tmp_path / "out.csv"):
        raise OSError(28, "No space left on device")


def test_copy_of_a_very_long_picture_fits_into_a_jpeg(tmp_path: Path) -> None:
    AnnotatedCopies(tmp_path).write(picture_of(70_000, 10))
    (copy,) = tmp_path.iterdir()
    assert max(read_photo(copy).shape) <= 65_500


def test_no_half_copy_is_left_on_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fill(path: Path, content: bytes) -> None:
        with path.open("wb") as file:
            file.write(content[:100])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", fill)
    with pytest.raises(AppError, match="No space left"):
        AnnotatedCopies(tmp_path).write(picture_of(8, 8))
    assert list(tmp_path.iterdir()) == []


def test_folder_without_pictures_is_reported_as_one(pipeline: FramePipeline, tmp_path: Path) -> None:
    (tmp_path / "DCIM" / "100CANON").mkdir(parents=True)
    seen = Seen()
    Batch([tmp_path / "DCIM"], seen.progress.append, seen.problems.append).run(pipeline, [seen])
    (problem,) = seen.problems
    assert problem.title == "No photos or videos"
    assert "DCIM" in problem.message
