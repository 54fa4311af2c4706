"""What a run computes on."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from training.errors import TrainingError

if TYPE_CHECKING:
    from training.config import Recipe


@dataclass(frozen=True, slots=True, kw_only=True)
class Devices:
    """What a run computes on.

    Attributes:
        accelerator: "auto" (a GPU if there is one), "cpu" or "gpu" (CUDA).
        count: Processes on this computer, one per GPU; None uses all GPUs, or one process without any.
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
        """Checks that this computer has them.

        Raises:
            TrainingError: It has no GPU, or fewer than asked for.
        """
        there = torch.cuda.device_count()
        if self.accelerator == "gpu" and not there:
            raise TrainingError(
                "No GPU",
                "torch finds none.",
                "Install its driver and a torch built for it, or leave out --accelerator.",
            )
        if self.on_gpu and self.processes > there:
            raise TrainingError(
                "Too few GPUs",
                f"{self.processes} are requested, but there are only {there}.",
                "Use fewer (--devices), or train on the CPU (--accelerator cpu).",
            )


def precision_of(recipe: Recipe, devices: Devices) -> str:
    """Returns the recipe's precision, or "fp32" if the device is no faster in 16 bits or cannot use them."""
    if devices.on_gpu:
        return recipe.precision
    if recipe.precision != "bf16" or not torch.backends.mkldnn.is_available():  # type: ignore[no-untyped-call]
        return "fp32"
    return "bf16" if torch.ops.mkldnn._is_mkldnn_bf16_supported() else "fp32"  # noqa: SLF001 - torch has no other
