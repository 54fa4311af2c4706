"""The result of a benchmark: a figure with its limit, and the machine that it was measured on."""

from __future__ import annotations

import os
import platform
import re
import sys
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

_PACKAGES = ("PySide6-Essentials", "opencv-python-headless", "onnxruntime", "numpy")


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value.

    Attributes:
        name: What was measured.
        value: The measured value.
        unit: Its unit.
        bar: The limit that it must not exceed, or must reach; None if it is for information.
        least: Whether the value must reach the bar instead of staying below it.
    """

    name: str
    value: float
    unit: str
    bar: float | None = None
    least: bool = False

    @property
    def holds(self) -> bool:
        """Whether the value is within its bar."""
        if self.bar is None:
            return True
        return self.value >= self.bar if self.least else self.value <= self.bar

    def __str__(self) -> str:
        judged = ""
        if self.bar is not None:
            sign = ">=" if self.least else "<="
            judged = f"{sign} {self.bar:g} {self.unit}: {'holds' if self.holds else 'MISSED'}"
        return f"{self.name:44} {self.value:8.2f} {self.unit:6} {judged}".rstrip()


def report(figures: list[Figure]) -> dict[str, Any]:
    """Returns the figures with the machine's description, ready for JSON."""
    return {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": _machine(),
        "figures": [asdict(figure) | {"holds": figure.holds} for figure in figures],
    }


def _machine() -> dict[str, Any]:
    return {
        "system": platform.platform(),
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count(),
        "memory_gib": _memory_gib(),
        "load_before": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
        "display": os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY") or "none",
        "python": platform.python_version(),
        "packages": {name: version(name) for name in _PACKAGES},
    }


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    found = re.search(r"^model name\s*: (.+)$", info.read_text(), re.MULTILINE) if info.exists() else None
    return found[1] if found else platform.processor()


def _memory_gib() -> float | None:
    info = Path("/proc/meminfo")
    found = re.search(r"^MemTotal:\s+(\d+) kB$", info.read_text(), re.MULTILINE) if info.exists() else None
    return round(int(found[1]) / 2**20, 1) if found else None
