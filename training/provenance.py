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
    """Where a run's weights come from, and what training took."""

    file_name: ClassVar[str] = "finished.json"
    left_by: ClassVar[str] = "train"

    date: str  # "2026.11.29", in UTC
    epochs: int
    best_epoch: int  # whose weights were kept
    precision: str
    hardware: str
    processes: int
    commit: str
    weights: str  # where the first ones came from, in words
    data: str  # digest of the data set
    wall_seconds: float  # without pauses
    cpu_seconds: float  # of the first process
    faces_per_second: float  # without validation
    loader_share: float  # of that time, spent waiting for data


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
