"""`fer-desktop analyze` and `--self-test`, with the tiny model in place of the shipped one."""

from __future__ import annotations

import argparse
import csv
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pytest

import fer_desktop
from fer_desktop.cli import analyze, self_test
from fer_desktop.domain import Emotion
from fer_desktop.errors import AppError, ModelError
from fer_desktop.paths import resources_dir
from fer_desktop.vision.media import read_photo
from fer_desktop.vision.pipeline import FramePipeline
from fer_desktop.vision.sample_clip import SampleClip
from tests.fakes.tiny_model import write_tiny_model
from tests.fakes.videos import write_gif, write_video

if TYPE_CHECKING:
    from fer_desktop.domain import Frame, FrameAnalysis

SAMPLES = resources_dir() / "samples"
ENTRY_KEYS = {"file", "frame", "seconds", "box", "emotion", "unsure", "probabilities"}
EMOTIONS = list(Emotion)


@pytest.fixture(autouse=True)
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the tiny model, which the commands take for the shipped one."""
    folder = tmp_path / "models"
    write_tiny_model(folder)
    for command in (analyze, self_test):
        monkeypatch.setattr(command, "models_dir", lambda: folder)
    return folder


def run_apart(*arguments: str | Path, **options: Any) -> subprocess.CompletedProcess[bytes]:  # noqa: ANN401
    """Runs the command in a process of its own, which takes `subprocess.run`'s options."""
    environment = os.environ | {"PYTHONPATH": str(Path(fer_desktop.__file__).parent.parent)}
    command = [sys.executable, "-m", "fer_desktop", "analyze", *arguments]
    return subprocess.run(command, env=environment, check=False, timeout=60, **options)


def run(*arguments: object) -> int:
    parser = argparse.ArgumentParser()
    analyze.add_parser(parser.add_subparsers())
    args = parser.parse_args(["analyze", *map(str, arguments)])
    exit_code: int = args.run(args)
    return exit_code


