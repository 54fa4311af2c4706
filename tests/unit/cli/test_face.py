"""`fer-desktop face` and `analyze --face`, with the tiny model, which reads how bright a face is."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pytest

from fer_desktop.cli import analyze, commands, face
from fer_desktop.domain import Emotion
from fer_desktop.paths import models_dir, resources_dir
from fer_desktop.personal.profile_store import ProfileStore
from fer_desktop.vision.media import read_photo
from fer_desktop.vision.model_card import ModelCard
from tests.fakes.people import calm_anger
from tests.fakes.tiny_model import write_tiny_model

if TYPE_CHECKING:
    from pathlib import Path

SAMPLES = resources_dir() / "samples"
PHOTO = SAMPLES / "neutral.jpeg"


@pytest.fixture(autouse=True)
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the tiny model, with what the shipped card says of people."""
    folder = tmp_path / "models"
    write_tiny_model(folder, personal=ModelCard.load(models_dir() / "emotion.json").personal)
    for command in (analyze, face):
        monkeypatch.setattr(command, "models_dir", lambda: folder)
    return folder


@pytest.fixture
def profile_dir(tmp_path: Path) -> Path:
    return tmp_path / "profile"


def run(profile_dir: Path, *arguments: object) -> int:
    """Runs the command; its `--profile-dir` comes last."""
    words = [*map(str, arguments), "--profile-dir", str(profile_dir)]
    return commands.run(words, open_window=lambda _options: 99, qt_version=str)


def write_photo(path: Path, brightness: float) -> Path:
    """Writes the sample photo, brighter or darker."""
    image = np.clip(read_photo(PHOTO) * brightness, 0, 255).astype(np.uint8)
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), image)
    return path


@pytest.fixture
def posed(tmp_path: Path) -> Path:
    """A folder of someone whose sad faces the model takes for neutral ones."""
    for emotion, brightness in ((Emotion.NEUTRAL, 0.8), (Emotion.SAD, 1.0)):
        for number in range(2):
            write_photo(tmp_path / "posed" / emotion.value / f"{number}.jpg", brightness + number / 40)
    return tmp_path / "posed"


