"""Training with Lightning: how a run starts, which weights it keeps, and how it continues."""

from __future__ import annotations

import os
import time
import warnings
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import lightning.pytorch as pl
import torch
from lightning.pytorch.callbacks import Callback, EarlyStopping, EMAWeightAveraging, ModelCheckpoint
from lightning.pytorch.loggers import TensorBoardLogger
from torch.nn import functional

from fer_desktop.files import write_whole
from training.batches import FaceData
from training.config import Recipe
from training.devices import precision_of
from training.errors import TrainingError
from training.module import EmotionModule
from training.provenance import Finished, commit, hardware
from training.run_folder import History
from training.run_progress import RunProgress
from training.targets import CLASSES
from training.transforms import augment
from training.weights import network_state, read_checkpoint

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from training.data.face_set import FaceSet
    from training.devices import Devices
    from training.networks import Network
    from training.targets import TrainingTargets

_PRECISION = {"bf16": "bf16-mixed", "fp16": "16-mixed", "fp32": "32-true"}


def train(
    recipe: Recipe,
    data: FaceSet,
    run_dir: Path,
    report: Callable[[str], None],
    *,
    targets: TrainingTargets,
    devices: Devices,
    initialize: Callable[[Network], str],
) -> None:
    """Trains until the recipe ends; continues if an earlier call was stopped or killed.

    Leaves in `run_dir`: recipe.toml, best.ckpt, last.ckpt, tensorboard/, and at the end history.json and
    finished.json (`History`, `Finished`). If several processes train, each of them calls it.

    Args:
        recipe: What to train.
        data: The faces.
        run_dir: The run's folder; created if it is missing.
        report: Takes a line of progress.
        targets: Which faces are learned, and what of each.
        devices: What to compute on.
        initialize: Puts the first weights into the network and returns where they came from, in words; not
            called if a run continues.

    Raises:
        TrainingStoppedError: The user stopped it; it was saved.
        TrainingError: Its checkpoint cannot be read, or not be written.
    """
    write_whole(run_dir / "recipe.toml", recipe.to_toml(), private=False)
    last = run_dir / "last.ckpt"
    continues = last.exists()
    faces = FaceData(recipe, data, targets)
    progress = RunProgress(recipe, faces, last, report, bar=os.isatty(2))
    torch.manual_seed(recipe.seed)
    module = EmotionModule(recipe, faces.targets.class_counts().tolist(), faces.steps_per_epoch)
    if continues:
        read_checkpoint(last)
    else:
        progress.run_log.weights = initialize(module.network)
    precision = precision_of(recipe, devices)
    report(
        f"Training: at most {recipe.epochs} epochs in {precision}, "
        f"{'continuing where it stopped' if continues else f'from {progress.run_log.weights}'}, in {run_dir}"
    )
    with _quiet_lightning(), progress.stopping_on_signals():
        trainer = _trainer(recipe, run_dir, devices, precision, progress)
        try:
            trainer.fit(module, datamodule=faces, ckpt_path=last if continues else None, weights_only=True)
        except OSError as error:
            raise TrainingError(
                "Run not saved", f"{error}.", "Free space, or name another --cache."
            ) from error
    if not trainer.is_global_zero:
        return
    log = progress.run_log
    History(root=log.history).write(run_dir)
    trained_seconds = log.reading_seconds + log.stepping_seconds
    Finished(
        date=datetime.now(UTC).strftime("%Y.%m.%d"),
        epochs=len(log.history),
        best_epoch=int(max(log.history, key=lambda epoch: epoch[f"validation/{recipe.selection}"])["epoch"]),
        precision=precision,
        hardware=hardware(devices),
        processes=trainer.world_size,
        commit=commit(),
        weights=log.weights,
        data=data.digest,
        wall_seconds=log.wall_seconds,
        cpu_seconds=log.cpu_seconds,
        faces_per_second=log.steps * recipe.batch_size / trained_seconds,
        loader_share=log.reading_seconds / trained_seconds,
    ).write(run_dir)


def best_network(run_dir: Path) -> Network:
    """Returns the network of a run's best epoch, ready to classify.

    Raises:
        TrainingError: Its checkpoint is missing or damaged.
    """
    return load_network(run_dir / "best.ckpt")[0]