def printed_list(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = json.loads(capsys.readouterr().out)
    return entries


def test_json_lists_the_faces_of_each_file_largest_first(capsys: pytest.CaptureFixture[str]) -> None:
    group, neutral = SAMPLES / "group.jpeg", SAMPLES / "neutral.jpeg"
    assert run(group, neutral, "--json") == 0
    entries = printed_list(capsys)
    assert [entry["file"] for entry in entries] == [str(group)] * (len(entries) - 1) + [str(neutral)]
    widths = [entry["box"][2] for entry in entries[:-1]]
    assert len(widths) >= 2
    assert widths == sorted(widths, reverse=True)
    for entry in entries:
        assert set(entry) == ENTRY_KEYS
        assert list(entry["probabilities"]) == EMOTIONS
        assert sum(entry["probabilities"].values()) == pytest.approx(1, abs=1e-4)
        assert entry["emotion"] == max(EMOTIONS, key=entry["probabilities"].__getitem__)
        assert isinstance(entry["unsure"], bool)
        assert entry["frame"] == 0
        assert all(isinstance(value, int) for value in entry["box"])


def test_photo_without_a_face_has_no_entry(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(SAMPLES / "surprised.jpeg", "--json") == 0
    assert printed_list(capsys) == []


def test_text_says_what_each_face_looks_like(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(SAMPLES / "neutral.jpeg", SAMPLES / "surprised.jpeg") == 0
    face, none = capsys.readouterr().out.splitlines()
    assert "neutral.jpeg" in face
    assert "looks " in face
    assert "surprised.jpeg" in none
    assert "no face" in none


def test_video_has_an_entry_every_half_second(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    clip = SampleClip(SAMPLES)
    video = write_video(tmp_path / "clip.avi", [clip.render(125 + number) for number in range(31)], rate=20)
    assert run(video, "--json") == 0
    entries = printed_list(capsys)
    assert [entry["frame"] for entry in entries] == [0, 10, 20, 30]
    assert [entry["seconds"] for entry in entries] == [0, 0.5, 1, 1.5]


def test_unreadable_files_are_named_and_the_others_are_read(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"no photo")
    text = tmp_path / "notes.txt"
    text.write_text("no video")
    missing = tmp_path / "missing.png"
    bitten = tmp_path / "bitten.jpeg"  # a library prints its own warning
    content = bytearray((SAMPLES / "angry.jpg").read_bytes())
    content[5000:6000] = b"\xff\xd5" * 500
    bitten.write_bytes(content)
    empty = tmp_path / "empty"
    empty.mkdir()
    assert run(broken, missing, SAMPLES / "neutral.jpeg", bitten, text, empty, "--json") == 2
    output = capfd.readouterr()
    assert [entry["file"] for entry in json.loads(output.out)] == [str(SAMPLES / "neutral.jpeg")]
    lines = output.err.splitlines()
    assert len(lines) == 4
    for line, path in zip(lines, (broken, missing, text, empty), strict=True):
        assert str(path) in line


def test_folder_stands_for_its_photos_and_videos(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("b.jpeg", "a.JPG"):
        shutil.copy(SAMPLES / "neutral.jpeg", tmp_path / name)
    write_video(tmp_path / "c.avi", [SampleClip(SAMPLES).render(130)])
    (tmp_path / "notes.txt").write_text("no video")
    assert run(tmp_path, "--json") == 0
    assert [Path(entry["file"]).name for entry in printed_list(capsys)] == ["a.JPG", "b.jpeg", "c.avi"]


def test_photo_of_a_phone_in_a_folder_is_not_skipped(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "IMG_0001.HEIC").write_bytes(b"of a kind that cannot be read")
    shutil.copy(SAMPLES / "neutral.jpeg", tmp_path / "neutral.jpeg")
    assert run(tmp_path) == 2
    assert "IMG_0001.HEIC" in capfd.readouterr().err


def test_video_of_a_varying_rate_is_read_every_half_second(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clip = SampleClip(SAMPLES)
    pictures = [clip.render(125 + number) for number in range(5)]
    video = write_gif(tmp_path / "moving.gif", pictures, [100, 900, 200, 400, 100])  # at 0, 0.1, 1, 1.2, 1.6
    assert run(video) == 0
    frames = [line.split("frame ")[1].split(":")[0] for line in capsys.readouterr().out.splitlines()]
    assert frames == ["0", "2", "4"]


def test_ctrl_c_keeps_what_was_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    analyse, calls = FramePipeline.analyse, []

    def interrupted(pipeline: FramePipeline, frame: Frame) -> FrameAnalysis:
        calls.append(frame)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return analyse(pipeline, frame)

    monkeypatch.setattr(FramePipeline, "analyse", interrupted)
    table = tmp_path / "out.csv"
    assert run(SAMPLES / "neutral.jpeg", SAMPLES / "angry.jpg", "--json", "--csv", table) == 130
    assert [entry["file"] for entry in printed_list(capsys)] == [str(SAMPLES / "neutral.jpeg")]
    assert len(table.read_text(encoding="utf-8").splitlines()) == 2


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such terminals")
def test_terminal_sees_the_progress_of_a_list() -> None:
    ours, theirs = os.openpty()
    files = [SAMPLES / "neutral.jpeg", SAMPLES / "angry.jpg"]
    listed = run_apart(*files, "--json", stdout=subprocess.PIPE, stderr=theirs)
    seen = os.read(ours, 10_000).decode()
    os.close(ours)
    os.close(theirs)
    assert "2 of 2 (50%): angry.jpg" in seen
    assert listed.returncode == 0
    assert len(json.loads(listed.stdout)) == 2


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")
def test_name_that_is_not_text_is_read_and_listed(tmp_path: Path) -> None:
    photo = Path(os.fsdecode(bytes(tmp_path) + b"/caf\xe9.jpeg"))
    shutil.copy(SAMPLES / "neutral.jpeg", photo)
    output = tmp_path / "out"
    table = tmp_path / "out.csv"
    listed = run_apart(photo, "--json", "--csv", table, "--annotate", output, capture_output=True)
    assert listed.returncode == 0
    (entry,) = json.loads(listed.stdout)
    assert entry["file"] == str(photo)
    assert "caf" in table.read_text(encoding="utf-8")
    assert len(list(output.iterdir())) == 1


def test_csv_holds_the_same_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = tmp_path / "out.csv"
    assert run(SAMPLES / "group.jpeg", "--json", "--csv", table) == 0
    entries = printed_list(capsys)
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(entries)
    for row, entry in zip(rows, entries, strict=True):
        assert row["file"] == entry["file"]
        assert row["frame"] == "0"
        assert row["seconds"] == "0.0"
        assert [int(row[name]) for name in ("x", "y", "width", "height")] == entry["box"]
        assert row["emotion"] == entry["emotion"]
        assert row["unsure"] == str(entry["unsure"]).lower()
        assert {name: float(row[name]) for name in EMOTIONS} == entry["probabilities"]


def test_annotated_pictures_show_the_box_and_spare_the_input(tmp_path: Path) -> None:
    photo = tmp_path / "photos" / "ä neutral.jpeg"
    photo.parent.mkdir()
    shutil.copy(SAMPLES / "neutral.jpeg", photo)
    before = photo.read_bytes()
    assert run(photo, SAMPLES / "surprised.jpeg", "--annotate", photo.parent) == 0
    assert photo.read_bytes() == before
    assert {path.name for path in photo.parent.iterdir()} == {
        "ä neutral.jpeg",
        "ä neutral-faces.jpg",
        "surprised-faces.jpg",
    }
    drawn = read_photo(photo.parent / "ä neutral-faces.jpg")
    original = read_photo(photo)
    assert drawn.shape == original.shape
    changed = np.abs(drawn.astype(int) - original).max(axis=2) > 60
    rows, columns = np.nonzero(changed)
    assert np.ptp(rows) > 400  # about the face, which is some 550 px wide
    assert np.ptp(columns) > 400


def test_files_of_one_name_get_two_pictures(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        shutil.copy(SAMPLES / "surprised.jpeg", tmp_path / folder / "me.jpeg")
    output = tmp_path / "out"
    assert run(tmp_path / "one" / "me.jpeg", tmp_path / "two" / "me.jpeg", "--annotate", output) == 0
    assert {path.name for path in output.iterdir()} == {"me-faces.jpg", "me-faces-2.jpg"}


def test_no_picture_is_written_over_another(tmp_path: Path) -> None:
    precious = tmp_path / "neutral-faces.jpg"
    precious.write_bytes(b"another picture")
    for _ in range(2):
        assert run(SAMPLES / "neutral.jpeg", "--annotate", tmp_path) == 0
    assert precious.read_bytes() == b"another picture"
    assert {path.name for path in tmp_path.glob("neutral*")} == {
        "neutral-faces.jpg",
        "neutral-faces-2.jpg",
        "neutral-faces-3.jpg",
    }


def test_copy_of_a_file_with_the_longest_name_fits(tmp_path: Path) -> None:
    photo = tmp_path / ("é" * 120 + ".jpeg")
    shutil.copy(SAMPLES / "surprised.jpeg", photo)
    assert run(photo, "--annotate", tmp_path / "out") == 0
    (copy,) = (tmp_path / "out").iterdir()
    assert copy.name.startswith("éé")


def test_no_table_is_written_over_a_file(tmp_path: Path) -> None:
    """Of `--csv *.jpg` the first photo would be lost."""
    photo = tmp_path / "first.jpg"
    photo.write_bytes(b"precious")
    with pytest.raises(AppError, match="already exists"):
        run(SAMPLES / "neutral.jpeg", "--csv", photo)
    assert photo.read_bytes() == b"precious"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such pipes")
@pytest.mark.parametrize("options", [[], ["--json"], ["--csv", "out.csv"]])
def test_reader_that_has_seen_enough_stops_it_quietly(tmp_path: Path, options: list[str]) -> None:
    """As `| head -1` does."""
    ours, theirs = os.pipe()
    os.close(ours)
    neutral = SAMPLES / "neutral.jpeg"
    ended = run_apart(neutral, *options, stdout=theirs, stderr=subprocess.PIPE, cwd=tmp_path)
    os.close(theirs)
    assert (ended.returncode, ended.stderr) == (141, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
@pytest.mark.parametrize("options", [[], ["--json"]])
def test_full_disk_is_reported_in_one_line(options: list[str]) -> None:
    with Path("/dev/full").open("w") as full:
        ended = run_apart(SAMPLES / "neutral.jpeg", *options, stdout=full, stderr=subprocess.PIPE)
    assert ended.returncode == 2
    assert re.fullmatch(
        rb"fer-desktop: The output cannot be written \(.*\)\. Free some space\.\n", ended.stderr
    )


@pytest.mark.parametrize("option", ["--csv", "--annotate"])
def test_output_that_cannot_be_written_is_named_before_the_work(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], option: str
) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(AppError, match="cannot be written"):
        run(SAMPLES / "neutral.jpeg", option, tmp_path / "file" / "out")
    assert capsys.readouterr().out == ""


def test_damaged_model_is_reported(models: Path) -> None:
    (models / "emotion.onnx").write_bytes(b"damaged")
    with pytest.raises(ModelError):
        run(SAMPLES / "neutral.jpeg")


def test_help_says_which_frames_of_a_video_are_read_and_what_the_columns_are(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    with pytest.raises(SystemExit):
        run("--help")
    words = " ".join(capsys.readouterr().out.split())
    assert "every half second" in words
    run(SAMPLES / "neutral.jpeg", "--csv", tmp_path / "out.csv")
    columns = (tmp_path / "out.csv").read_text(encoding="utf-8").splitlines()[0].split(",")
    for column in set(columns) - set(EMOTIONS):
        assert column in words.partition("The table has")[2], column


def test_self_test_prints_one_json_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert self_test.run(lambda: "6.12.0") == 0
    (line,) = capsys.readouterr().out.splitlines()
    result = json.loads(line)
    assert result["ok"] is True
    assert result["qt"] == "6.12.0"
    assert result["emotion"] in EMOTIONS


def test_self_test_without_a_model_fails_with_one_line(
    models: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (models / "emotion.onnx").unlink()
    assert self_test.run(lambda: "6.12.0") == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert len(output.err.splitlines()) == 1
    assert "emotion.onnx" in output.err


def test_self_test_without_qt_fails_with_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    def no_qt() -> str:
        raise ImportError("libEGL.so.1: cannot open shared object file")

    assert self_test.run(no_qt) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert "libEGL" in output.err


def test_opencv_stays_on_one_thread() -> None:
    assert cv2.getNumThreads() == 1
