"""`python -m training`: from FER-2013 to models/emotion.onnx."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from pathlib import Path

from fer_desktop.errors import AppError
from fer_desktop.paths import cache_dir, models_dir
from training.errors import TrainingStoppedError

_INTERRUPTED = 130

STEPS = ("prepare", "train", "evaluate", "export")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m training",
        description="Trains the emotion model from FER-2013 with FER+ votes and puts it where the app loads "
        "it. Each step does those before it; what is done is not done again, what was stopped goes on.",
        epilog="Exit codes: 0 done, 2 bad data, recipe or run, 130 stopped by Ctrl-C.",
    )
    parser.add_argument(
        "step",
        nargs="?",
        choices=STEPS,
        default=STEPS[-1],
        help="how far to go: prepare the data, train, evaluate, export the model (default: all)",
    )
    parser.add_argument(
        "--recipe", default="quick", metavar="NAME|FILE", help="what to train (default: quick)"
    )
    parser.add_argument(
        "--data",
        type=Path,
        default=Path(os.environ.get("FER_DATA", ".")),
        metavar="DIR",
        help="folder of fer2013.zip (Kaggle) and ferplus.csv (default: $FER_DATA, else the current one)",
    )
    parser.add_argument(
        "--cache",
        type=Path,
        default=cache_dir() / "training",
        metavar="DIR",
        help="where prepared data and runs are kept (default: %(default)s)",
    )
    parser.add_argument(
        "--models",
        type=Path,
        default=models_dir(),
        metavar="DIR",
        help="where the model goes (default: %(default)s)",
    )
    return parser


def main(argv: list[str] | None = None) -> int:
    """Runs the command; returns its exit code."""
    args = _parser().parse_args(argv)
    try:
        _run(args)
    except TrainingStoppedError as error:
        print(f"training: {error}", file=sys.stderr)
        return _INTERRUPTED
    except AppError as error:
        print(f"training: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("training: Stopped. The same command goes on.", file=sys.stderr)
        return _INTERRUPTED
    return 0


def _run(args: argparse.Namespace) -> None:
    # Here, so that --help and wrong arguments need not wait for torch.
    from training.config import Recipe
    from training.data import prepare

    recipe = Recipe.load(args.recipe)
    data = prepare(args.data.resolve(), args.cache.resolve())
    counts = data.manifest["counts"]
    _report(
        "Data: "
        + ", ".join(f"{part['four_classes']} {split} faces" for split, part in counts.items())
        + f" of four classes; {data.manifest['duplicates_dropped']} training copies of the others dropped"
    )
    last = STEPS.index(args.step)
    if last == 0:
        return
    from training.engine import train
    from training.pipeline import evaluate, export

    logging.getLogger("lightning.pytorch").setLevel(logging.WARNING)
    run_dir = args.cache / "runs" / f"{recipe.name}-{recipe.digest}-{data.digest}"
    train(recipe, data, run_dir, _report)
    if last >= STEPS.index("evaluate"):
        evaluate(recipe, data, run_dir, _report)
    if last >= STEPS.index("export"):
        export(recipe, data, run_dir, args.models, _report)


def _report(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
