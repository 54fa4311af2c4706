# ruff: noqa: ARG002, D102  # the arguments of hooks are Lightning's, and so is what they are for
"""Training by Lightning: what a step is, which weights are kept, and how a run is taken up again."""

from __future__ import annotations

import json
import os
import pickle
import platform
import re
import shutil
import signal
import subprocess
import time
import warnings
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import lightning.pytorch as pl
import numpy as np
import torch
from lightning.pytorch.callbacks import Callback, EMAWeightAveraging, ModelCheckpoint
from torch import Tensor
from torch.nn import functional
from torchmetrics.classification import MulticlassAccuracy

from fer_desktop.domain import Emotion
from training.batches import BalancedSampler, FaceBatches
from training.errors import TrainingError, TrainingStoppedError
from training.models import ResNet18Cbam
from training.transforms import augment, mixup, to_input

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

    from numpy.typing import NDArray

    from training.config import Recipe
    from training.data import FaceSet

EVALUATION_BATCH = 256
_STATUS_SECONDS = 15.0
_ARCHITECTURES = {"resnet18_cbam": ResNet18Cbam}


class EmotionModule(pl.LightningModule):
    """The network with its loss, its schedule, and what is measured on the validation part."""

    def __init__(self, recipe: Recipe, steps_per_epoch: int) -> None:
        super().__init__()
        self.recipe = recipe
        self.steps_per_epoch = steps_per_epoch
        self.network = _ARCHITECTURES[recipe.architecture](recipe.dropout)
        self.network.to(memory_format=torch.channels_last)
        self.accuracy = MulticlassAccuracy(len(Emotion), average="micro")
        self.macro_recall = MulticlassAccuracy(len(Emotion), average="macro")

    def on_train_batch_start(self, batch: object, batch_idx: int) -> None:
        # Chance depends on the step alone, so that a run that was taken up again ends in the same weights.
        torch.manual_seed(hash((self.recipe.seed, self.global_step, self.global_rank)))

    def training_step(self, batch: tuple[Tensor, Tensor], batch_idx: int) -> Tensor:
        """Returns the cross-entropy with the FER+ votes, of augmented and blended faces."""
        faces, targets = batch
        recipe = self.recipe
        early = self.current_epoch < recipe.small_epochs
        with torch.no_grad(), torch.autocast(self.device.type, enabled=False):
            images = augment(faces, recipe.small_image_size if early else recipe.image_size, recipe)
            if recipe.mixup > 0:
                images, targets = mixup(images, targets, recipe.mixup)
        logits, _ = self.network(images.contiguous(memory_format=torch.channels_last))
        loss = functional.cross_entropy(logits.float(), targets)
        self.log("train/loss", loss, on_step=False, on_epoch=True, batch_size=len(faces))
        return loss

    def validation_step(self, batch: tuple[Tensor, Tensor], batch_idx: int) -> None:
        """Counts hits on the FER+ labels of the validation part."""
        faces, labels = batch
        logits, _ = self.network(to_input(faces, self.recipe.image_size))
        self.accuracy.update(logits, labels)
        self.macro_recall.update(logits, labels)

    def on_validation_epoch_end(self) -> None:
        """Logs accuracy, macro recall and their mean, by which the checkpoint is chosen."""
        accuracy, recall = self.accuracy.compute(), self.macro_recall.compute()
        self.accuracy.reset()
        self.macro_recall.reset()
        scores = {"accuracy": accuracy, "macro_recall": recall, "score": (accuracy + recall) / 2}
        self.log_dict({f"validation/{name}": value for name, value in scores.items()})

    def configure_optimizers(self) -> dict[str, Any]:  # type: ignore[override]  # one of the forms Lightning takes
        """Returns AdamW under the one-cycle schedule."""
        recipe = self.recipe
        decayed = [p for p in self.parameters() if p.ndim > 1]
        others = [p for p in self.parameters() if p.ndim <= 1]
        optimizer = torch.optim.AdamW(
            [
                {"params": decayed, "weight_decay": recipe.weight_decay},
                {"params": others, "weight_decay": 0.0},
            ],
            lr=recipe.learning_rate,
            fused=True,
        )
        schedule = torch.optim.lr_scheduler.OneCycleLR(
            optimizer,
            recipe.learning_rate,
            # Not the trainer's estimate: to ask for it here begins the loader before its state is restored.
            total_steps=recipe.epochs * self.steps_per_epoch,
            pct_start=recipe.warmup_share,
            cycle_momentum=False,
        )
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}


