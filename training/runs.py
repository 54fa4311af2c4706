"""Runs: a recipe trained on a data set, each in its own folder and only once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import torch

from training.config import Recipe, recipe_names
from training.engine import estimate_seconds, load_network, train
from training.face_weights import face_weights, settle
from training.progress import duration
from training.provenance import Finished
from training.targets import training_targets
from training.teacher import taught
from training.transforms import to_input
from training.weights import WeightsUnavailableError, imagenet_weights, read_weights, start_from

if TYPE_CHECKING:
    from collections.abc import Callable

    from training.data.face_set import FaceSet
    from training.devices import Devices
    from training.networks import Network

_SETTLING = 512
"""How many faces set the normalization of the face weights."""


def run_dir_of(recipe: Recipe, data: FaceSet, runs_dir: Path) -> Path:
    """Returns the folder of a recipe's run on this data, whether or not it was started."""
    return runs_dir / f"{recipe.name}-{recipe.digest}-{data.digest}"


def train_run(
    recipe: Recipe, data: FaceSet, runs_dir: Path, devices: Devices, report: Callable[[str], None]
) -> Path:
    """Trains a recipe unless that was done before; returns the run's folder.

    Raises:
        TrainingStoppedError: The user stopped it; it was saved.
        TrainingError: Devices or first weights are not available, or the run cannot be read or written.
    """
    devices.check()
    run_dir = run_dir_of(recipe, data, runs_dir)
    if (run_dir / Finished.file_name).exists():
        report(f"Training: done before, in {run_dir}")
        return run_dir
    targets = training_targets(recipe, data)
    if not devices.on_gpu:
        seconds = estimate_seconds(recipe, len(targets.indices), devices)
        report(
            f"No GPU: {recipe.name} takes about {duration(seconds)} on this computer. "
            "Ctrl-C stops it, the same command continues."
        )
    if recipe.teacher is not None:
        teacher, theirs = load_network(_earlier_run(recipe.teacher, data, runs_dir, devices, report))
        report(f"Teacher: {recipe.teacher} looks at {len(targets.indices)} faces")
        targets = taught(
            targets,
            teacher,
            data,
            side=theirs.image_size,
            share=recipe.teacher_share,
            device="cuda" if devices.on_gpu else "cpu",
        )
    train(
        recipe,
        data,
        run_dir,
        report,
        targets=targets,
        devices=devices,
        initialize=lambda network: _initialize(network, recipe, data, runs_dir, devices, report),
    )
    return run_dir


def _initialize(
    network: Network,
    recipe: Recipe,
    data: FaceSet,
    runs_dir: Path,
    devices: Devices,
    report: Callable[[str], None],
) -> str:
    """Puts a recipe's first weights into its network; returns where they came from."""
    if recipe.weights == "none":
        return "random weights"
    if recipe.weights == "vggface2":
        start_from(network, face_weights())
        faces = data.faces[training_targets(recipe, data).indices[:_SETTLING]]
        settle(network, to_input(torch.from_numpy(faces).unsqueeze(1), recipe.image_size))
        return "weights trained on VGGFace2's faces"
    if recipe.weights in recipe_names():
        start_from(network, read_weights(_earlier_run(recipe.weights, data, runs_dir, devices, report)))
        return f"the best weights of {recipe.weights}"
    if recipe.weights != "imagenet":
        start_from(network, read_weights(Path(recipe.weights)))
        return f"the weights in {recipe.weights}"
    try:
        start_from(network, imagenet_weights())
    except WeightsUnavailableError as error:
        if recipe.continues is None:
            raise
        report(f"{error} Continuing from the recipe {recipe.continues} instead.")
        start_from(network, read_weights(_earlier_run(recipe.continues, data, runs_dir, devices, report)))
        return f"the best weights of {recipe.continues}"
    return "ImageNet's weights"


def _earlier_run(
    name: str, data: FaceSet, runs_dir: Path, devices: Devices, report: Callable[[str], None]
) -> Path:
    """Returns the best checkpoint of a recipe's latest run on this data; trains it if there is none."""
    run_dir = latest_run(name, data, runs_dir) or train_run(
        Recipe.load(name), data, runs_dir, devices, report
    )
    return run_dir / "best.ckpt"


def latest_run(name: str, data: FaceSet, runs_dir: Path) -> Path | None:
    """Returns the folder of a recipe's latest finished run on this data, or None."""
    finished = runs_dir.glob(f"{name}-????????-{data.digest}/{Finished.file_name}")
    latest = max(finished, key=lambda path: path.stat().st_mtime, default=None)
    return None if latest is None else latest.parent
