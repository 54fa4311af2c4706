"""Whether a capture leads to the right playlist: labelled photos through the app's detector and crop."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fer_desktop.domain import Emotion, Frame
from fer_desktop.errors import FrameSourceError, NoFaceError
from fer_desktop.files import write_whole
from fer_desktop.paths import resources_dir
from fer_desktop.playlist.moods import FILE_NAME, load_moods
from fer_desktop.vision.media import is_photo, read_photo
from fer_desktop.vision.pipeline import FramePipeline
from training.errors import DataError
from training.evaluation.tables import markdown_table, percent

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from fer_desktop.domain import FaceReading
    from fer_desktop.playlist.moods import Mood

_INTRODUCTION = """\
Labelled photos, read as the app reads a capture: the largest face that its detector finds, the mean of
several views. A photo passes if the playlist would be made for the emotion of its folder."""
_COLUMNS = ("photo", "expected", "predicted", "probability", "unsure", "result", "keywords", "note")


@dataclass(frozen=True, slots=True)
class CaptureResult:
    """One labelled photo and what the app made of it.

    Attributes:
        photo: Its path within the folder.
        expected: The emotion of its folder.
        reading: What the app read; None if nothing.
        keywords: What the app would search for.
        note: Why the app read nothing, in words; "" if it did.
    """

    photo: str
    expected: Emotion
    reading: FaceReading | None
    keywords: tuple[str, ...]
    note: str

    @property
    def passed(self) -> bool:
        """Whether the playlist would be the expected one."""
        return self.reading is not None and self.reading.scores.dominant is self.expected

    def as_row(self) -> tuple[str, ...]:
        """Returns the values of a table's columns."""
        predicted = probability = unsure = ""
        if self.reading is not None:
            emotion = self.reading.scores.dominant
            predicted, probability = emotion.value, f"{self.reading.scores[emotion]:.3f}"
            unsure = "yes" if self.reading.unsure else "no"
        result = "pass" if self.passed else "fail"
        return (
            self.photo, self.expected.value, predicted, probability, unsure, result,
            ", ".join(self.keywords), self.note,
        )  # fmt: skip


def evaluate_captures(folder: Path, model_dir: Path, out_dir: Path, report: Callable[[str], None]) -> None:
    """Reads labelled photos as the app reads a capture, and lists which would get the right playlist.

    A photo without a face, or one that cannot be read, fails; the others are still read.
    Leaves captures.md and captures.csv in `out_dir`.

    Args:
        folder: Contains a folder of photos for each emotion, named as in `Emotion`; some may be missing.
        model_dir: The folder of emotion.onnx and emotion.json.
        out_dir: Where the tables go.
        report: Takes a line of progress.

    Raises:
        DataError: The folder contains no photos by emotion, or a folder that is not one of the emotions.
        ModelError: The model cannot be used.
        SettingsError: The keywords cannot be read.
    """
    photos = _labelled_photos(folder, report)
    pipeline = FramePipeline.load(model_dir, resources_dir())
    moods = load_moods(resources_dir() / FILE_NAME)
    results = []
    for photo, expected in photos:
        result = _capture(pipeline, moods, photo, photo.relative_to(folder).as_posix(), expected)
        results.append(result)
        if result.note:
            report(f"Captures: {result.photo}: {result.note}")
    table = io.StringIO(newline="")
    csv.writer(table).writerows([_COLUMNS, *(result.as_row() for result in results)])
    write_whole(out_dir / "captures.csv", table.getvalue(), private=False)
    summary = _summary(results)
    sections = [
        "# Captures",
        _INTRODUCTION,
        summary,
        _by_emotion(results),
        markdown_table(_COLUMNS, (result.as_row() for result in results)),
    ]
    write_whole(out_dir / "captures.md", "\n\n".join(sections) + "\n", private=False)
    report(f"Captures: {summary} {out_dir / 'captures.md'}, {out_dir / 'captures.csv'}")


def _labelled_photos(folder: Path, report: Callable[[str], None]) -> list[tuple[Path, Emotion]]:
    hint = f"Sort the photos into folders named {', '.join(Emotion)}."
    if not folder.is_dir():
        raise DataError("Captures missing", f"{folder} is not a folder.", hint)
    found = []
    for place in sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith(".")):
        if place.name not in set(Emotion):
            raise DataError("No such emotion", f"{place} is not one of the emotions.", hint)
        for path in sorted(path for path in place.iterdir() if not path.name.startswith(".")):
            if is_photo(path):
                found.append((path, Emotion(place.name)))
            else:
                report(f"Captures: {path.relative_to(folder)}: left out, not a photo by its name")
    if not found:
        raise DataError("No captures", f"{folder} contains no photos by emotion.", hint)
    return found


def _capture(
    pipeline: FramePipeline, moods: dict[Emotion, Mood], path: Path, name: str, expected: Emotion
) -> CaptureResult:
    try:
        reading = pipeline.capture(Frame(read_photo(path), 0, 0.0))
    except NoFaceError:
        return CaptureResult(name, expected, None, (), "no face found")
    except FrameSourceError:
        return CaptureResult(name, expected, None, (), "cannot be read as a photo")
    return CaptureResult(name, expected, reading, moods[reading.scores.dominant].keywords, "")


def _summary(results: Sequence[CaptureResult]) -> str:
    passed = sum(result.passed for result in results)
    unread = sum(result.reading is None for result in results)
    unsure = sum(result.reading is not None and result.reading.unsure for result in results)
    return (
        f"{passed} of {len(results)} photos pass ({percent(passed / len(results))}); nothing could be read "
        f"in {unread}, and the app is unsure about {unsure}."
    )


def _by_emotion(results: Sequence[CaptureResult]) -> str:
    rows = []
    for emotion in Emotion:
        passed = [result.passed for result in results if result.expected is emotion]
        if passed:
            rate = percent(sum(passed) / len(passed))
            rows.append((emotion.value, str(len(passed)), str(sum(passed)), rate))
    return markdown_table(("expected", "photos", "pass", "pass rate"), rows)