@dataclass(slots=True)
class RunTime:
    """What a run took, all its parts together."""

    wall_seconds: float = 0.0
    cpu_seconds: float = 0.0


class Progress(Callback):
    """Says how far a run is, and stops it between two steps when it is asked to.

    Attributes:
        spent: Time that the run took so far; kept in its checkpoints.
    """

    def __init__(self, checkpoint: Path, batch_size: int, report: Callable[[str], None]) -> None:
        self.spent = RunTime()
        self._checkpoint, self._batch_size, self._report = checkpoint, batch_size, report
        self._stop_asked = False
        self._clock = (0.0, 0.0)
        self._last_status = (0.0, 0)

    def ask_to_stop(self, _signal: int, _frame: FrameType | None) -> None:
        """Has the run saved and stopped after the present step (a handler of SIGINT)."""
        self._stop_asked = True

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        self._clock = (time.monotonic(), time.process_time())
        self._last_status = (time.monotonic(), trainer.global_step)

    def on_train_batch_end(
        self,
        trainer: pl.Trainer,
        pl_module: pl.LightningModule,
        outputs: object,
        batch: object,
        batch_idx: int,
    ) -> None:
        if self._stop_asked and not trainer.is_last_batch:  # after the last one validation is still to come
            trainer.save_checkpoint(self._checkpoint)
            raise TrainingStoppedError(
                "Stopped",
                f"The run was saved in epoch {trainer.current_epoch + 1}.",
                "The same command goes on from there.",
            )
        then, step = self._last_status
        elapsed = time.monotonic() - then
        if elapsed >= _STATUS_SECONDS:
            rate = (trainer.global_step - step) / elapsed
            left = (trainer.estimated_stepping_batches - trainer.global_step) / rate
            self._report(
                f"epoch {trainer.current_epoch + 1}/{trainer.max_epochs}, step {batch_idx + 1}/"
                f"{trainer.num_training_batches}, {rate * self._batch_size:.0f} faces/s, "
                f"{left / 60:.0f} minutes left"
            )
            self._last_status = (time.monotonic(), trainer.global_step)

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        metrics = {name: float(value) for name, value in trainer.callback_metrics.items()}
        self._report(
            f"epoch {trainer.current_epoch + 1}/{trainer.max_epochs}: loss {metrics['train/loss']:.3f}, "
            f"validation accuracy {metrics['validation/accuracy']:.1%}, "
            f"macro recall {metrics['validation/macro_recall']:.1%}, "
            f"{self._elapsed().wall_seconds / 60:.1f} minutes"
        )
        self._last_status = (time.monotonic(), trainer.global_step)

    def on_train_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        self.spent = self._elapsed()

    def state_dict(self) -> dict[str, Any]:
        return asdict(self._elapsed())

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        self.spent = RunTime(**state_dict)

    def _elapsed(self) -> RunTime:
        wall, cpu = self._clock
        return RunTime(
            self.spent.wall_seconds + time.monotonic() - wall,
            self.spent.cpu_seconds + time.process_time() - cpu,
        )


