"""Measures what many faces cost training: `python -m tests.benchmarks.bench_training [FACES ...]`.

For each number of made-up faces, one epoch of the recipe `baseline` at 24 pixels, in batches of 256, in a
process of its own: the memory that belongs to the process alone (not the pages of the memory-mapped faces,
which the system takes back when it needs them), and which share of its steps goes into reading the batches.
So small a net has the shortest steps, and so the highest share. Linux only.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

_FACES = (40_000, 400_000)
_BLOCK = 10_000
_CHANGES = {"epochs": 1, "batch_size": 256, "image_size": 24}


def main(counts: list[int]) -> None:
    """Prints a table."""
    print(f"{'faces':>8} {'private memory':>15} {'faces/s':>8} {'reading':>8}")  # noqa: T201
    for count in counts:
        with tempfile.TemporaryDirectory() as folder:
            child = [sys.executable, "-m", __spec__.name, "--once", str(count), folder]
            subprocess.run(child, check=True, stderr=subprocess.DEVNULL)
            finished = json.loads((Path(folder) / "run" / "finished.json").read_text(encoding="utf-8"))
            memory = int((Path(folder) / "private_kib").read_text(encoding="ascii")) / 1024
        speed, share = finished["faces_per_second"], finished["loader_share"]
        print(f"{count:8} {memory:11.0f} MiB {speed:8.0f} {share:8.1%}", flush=True)  # noqa: T201


def _train_once(count: int, folder: Path) -> None:
    """Trains on `count` faces, and leaves the highest private memory that was seen in `folder`."""
    from training.config import Recipe
    from training.data.face_set import FaceSet
    from training.devices import Devices
    from training.engine import train
    from training.targets import training_targets

    generator = np.random.default_rng(0)
    faces = np.lib.format.open_memmap(folder / "faces.npy", "w+", np.uint8, (count, 48, 48))
    for start in range(0, count, _BLOCK):
        block = faces[start : start + _BLOCK]
        block[:] = generator.integers(0, 256, block.shape, dtype=np.uint8)
    faces.flush()
    splits = np.zeros(count, np.uint8)
    splits[: count // 20] = 1
    data = FaceSet(
        faces=np.load(folder / "faces.npy", mmap_mode="r"),
        labels=generator.integers(0, 4, count),
        votes=np.zeros((count, 10), np.uint8),
        splits=splits,
        manifest={"name": "made up", "source_sha256": {}},
    )
    highest = 0

    def look_at_memory(_line: str) -> None:
        nonlocal highest
        status = Path("/proc/self/status").read_text(encoding="ascii")
        highest = max(highest, int(re.search(r"RssAnon:\s+(\d+)", status)[1]))  # type: ignore[index]  # always there

    recipe = Recipe.load("baseline", _CHANGES)
    devices = Devices(accelerator="cpu")
    train(
        recipe,
        data,
        folder / "run",
        look_at_memory,
        targets=training_targets(recipe, data),
        devices=devices,
        initialize=lambda _: "random weights",
    )
    (folder / "private_kib").write_text(str(highest), encoding="ascii")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--once"]:
        _train_once(int(sys.argv[2]), Path(sys.argv[3]))
    else:
        main([int(argument) for argument in sys.argv[1:]] or list(_FACES))
