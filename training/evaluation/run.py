"""Evaluation: of a finished run, once, with all that is chosen for it; or of any model on any data set."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from fer_desktop.files import write_whole
from training.classifier import open_classifier, torch_classifier
from training.config import Recipe
from training.engine import best_network
from training.errors import TrainingError
from training.evaluation.app_view import measure_capture
from training.evaluation.calibration import calibrate
from training.evaluation.figures import draw_model_figures
from training.evaluation.measure import measure_splits
from training.evaluation.onnx_export import export_run
from training.evaluation.record import LABEL_KINDS, Evaluation, LabelKind
from training.evaluation.report import write_report
from training.evaluation.sections import capture_section
from training.model_file import DeployedModel, obstacle_to_export
from training.provenance import Finished

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from training.data.face_set import FaceSet


def evaluate_run(run_dir: Path, data: FaceSet, report: Callable[[str], None]) -> Evaluation:
    """Calibrates and measures a finished run's best weights, as a model file if the app can use them.

    Class shift, temperature, threshold and crop margin are chosen on the validation part, by the labels that
    chose the checkpoint. If these faces were learned (`Recipe.validation_too`), nothing is chosen, and the
    test part alone is measured. The test part is read once: what was measured is kept.

    Leaves in `run_dir`: emotion.onnx if the app can use it, validation.npz and test.npz (predictions),
    evaluation.json, figures/ and report.md.

    Raises:
        TrainingError: The run is not finished or cannot be read, or the model file differs from the network.
        DataError: There is nothing to measure on.
    """
    recipe = Recipe.load(run_dir / "recipe.toml")
    evaluation = _earlier_evaluation(run_dir)
    if evaluation is not None:
        report(f"Evaluation: done before, in {run_dir / evaluation.file_name}")
    else:
        Finished.read(run_dir)  # while a run continues, its best weights may change
        evaluation = _evaluate(recipe, run_dir, data, report)
        (run_dir / "report.md").unlink(missing_ok=True)  # that of an earlier version
        evaluation.write(run_dir)
    if not (run_dir / "report.md").exists():
        report("Evaluation: drawing the figures")
        write_report(recipe, run_dir, data)
        report(f"Evaluation: {run_dir / 'report.md'}")
    return evaluation


def evaluate_model(
    model: Path, data: FaceSet, split: str, out_dir: Path, report: Callable[[str], None]
) -> None:
    """Measures a model file or a checkpoint on one split of any data set.

    A checkpoint is measured as it was in training, without calibration.
    Leaves metrics.json and figures/ in `out_dir`.

    Raises:
        TrainingError: The model cannot be used.
        DataError: The split has no face of the emotions.
    """
    classify = open_classifier(model)
    predictions, measured = measure_splits(classify, data, (split,), report)
    content = {
        "model": str(model),
        "data": data.manifest["name"],
        "split": split,
        "metrics": measured.model_dump(mode="json")["metrics"][split],
        "left_out": measured.model_dump(mode="json")["left_out"][split],
        "robustness": measured.robustness.model_dump(mode="json"),
    }
    write_whole(out_dir / "metrics.json", json.dumps(content, indent=1), private=False)
    draw_model_figures(predictions[split], classify, data, out_dir / "figures")
    report(f"Evaluation: {out_dir / 'metrics.json'}, {out_dir / 'figures'}")


def _earlier_evaluation(run_dir: Path) -> Evaluation | None:
    """Returns what was measured before; None if nothing was, or if an earlier version measured."""
    try:
        evaluation = Evaluation.read(run_dir)
    except TrainingError:
        return None
    return evaluation if evaluation.format == Evaluation.FORMAT else None


def _evaluate(recipe: Recipe, run_dir: Path, data: FaceSet, report: Callable[[str], None]) -> Evaluation:
    network = best_network(run_dir)
    kind: LabelKind = "fer2013" if recipe.targets == "fer2013" else "ferplus"
    if not recipe.validation_too:
        report(f"Evaluation: calibrating on the validation part by {LABEL_KINDS[kind]}")
    calibration = calibrate(recipe, network, data)
    model = DeployedModel(
        network, recipe.image_size, data.side, calibration.temperature, calibration.class_shift
    )
    obstacle = (
        "it learned the validation faces too, and nothing could be chosen on them"
        if recipe.validation_too
        else obstacle_to_export(network, recipe.image_size)
    )
    exported = capture = None
    if obstacle is None:
        report("Evaluation: exporting, and looking for the crop margin")
        classify, exported = export_run(recipe, model, run_dir / "emotion.onnx", data)
        report(
            f"Evaluation: emotion.onnx differed from torch by {exported.difference_to_torch:.1g}, and has "
            f"{exported.precision} weights; crop margin {exported.crop_margin:g}; measuring"
        )
    else:
        classify = torch_classifier(model)
        report(f"Evaluation: no model for the app, since {obstacle}; measuring")
    splits = ("test",) if recipe.validation_too else ("validation", "test")
    predictions, measured = measure_splits(classify, data, splits, report, calibration.unsure_threshold)
    for split, of_split in predictions.items():
        of_split.save(run_dir / f"{split}.npz")
    if exported is not None:
        capture = measure_capture(classify, data, *predictions["test"].judged, exported.crop_margin)
        report(f"Evaluation: {capture_section(capture)}")
    return Evaluation(
        format=Evaluation.FORMAT,
        data=data.digest,
        parameters=sum(parameter.numel() for parameter in network.parameters()),
        calibrated_on=kind,
        class_shift=calibration.class_shift,
        temperature=calibration.temperature,
        unsure_threshold=calibration.unsure_threshold,
        exported=exported,
        not_exported_since=obstacle,
        label_agreement={split: of_split.label_agreement for split, of_split in predictions.items()},
        capture=capture,
        **dict(measured),
    )
