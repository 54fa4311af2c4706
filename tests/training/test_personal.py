"""What face profiles gain: the floors on real readings, and the command on made-up ones."""

from __future__ import annotations

import csv
import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from fer_desktop.domain import Emotion
from fer_desktop.paths import models_dir
from fer_desktop.personal.population import Population
from fer_desktop.vision.model_card import ModelCard
from training.__main__ import main
from training.personal import PersonalCard, Readings, measure, personal_card, session_draws

HEADER = ["person", "session", "emotion", *(f"p_{emotion}" for emotion in Emotion)]


def write_readings(path: Path, people: int = 4) -> Path:
    """Writes made-up people in two sessions; the model takes the angry faces of all for neutral ones."""
    generator = np.random.default_rng(0)
    with path.open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(HEADER)
        for person in range(people):
            shift = generator.normal(0, 0.5, len(Emotion))
            for session in ("first", "second"):
                for place, emotion in enumerate(Emotion):
                    for _ in range(2):
                        logits = 4 * np.eye(len(Emotion))[place] + shift + generator.normal(0, 0.3, 4)
                        if emotion is Emotion.ANGRY:
                            logits[list(Emotion).index(Emotion.NEUTRAL)] += 5
                        shares = np.exp(logits) / np.exp(logits).sum()
                        table.writerow([f"p{person}", session, emotion.value, *shares])
    return path


@pytest.fixture(scope="module")
def card() -> PersonalCard:
    """Returns what the shipped card says of people."""
    content = ModelCard.load(models_dir() / "emotion.json").personal
    return PersonalCard.model_validate(content)


@pytest.fixture(scope="module")
def readings() -> Readings:
    """Returns the real readings, if they are there."""
    folder = os.environ.get("FER_PERSONAL")
    if not folder:
        pytest.skip("FER_PERSONAL does not name the folder of readings.csv")
    return Readings.load(Path(folder) / "readings.csv")


def test_the_app_loads_the_population_of_the_shipped_card() -> None:
    shipped = ModelCard.load(models_dir() / "emotion.json")
    assert Population.from_card(shipped.version, shipped.personal).model_version == shipped.version


def test_the_floors_hold_on_real_readings(readings: Readings, card: PersonalCard) -> None:
    measured = {each.shown: each for each in measure(readings, card.shrinkage, card.tail, card.temperature)}
    for each in card.measured:
        assert measured[each.shown].personal == pytest.approx(each.personal, abs=0.005)
    one, two = measured["one of each"], measured["two of each"]
    assert one.personal >= 0.83
    assert (one.recall[Emotion.ANGRY] or 0) >= 0.68
    assert two.personal >= 0.86
    assert measured["one of each, another session"].personal >= 0.77
    for each in (one, two, measured["one of each, another session"]):
        assert each.calibration_error <= 0.06
    assert all(min(each.personal, each.in_app) > each.general for each in measured.values())
    assert one.in_app >= 0.83
    assert two.in_app >= 0.86


def test_a_profile_learns_a_face_that_the_model_misreads(tmp_path: Path) -> None:
    lines: list[str] = []
    made = personal_card(Readings.load(write_readings(tmp_path / "readings.csv")), lines.append)
    one = next(each for each in made.measured if each.shown == "one of each")
    assert one.personal > one.general + 0.1
    assert one.recall[Emotion.ANGRY] == pytest.approx(1)
    assert "one of each" in lines[-1]
    assert any("first, tested second" in each.shown for each in made.measured)


def test_sessions_test_only_what_was_posed_in_them(tmp_path: Path) -> None:
    readings = Readings.load(write_readings(tmp_path / "readings.csv"))
    for draw in session_draws(readings, "first", "second", draws=2):
        assert set(readings.sessions[draw.shown]) == {"first"}
        assert set(readings.sessions[draw.tested]) == {"second"}
        assert set(readings.people[np.concatenate([draw.shown, draw.tested])]) == {draw.person}


def test_the_command_prints_the_table_and_writes_the_card(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write_readings(tmp_path / "readings.csv")
    models = tmp_path / "models"
    models.mkdir()
    shutil.copy(models_dir() / "emotion.json", models)
    before = json.loads((models / "emotion.json").read_text())
    assert main(["personal", "--readings", str(file), "--models", str(models)]) == 0
    assert "| one of each |" in capsys.readouterr().out
    after = json.loads((models / "emotion.json").read_text())
    assert after["personal"]["people"] == 4
    assert {**before, "personal": None} == {**after, "personal": None}
    assert "on 64 readings" in (models / "README.md").read_text()
    assert ModelCard.load(models / "emotion.json").personal == after["personal"]


def test_without_a_folder_of_models_only_the_table_is_made(tmp_path: Path) -> None:
    file = write_readings(tmp_path / "readings.csv")
    assert main(["personal", "--readings", str(file)]) == 0
    assert [each.name for each in tmp_path.iterdir()] == ["readings.csv"]


@pytest.mark.parametrize(
    "content",
    [
        "",
        "person,session\np1,a\n",
        f"{','.join(HEADER)}\np1,a,bored,1,0,0,0\n",
        f"{','.join(HEADER)}\np1,a\n",
    ],
)
def test_unusable_readings_are_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str
) -> None:
    file = tmp_path / "readings.csv"
    file.write_text(content)
    assert main(["personal", "--readings", str(file)]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_too_few_people_and_a_missing_card_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    few = write_readings(tmp_path / "few.csv", people=2)
    assert main(["personal", "--readings", str(few)]) == 2
    assert "fewer than 3 people" in capsys.readouterr().err
    enough = write_readings(tmp_path / "enough.csv", people=3)
    assert main(["personal", "--readings", str(enough), "--models", str(tmp_path)]) == 2
    assert "model card" in capsys.readouterr().err
