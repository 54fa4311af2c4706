# ruff: noqa: ARG002  # the arguments of hooks are Lightning's
"""The training step, and what is measured after each epoch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import lightning.pytorch as pl
import torch
from torch import Tensor
from torch.nn import functional
from torchmetrics import MeanMetric
from torchmetrics.classification import MulticlassAccuracy

from training.losses import emotion_loss
from training.targets import CLASSES
from training.transforms import augment, mixup, to_input

if TYPE_CHECKING:
    from torch.optim.lr_scheduler import LRScheduler

    from training.config import Recipe


class EmotionModule(pl.LightningModule):
    """The network with its loss, its schedule and its metrics on the validation part."""

    def __init__(self, recipe: Recipe, counts: list[int], steps_per_epoch: int) -> None:
        """Builds the network.

        Args:
            recipe: What to train.
            counts: Training faces of each emotion.
            steps_per_epoch: Batches of an epoch.
        """
        super().__init__()
        self.recipe = recipe
        self.steps_per_epoch = steps_per_epoch
        self.network = recipe.build_network()
        self.network.to(memory_format=torch.channels_last)
        self.register_buffer("class_weights", _class_weights(recipe, counts), persistent=False)
        self.train_loss = MeanMetric()
        self.train_accuracy = MulticlassAccuracy(CLASSES, average="micro")
        for metric in (self.train_loss, self.train_accuracy):
            metric.persistent(mode=True)  # a run that continues within an epoch knows how it started
        self.loss = MeanMetric()
        self.accuracy = MulticlassAccuracy(CLASSES, average="micro")
        self.macro_recall = MulticlassAccuracy(CLASSES, average="macro")

    def on_train_batch_start(self, batch: object, batch_idx: int) -> None:
        """Makes randomness depend on the step alone, so that a resumed run ends with the same weights."""
        torch.manual_seed(hash((self.recipe.seed, self.global_step, self.global_rank)))
        if batch_idx == 0:
            self.train_loss.reset()
            self.train_accuracy.reset()

    def training_step(self, batch: tuple[Tensor, Tensor], batch_idx: int) -> Tensor:
        """Returns the loss of augmented and mixed faces; all of it is computed on the device."""
        faces, targets = batch
        recipe = self.recipe
        side = recipe.image_size
        if recipe.small_image_size is not None and self.current_epoch < recipe.small_epochs:
            side = recipe.small_image_size
        with torch.no_grad(), torch.autocast(self.device.type, enabled=False):
            images = augment(faces, side, recipe)
            if recipe.mixup > 0:
                images, targets = mixup(images, targets, recipe.mixup)
        logits, _ = self.network(images.contiguous(memory_format=torch.channels_last))
        loss = emotion_loss(
            logits.float(),
            targets,
            class_weights=self.get_buffer("class_weights"),
            focal_gamma=recipe.focal_gamma,
            label_smoothing=recipe.label_smoothing,
        )
        self.train_accuracy.update(logits, targets.argmax(dim=1))
        self.train_loss.update(loss.detach(), len(faces))
        for name, metric in (("loss", self.train_loss), ("accuracy", self.train_accuracy)):
            self.log(f"train/{name}", metric, on_step=False, on_epoch=True, batch_size=len(faces))
        return loss

    def validation_step(self, batch: tuple[Tensor, Tensor], batch_idx: int) -> None:
        """Counts correct answers on the validation part."""
        faces, labels = batch
        with torch.autocast(self.device.type, enabled=False):  # as in the evaluation
            logits, _ = self.network(to_input(faces, self.recipe.image_size))
        self.loss.update(functional.cross_entropy(logits, labels), len(labels))
        self.accuracy.update(logits, labels)
        self.macro_recall.update(logits, labels)

    def on_validation_epoch_end(self) -> None:
        """Logs loss, accuracy, macro recall, and the other values that a checkpoint may be selected by."""
        loss, accuracy, recall = (m.compute() for m in (self.loss, self.accuracy, self.macro_recall))
        measured = {
            "loss": loss,
            "accuracy": accuracy,
            "macro_recall": recall,
            "score": (accuracy + recall) / 2,
            "last": torch.full_like(accuracy, self.current_epoch),
        }
        # All processes have the same values; sync_dist only tells Lightning so.
        self.log_dict({f"validation/{name}": value for name, value in measured.items()}, sync_dist=True)
        for metric in (self.loss, self.accuracy, self.macro_recall):
            metric.reset()

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Stores the recipe with the weights, so that the file says which network they belong to."""
        checkpoint["recipe"] = self.recipe.to_json()

    def configure_optimizers(self) -> dict[str, Any]:  # type: ignore[override]  # one of the forms that Lightning accepts
        """Returns the recipe's optimizer and its schedule."""
        recipe = self.recipe
        kind = torch.optim.AdamW if recipe.optimizer == "adamw" else torch.optim.Adam
        optimizer = kind(
            [
                {
                    "params": [p for p in self.parameters() if p.ndim > 1],
                    "weight_decay": recipe.weight_decay,
                },
                {"params": [p for p in self.parameters() if p.ndim <= 1], "weight_decay": 0.0},
            ],
            lr=recipe.learning_rate,
            fused=not recipe.gradient_clip,  # Lightning does not clip gradients for a fused one in 16 bits
        )
        interval = "step" if recipe.schedule == "onecycle" else "epoch"
        schedule = self._schedule(optimizer)
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": schedule, "interval": interval}}

    def _schedule(self, optimizer: torch.optim.Optimizer) -> LRScheduler:
        recipe, schedulers = self.recipe, torch.optim.lr_scheduler
        match recipe.schedule:
            case "onecycle":
                # Not the trainer's estimate: asking for it here would start the loader too early.
                steps = recipe.epochs * self.steps_per_epoch
                return schedulers.OneCycleLR(
                    optimizer,
                    recipe.learning_rate,
                    total_steps=steps,
                    # torch divides by zero if the peak is the first step.
                    pct_start=recipe.warmup_share if recipe.warmup_share * steps > 1 else 0.0,
                    cycle_momentum=False,
                )
            case "step":
                return schedulers.StepLR(optimizer, recipe.step_epochs, recipe.step_factor)
            case "cosine":
                return schedulers.CosineAnnealingLR(optimizer, recipe.cosine_epochs)
            case "constant":
                return schedulers.ConstantLR(optimizer, factor=1.0)


def _class_weights(recipe: Recipe, counts: list[int]) -> Tensor:
    """Returns a weight per class, 1 on average over the faces; all 1 if the recipe asks for none."""
    if not recipe.class_weights:
        return torch.ones(CLASSES)
    present = sum(count > 0 for count in counts)
    return torch.tensor([sum(counts) / (present * count) if count else 0.0 for count in counts])