def entries(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(capsys.readouterr().out)
    return found


def test_a_face_that_was_learned_is_read_by_its_profile(
    posed: Path, profile_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(profile_dir, "face", "learn", posed, "--json") == 0
    learned = json.loads(capsys.readouterr().out)
    assert (learned["name"], learned["better"], learned["advice"]) == ("you", True, "")
    assert learned["emotions"]["sad"]["pictures"] == 2
    sad = write_photo(tmp_path / "later.jpg", 1.01)
    assert run(profile_dir, "analyze", sad, "--json", "--face", "you") == 0
    (entry,) = entries(capsys)
    assert entry["emotion"] == "sad"
    assert max(entry["probabilities"], key=entry["probabilities"].__getitem__) == "sad"
    assert max(entry["general"], key=entry["general"].__getitem__) == "neutral"
    for scores in (entry["probabilities"], entry["general"]):
        assert sum(scores.values()) == pytest.approx(1, abs=1e-5)
    assert run(profile_dir, "analyze", sad, "--json") == 0
    (without,) = entries(capsys)
    assert "general" not in without
    assert without["probabilities"] == entry["general"]


def test_only_the_largest_face_is_read_by_the_profile(
    posed: Path, profile_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(profile_dir, "face", "learn", posed)
    capsys.readouterr()
    assert run(profile_dir, "analyze", SAMPLES / "group.jpeg", "--json", "--face", "you") == 0
    you, *others = entries(capsys)
    assert you["probabilities"] != you["general"]
    assert others
    assert all(each["probabilities"] == each["general"] for each in others)


def test_profiles_are_listed_shown_and_forgotten(
    posed: Path, profile_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(profile_dir, "face", "list") == 0
    assert "no face profiles" in capsys.readouterr().out
    for name in ("you", "Ann"):
        assert run(profile_dir, "face", "learn", posed, "--name", name) == 0
    text = capsys.readouterr().out
    assert "sad: 2 of 2 named correctly, by the model alone 0" in text
    assert run(profile_dir, "face", "list") == 0
    assert capsys.readouterr().out.splitlines() == [
        f"{name}: 2 neutral, 2 sad (model 2026.11.23)" for name in ("Ann", "you")
    ]
    assert run(profile_dir, "face", "show", "Ann") == 0
    assert "sad: 2, on 20" in capsys.readouterr().out
    assert run(profile_dir, "face", "forget", "Ann") == 0
    assert ProfileStore(profile_dir).names() == ("you",)
    assert run(profile_dir, "face", "forget", "--all") == 0
    assert ProfileStore(profile_dir).names() == ()
    capsys.readouterr()
    assert run(profile_dir, "face", "show", "you") == 2
    assert "no face profile" in capsys.readouterr().err


def test_a_profile_that_does_not_help_leaves_the_general_reading(
    profile_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for emotion, other in ((Emotion.HAPPY, 0.6), (Emotion.SAD, 1.5)):
        for number, brightness in enumerate((other, 2.1 - other)):
            write_photo(tmp_path / "mixed" / emotion.value / f"{number}.jpg", brightness)
    assert run(profile_dir, "face", "learn", tmp_path / "mixed") == 0
    assert "stays in use" in capsys.readouterr().out
    assert run(profile_dir, "analyze", PHOTO, "--json", "--face", "you") == 0
    output = capsys.readouterr()
    (entry,) = json.loads(output.out)
    assert entry["probabilities"] == entry["general"]
    assert "did no better" in output.err


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("faceless", "No face found"),
        ("unreadable", "broken.jpg"),
        ("empty emotion", "happy has none"),
        ("another word", "bored is none of the four"),
        ("one emotion", "only one of the four"),
        ("empty", "has no folders"),
        ("missing", "is not a folder"),
    ],
)
def test_what_cannot_be_learned_is_one_line_and_nothing_is_kept(
    posed: Path, profile_dir: Path, capfd: pytest.CaptureFixture[str], change: str, words: str
) -> None:
    match change:
        case "faceless":
            shutil.copy(SAMPLES / "surprised.jpeg", posed / "sad")
        case "unreadable":
            (posed / "sad" / "broken.jpg").write_bytes(b"no photo")
        case "empty emotion":
            (posed / "happy").mkdir()
        case "another word":
            (posed / "bored").mkdir()
        case "one emotion":
            shutil.rmtree(posed / "sad")
        case "empty":
            shutil.rmtree(posed / "sad")
            shutil.rmtree(posed / "neutral")
        case _:
            shutil.rmtree(posed)
    assert run(profile_dir, "face", "learn", posed) == 2
    output = capfd.readouterr()
    assert output.out == ""
    (line,) = output.err.splitlines()
    assert line.startswith("fer-desktop: ")
    assert words in line
    assert not profile_dir.exists()


def test_a_failed_run_leaves_the_profile_that_was_there(posed: Path, profile_dir: Path) -> None:
    run(profile_dir, "face", "learn", posed)
    before = ProfileStore(profile_dir).load("you")
    for name in ("first", "second"):
        shutil.copy(SAMPLES / "surprised.jpeg", posed / "sad" / f"{name}.jpeg")
    assert run(profile_dir, "face", "learn", posed) == 2
    assert ProfileStore(profile_dir).load("you") == before


def test_a_profile_of_another_model_asks_to_be_shown_again(
    profile_dir: Path, models: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ProfileStore(profile_dir).save(calm_anger())
    write_tiny_model(
        models, version="2027.01.01", personal=ModelCard.load(models_dir() / "emotion.json").personal
    )
    assert run(profile_dir, "analyze", PHOTO, "--face", "you") == 2
    assert "show it your faces again" in capsys.readouterr().err
    assert run(profile_dir, "face", "show", "you") == 0
    assert "show it your faces again" in capsys.readouterr().out


def test_a_model_whose_card_says_nothing_of_people_cannot_learn(
    posed: Path, profile_dir: Path, models: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_tiny_model(models)
    assert run(profile_dir, "face", "learn", posed) == 2
    assert "cannot learn a face" in capsys.readouterr().err
    assert not profile_dir.exists()


def test_a_broken_profile_is_named_and_the_others_are_listed(
    posed: Path, profile_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = ProfileStore(profile_dir)
    for name in ("Ann", "you"):
        run(profile_dir, "face", "learn", posed, "--name", name)
    store.path("Ann").write_text("{}")
    capsys.readouterr()
    assert run(profile_dir, "face", "list") == 2
    output = capsys.readouterr()
    assert output.out.startswith("you: ")
    assert "face-Ann.json.broken" in output.err


@pytest.mark.parametrize("arguments", [("learn", "x", "--name", "../x"), ("show", "../x"), ("forget", "")])
def test_an_impossible_name_is_refused(profile_dir: Path, arguments: tuple[str, ...]) -> None:
    assert run(profile_dir, "face", *arguments) == 2
