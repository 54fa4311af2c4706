"""The steps after training: a finished run is measured, and its model put where the app loads it."""

from __future__ import annotations

import hashlib
import json
import shutil
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from training.batches import EVALUATION_BATCH
from training.card import build_card, write_readme
from training.crop_margin import search_crop_margin
from training.engine import best_network, sampled_prior
from training.export import DeployedModel, check_onnx, predict, prepare_for_export, write_onnx
from training.metrics import (
    choose_class_shift,
    choose_unsure_threshold,
    fit_temperature,
    measure,
    measure_unsure,
    softmax,
)
from training.transforms import to_input

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    from training.config import Recipe
    from training.data.face_set import FaceSet

_CHECKED_FACES = 32


def evaluate(recipe: Recipe, data: FaceSet, run_dir: Path, report: Callable[[str], None]) -> None:
    """Calibrates and measures a finished run's best weights, and writes them as the app takes them.

    Class shift, temperature, threshold and margin are chosen on the validation part; the test part is read
    once.
    Leaves emotion.onnx and evaluation.json in `run_dir`.

    Raises:
        TrainingError: The run cannot be read, or the exported file differs from the network.
    """
    result = run_dir / "evaluation.json"
    if result.exists():
        report(f"Evaluation: done before, in {result}")
        return
    report("Evaluation: calibrating on the validation part")
    network = best_network(run_dir)
    indices = data.evaluation_faces("validation")
    labels = data.ferplus_labels()[indices]
    indices, labels = indices[labels >= 0], labels[labels >= 0]
    faces = data.faces[indices]
    logits = _logits(network, faces, recipe.image_size)
    shift = choose_class_shift(logits, labels, np.array(sampled_prior(recipe, data)))
    with torch.no_grad():
        network.classifier.bias.add_(torch.from_numpy(shift))
    temperature = fit_temperature(logits + shift, labels)
    threshold = choose_unsure_threshold(softmax((logits + shift) / temperature))

    model_file = run_dir / "emotion.onnx"
    model = DeployedModel(prepare_for_export(network), recipe.image_size, temperature)
    write_onnx(model, model_file)
    difference = check_onnx(model, model_file, faces[:_CHECKED_FACES])
    report(f"Evaluation: {model_file} is like the network to {difference:.1g}; looking for the crop margin")
    margin, margin_search = search_crop_margin(model_file, faces, labels)
    report(f"Evaluation: crop margin {margin:g}; measuring")
    content: dict[str, Any] = {
        "temperature": temperature,
        "unsure_threshold": threshold,
        "crop_margin": margin,
        "crop_margin_search": margin_search,
        "metrics": {
            split: _measure_split(model_file, data, split, threshold) for split in ("validation", "test")
        },
        "sha256": hashlib.sha256(model_file.read_bytes()).hexdigest(),
    }
    unfinished = result.with_suffix(".tmp")
    unfinished.write_text(json.dumps(content, indent=1), encoding="utf-8")
    unfinished.replace(result)
    for split, by_labels in content["metrics"].items():
        for name, metrics in by_labels.items():
            report(
                f"Evaluation: {split}, {name} labels: accuracy {metrics['accuracy']:.1%}, "
                + ", ".join(f"{emotion} {value:.0%}" for emotion, value in metrics["recall"].items())
            )


def export(
    recipe: Recipe, data: FaceSet, run_dir: Path, models_dir: Path, report: Callable[[str], None]
) -> None:
    """Puts a measured run's model, its card and its README into `models_dir`."""
    models_dir.mkdir(parents=True, exist_ok=True)
    card = build_card(
        recipe,
        data.manifest,
        json.loads((run_dir / "finished.json").read_text(encoding="utf-8")),
        json.loads((run_dir / "evaluation.json").read_text(encoding="utf-8")),
    )
    shutil.copyfile(run_dir / "emotion.onnx", models_dir / "emotion.onnx")
    (models_dir / "emotion.json").write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")
    write_readme(card, models_dir / "README.md")
    report(f"Export: {models_dir / 'emotion.onnx'}, emotion.json, README.md")


def _logits(network: torch.nn.Module, faces: NDArray[np.uint8], image_size: int) -> NDArray[np.float32]:
    with torch.inference_mode():
        parts = [
            network(
                to_input(torch.from_numpy(faces[start : start + EVALUATION_BATCH]).unsqueeze(1), image_size)
            )[0]
            for start in range(0, len(faces), EVALUATION_BATCH)
        ]
    return np.asarray(torch.cat(parts).numpy())


def _measure_split(model_file: Path, data: FaceSet, split: str, threshold: float) -> dict[str, Any]:
    """Measures the file itself on both kinds of labels of the same faces."""
    indices = data.evaluation_faces(split)
    probabilities = predict(model_file, data.faces[indices])
    ferplus = data.ferplus_labels()[indices]
    named = ferplus >= 0
    return {
        "ferplus": measure(probabilities[named], ferplus[named])
        | {"unsure": measure_unsure(probabilities[named], ferplus[named], threshold)},
        "fer2013": measure(probabilities, data.labels[indices]),
    }
