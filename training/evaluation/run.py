"""Measuring: a finished run, once, with all that is chosen for it; or any model on any data set."""

from __future__ import annotations

import hashlib
import json
import math
from typing import TYPE_CHECKING, Any

import numpy as np

from fer_desktop.domain import Emotion
from training.classifier import file_classifier, open_classifier, predict, torch_classifier
from training.config import Recipe
from training.engine import best_network, sampled_prior
from training.evaluation.app_view import measure_capture, search_crop_margin
from training.evaluation.calibration import (
    choose_class_shift,
    choose_unsure_threshold,
    fit_temperature,
    softmax,
)
from training.evaluation.figures import draw_model_figures
from training.evaluation.left_out import measure_left_out
from training.evaluation.predictions import LABEL_KINDS, SplitPredictions
from training.evaluation.report import write_report
from training.evaluation.robustness import measure_robustness
from training.evaluation.sections import capture_section
from training.evaluation.tables import percent, points, with_interval
from training.model_file import DeployedModel, check_onnx, fold, obstacle_to_export, quantize_onnx, write_onnx
from training.run_folder import read_record, write_whole
from training.targets import evaluation_labels, training_targets

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    from training.classifier import Classifier
    from training.data.face_set import FaceSet
    from training.evaluation.metrics import FloatArray
    from training.model_file import Precision
    from training.models import Network

MOST_LOST_TO_ROUNDING = 0.002
"""Share of the validation faces that int8 weights may cost before fp16 ones are stored instead."""

_FORMAT = 3
"""Of evaluation.json; a run that an earlier version measured lacks figures, and is measured anew."""

_CHECKED_FACES = 32
_CALIBRATION_FACES = 256
_LEAST_PROBABILITY = 1e-30


def evaluate_run(run_dir: Path, data: FaceSet, report: Callable[[str], None]) -> None:
    """Calibrates and measures a finished run's best weights, as a model file where the app can take them.

    Class shift, temperature, threshold and crop margin are chosen on the validation part, by the labels that
    chose the checkpoint; where these faces were learnt (`Recipe.validation_too`), nothing is chosen, and the
    test part alone is measured. It is read once: what was measured is kept and not measured again.

    Leaves in `run_dir`: emotion.onnx where the app can take it, validation.npz and test.npz (predictions),
    evaluation.json, figures/ and report.md.

    Raises:
        TrainingError: The run is not finished or cannot be read, or the model file differs from the network.
        DataError: There is nothing to measure on.
    """
    recipe = Recipe.load(str(run_dir / "recipe.toml"))
    path = run_dir / "evaluation.json"
    if path.exists() and read_record(run_dir, "evaluation").get("format") == _FORMAT:
        report(f"Evaluation: done before, in {path}")
    else:
        read_record(run_dir, "finished")  # of a run that still goes on, other weights may be the best
        _measure_run(recipe, run_dir, data, report)
    if not (run_dir / "report.md").exists():
        report("Evaluation: drawing the figures")
        write_report(recipe, run_dir, data)
        report(f"Evaluation: {run_dir / 'report.md'}")


def evaluate_model(
    model: Path, data: FaceSet, split: str, out_dir: Path, report: Callable[[str], None]
) -> None:
    """Measures a model file or a checkpoint on one split of any data set.

    A checkpoint is measured as it was in training, without calibration.
    Leaves metrics.json and figures/ in `out_dir`.

    Raises:
        TrainingError: The model cannot be used.
        DataError: The split has no face of the four emotions.
    """
    classify = open_classifier(model)
    predictions = SplitPredictions.of(classify, data, split)
    metrics = predictions.measure()
    _report_metrics(split, metrics, report)
    left_out = measure_left_out(classify, data, split, predictions)
    _report_left_out(split, left_out, report)
    robustness = measure_robustness(classify, data, *predictions.judged)
    _report_robustness(robustness, report)
    content = {
        "model": str(model),
        "data": data.manifest["name"],
        "split": split,
        "metrics": metrics,
        "left_out": left_out,
        "robustness": robustness,
    }
    write_whole(out_dir / "metrics.json", json.dumps(content, indent=1))
    draw_model_figures(predictions, classify, data, out_dir / "figures")
    report(f"Evaluation: {out_dir / 'metrics.json'}, {out_dir / 'figures'}")


