"""`fer-desktop analyze`: the emotions in photos and videos, without a window."""

from __future__ import annotations

import io
import os
import sys
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from fer_desktop.paths import models_dir, resources_dir
from fer_desktop.personal.held_out import reader_if_better
from fer_desktop.personal.population import Population
from fer_desktop.personal.profile_store import ProfileStore
from fer_desktop.vision.batch import (
    AnnotatedCopies,
    Batch,
    BatchProgress,
    CsvTable,
    JsonList,
    PictureAnalysis,
    new_file,
)
from fer_desktop.vision.pipeline import FramePipeline

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from fer_desktop.errors import FrameSourceError
    from fer_desktop.vision.batch import Output

_STDERR = 2
_EXIT_USER_ERROR = 2
_NO_GAIN = (
    "{name} is read as everyone is, since the profile did no better on what was shown; `face show` says more."
)
_EXIT_INTERRUPTED = 130  # as shells count it: 128 + SIGINT


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the subcommand and its options."""
    parser = subparsers.add_parser(
        "analyze",
        help="read the emotions in photos and videos",
        description="Reads the emotions of the faces in photos and videos. In a photo every face is read, "
        "the largest first; in a video, the largest face of a frame every half second. A file that cannot be "
        "read is reported on stderr, others are still read, and the exit code is 2. Ctrl+C stops and keeps "
        "what was read until then. Existing files are never overwritten.",
        epilog="The table has these columns: the file; the frame, its number in a video, and its seconds "
        "from the start, both 0 for a photo; x, y, width and height of the face in pixels, from the upper "
        "left corner of the upright picture, whose edge a face may extend beyond; the emotion; unsure, true "
        "if its probability is below the model's threshold; and the probability of each emotion. A JSON "
        "entry contains the same; its box is x, y, width, height.",
    )
    parser.add_argument(
        "files", nargs="+", type=Path, metavar="FILE", help="a photo, a video, or a folder of them"
    )
    parser.add_argument("--json", action="store_true", help="print a JSON list, one entry per face")
    parser.add_argument("--csv", type=Path, metavar="OUT", help="also write a table, one row per face")
    parser.add_argument(
        "--annotate", type=Path, metavar="DIR", help="also write the pictures with boxes and labels into DIR"
    )
    parser.add_argument(
        "--face",
        metavar="NAME",
        help="read the largest face by this face profile (see `fer-desktop face`); JSON entries then also "
        "have what the model alone reads, as `general`",
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Analyses the files; returns 0, 2 if one could not be read, or 130 after Ctrl+C.

    Raises:
        ModelError: The model or the cascade cannot be used.
        FaceProfileError: The face profile cannot be used.
        AppError: The output cannot be written.
    """
    pipeline = FramePipeline.load(models_dir(), resources_dir())
    if args.face is not None:
        population = Population.from_card(pipeline.card.version, pipeline.card.personal)
        personal = reader_if_better(population, ProfileStore(args.profile_dir).load(args.face))
        pipeline.read_as(personal)
        if personal is None:
            print(f"fer-desktop: {_NO_GAIN.format(name=args.face)}", file=sys.stderr)
    with ExitStack() as stack:
        stderr = stack.enter_context(own_stderr())
        report = _Report(stderr, shows_progress=args.json and stderr.isatty())
        # Opened first, so that a long analysis does not end without its output.
        outputs: list[Output] = []
        if args.csv:
            outputs.append(CsvTable(stack.enter_context(new_file(args.csv))))
        if args.annotate:
            outputs.append(AnnotatedCopies(args.annotate))
        outputs.append(
            stack.enter_context(JsonList(sys.stdout, general=args.face is not None))
            if args.json
            else _Lines()
        )
        try:
            Batch(args.files, report.progress, report.problem).run(pipeline, outputs)
        except KeyboardInterrupt:
            return _EXIT_INTERRUPTED
        finally:
            report.clear()
    return report.exit_code


@contextmanager
def own_stderr() -> Iterator[TextIO]:
    """Hides what libpng and libjpeg themselves write to stderr, so that each file has one line there."""
    if sys.stderr is None:  # Windows gives a program without a console none
        yield io.StringIO()
        return
    sys.stderr.flush()
    with (
        os.fdopen(os.dup(_STDERR), "w", errors="backslashreplace") as stderr,
        Path(os.devnull).open("w") as nowhere,
    ):
        os.dup2(nowhere.fileno(), _STDERR)
        try:
            yield stderr
        finally:
            stderr.flush()
            os.dup2(stderr.fileno(), _STDERR)


class _Lines:
    """Prints one line per face."""

    def write(self, picture: PictureAnalysis) -> None:
        for face in picture.faces:
            box, scores = face.box, face.scores
            unsure = ", unsure" if face.unsure else ""
            print(
                f"{picture.file}: frame {picture.frame}: looks {scores.dominant} "
                f"({scores[scores.dominant]:.0%}{unsure}) at {box.x},{box.y}, {box.width}x{box.height}"
            )
        if not picture.faces:
            print(f"{picture.file}: frame {picture.frame}: no face found")


class _Report:
    """Says on stderr what cannot be read and, on a terminal that shows nothing else, the progress."""

    def __init__(self, stderr: TextIO, *, shows_progress: bool) -> None:
        self.exit_code = 0
        self._stderr = stderr
        self._shows_progress = shows_progress

    def progress(self, progress: BatchProgress) -> None:
        if self._shows_progress:
            line = f"{progress.index + 1} of {progress.total} ({progress.share:.0%}): {progress.file.name}"
            print(f"\r\x1b[K{line[:79]}", end="", file=self._stderr, flush=True)

    def problem(self, error: FrameSourceError) -> None:
        self.clear()
        print(f"fer-desktop: {error}", file=self._stderr, flush=True)
        self.exit_code = _EXIT_USER_ERROR

    def clear(self) -> None:
        if self._shows_progress:
            print("\r\x1b[K", end="", file=self._stderr, flush=True)