def load_network(checkpoint: Path) -> tuple[Network, Recipe]:
    """Returns the network of one of our checkpoints, ready to classify, and the recipe that trained it.

    Raises:
        TrainingError: It is missing, damaged or not one of ours.
    """
    content = read_checkpoint(checkpoint)
    if "recipe" not in content:
        raise TrainingError(
            "Not one of our checkpoints",
            f"{checkpoint} names no recipe.",
            "Name a run's best.ckpt, or an .onnx file.",
        )
    recipe = Recipe.model_validate(content["recipe"])
    network = recipe.build_network()
    network.load_state_dict(network_state(content["state_dict"]))
    return network.eval(), recipe


def estimate_seconds(recipe: Recipe, faces: int, devices: Devices) -> float:
    """Returns roughly how long a recipe's epochs take on this computer, judged by a few steps of each size.

    Args:
        recipe: What to train.
        faces: Training faces.
        devices: What to compute on.
    """
    sides = {recipe.image_size: recipe.epochs - recipe.small_epochs}
    if recipe.small_epochs and recipe.small_image_size is not None:
        sides[recipe.small_image_size] = recipe.small_epochs
    module = EmotionModule(recipe, [1] * CLASSES, 1).to("cuda" if devices.on_gpu else "cpu")
    optimizer = module.configure_optimizers()["optimizer"]
    batch = torch.zeros(recipe.batch_size, 1, 48, 48, dtype=torch.uint8, device=module.device)
    targets = torch.full((recipe.batch_size, CLASSES), 1 / CLASSES, device=module.device)
    autocast = torch.autocast(
        module.device.type, torch.bfloat16, enabled=precision_of(recipe, devices) != "fp32"
    )
    seconds = 0.0
    for side, epochs in sides.items():
        for step in range(4):
            if step == 1:  # the first one is slower
                started = time.perf_counter()
            with autocast:
                logits, _ = module.network(augment(batch, side, recipe))
                loss = functional.cross_entropy(logits.float(), targets)
            torch.autograd.backward(loss)
            optimizer.step()
            optimizer.zero_grad()
        seconds += (time.perf_counter() - started) / 3 * epochs * faces / recipe.batch_size
    return seconds


def _trainer(
    recipe: Recipe, run_dir: Path, devices: Devices, precision: str, progress: RunProgress
) -> pl.Trainer:
    callbacks: list[Callback] = [EMAWeightAveraging(decay=recipe.ema_decay)] if recipe.ema_decay else []
    callbacks.append(progress)  # after the averaging, so that what it saves includes the current step
    if recipe.early_stopping:
        callbacks.append(
            EarlyStopping(
                f"validation/{recipe.selection}",
                mode="max",
                patience=recipe.early_stopping,
                check_on_train_epoch_end=True,
            )
        )
    callbacks += [
        ModelCheckpoint(
            run_dir,
            "best",
            monitor=f"validation/{recipe.selection}",
            mode="max",
            enable_version_counter=False,
            save_on_train_epoch_end=True,
        ),
        ModelCheckpoint(run_dir, "last", enable_version_counter=False, save_on_train_epoch_end=True),
    ]
    several = devices.processes * devices.nodes > 1
    return pl.Trainer(
        max_epochs=recipe.epochs,
        accelerator="cuda" if devices.on_gpu else "cpu",
        devices=devices.processes,
        num_nodes=devices.nodes,
        strategy="ddp" if several else "auto",
        sync_batchnorm=several and devices.on_gpu,
        precision=_PRECISION[precision],  # type: ignore[arg-type]  # Lightning knows each of them
        gradient_clip_val=recipe.gradient_clip or None,
        logger=TensorBoardLogger(run_dir, name=None, version="tensorboard"),
        log_every_n_steps=1,  # only whole epochs are logged
        enable_progress_bar=False,
        enable_model_summary=False,
        num_sanity_val_steps=0,
        callbacks=callbacks,
    )


@contextmanager
def _quiet_lightning() -> Iterator[None]:
    """Hides the warnings, by name, that ask for no action."""
    with warnings.catch_warnings():
        # Lightning 2.6 with torch 2.11 and later.
        warnings.filterwarnings(
            "ignore", message=r".*isinstance\(treespec, LeafSpec\)", category=FutureWarning
        )
        # A run that continues does so in its own folder.
        warnings.filterwarnings("ignore", message="Checkpoint directory .* exists and is not empty")
        yield
