"""Putting a measured run's model where the app loads it, with its card."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

from training.card import build_card, write_readme
from training.config import Recipe, recipe_names
from training.errors import TrainingError
from training.run_folder import read_record
from training.runs import latest_run

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from training.data.face_set import FaceSet


def export(run_dir: Path, data: FaceSet, models_dir: Path, report: Callable[[str], None]) -> None:
    """Puts a measured run's model file, its card and its README into `models_dir`.

    Raises:
        TrainingError: The run was not measured, the app cannot take its network, or the test part lacks FER+
            labels of an emotion, by which the app says how often it is right.
    """
    finished, evaluation = (read_record(run_dir, name) for name in ("finished", "evaluation"))
    if evaluation["exported"] is None:
        raise TrainingError(
            "No model for the app",
            f"{run_dir} cannot be exported, since {evaluation['not_exported_since']}.",
            "Export a run of resnet18_cbam with CBAM, such as the recipe release.",
        )
    ferplus = evaluation["metrics"]["test"].get("ferplus")
    if ferplus is None or None in ferplus["recall"].values():
        raise TrainingError(
            "No model for the app",
            f"The test part of {data.manifest['name']} has no FER+ labels of all four emotions, and by these "
            "the app says how often it is right.",
            "Train and measure on FER-2013 with ferplus.csv.",
        )
    recipe = Recipe.load(str(run_dir / "recipe.toml"))
    earlier = _earlier_training(recipe, data, run_dir.parent)
    card = build_card(recipe, data.manifest, finished, evaluation, earlier)
    models_dir.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(run_dir / "emotion.onnx", models_dir / "emotion.onnx")
    (models_dir / "emotion.json").write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")
    write_readme(card, models_dir / "README.md")
    report(f"Export: {models_dir / 'emotion.onnx'}, emotion.json, README.md")


def _earlier_training(recipe: Recipe, data: FaceSet, runs_dir: Path) -> dict[str, Any] | None:
    """Returns what the runs took that a recipe went on from, so that the card tells the whole training."""
    before = latest_run(recipe.weights, data, runs_dir) if recipe.weights in recipe_names() else None
    if before is None:
        return None
    finished = read_record(before, "finished")
    return {
        "recipe": recipe.weights,
        "commit": finished["commit"],
        "hardware": finished["hardware"],
        "duration_seconds": round(finished["wall_seconds"]),
        "epochs": finished["epochs"],
        "goes_on_from": _earlier_training(Recipe.load(str(before / "recipe.toml")), data, runs_dir),
    }
