"""`python -m training` from end to end, on a tiny set."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest

from fer_desktop.vision.emotion_classifier import OnnxEmotionClassifier
from tests.training.conftest import tiny_faces
from training.__main__ import main

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def models(tiny_source: Path, tiny_recipe: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Returns the folder of a model that the whole command made."""
    folder = tmp_path_factory.mktemp("command")
    assert main(arguments(tiny_source, tiny_recipe, folder)) == 0
    return folder / "models"


def arguments(source: Path, recipe: Path, folder: Path) -> list[str]:
    values = {
        "--recipe": recipe,
        "--data": source,
        "--cache": folder / "cache",
        "--models": folder / "models",
    }
    return [str(part) for pair in values.items() for part in pair]


def test_the_app_loads_the_model(models: Path) -> None:
    classifier = OnnxEmotionClassifier.load(models / "emotion.onnx", models / "emotion.json")
    scores = classifier.predict(list(tiny_faces(0).values())[:3])
    assert sum(scores[0]) == pytest.approx(1, abs=1e-5)


def test_the_card_says_what_it_should(models: Path) -> None:
    card = json.loads((models / "emotion.json").read_text())
    assert list(card) == [
        "format_version",
        "version",
        "architecture",
        "classes",
        "input",
        "temperature",
        "unsure_threshold",
        "crop_margin",
        "recipe",
        "dataset",
        "training",
        "metrics",
        "crop_margin_search",
        "sha256",
    ]
    assert card["classes"] == ["angry", "happy", "neutral", "sad"]
    assert card["input"] == {"size": 48, "mean": 0.4927, "std": 0.2533}
    assert card["dataset"]["counts"]["test"]["four_classes"] == 16
    assert card["training"]["epochs"] == 2
    for split in ("validation", "test"):
        for labels in ("ferplus", "fer2013"):
            metrics = card["metrics"][split][labels]
            assert metrics["faces"] == np.sum(metrics["confusion"]) == 16
    assert card["crop_margin_search"]["faces"] > 0
    assert str(card["crop_margin"]) in card["crop_margin_search"] or card["crop_margin"] == 0


def test_the_readme_repeats_the_card(models: Path) -> None:
    card = json.loads((models / "emotion.json").read_text())
    text = (models / "README.md").read_text()
    assert f"{card['metrics']['test']['ferplus']['accuracy']:.1%}" in text
    assert "MIT" in text
    assert "{" not in text


def test_weights_are_stored_in_half_precision_without_notes_of_this_machine(models: Path) -> None:
    model = onnx.load(models / "emotion.onnx")
    large = [tensor for tensor in model.graph.initializer if np.prod(tensor.dims) > 1024]
    assert large
    assert {tensor.data_type for tensor in large} == {onnx.TensorProto.FLOAT16}
    assert str(ROOT).encode() not in (models / "emotion.onnx").read_bytes()


def test_what_is_done_is_not_done_again(
    models: Path, tiny_source: Path, tiny_recipe: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    digest = json.loads((models / "emotion.json").read_text())["sha256"]
    assert main(arguments(tiny_source, tiny_recipe, models.parent)) == 0
    output = capsys.readouterr().out
    assert "Training: done before" in output
    assert "Evaluation: done before" in output
    assert json.loads((models / "emotion.json").read_text())["sha256"] == digest


def test_prepare_alone_counts_the_faces(
    tiny_source: Path, tiny_recipe: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["prepare", *arguments(tiny_source, tiny_recipe, tmp_path)]) == 0
    assert capsys.readouterr().out.startswith("Data: 32 train faces, 16 validation faces, 16 test faces")
    assert not (tmp_path / "models").exists()


@pytest.mark.parametrize("wrong", [["--data", "/nowhere"], ["--recipe", "slow"]])
def test_bad_arguments_are_one_line_and_exit_code_2(
    wrong: list[str], tiny_source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--data", str(tiny_source), "--cache", str(tmp_path), *wrong]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_help_does_not_wait_for_torch() -> None:
    code = "import sys, training.__main__ as m; m._parser().format_help(); sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
