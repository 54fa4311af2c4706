"""`fer-desktop analyze`: the emotions in photos and videos, without a window."""

from __future__ import annotations

import csv
import json
import sys
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any, TextIO

import numpy as np

from fer_desktop.domain import Emotion, FaceReading, Frame
from fer_desktop.errors import AppError, FrameSourceError
from fer_desktop.paths import models_dir, resources_dir
from fer_desktop.vision.annotation import annotated_jpeg
from fer_desktop.vision.media import frame_rate, is_photo, open_video, read_photo
from fer_desktop.vision.pipeline import FramePipeline

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from fer_desktop.domain import Image

_SAMPLES_A_SECOND = 2

_EXIT_USER_ERROR = 2

_CSV_COLUMNS = ("file", "frame", "x", "y", "width", "height", "emotion", "unsure", *Emotion)


@dataclass(frozen=True, slots=True)
class _Finding:
    """One face in one file."""

    file: str
    frame: int
    reading: FaceReading

    def as_json(self) -> dict[str, Any]:
        box, scores = self.reading.box, self.reading.scores
        return {
            "file": self.file,
            "frame": self.frame,
            "box": [box.x, box.y, box.width, box.height],
            "emotion": scores.dominant.value,
            "unsure": self.reading.unsure,
            "probabilities": {emotion.value: round(scores[emotion], 6) for emotion in Emotion},
        }

    def as_row(self) -> list[object]:
        content = self.as_json()
        return [
            content["file"],
            content["frame"],
            *content["box"],
            content["emotion"],
            str(content["unsure"]).lower(),
            *content["probabilities"].values(),
        ]

    def as_text(self) -> str:
        box, scores = self.reading.box, self.reading.scores
        unsure = ", unsure" if self.reading.unsure else ""
        return (
            f"{self.file}: frame {self.frame}: looks {scores.dominant} "
            f"({scores[scores.dominant]:.0%}{unsure}) at {box.x},{box.y}, {box.width}x{box.height}"
        )


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the subcommand and its options."""
    parser = subparsers.add_parser(
        "analyze",
        help="read the emotions in photos and videos",
        description="Reads the emotions of the faces in photos and videos. In a photo every face is read, "
        "the largest first; of a video, the largest face of a frame every half second. A file that cannot be "
        "read is reported on stderr, the others are still done, and the exit code is 2.",
    )
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="a photo or a video")
    parser.add_argument("--json", action="store_true", help="print a JSON list, one entry a face")
    parser.add_argument("--csv", type=Path, metavar="OUT", help="also write a table, one row a face")
    parser.add_argument(
        "--annotate", type=Path, metavar="DIR", help="also write the pictures with boxes and labels into DIR"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Analyses the files; returns 0, or 2 where one could not be read.

    Raises:
        ModelError: The model or the cascade cannot be used.
        AppError: The output cannot be written.
    """
    pipeline = FramePipeline.load(models_dir(), resources_dir())
    findings: list[_Finding] = []
    exit_code = 0
    with ExitStack() as stack:
        # Opened first, so that a long analysis does not end without its output.
        table = _open_table(stack, args.csv) if args.csv else None
        pictures = _Pictures(args.annotate) if args.annotate else None
        for file in args.files:
            try:
                for image, number, faces in _analyse(pipeline, file):
                    found = [_Finding(str(file), number, face) for face in faces]
                    if not args.json:
                        _print_text(file, number, found)
                    findings += found
                    if table is not None:
                        table.writerows(finding.as_row() for finding in found)
                    if pictures is not None:
                        pictures.write(file, number, image, faces)
            except FrameSourceError as error:
                print(f"fer-desktop: {error}", file=sys.stderr)
                exit_code = _EXIT_USER_ERROR
    if args.json:
        print(json.dumps([finding.as_json() for finding in findings], indent=2, ensure_ascii=False))
    return exit_code


def _print_text(file: Path, number: int, found: list[_Finding]) -> None:
    for finding in found:
        print(finding.as_text())
    if not found:
        print(f"{file}: frame {number}: no face found")


def _analyse(pipeline: FramePipeline, file: Path) -> Iterator[tuple[Image, int, tuple[FaceReading, ...]]]:
    """Yields pictures of a file, their frame numbers, and the faces to report."""
    if is_photo(file):
        photo = read_photo(file)
        yield photo, 0, pipeline.analyse(Frame(photo, 0, monotonic())).faces
        return
    for number, image in _sampled_frames(file):
        yield image, number, pipeline.analyse(Frame(image, number, monotonic())).faces[:1]


def _sampled_frames(file: Path) -> Iterator[tuple[int, Image]]:
    capture = open_video(file)
    try:
        step = max(1, round(frame_rate(capture) / _SAMPLES_A_SECOND))
        number = 0
        while capture.grab():
            if number % step == 0:
                ok, image = capture.retrieve()
                if not ok:
                    break
                yield number, image.astype(np.uint8, copy=False)
            number += 1
    finally:
        capture.release()
    if number == 0:
        raise FrameSourceError(
            "Video unreadable", f"No pictures can be read from {file}.", "Choose another video."
        )


def _open_table(stack: ExitStack, path: Path) -> Any:  # noqa: ANN401  # csv's writer has no public type
    try:
        file: TextIO = stack.enter_context(path.open("w", encoding="utf-8", newline=""))
    except OSError as error:
        raise _not_writable(path, error) from error
    table = csv.writer(file)
    table.writerow(_CSV_COLUMNS)
    return table


class _Pictures:
    """The folder of annotated pictures; never writes one over another or over an input."""

    def __init__(self, folder: Path) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _not_writable(folder, error) from error
        self._folder = folder
        self._written: set[str] = set()

    def write(self, file: Path, number: int, image: Image, faces: tuple[FaceReading, ...]) -> None:
        frame = "" if is_photo(file) else f"-frame{number:06d}"
        stem = name = f"{file.stem}{frame}-faces"
        copy = 2
        while name in self._written:  # files of the same name in two folders
            name = f"{stem}-{copy}"
            copy += 1
        self._written.add(name)
        path = self._folder / f"{name}.jpg"
        try:
            path.write_bytes(annotated_jpeg(image, faces))
        except OSError as error:
            raise _not_writable(path, error) from error


def _not_writable(path: Path, error: OSError) -> AppError:
    return AppError(
        "Cannot write", f"{path} cannot be written ({error.strerror}).", "Choose another place, or free some."
    )
