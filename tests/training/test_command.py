"""`python -m training` from end to end, on a tiny data set."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest

from fer_desktop.paths import resources_dir
from fer_desktop.vision.emotion_classifier import OnnxEmotionClassifier
from tests.training.conftest import command, tiny_faces
from training.__main__ import main
from training.card import Card
from training.config import Recipe

ROOT = Path(__file__).parents[2]


@pytest.fixture
def models(made: Path) -> Path:
    """Returns the folder of a model that the whole command made."""
    return made / "models"


def test_the_app_loads_the_model(models: Path) -> None:
    classifier = OnnxEmotionClassifier.load(models / "emotion.onnx", models / "emotion.json")
    scores = classifier.predict(list(tiny_faces(0).values())[:3])
    assert sum(scores[0].values()) == pytest.approx(1, abs=1e-5)


def test_the_card_says_what_it_should(models: Path) -> None:
    card = json.loads((models / "emotion.json").read_text())
    assert card.keys() == Card.model_fields.keys()
    assert card["parameters"] == 11_205_158
    assert card["classes"] == ["angry", "happy", "neutral", "sad"]
    assert card["input"] == {"size": 48, "mean": 0.4927, "std": 0.2533}
    assert card["dataset"]["counts"]["test"]["four_classes"] == 16
    assert card["training"]["epochs"] == 2
    for split in ("validation", "test"):
        for labels in ("ferplus", "fer2013"):
            metrics = card["metrics"][split][labels]
            assert metrics["faces"] == np.sum(metrics["confusion"]) == 16
    assert card["crop_margin_search"]["faces"] > 0
    assert f"{card['crop_margin']:g}" in card["crop_margin_search"]["margins"]


def test_the_readme_repeats_the_card(models: Path) -> None:
    card = json.loads((models / "emotion.json").read_text())
    text = (models / "README.md").read_text()
    assert f"{card['metrics']['test']['ferplus']['accuracy']:.1%}" in text
    assert "MIT" in text
    assert "{" not in text


def test_the_file_contains_no_traces_of_this_machine(models: Path) -> None:
    content = (models / "emotion.onnx").read_bytes()
    assert str(ROOT).encode() not in content
    assert tempfile.gettempdir().encode() not in content


def test_what_is_done_is_not_done_again(
    models: Path, tiny_source: Path, tiny_recipe: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    digest = json.loads((models / "emotion.json").read_text())["sha256"]
    assert main(command(tiny_source, tiny_recipe, models.parent)) == 0
    output = capsys.readouterr().out
    assert "Training: done before" in output
    assert "Evaluation: done before" in output
    assert json.loads((models / "emotion.json").read_text())["sha256"] == digest


def test_prepare_alone_counts_the_faces(
    tiny_source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["prepare", "--data", str(tiny_source), "--cache", str(tmp_path)]) == 0
    *_, last = capsys.readouterr().out.splitlines()
    assert last.startswith("Data: 32 train faces, 16 validation faces, 16 test faces of the 4 emotions.")
    assert not (tmp_path / "runs").exists()


def test_a_changed_value_is_trained_and_kept(tiny_source: Path, tmp_path: Path) -> None:
    common = ["--data", str(tiny_source), "--cache", str(tmp_path), "--accelerator", "cpu"]
    assert (
        main(["train", "--recipe", "baseline", "--set", "epochs=1", "--set", "batch_size=16", *common]) == 0
    )
    (kept,) = tmp_path.glob("runs/*/recipe.toml")
    recipe = Recipe.load(kept)
    assert (recipe.name, recipe.epochs, recipe.batch_size) == ("baseline", 1, 16)
    assert recipe == Recipe.load("baseline", {"epochs": 1, "batch_size": 16})


def test_all_steps_of_a_network_that_the_app_cannot_use_end_with_its_report(
    tiny_source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    common = [
        "--recipe",
        "baseline",
        "--set",
        "epochs=1",
        "--data",
        str(tiny_source),
        "--cache",
        str(tmp_path),
    ]
    assert main([*common, "--models", str(tmp_path / "models")]) == 0
    assert (
        capsys.readouterr().out.splitlines()[-1] == "Export: none, since the network has no attention to show"
    )
    assert list(tmp_path.glob("runs/baseline-*/report.md"))
    assert not (tmp_path / "models").exists()
    assert main(["export", *common, "--models", str(tmp_path / "models")]) == 2
    assert "cannot be exported" in capsys.readouterr().err


def test_any_model_file_is_measured_on_any_part(
    models: Path, tiny_source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    command = ["evaluate", str(models / "emotion.onnx"), "--split", "validation", "--out", str(out)]
    common = ["--data", str(tiny_source), "--cache", str(models.parent / "cache")]
    assert main([*command, *common]) == 0
    measured = json.loads((out / "metrics.json").read_text())["metrics"]
    card = json.loads((models / "emotion.json").read_text())
    assert measured["ferplus"]["accuracy"] == card["metrics"]["validation"]["ferplus"]["accuracy"]
    assert "validation, 16 faces" in capsys.readouterr().out
    assert main(["evaluate", str(tmp_path / "none.onnx"), *common]) == 2
    assert "none.onnx" in capsys.readouterr().err


def test_captures_are_read_with_the_given_model(models: Path, tmp_path: Path) -> None:
    (tmp_path / "captures" / "happy").mkdir(parents=True)
    photo = resources_dir() / "samples" / "happy-baby.jpeg"
    shutil.copyfile(photo, tmp_path / "captures" / "happy" / photo.name)
    command = ["evaluate", "--captures", str(tmp_path / "captures"), "--models", str(models)]
    assert main([*command, "--out", str(tmp_path / "out")]) == 0
    assert "happy-baby.jpeg" in (tmp_path / "out" / "captures.csv").read_text()


def test_all_measured_runs_are_compared(models: Path, tmp_path: Path) -> None:
    assert main(["compare", "--cache", str(models.parent / "cache"), "--out", str(tmp_path)]) == 0
    (run,) = json.loads((tmp_path / "compare.json").read_text())["runs"]
    assert run["recipe"]["name"] == "tiny"


def test_a_folder_that_cannot_be_created_is_reported(
    models: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    assert main(["compare", "--cache", str(models.parent / "cache"), "--out", str(tmp_path / "file")]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert str(tmp_path / "file") in line


def test_nothing_to_compare_is_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", "--cache", str(tmp_path)]) == 2
    assert "There is no run" in capsys.readouterr().err


@pytest.mark.parametrize(
    "wrong",
    [
        ["--data", "/nowhere"],
        ["--recipe", "slow"],
        ["--set", "epochs=0"],
        ["--set", "targets=smiles"],
        ["--recipe", "ablation", "--set", "batch_size=2", "--weights", "/nowhere/weights.pth"],
    ],
)
def test_bad_arguments_are_one_line_and_exit_code_2(
    wrong: list[str], tiny_source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--data", str(tiny_source), "--cache", str(tmp_path), *wrong]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_a_value_without_a_name_is_a_wrong_call(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["train", "--set", "epochs"])
    assert "'epochs' is not NAME=VALUE" in capsys.readouterr().err


@pytest.mark.parametrize("step", ["", "all", "prepare", "train", "evaluate", "compare", "export"])
def test_every_step_explains_itself(step: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main([*([step] if step else []), "--help"])
    text = capsys.readouterr().out
    assert "Exit codes: 0 done" in text
    options = [line for line in text.splitlines() if line.lstrip().startswith("--")]
    assert bool(options) == bool(step)


def test_without_a_data_set_in_the_current_folder_one_has_to_be_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("FER_DATA", raising=False)
    monkeypatch.chdir(tmp_path)
    steps = ["prepare", "--cache", str(tmp_path / "cache")]
    for picture in (None, "logo.png", "docs/screenshot.png"):
        if picture is not None:
            (tmp_path / picture).parent.mkdir(exist_ok=True)
            (tmp_path / picture).touch()
        assert main(steps) == 2
        assert "No data set here" in capsys.readouterr().err
    assert main([*steps, "--data", "."]) == 2
    assert "'docs' is not a known emotion" in capsys.readouterr().err


def test_help_does_not_wait_for_torch() -> None:
    code = (
        "import sys, training.__main__ as m\ntry: m.main(['--help'])\nfinally: print('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout.splitlines()[-1] == "False"
