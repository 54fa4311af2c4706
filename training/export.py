"""Putting an evaluated run's model where the app loads it, with its card."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

from fer_desktop.files import write_whole
from training.card import Card, Training, build_card, write_readme
from training.config import Recipe, recipe_names
from training.errors import TrainingError
from training.evaluation.record import Evaluation
from training.provenance import Finished
from training.runs import latest_run

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from training.data.face_set import FaceSet
    from training.personal import PersonalCard


def export(run_dir: Path, data: FaceSet, models_dir: Path, report: Callable[[str], None]) -> None:
    """Puts an evaluated run's model file, its card and its README into `models_dir`.

    Raises:
        TrainingError: The run was not evaluated, the app cannot use its network, or the test part has no FER+
            labels of one of the emotions, by which the app says how often it is correct.
    """
    finished, evaluation = Finished.read(run_dir), Evaluation.read(run_dir)
    if evaluation.exported is None:
        raise TrainingError(
            "No model for the app",
            f"{run_dir} cannot be exported, since {evaluation.not_exported_since}.",
            "Export a run of resnet18_cbam with CBAM, such as the recipe release.",
        )
    ferplus = evaluation.metrics["test"].get("ferplus")
    if ferplus is None or None in ferplus.recall.values():
        raise TrainingError(
            "No model for the app",
            f"The test part of {data.manifest['name']} lacks FER+ labels of an emotion, by which the "
            "app says how often it is correct.",
            "Train and measure on FER-2013 with ferplus.csv.",
        )
    recipe = Recipe.load(run_dir / "recipe.toml")
    earlier = _earlier_training(recipe, data, run_dir.parent)
    card = build_card(recipe, data.manifest, finished, evaluation, evaluation.exported, earlier)
    card = card.model_copy(update={"personal": _personal(models_dir / "emotion.json", card.sha256)})
    models_dir.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(run_dir / "emotion.onnx", models_dir / "emotion.onnx")
    write_whole(
        models_dir / "emotion.json", json.dumps(card.model_dump(mode="json"), indent=1) + "\n", private=False
    )
    write_readme(card, models_dir / "README.md")
    report(f"Export: {models_dir / 'emotion.onnx'}, emotion.json, README.md")


def add_to_card(personal: PersonalCard, models_dir: Path, report: Callable[[str], None]) -> None:
    """Writes how readings differ from person to person into a model's card and README.

    Raises:
        TrainingError: There is no card, or it is unusable.
    """
    card_file = models_dir / "emotion.json"
    try:
        content = json.loads(card_file.read_bytes()) | {"personal": personal.model_dump(mode="json")}
        card = Card.model_validate(content)
    except (OSError, ValueError, TypeError) as error:
        raise TrainingError(
            "Model card unusable",
            f"{card_file} cannot be read as a model card.",
            "Export a model first: `python -m training export`.",
        ) from error
    write_whole(card_file, json.dumps(content, indent=1) + "\n", private=False)
    write_readme(card, models_dir / "README.md")
    report(f"Personal: {card_file}, README.md")


def _personal(card_file: Path, sha256: str) -> PersonalCard | None:
    """Returns what the card that is replaced says about people, if it is the same model's."""
    try:
        earlier = Card.model_validate_json(card_file.read_bytes())
    except (OSError, ValueError):
        return None
    return earlier.personal if earlier.sha256 == sha256 else None


def _earlier_training(recipe: Recipe, data: FaceSet, runs_dir: Path) -> Training | None:
    """Returns what the runs took from which a recipe continued: the card covers the whole training."""
    before = latest_run(recipe.weights, data, runs_dir) if recipe.weights in recipe_names() else None
    if before is None:
        return None
    earlier = _earlier_training(Recipe.load(before / "recipe.toml"), data, runs_dir)
    return Training.of(recipe.weights, Finished.read(before), earlier)