def train(recipe: Recipe, data: FaceSet, run_dir: Path, report: Callable[[str], None]) -> None:
    """Trains until the recipe's last epoch; goes on where an earlier call was stopped.

    A finished run is not done again.

    Leaves in `run_dir`: recipe.json, best.ckpt, last.ckpt and, at the end, finished.json with what
    the run took.

    Raises:
        TrainingStoppedError: The user stopped it; it was saved.
        TrainingError: Its checkpoint cannot be read, or not be written.
    """
    finished = run_dir / "finished.json"
    if finished.exists():
        report(f"Training: done before, in {run_dir}")
        return
    run_dir.mkdir(parents=True, exist_ok=True)
    (run_dir / "recipe.json").write_text(json.dumps(recipe.to_json(), indent=1), encoding="utf-8")
    last = run_dir / "last.ckpt"
    progress = Progress(last, recipe.batch_size, report)
    precision = precision_of(recipe)
    trainer = pl.Trainer(
        max_epochs=recipe.epochs,
        accelerator="auto",
        devices=1,
        precision="bf16-mixed" if precision == "bf16" else "32-true",
        logger=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        num_sanity_val_steps=0,
        callbacks=[
            EMAWeightAveraging(decay=recipe.ema_decay),
            ModelCheckpoint(
                run_dir, "best", monitor="validation/score", mode="max", enable_version_counter=False
            ),
            ModelCheckpoint(run_dir, "last", enable_version_counter=False),
            progress,
        ],
    )
    if last.exists():
        _load_checkpoint(last)
    torch.manual_seed(recipe.seed)
    report(f"Training: {recipe.epochs} epochs in {precision}, in {run_dir}")
    with _quiet_lightning(), _stopped_by_ctrl_c(progress):
        try:
            batches = _training_batches(recipe, data)
            trainer.fit(
                EmotionModule(recipe, len(batches)),
                batches,
                _validation_batches(data),
                ckpt_path=last if last.exists() else None,
                weights_only=False,
            )
        except OSError as error:
            raise TrainingError(
                "Run not saved", f"{error}.", "Free space, or name another --cache."
            ) from error
    content = {
        "date": datetime.now(UTC).strftime("%Y.%m.%d"),
        "epochs": trainer.current_epoch,
        "precision": precision,
        "hardware": _hardware(),
        "commit": _commit(),
        **asdict(progress.spent),
    }
    unfinished = finished.with_suffix(".tmp")
    unfinished.write_text(json.dumps(content, indent=1), encoding="utf-8")
    unfinished.replace(finished)


def best_network(recipe: Recipe, run_dir: Path) -> ResNet18Cbam:
    """Returns a run's network as it did best on the validation part, ready to classify.

    Raises:
        TrainingError: Its checkpoint is missing or damaged.
    """
    prefix = "network."
    state = _load_checkpoint(run_dir / "best.ckpt")["state_dict"]
    network = _ARCHITECTURES[recipe.architecture](recipe.dropout)
    network.load_state_dict({k.removeprefix(prefix): v for k, v in state.items() if k.startswith(prefix)})
    return network.eval()


def _load_checkpoint(path: Path) -> dict[str, Any]:
    """Reads a checkpoint.

    Raises:
        TrainingError: It is missing or damaged.
    """
    try:
        content: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=False)
    except (OSError, EOFError, RuntimeError, pickle.UnpicklingError) as error:
        raise TrainingError(
            "Run damaged", f"{path} cannot be read.", f"To train anew, delete {path.parent}."
        ) from error
    return content


def precision_of(recipe: Recipe) -> str:
    """Returns the recipe's precision, or "fp32" on a processor without bfloat16 units, where it is faster."""
    has_units = torch.cuda.is_available() or torch.ops.mkldnn._is_mkldnn_bf16_supported()
    return recipe.precision if has_units else "fp32"


def sampled_prior(recipe: Recipe, data: FaceSet) -> NDArray[np.float64]:
    """Returns how often each emotion is drawn in training, sums to 1, [4]."""
    counts = np.bincount(data.ferplus_labels()[data.training_faces()], minlength=len(Emotion)).astype(float)
    drawn = np.maximum(counts, 1) ** (1 - recipe.balance)
    return np.asarray(drawn / drawn.sum())


def _training_batches(recipe: Recipe, data: FaceSet) -> FaceBatches:
    indices = data.training_faces()
    sampler = BalancedSampler(data.ferplus_labels()[indices], recipe.balance, recipe.seed)
    return FaceBatches(data, indices, data.vote_shares(indices), recipe.batch_size, sampler)


def _validation_batches(data: FaceSet) -> FaceBatches:
    indices = data.evaluation_faces("validation")
    labels = data.ferplus_labels()[indices]
    return FaceBatches(data, indices[labels >= 0], labels[labels >= 0], EVALUATION_BATCH)


def _hardware() -> str:
    """Returns what the run ran on, in words."""
    if torch.cuda.is_available():
        return torch.cuda.get_device_name()
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
    """Leaves out two warnings, by name, that ask for nothing."""
    with warnings.catch_warnings():
        # Lightning 2.6 with torch 2.11 and later.
        warnings.filterwarnings(
            "ignore", message=r".*isinstance\(treespec, LeafSpec\)", category=FutureWarning
        )
        # A run that goes on does so in its own folder.
        warnings.filterwarnings("ignore", message="Checkpoint directory .* exists and is not empty")
        yield


@contextmanager
def _stopped_by_ctrl_c(progress: Progress) -> Iterator[None]:
    before = signal.signal(signal.SIGINT, progress.ask_to_stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