def _measure_run(recipe: Recipe, run_dir: Path, data: FaceSet, report: Callable[[str], None]) -> None:
    network = best_network(run_dir)
    kind = "fer2013" if recipe.targets == "fer2013" else "ferplus"
    if not recipe.validation_too:
        report(f"Evaluation: calibrating on the validation part by {LABEL_KINDS[kind]}")
    shift, temperature, threshold = _calibrate(recipe, network, data)
    model = DeployedModel(network, recipe.image_size, data.side, temperature, shift.tolist())

    obstacle = (
        "it learnt the validation faces too, and nothing could be chosen on them"
        if recipe.validation_too
        else obstacle_to_export(network, recipe.image_size)
    )
    exported = None
    if obstacle is None:
        report("Evaluation: exporting, and looking for the crop margin")
        learnt = training_targets(recipe, data).indices
        calibration = learnt[:: math.ceil(len(learnt) / _CALIBRATION_FACES)]
        classify, exported = _export(
            model, run_dir / "emotion.onnx", data, *evaluation_labels(recipe, data, "validation"), calibration
        )
        report(
            f"Evaluation: emotion.onnx was like torch to {exported['difference_to_torch']:.1g}, and has "
            f"{exported['precision']} weights; crop margin {exported['crop_margin']:g}; measuring"
        )
    else:
        classify = torch_classifier(model)
        report(f"Evaluation: no model for the app, since {obstacle}; measuring")
    metrics, agreement, left_out = {}, {}, {}
    for split in ("test",) if recipe.validation_too else ("validation", "test"):
        predictions = SplitPredictions.of(classify, data, split)
        predictions.save(run_dir / f"{split}.npz")
        metrics[split] = predictions.measure(threshold)
        agreement[split] = predictions.label_agreement
        _report_metrics(split, metrics[split], report)
        left_out[split] = measure_left_out(classify, data, split, predictions, threshold)
        _report_left_out(split, left_out[split], report)
    judged, judged_labels = predictions.judged
    robustness = measure_robustness(classify, data, judged, judged_labels)
    _report_robustness(robustness, report)
    capture = None
    if exported is not None:
        capture = measure_capture(classify, data, judged, judged_labels, exported["crop_margin"])
        report(f"Evaluation: {capture_section(capture)}")
    content = {
        "format": _FORMAT,
        "data": data.digest,
        "parameters": sum(parameter.numel() for parameter in network.parameters()),
        "calibrated_on": kind,
        "class_shift": shift.tolist(),
        "temperature": temperature,
        "unsure_threshold": threshold,
        "exported": exported,
        "not_exported_since": obstacle,
        "label_agreement": agreement,
        "metrics": metrics,
        "left_out": left_out,
        "robustness": robustness,
        "capture": capture,
    }
    (run_dir / "report.md").unlink(missing_ok=True)  # that of an earlier measurement
    write_whole(run_dir / "evaluation.json", json.dumps(content, indent=1))


def _calibrate(recipe: Recipe, network: Network, data: FaceSet) -> tuple[FloatArray, float, float | None]:
    """Returns class shift, temperature and unsure threshold; the last None where nothing can be chosen."""
    shift: FloatArray = np.zeros(len(Emotion))
    if recipe.validation_too:
        return shift, 1.0, None
    indices, labels = evaluation_labels(recipe, data, "validation")
    as_trained = predict(
        torch_classifier(DeployedModel(network, recipe.image_size, data.side)), data, indices
    )
    logits = np.log(np.maximum(as_trained, _LEAST_PROBABILITY))  # but for a constant, which softmax drops
    if recipe.class_shift:
        shift = choose_class_shift(logits, labels, np.array(sampled_prior(recipe, data)))
    temperature = fit_temperature(logits + shift, labels)
    return shift, temperature, choose_unsure_threshold(softmax((logits + shift) / temperature))


def _export(
    model: DeployedModel,
    path: Path,
    data: FaceSet,
    indices: NDArray[np.int64],
    labels: NDArray[np.int64],
    calibration: NDArray[np.int64],
) -> tuple[Classifier, dict[str, Any]]:
    """Writes the model file, in 8 bits where that costs next to nothing, and finds its crop margin.

    Args:
        model: The calibrated network.
        path: The file to write.
        data: Where the faces are.
        indices: Of the validation part, [n].
        labels: Theirs, [n].
        calibration: The training faces that rounding to 8 bits looks at.

    Returns:
        The file, to be run; and what evaluation.json says of it.
    """

    def accuracy(classify: Classifier) -> float:
        return float((predict(classify, data, indices).argmax(axis=1) == labels).mean())

    accuracies = {"network": accuracy(torch_classifier(model))}
    precisions: tuple[Precision, ...] = ("int8", "fp16")
    for precision in precisions:
        folded = fold(model, precision)
        write_onnx(folded, path, precision)
        difference = check_onnx(folded, path, data.faces[indices[:_CHECKED_FACES]])
        if precision == "int8":
            quantize_onnx(path, data.faces[calibration])
        classify = file_classifier(path)
        accuracies[precision] = accuracy(classify)
        if accuracies[precision] >= accuracies["network"] - MOST_LOST_TO_ROUNDING:
            break
    margin, search = search_crop_margin(classify, data, indices, labels)
    return classify, {
        "precision": precision,
        "validation_accuracy": accuracies,
        "difference_to_torch": difference,
        "crop_margin": margin,
        "crop_margin_search": search,
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
    }


def _report_metrics(split: str, by_labels: dict[str, Any], report: Callable[[str], None]) -> None:
    for kind, metrics in by_labels.items():
        recall = ", ".join(f"{emotion} {percent(value)}" for emotion, value in metrics["recall"].items())
        report(
            f"Evaluation: {split}, {metrics['faces']} faces, {LABEL_KINDS[kind]}: accuracy "
            f"{with_interval(metrics, 'accuracy')}, mirrored too {percent(metrics['flip']['accuracy'])}, "
            f"macro F1 {percent(metrics['macro_f1'])}, calibration error {percent(metrics['ece'])}; "
            f"recall {recall}"
        )


def _report_left_out(split: str, left_out: dict[str, Any] | None, report: Callable[[str], None]) -> None:
    if left_out is not None:
        report(
            f"Evaluation: {split}, {left_out['faces']} faces of surprise, fear or disgust: AUROC "
            f"{left_out['auroc']:.3f}"
            + (f", unsure of {percent(left_out['unsure'])}" if "unsure" in left_out else "")
        )


def _report_robustness(robustness: dict[str, Any], report: Callable[[str], None]) -> None:
    changes = ", ".join(
        f"{name} {points(-figures['loss'])}" for name, figures in robustness["perturbed"].items()
    )
    report(f"Evaluation: change in points on {robustness['faces']} faces under: {changes}")
