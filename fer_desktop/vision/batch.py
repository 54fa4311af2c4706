"""Reads many files: photos and videos in, what every face shows out."""

from __future__ import annotations

import csv
import json
import os
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, Any, Protocol, Self, TextIO

from fer_desktop.domain import Emotion, FaceReading, Frame
from fer_desktop.errors import AppError, CancelledError, FrameSourceError
from fer_desktop.translation import _
from fer_desktop.vision.annotation import annotated_jpeg
from fer_desktop.vision.media import PHOTO_SUFFIXES, is_folder, is_photo, read_photo
from fer_desktop.vision.video import VIDEO_SUFFIXES, VideoFile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path
    from types import TracebackType

    from fer_desktop.domain import EmotionScores, Image
    from fer_desktop.vision.pipeline import FramePipeline

SAMPLE_SECONDS = 0.5
"""Between two pictures of a video that are read."""

_CSV_COLUMNS = ("file", "frame", "seconds", "x", "y", "width", "height", "emotion", "unsure", *Emotion)

_MAX_STEM_BYTES = 200
"""Of a copy's name; with its number and suffix it must fit into the 255 that file systems allow."""


@dataclass(frozen=True, slots=True)
class PictureAnalysis:
    """What was read in one picture of a file.

    Attributes:
        file: The photo or video.
        frame: The picture's number in a video, 0 for a photo.
        seconds: Its time from the start of the video, 0 for a photo.
        image: The picture, BGR.
        faces: All in a photo, the largest first; only the largest in a video.
        share: How much of the file has been read with it, 0 to 1.
    """

    file: Path
    frame: int
    seconds: float
    image: Image
    faces: tuple[FaceReading, ...]
    share: float


class Output(Protocol):
    """Where a batch writes what it reads."""

    def write(self, picture: PictureAnalysis) -> None:
        """Writes the faces of one picture.

        Raises:
            AppError: It cannot be written.
        """
        ...


@dataclass(frozen=True, slots=True)
class BatchProgress:
    """How far a batch has progressed.

    Attributes:
        file: The file that is being read.
        index: Its position among the files, from 0.
        total: How many files there are.
        share: How much of all files has been read, 0 to 1.
        faces: How many faces were read so far.
    """

    file: Path
    index: int
    total: int
    share: float
    faces: int


class Batch:
    """Reads files one after the other; can be paused and cancelled from another thread.

    Args:
        files: Photos, videos and folders of them.
        on_progress: Called at the start of each file and after each picture, on the thread of `run`.
        on_problem: Called for each file that cannot be read; the others are still read.
    """

    def __init__(
        self,
        files: Sequence[Path],
        on_progress: Callable[[BatchProgress], None],
        on_problem: Callable[[FrameSourceError], None],
    ) -> None:
        self._files = files
        self._on_progress = on_progress
        self._on_problem = on_problem
        self._unpaused = threading.Event()
        self._unpaused.set()
        self._cancelled = threading.Event()

    def set_paused(self, paused: bool) -> None:  # noqa: FBT001  # a setter of one value
        """Pauses after the picture that is being read, or continues."""
        if paused:
            self._unpaused.clear()
        else:
            self._unpaused.set()

    def cancel(self) -> None:
        """Stops after the picture that is being read; what was written stays."""
        self._cancelled.set()
        self._unpaused.set()

    def run(self, pipeline: FramePipeline, outputs: Sequence[Output]) -> None:
        """Reads all files.

        Args:
            pipeline: Reads the pictures; belongs to this thread.
            outputs: Where each picture's faces are written.

        Raises:
            CancelledError: It was cancelled.
            AppError: An output cannot be written.
        """
        files = [each for file in self._files for each in (files_in(file) if is_folder(file) else (file,))]
        faces = 0
        for index, file in enumerate(files):
            self._on_progress(BatchProgress(file, index, len(files), index / len(files), faces))
            self._wait()
            try:
                for picture in analyse_file(pipeline, file):
                    for output in outputs:
                        output.write(picture)
                    faces += len(picture.faces)
                    share = (index + picture.share) / len(files)
                    self._on_progress(BatchProgress(file, index, len(files), share, faces))
                    del picture  # a large one is freed before the next is read
                    self._wait()
            except FrameSourceError as error:
                self._on_problem(error)

    def _wait(self) -> None:
        self._unpaused.wait()
        if self._cancelled.is_set():
            raise CancelledError


def analyse_file(pipeline: FramePipeline, file: Path) -> Iterator[PictureAnalysis]:
    """Yields what is read in a photo, or in one picture per half second of a video.

    Raises:
        FrameSourceError: The file cannot be read.
    """
    if is_photo(file):
        photo = read_photo(file)
        yield PictureAnalysis(file, 0, 0.0, photo, pipeline.analyse(Frame(photo, 0, monotonic())).faces, 1.0)
        return
    if is_folder(file):
        raise FrameSourceError(
            _("No photos or videos"),
            _("There are none in {path} itself, or it cannot be read.").format(path=file),
            _("Choose the subfolders that contain some, or check its permissions."),
        )
    video = VideoFile(file)
    try:
        due, frame, read = 0.0, -1, 0
        while (at := video.advance()) is not None:
            frame += 1
            if at < due - 0.5 / video.rate:
                continue
            image = video.picture()
            if image is None:  # the next one may be intact
                continue
            due = at + SAMPLE_SECONDS
            read += 1
            faces = pipeline.analyse(Frame(image, frame, monotonic())).faces[:1]
            share = min(1.0, at / video.duration) if video.duration else 0.0
            yield PictureAnalysis(file, frame, at, image, faces, share)
        if not read:
            raise video.unreadable()
    finally:
        video.close()


