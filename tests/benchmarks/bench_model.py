"""Size, load time and latency of the network at several input sizes, and of the shipped model.

`python -m tests.benchmarks.bench_model [--cache DIR] [--out DIR]` leaves model_speed.md and model_speed.json
in DIR. Each network is exported as a run's is and loaded as the app loads it; random weights are as fast as
trained ones. Accuracies are those of evaluated runs in the cache that differ in nothing but the input.
Compare only figures from an idle machine.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
from collections import defaultdict
from itertools import product
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import onnxruntime

from fer_desktop.files import write_whole
from fer_desktop.paths import cache_dir, models_dir
from fer_desktop.vision.emotion_classifier import OnnxEmotionClassifier, session_options
from tests.fakes.tiny_model import write_tiny_model
from training.config import Recipe
from training.data.picture_tree import FER_SIDE
from training.devices import Devices
from training.evaluation.compare import MeasuredRun, measured_runs
from training.evaluation.tables import markdown_table, with_interval
from training.model_file import SMALLEST_ATTENTION, DeployedModel, fold, quantize_onnx, write_onnx
from training.provenance import hardware

IMAGE_SIZES = (48, 64, 96, 112, 224)
_INPUT = ("image_size", "stem_pooling", "last_stride")
"""The values of a recipe that decide how much of a face the network sees, and in how many places."""

MOST_MILLISECONDS, MOST_MEGABYTES, MOST_LOAD_MILLISECONDS = 8, 25, 400
"""What the shipped model may take: a face on two threads of about 2.5 GHz, the file, and loading it."""

_CROP_SIDE = 160
"""Pixels of the face that is read: about what a camera of 640x480 gives at the desk."""

_LOADS = 5
_WARM_UP_RUNS = 3
_SECONDS = 1.5
_FEWEST_RUNS = 15


def main() -> None:
    """Measures, and writes the table."""
    parser = argparse.ArgumentParser(prog=f"python -m {__spec__.name}", description=__doc__)
    parser.add_argument("--cache", type=Path, default=cache_dir() / "training", metavar="DIR")
    parser.add_argument("--out", type=Path, default=Path(), metavar="DIR")
    args = parser.parse_args()
    runs = _trained_alike(measured_runs(args.cache / "runs", print))
    with tempfile.TemporaryDirectory() as folder:
        exported = [
            (recipe, _export(recipe, Path(folder) / str(number))) for number, recipe in enumerate(_recipes())
        ]
        rows = [
            {
                **{name: recipe.to_json()[name] for name in _INPUT},
                **_measure(*files),
                "run": _run_of(runs, recipe),
            }
            for recipe, files in exported
        ]
    content = {
        "machine": {
            "hardware": hardware(Devices(accelerator="cpu")),
            "usable_cores": len(os.sched_getaffinity(0)),
            "onnxruntime": onnxruntime.__version__,
        },
        "crop_side": _CROP_SIDE,
        "shipped": _measure(models_dir() / "emotion.onnx", models_dir() / "emotion.json"),
        "networks": rows,
        "trained": {"recipe": runs[0].recipe.name, "epochs": runs[0].finished.epochs} if runs else None,
    }
    write_whole(args.out / "model_speed.json", json.dumps(content, indent=1) + "\n", private=False)
    write_whole(args.out / "model_speed.md", _text(content), private=False)


def _recipes() -> list[Recipe]:
    """Returns a recipe for each input size, stem and stride; the smallest first."""
    return [
        Recipe.load("release", {"image_size": size, "stem_pooling": pooling, "last_stride": stride})
        for size, pooling, stride in product(IMAGE_SIZES, (True, False), (2, 1))
    ]


def _export(recipe: Recipe, folder: Path) -> tuple[Path, Path]:
    """Returns the model file of a recipe's network with random weights, and a card that fits it."""
    folder.mkdir()
    model = fold(DeployedModel(recipe.build_network(), recipe.image_size, FER_SIDE), "int8")
    write_onnx(model, folder / "exported.onnx", "int8")
    noise = np.random.default_rng(0).integers(0, 256, (1, FER_SIDE, FER_SIDE), np.uint8)
    quantize_onnx(folder / "exported.onnx", noise)
    return write_tiny_model(folder, (folder / "exported.onnx").read_bytes())


