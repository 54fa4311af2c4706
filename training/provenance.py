"""Where a run's weights come from: the code, the machine, the time that training took."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import torch

from training.run_folder import RunRecord

if TYPE_CHECKING:
    from training.devices import Devices


class Finished(RunRecord):
    """Where a run's weights come from, and what training took.

    Attributes:
        date: On which it finished, "2026.11.29", in UTC.
        epochs: How many it trained.
        best_epoch: The one whose weights were kept.
        precision: In which it computed, as in `Recipe.precision`.
        hardware: What it ran on, in words.
        processes: How many trained together.
        commit: Of the code, or "unknown".
        weights: Where the first weights came from, in words.
        data: Digest of the data set.
        wall_seconds: From the first step to the end, without pauses.
        cpu_seconds: Of the first process.
        faces_per_second: While training, without validation.
        loader_share: Share of that time spent waiting for data.
    """

    file_name: ClassVar[str] = "finished.json"
    left_by: ClassVar[str] = "train"

    date: str
    epochs: int
    best_epoch: int
    precision: str
    hardware: str
    processes: int
    commit: str
    weights: str
    data: str
    wall_seconds: float
    cpu_seconds: float
    faces_per_second: float
    loader_share: float


def hardware(devices: Devices) -> str:
    """Returns what a run computes on, in words."""
    if devices.on_gpu:
        count = devices.processes * devices.nodes
        return f"{count} x {torch.cuda.get_device_name()}" if count > 1 else torch.cuda.get_device_name()
    info = Path("/proc/cpuinfo")
    names = re.findall(r"model name\s*: (.+)", info.read_text(encoding="utf-8")) if info.exists() else []
    return f"{os.cpu_count()} cores of {names[0] if names else platform.processor() or platform.machine()}"


def commit() -> str:
    """Returns the commit of this checkout, or "unknown" outside a checkout."""
    git = shutil.which("git")
    if git is None:
        return "unknown"
    command = [git, "-C", str(Path(__file__).parent), "rev-parse", "HEAD"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  # fixed arguments
    return result.stdout.strip() or "unknown"
