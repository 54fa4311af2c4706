"""A tiny run from its checkpoint to its report, and any model without a run."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import onnx
import pytest
import torch

from fer_desktop.domain import Emotion
from fer_desktop.paths import models_dir
from fer_desktop.vision.emotion_classifier import OnnxEmotionClassifier
from training.classifier import file_classifier
from training.config import Recipe
from training.devices import Devices
from training.engine import train
from training.errors import DataError, TrainingError
from training.evaluation.onnx_export import export_run
from training.evaluation.predictions import SplitPredictions
from training.evaluation.record import Evaluation
from training.evaluation.run import evaluate_model, evaluate_run
from training.export import export
from training.model_file import DeployedModel
from training.networks import Network
from training.provenance import Finished
from training.run_folder import History
from training.targets import training_targets

if TYPE_CHECKING:
    from pathlib import Path

    from training.data.face_set import FaceSet

FIGURES = {"augmented", "class_distribution", "confusion", "curves", "data_grid", "reliability"}


@pytest.fixture(scope="module")
def data(tiny_data: FaceSet) -> FaceSet:
    """Returns the tiny data set as if copies had been found in it."""
    found = {
        "duplicates_dropped": {"exact": 3, "near": 4},
        "validation_copies_of_test": {"exact": 1, "near": 1},
    }
    return replace(tiny_data, manifest=tiny_data.manifest | found)


@pytest.fixture(scope="module")
def run_dir(made: Path) -> Path:
    """Returns the folder of a run that was trained and measured."""
    (folder,) = made.glob("cache/runs/tiny-*")
    return folder


@pytest.fixture(scope="module")
def baseline_dir(data: FaceSet, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Returns the same for a network without attention, trained towards the data set's own labels."""
    recipe = Recipe.load("baseline", {"epochs": 2, "batch_size": 8, "targets": "fer2013"})
    return measured_run(recipe, data, tmp_path_factory.mktemp("run"))


def measured_run(recipe: Recipe, data: FaceSet, folder: Path) -> Path:
    devices = Devices(accelerator="cpu")
    targets = training_targets(recipe, data)
    train(
        recipe,
        data,
        folder,
        lambda _: None,
        targets=targets,
        devices=devices,
        initialize=lambda _: "random weights",
    )
    evaluate_run(folder, data, lambda _: None)
    return folder


