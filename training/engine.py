"""Training by Lightning: what a run computes on, which weights it keeps, and how it is taken up again."""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import subprocess
import time
import warnings
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import lightning.pytorch as pl
import torch
from lightning.pytorch.callbacks import Callback, EarlyStopping, EMAWeightAveraging, ModelCheckpoint
from lightning.pytorch.loggers import TensorBoardLogger
from torch.nn import functional

from training.batches import FaceData
from training.config import Recipe
from training.errors import TrainingError
from training.models import build_network
from training.module import EmotionModule
from training.progress import Progress
from training.run_folder import write_whole
from training.targets import CLASSES, training_targets
from training.transforms import augment
from training.weights import network_state, read_checkpoint

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from training.data.face_set import FaceSet
    from training.models import Network
    from training.targets import TrainingTargets

_PRECISION = {"bf16": "bf16-mixed", "fp16": "16-mixed", "fp32": "32-true"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Devices:
    """What a run computes on.

    Attributes:
        accelerator: "auto" (a GPU where there is one), "cpu" or "gpu" (CUDA).
        count: Processes on this computer, one a GPU; None takes all GPUs, or one process without any.
        nodes: Computers; each runs the same command under torchrun or Slurm.
    """

    accelerator: str = "auto"
    count: int | None = None
    nodes: int = 1

    @property
    def on_gpu(self) -> bool:
        """Whether a GPU is used."""
        return self.accelerator != "cpu" and torch.cuda.is_available()

    @property
    def processes(self) -> int:
        """Processes on this computer. Under torchrun, as many as it started."""
        started = os.environ.get("LOCAL_WORLD_SIZE")
        if started:
            return int(started)
        return self.count or (torch.cuda.device_count() if self.on_gpu else 1)

    def check(self) -> None:
        """Finds out whether this computer has them.

        Raises:
            TrainingError: It has no GPU, or fewer than asked for.
        """
        there = torch.cuda.device_count()
        if self.accelerator == "gpu" and not there:
            raise TrainingError(
                "No GPU", "torch finds none.", "Install its driver and a torch built for it, or leave it out."
            )
        if self.on_gpu and self.processes > there:
            raise TrainingError(
                "Too few GPUs",
                f"{self.processes} are asked for, {there} are there.",
                "Take fewer (--devices), or train on the CPU (--accelerator cpu).",
            )


def train(
    recipe: Recipe,
    data: FaceSet,
    run_dir: Path,
    report: Callable[[str], None],
    *,
    targets: TrainingTargets,
    devices: Devices,
    begin: Callable[[Network], str],
) -> None:
    """Trains until the recipe ends; goes on where an earlier call was stopped or killed.

    Leaves in `run_dir`: recipe.toml, best.ckpt, last.ckpt, tensorboard/, and at the end history.json (what
    was measured after each epoch) and finished.json (what the run took). Of several processes, each calls it.

    Args:
        recipe: What to train.
        data: On what.
        run_dir: The run's folder; made where it is missing.
        report: Is told how far the run is.
        targets: Which faces are learnt, and what of each.
        devices: What to compute on.
        begin: Puts the first weights into the network and returns where they came from, in words; is not
            called where a run goes on.

    Raises:
        TrainingStoppedError: The user stopped it; it was saved.
        TrainingError: Its checkpoint cannot be read, or not be written.
    """
    run_dir.mkdir(parents=True, exist_ok=True)
    (run_dir / "recipe.toml").write_text(recipe.to_toml(), encoding="utf-8")
    last = run_dir / "last.ckpt"
    goes_on = last.exists()
    faces = FaceData(recipe, data, targets)
    progress = Progress(faces, recipe.batch_size, last, report, bar=os.isatty(2))
    torch.manual_seed(recipe.seed)
    module = EmotionModule(recipe, faces.targets.class_counts().tolist(), faces.steps_per_epoch)
    if goes_on:
        read_checkpoint(last)
    else:
        progress.run_log.weights = begin(module.network)
    precision = precision_of(recipe, devices)
    report(
        f"Training: at most {recipe.epochs} epochs in {precision}, "
        f"{'going on where it stopped' if goes_on else f'from {progress.run_log.weights}'}, in {run_dir}"
    )
    with _quiet_lightning(), progress.stopping_on_signals():
        trainer = _trainer(recipe, run_dir, devices, precision, progress)
        try:
            trainer.fit(module, datamodule=faces, ckpt_path=last if goes_on else None, weights_only=True)
        except OSError as error:
            raise TrainingError(
                "Run not saved", f"{error}.", "Free space, or name another --cache."
            ) from error
    if not trainer.is_global_zero:
        return
    log = progress.run_log
    best = max(log.history, key=lambda epoch: epoch[f"validation/{recipe.selection}"])
    write_whole(run_dir / "history.json", json.dumps(log.history, indent=1))
    finished = {
        "date": datetime.now(UTC).strftime("%Y.%m.%d"),
        "epochs": len(log.history),
        "best_epoch": int(best["epoch"]),
        "precision": precision,
        "hardware": _hardware(devices),
        "processes": trainer.world_size,
        "commit": _commit(),
        "weights": log.weights,
        "data": data.digest,
        "wall_seconds": log.wall_seconds,
        "cpu_seconds": log.cpu_seconds,
        "faces_per_second": log.steps * recipe.batch_size / (log.reading_seconds + log.stepping_seconds),
        "loader_share": log.reading_seconds / (log.reading_seconds + log.stepping_seconds),
    }
    write_whole(run_dir / "finished.json", json.dumps(finished, indent=1))


def best_network(run_dir: Path) -> Network:
    """Returns a run's network as it did best on the validation part, ready to classify.

    Raises:
        TrainingError: Its checkpoint is missing or damaged.
    """
    return load_network(run_dir / "best.ckpt")[0]


def load_network(checkpoint: Path) -> tuple[Network, Recipe]:
    """Returns the network of a checkpoint of ours, ready to classify, and the recipe that trained it.

    Raises:
        TrainingError: It is missing, damaged or none of ours.
    """
    content = read_checkpoint(checkpoint)
    if "recipe" not in content:
        raise TrainingError(
            "No checkpoint of ours",
            f"{checkpoint} names no recipe.",
            "Name a run's best.ckpt, or a .onnx file.",
        )
    recipe = Recipe.model_validate(content["recipe"])
    network = build_network(recipe)
    network.load_state_dict(network_state(content["state_dict"]))
    return network.eval(), recipe


def precision_of(recipe: Recipe, devices: Devices) -> str:
    """Returns the recipe's precision, or "fp32" where the device is no faster in 16 bits or cannot do it."""
    if devices.on_gpu:
        return recipe.precision
    if recipe.precision != "bf16" or not torch.backends.mkldnn.is_available():  # type: ignore[no-untyped-call]
        return "fp32"
    return "bf16" if torch.ops.mkldnn._is_mkldnn_bf16_supported() else "fp32"


def estimate_seconds(recipe: Recipe, faces: int, devices: Devices) -> float:
    """Returns about how long a recipe's epochs take on this computer, by a few steps of each size.

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
                begun = time.perf_counter()
            with autocast:
                logits, _ = module.network(augment(batch, side, recipe))
                loss = functional.cross_entropy(logits.float(), targets)
            torch.autograd.backward(loss)
            optimizer.step()
            optimizer.zero_grad()
        seconds += (time.perf_counter() - begun) / 3 * epochs * faces / recipe.batch_size
    return seconds


def sampled_prior(recipe: Recipe, data: FaceSet) -> list[float]:
    """Returns how often each emotion is drawn in training, sums to 1, [4]."""
    counts = training_targets(recipe, data).class_counts()
    drawn = [max(int(count), 1) ** (1 - recipe.balance) for count in counts]
    return [count / sum(drawn) for count in drawn]


def _trainer(
    recipe: Recipe, run_dir: Path, devices: Devices, precision: str, progress: Progress
) -> pl.Trainer:
    callbacks: list[Callback] = [EMAWeightAveraging(decay=recipe.ema_decay)] if recipe.ema_decay else []
    callbacks.append(progress)  # after the averaging, so that what it saves has the present step in it
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
        precision=_PRECISION[precision],  # type: ignore[arg-type]  # each is one that Lightning knows
        gradient_clip_val=recipe.gradient_clip or None,
        logger=TensorBoardLogger(run_dir, name=None, version="tensorboard"),
        log_every_n_steps=1,  # what is logged is of whole epochs
        enable_progress_bar=False,
        enable_model_summary=False,
        num_sanity_val_steps=0,
        callbacks=callbacks,
    )


def _hardware(devices: Devices) -> str:
    """Returns what the run ran on, in words."""
    if devices.on_gpu:
        count = devices.processes * devices.nodes
        return f"{count} x {torch.cuda.get_device_name()}" if count > 1 else torch.cuda.get_device_name()
    info = Path("/proc/cpuinfo")
    names = re.findall(r"model name\s*: (.+)", info.read_text(encoding="utf-8")) if info.exists() else []
    return f"{os.cpu_count()} cores of {names[0] if names else platform.processor() or platform.machine()}"


def _commit() -> str:
    """Returns the commit of this checkout, or "unknown" outside of one."""
    git = shutil.which("git")
    if git is None:
        return "unknown"
    command = [git, "-C", str(Path(__file__).parent), "rev-parse", "HEAD"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  # fixed arguments
    return result.stdout.strip() or "unknown"


@contextmanager
def _quiet_lightning() -> Iterator[None]:
    """Leaves out warnings, by name, that ask for nothing."""
    with warnings.catch_warnings():
        # Lightning 2.6 with torch 2.11 and later.
        warnings.filterwarnings(
            "ignore", message=r".*isinstance\(treespec, LeafSpec\)", category=FutureWarning
        )
        # A run that goes on does so in its own folder.
        warnings.filterwarnings("ignore", message="Checkpoint directory .* exists and is not empty")
        yield