def files_in(folder: Path) -> tuple[Path, ...]:
    """Returns the photos and videos of a folder by name; the folder itself if there are none."""
    try:
        found = [file for file in folder.iterdir() if file.suffix.lower() in PHOTO_SUFFIXES | VIDEO_SUFFIXES]
    except OSError:
        found = []
    return tuple(sorted(found)) or (folder,)


class JsonList:
    """Writes a JSON list, one entry per face; a context manager, which closes the list.

    Args:
        stream: Where it goes.
        general: Whether entries also have what the model alone reads, because faces are read by a profile.
    """

    def __init__(self, stream: TextIO, *, general: bool = False) -> None:
        self._stream = stream
        self._general = general
        self._separator = "\n"

    def __enter__(self) -> Self:
        self._stream.write("[")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stream.write("\n]\n")

    def write(self, picture: PictureAnalysis) -> None:
        """Adds the faces of one picture."""
        for face, entry in zip(picture.faces, _entries(picture), strict=True):
            if self._general and face.general is not None:
                entry["general"] = _rounded(face.general)
            self._stream.write(self._separator + json.dumps(entry, ensure_ascii=False))
            self._separator = ",\n"


class CsvTable:
    """Writes a table with one row per face."""

    def __init__(self, stream: TextIO) -> None:
        self._table = csv.writer(stream)
        self._table.writerow(_CSV_COLUMNS)

    def write(self, picture: PictureAnalysis) -> None:
        """Adds the faces of one picture."""
        for entry in _entries(picture):
            self._table.writerow([
                entry["file"], entry["frame"], entry["seconds"], *entry["box"], entry["emotion"],
                str(entry["unsure"]).lower(), *entry["probabilities"].values(),
            ])  # fmt: skip


class AnnotatedCopies:
    """Writes copies of the pictures with boxes and labels, and overwrites no file.

    Raises:
        AppError: The folder cannot be created, or a copy cannot be written.
    """

    def __init__(self, folder: Path) -> None:
        make_folder(folder)
        self._folder = folder

    def write(self, picture: PictureAnalysis) -> None:
        """Writes one copy."""
        frame = "" if is_photo(picture.file) else f"-frame{picture.frame:06d}"
        stem = os.fsencode(picture.file.stem)[:_MAX_STEM_BYTES].decode(errors="replace")
        name = f"{stem}{frame}-faces"
        path, number = self._folder / f"{name}.jpg", 2
        content = annotated_jpeg(picture.image, picture.faces)
        try:
            while path.exists():
                path, number = self._folder / f"{name}-{number}.jpg", number + 1
            path.write_bytes(content)
        except OSError as error:
            with suppress(OSError):  # half a copy looks like a whole one
                path.unlink()
            raise _not_writable(path, error) from error


def make_folder(path: Path) -> None:
    """Creates the folder for an output, unless it is there.

    Raises:
        AppError: It cannot be created.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        raise _not_writable(path, error) from error


@contextmanager
def new_file(path: Path) -> Iterator[TextIO]:
    """Opens a text file for an output.

    Raises:
        AppError: It exists already, or cannot be written, now or later.
        BrokenPipeError: The reader of the output has stopped reading.
    """
    try:
        if path.is_file():  # "--csv *.jpg" names a photo
            raise AppError(
                _("Cannot write"),
                _("{path} already exists.").format(path=path),
                _("Choose another name, or move that file away."),
            )
        # File names may hold bytes that are not text; their escape is valid JSON.
        with path.open("w", encoding="utf-8", errors="backslashreplace", newline="") as file:
            yield file
    except BrokenPipeError:
        raise
    except OSError as error:
        raise _not_writable(path, error) from error


def _entries(picture: PictureAnalysis) -> list[dict[str, Any]]:
    """Returns what is written about each face of a picture."""
    return [
        {
            "file": str(picture.file),
            "frame": picture.frame,
            "seconds": round(picture.seconds, 3),
            "box": [face.box.x, face.box.y, face.box.width, face.box.height],
            "emotion": face.scores.dominant.value,
            "unsure": face.unsure,
            "probabilities": _rounded(face.scores),
        }
        for face in picture.faces
    ]


def _rounded(scores: EmotionScores) -> dict[str, float]:
    return {emotion.value: round(probability, 6) for emotion, probability in scores.items()}


def _not_writable(path: Path, error: OSError | ValueError) -> AppError:
    reason = error.strerror if isinstance(error, OSError) else error
    return AppError(
        _("Cannot write"),
        _("{path} cannot be written ({reason}).").format(path=path, reason=reason),
        _("Choose another place, or free some space."),
    )