def content(path: Path) -> Any:  # noqa: ANN401  # whatever the file holds
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize(("fixture", "kind"), [("run_dir", "ferplus"), ("baseline_dir", "fer2013")])
def test_the_best_checkpoint_measures_what_training_logged(
    fixture: str, kind: str, data: FaceSet, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    folder: Path = request.getfixturevalue(fixture)
    best_epoch = Finished.read(folder).best_epoch
    (logged,) = [epoch for epoch in History.read(folder).root if epoch["epoch"] == best_epoch]
    evaluate_model(folder / "best.ckpt", data, "validation", tmp_path, lambda _: None)
    measured = content(tmp_path / "metrics.json")["metrics"][kind]
    assert measured["accuracy"] == pytest.approx(logged["validation/accuracy"], abs=1e-6)
    assert measured["macro_recall"] == pytest.approx(logged["validation/macro_recall"], abs=1e-6)


def test_a_run_leaves_its_figures_and_its_report(run_dir: Path) -> None:
    figures = {path.stem for path in (run_dir / "figures").iterdir()}
    assert figures == {*FIGURES, "attention"}
    for path in (run_dir / "figures").iterdir():
        picture = cv2.imread(str(path))
        assert picture is not None
        assert picture.std() > 5
    text = (run_dir / "report.md").read_text()
    test = Evaluation.read(run_dir).metrics["test"]["ferplus"]
    assert f"{test.accuracy:.1%} (" in text
    assert f"{test.flip.accuracy:.1%} (" in text
    assert "| `image_size` | 48 |" in text
    assert text.count("](figures/") == len(figures)
    assert "| half brightness | " in text
    assert "| faces of surprise, fear or disgust | 12 | 12 |" in text
    assert text.count("The detector found ") == 2
    assert "{" not in text


def test_the_file_itself_is_measured(run_dir: Path, data: FaceSet) -> None:
    measured = Evaluation.read(run_dir)
    predictions = SplitPredictions.load(run_dir / "test.npz")
    probabilities = file_classifier(run_dir / "emotion.onnx")(data.faces[predictions.indices]).probabilities
    assert np.abs(probabilities - predictions.single).max() < 1e-5
    right = predictions.single.argmax(axis=1) == predictions.labels["ferplus"]
    assert measured.metrics["test"]["ferplus"].accuracy == pytest.approx(right.mean())
    assert measured.exported is not None
    assert measured.exported.precision in ("int8", "fp16")


def test_flip_averaging_is_the_mean_with_the_mirror_image(run_dir: Path, data: FaceSet) -> None:
    predictions = SplitPredictions.load(run_dir / "test.npz")
    mirrored = np.ascontiguousarray(data.faces[predictions.indices][:, :, ::-1])
    other = file_classifier(run_dir / "emotion.onnx")(mirrored).probabilities
    assert np.abs((predictions.single + other) / 2 - predictions.flip).max() < 1e-5


def test_the_test_part_is_read_once(run_dir: Path, data: FaceSet, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        pytest.fail("measured again")

    monkeypatch.setattr(SplitPredictions, "of", refuse)
    lines: list[str] = []
    evaluate_run(run_dir, data, lines.append)
    assert lines == [f"Evaluation: done before, in {run_dir / 'evaluation.json'}"]


def test_an_earlier_versions_run_is_measured_again(baseline_dir: Path, data: FaceSet, tmp_path: Path) -> None:
    copy = shutil.copytree(baseline_dir, tmp_path / "run")
    measured = content(copy / "evaluation.json")
    earlier = {name: measured[name] for name in measured if name not in ("format", "robustness", "capture")}
    (copy / "evaluation.json").write_text(json.dumps(earlier))
    (copy / "report.md").write_text("of an earlier version")
    evaluate_run(copy, data, lambda _: None)
    assert content(copy / "evaluation.json") == measured
    assert "| half brightness | " in (copy / "report.md").read_text()


class SmallNetwork(Network):
    """Has a convolution that is rounded, and attention."""

    def __init__(self) -> None:
        super().__init__()
        self.features = torch.nn.Conv2d(1, 64, 8, stride=8)
        self.mixed = torch.nn.Conv2d(64, 64, 1)
        self.classifier = torch.nn.Linear(64, len(Emotion))

    def forward(self, faces: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        features = self.mixed(self.features(faces).relu()).relu()
        return self.classifier(features.mean(dim=(2, 3))), features.mean(dim=1).sigmoid()


@pytest.mark.parametrize(
    ("most_lost", "precision", "kind"), [(1.0, "int8", "INT8"), (-1.0, "fp16", "FLOAT16")]
)
def test_weights_take_16_bits_if_8_cost_too_much(
    most_lost: float, precision: str, kind: str, data: FaceSet, tiny_recipe: Path, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr("training.evaluation.onnx_export.MOST_LOST_TO_ROUNDING", most_lost)
    model = DeployedModel(SmallNetwork(), 48, data.side)
    _, exported = export_run(Recipe.load(tiny_recipe), model, tmp_path / "emotion.onnx", data)
    assert exported.precision == precision
    assert exported.validation_accuracy.keys() == {"network", "int8", precision}
    weights = [
        tensor for tensor in onnx.load(tmp_path / "emotion.onnx").graph.initializer if len(tensor.dims) == 4
    ]
    assert getattr(onnx.TensorProto, kind) in {tensor.data_type for tensor in weights}


def test_the_export_is_what_the_app_loads(run_dir: Path, data: FaceSet, tmp_path: Path) -> None:
    export(run_dir, data, tmp_path, lambda _: None)
    classifier = OnnxEmotionClassifier.load(tmp_path / "emotion.onnx", tmp_path / "emotion.json")
    (scores,) = classifier.predict([data.faces[0]])
    assert (tmp_path / "emotion.json").stat().st_mode == (tmp_path / "emotion.onnx").stat().st_mode
    assert sum(scores.values()) == pytest.approx(1, abs=1e-5)
    card = content(tmp_path / "emotion.json")
    metrics = content(run_dir / "evaluation.json")["metrics"]
    assert card["metrics"] == metrics
    for name in ("left_out", "robustness", "capture"):
        assert card[name] == content(run_dir / "evaluation.json")[name]
    text = (tmp_path / "README.md").read_text()
    assert "| half brightness | " in text
    assert text.count("The detector found ") == 2
    low, high = metrics["test"]["ferplus"]["intervals"]["recall"]["angry"]
    assert f"({100 * low:.1f} to {100 * high:.1f})" in text
    assert f"{card['metrics']['test']['ferplus']['ece']:.1%}" in text
    assert "7 (3 exact, 4 near) were dropped" in text
    assert "2 (1 exact, 1 near) validation faces are copies" in text
    assert "give the same label to\n  100.0% of the test faces" in text
    assert "What was learned of each is the distribution of its FER+ votes" in text
    assert "not** under the MIT licence" in text
    assert "{" not in text


def test_the_card_names_the_trainings_that_a_run_continued_from(
    run_dir: Path, data: FaceSet, tmp_path: Path
) -> None:
    run = shutil.copytree(run_dir, tmp_path / "runs" / "mine")
    changes = {"weights": "release", "teacher": "release", "teacher_share": 0.5}
    release, quick = (
        shutil.copytree(run_dir, tmp_path / "runs" / f"{name}-00000000-{data.digest}")
        for name in ("release", "quick")
    )
    for folder, changed, epochs in ((run, changes, 2), (release, {"weights": "quick"}, 32), (quick, {}, 24)):
        recipe = Recipe.load(str(folder / "recipe.toml"), changed)
        (folder / "recipe.toml").write_text(recipe.to_toml(), encoding="utf-8")
        record = content(folder / "finished.json") | {"epochs": epochs, "wall_seconds": epochs * 60.1}
        (folder / "finished.json").write_text(json.dumps(record), encoding="utf-8")
    export(run, data, tmp_path, lambda _: None)
    before = content(tmp_path / "emotion.json")["training"]["continued_from"]
    assert (before["recipe"], before["epochs"], before["duration_seconds"]) == ("release", 32, 1923)
    assert before["continued_from"]["recipe"] == "quick"
    text = (tmp_path / "README.md").read_text()
    assert "of the recipe\n`release`: 32 epochs in 32 min" in text
    assert "of the recipe\n`quick`: 24 epochs in 24 min" in text
    assert "over these emotions,\nand to 50% what the network of `release` said about it." in text


def test_a_run_that_learned_the_validation_faces_chooses_nothing_on_them(
    data: FaceSet, tmp_path: Path
) -> None:
    recipe = Recipe.load(
        "baseline", {"epochs": 1, "selection": "last", "early_stopping": 0, "validation_too": True}
    )
    folder = measured_run(recipe, data, tmp_path)
    measured = Evaluation.read(folder)
    assert list(measured.metrics) == ["test"]
    assert (measured.temperature, measured.unsure_threshold) == (1, None)
    assert "learned the validation faces too" in str(measured.not_exported_since)
    text = (folder / "report.md").read_text()
    assert "It is not calibrated." in text
    assert "validation part" not in text


def test_a_network_without_attention_is_measured_but_not_exported(
    baseline_dir: Path, data: FaceSet, tmp_path: Path
) -> None:
    assert {path.stem for path in (baseline_dir / "figures").iterdir()} == FIGURES
    assert (
        "no model for the app, since the network has no attention" in (baseline_dir / "report.md").read_text()
    )
    assert not (baseline_dir / "emotion.onnx").exists()
    with pytest.raises(TrainingError, match=r"no attention to show\. Export a run of resnet18_cbam"):
        export(baseline_dir, data, tmp_path / "models", lambda _: None)
    assert not (tmp_path / "models").exists()


def test_a_model_file_is_measured_on_any_part(data: FaceSet, tmp_path: Path) -> None:
    lines: list[str] = []
    evaluate_model(models_dir() / "emotion.onnx", data, "test", tmp_path, lines.append)
    measured = content(tmp_path / "metrics.json")
    metrics = measured["metrics"]
    assert metrics["ferplus"]["faces"] == metrics["fer2013"]["faces"] == 16
    assert measured["left_out"]["faces"] == 12
    assert measured["robustness"]["plain"]["accuracy"] == metrics["ferplus"]["accuracy"]
    assert any(f"accuracy {metrics['ferplus']['accuracy']:.1%} (" in line for line in lines)
    assert {path.stem for path in (tmp_path / "figures").iterdir()} == {
        "attention",
        "confusion",
        "reliability",
    }


def test_without_votes_and_without_a_class_its_own_labels_are_measured(data: FaceSet, tmp_path: Path) -> None:
    keep = data.labels != 2
    bare = replace(
        data,
        faces=data.faces[keep],
        labels=data.labels[keep],
        votes=np.zeros_like(data.votes[keep]),
        splits=data.splits[keep],
    )
    evaluate_model(models_dir() / "emotion.onnx", bare, "test", tmp_path, lambda _: None)
    metrics = content(tmp_path / "metrics.json")["metrics"]
    assert list(metrics) == ["fer2013"]
    assert metrics["fer2013"]["recall"]["neutral"] is None
    assert metrics["fer2013"]["faces"] == 12


def test_a_part_without_faces_is_an_error(data: FaceSet, tmp_path: Path) -> None:
    training_alone = replace(data, splits=np.zeros_like(data.splits))
    with pytest.raises(DataError, match=r"The test part of .* has no face"):
        evaluate_model(models_dir() / "emotion.onnx", training_alone, "test", tmp_path, lambda _: None)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("missing.onnx", "cannot be read"),
        ("broken.onnx", "cannot be run"),
        ("empty.onnx", "cannot be run"),
        ("broken.ckpt", "cannot be read"),
        ("model.pt", "neither .onnx nor .ckpt"),
    ],
)
def test_a_file_that_is_not_a_model_is_named(name: str, words: str, data: FaceSet, tmp_path: Path) -> None:
    for broken in ("broken.onnx", "broken.ckpt", "model.pt"):
        (tmp_path / broken).write_bytes(b"no model")
    (tmp_path / "empty.onnx").touch()
    with pytest.raises(TrainingError, match=f"{name}.*{words}"):
        evaluate_model(tmp_path / name, data, "test", tmp_path / "out", lambda _: None)


def test_a_model_of_three_classes_is_refused(data: FaceSet, tmp_path: Path) -> None:
    three = models_dir().parent / "tests" / "fakes" / "tiny_three_classes.onnx"
    with pytest.raises(TrainingError, match="does not turn `faces` into `probabilities` of angry"):
        evaluate_model(three, data, "test", tmp_path, lambda _: None)


def test_a_run_that_is_not_finished_is_not_measured(run_dir: Path, data: FaceSet, tmp_path: Path) -> None:
    for name in ("recipe.toml", "best.ckpt"):
        shutil.copy(run_dir / name, tmp_path / name)
    with pytest.raises(TrainingError, match=r"finished\.json is missing"):
        evaluate_run(tmp_path, data, lambda _: None)
    with pytest.raises(TrainingError, match=r"finished\.json is missing"):
        export(tmp_path, data, tmp_path / "models", lambda _: None)
    assert not (tmp_path / "evaluation.json").exists()