def _measure(model: Path, card: Path) -> dict[str, Any]:
    crop = np.random.default_rng(0).integers(0, 256, (1, 1, _CROP_SIDE, _CROP_SIDE), dtype=np.uint8)
    loads = []
    for _ in range(_LOADS):
        started = perf_counter()
        OnnxEmotionClassifier.load(model, card)
        loads.append(perf_counter() - started)
    latencies = {}
    for threads in (1, 2):
        session = onnxruntime.InferenceSession(model, session_options(threads))
        latencies[threads] = 1000 * statistics.median(_run_times(session, crop))
    _, attention = session.run(["probabilities", "attention"], {"faces": crop})
    return {
        "attention": list(attention.shape[1:]),
        "latency_ms_1_thread": latencies[1],
        "latency_ms_2_threads": latencies[2],
        "load_ms": 1000 * statistics.median(loads),
        "file_mb": model.stat().st_size / 1e6,
    }


def _run_times(session: onnxruntime.InferenceSession, crop: np.ndarray[Any, Any]) -> list[float]:
    """Returns the seconds of one reading each."""
    for _ in range(_WARM_UP_RUNS):
        session.run(["probabilities"], {"faces": crop})
    times: list[float] = []
    while sum(times) < _SECONDS or len(times) < _FEWEST_RUNS:
        started = perf_counter()
        session.run(["probabilities"], {"faces": crop})
        times.append(perf_counter() - started)
    return times


def _trained_alike(runs: list[MeasuredRun]) -> list[MeasuredRun]:
    """Returns, of ResNet18-CBAMs towards FER+, the most that differ in nothing but their input."""
    alike: defaultdict[str, list[MeasuredRun]] = defaultdict(list)
    for run in runs:
        values = run.recipe.to_json()
        if values.get("cbam") and run.recipe.targets == "ferplus":
            rest = {name: value for name, value in values.items() if name not in _INPUT}
            alike[json.dumps(rest)].append(run)
    return max(alike.values(), key=len, default=[])


def _run_of(runs: list[MeasuredRun], recipe: Recipe) -> dict[str, Any] | None:
    """Returns the run of this input, if any; "accuracy" is that on the test part."""
    for run in runs:
        if all(run.recipe.to_json()[name] == recipe.to_json()[name] for name in _INPUT):
            accuracy = with_interval(*run.metrics["ferplus"].overall("accuracy"))
            return {"name": run.name, "accuracy": accuracy}
    return None


def _text(content: dict[str, Any]) -> str:
    machine, shipped = content["machine"], content["shipped"]
    bars = [
        ("latency, 1 thread", f"{shipped['latency_ms_1_thread']:.1f} ms", ""),
        ("latency, 2 threads", f"{shipped['latency_ms_2_threads']:.1f} ms", f"{MOST_MILLISECONDS} ms"),
        ("file", f"{shipped['file_mb']:.1f} MB", f"{MOST_MEGABYTES} MB"),
        ("loading", f"{shipped['load_ms']:.0f} ms", f"{MOST_LOAD_MILLISECONDS} ms"),
    ]
    rows = [
        (
            str(row["image_size"]),
            "7x7, stride 2" + (", pooled" if row["stem_pooling"] else ""),
            str(row["last_stride"]),
            "x".join(map(str, row["attention"]))
            + ("" if min(row["attention"]) >= SMALLEST_ATTENTION else ", too coarse"),
            f"{row['latency_ms_1_thread']:.1f}",
            f"{row['latency_ms_2_threads']:.1f}",
            f"{row['load_ms']:.0f}",
            f"{row['file_mb']:.1f}",
            f"{run['accuracy']}, {run['name']}" if (run := row["run"]) else "not run",
        )
        for row in content["networks"]
    ]
    header = ("input, px", "stem", "last stride", "attention", "ms, 1 thread", "ms, 2 threads",
              "load, ms", "file, MB", "accuracy, FER+ labels of the test part")  # fmt: skip
    side, least = content["crop_side"], SMALLEST_ATTENTION
    introduction = (
        f"Written by `python -m tests.benchmarks.bench_model`. One gray face of {side}x{side} pixels in "
        f"onnxruntime {machine['onnxruntime']}, as the app runs it: medians. Hardware: "
        f"{machine['hardware']}, {machine['usable_cores']} usable. Loading includes a first "
        f"reading. Attention of fewer than {least}x{least} places is too coarse for the app to show."
    )
    if trained := content["trained"]:
        introduction += (
            f" The accuracies are of runs of `{trained['recipe']}` that differ in nothing but the input, "
            f"over {trained['epochs']} epochs each: they compare inputs, and longer training gives more."
        )
    sections = [
        "# Size and speed",
        introduction,
        "## The shipped model",
        markdown_table(("", "measured", "at most"), bars),
        "## ResNet18-CBAM by input size",
        markdown_table(header, rows),
    ]
    return "\n\n".join(sections) + "\n"


if __name__ == "__main__":
    main()
