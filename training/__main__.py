"""`python -m training`: from a data set of faces to models/emotion.onnx."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fer_desktop.domain import Emotion
from fer_desktop.errors import AppError
from fer_desktop.paths import cache_dir, models_dir
from training.errors import NoDataSetError, TrainingStoppedError

if TYPE_CHECKING:
    from training.config import Recipe
    from training.data.face_set import FaceSet

_INTERRUPTED = 130
_SHIPPED_RECIPE = "annealed"
_EXIT_CODES = "Exit codes: 0 done, 2 bad data, recipe or run, 130 stopped by Ctrl-C."


def main(argv: list[str] | None = None) -> int:
    """Runs the command; returns its exit code."""
    arguments = sys.argv[1:] if argv is None else argv
    if not arguments or (arguments[0].startswith("-") and arguments[0] not in ("-h", "--help")):
        arguments = ["all", *arguments]
    args = _parser().parse_args(arguments)
    try:
        args.run(args)
    except TrainingStoppedError as error:
        if _is_first_process():  # the others stopped with it
            print(f"training: {error}", file=sys.stderr)
        return _INTERRUPTED
    except AppError as error:
        print(f"training: {error}", file=sys.stderr)
        return 2
    except OSError as error:  # mostly in writing: what cannot be read has its own errors
        print(
            f"training: A file cannot be used: {error}. Check its path and the free space.", file=sys.stderr
        )
        return 2
    except KeyboardInterrupt:
        print("training: Stopped. The same command continues.", file=sys.stderr)
        return _INTERRUPTED
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m training",
        description="Trains the emotion model on FER-2013 with FER+ votes, or on another data set of "
        "faces, and puts it where the app loads it. Without a step it does all of them, with the options of "
        "`all`. Each step first does those before it. Finished steps are not repeated, and stopped ones "
        "continue.",
        epilog=_EXIT_CODES,
    )
    steps = parser.add_subparsers(title="steps", required=True)
    whole = _step(steps, "all", _all, "prepare, train, evaluate and export (the default)")
    prepare = _step(
        steps, "prepare", _prepare, "read the data set into the cache, drop copies, and count the faces"
    )
    train = _step(steps, "train", _train, "train a recipe")
    evaluate = _step(
        steps,
        "evaluate",
        _evaluate,
        "measure a recipe's run, any model file or checkpoint on any data set, or your own photos",
    )
    compare = _step(steps, "compare", _compare, "put evaluated runs side by side, and test what CBAM gains")
    export = _step(steps, "export", _export, "put a recipe's model where the app loads it")
    for step in (whole, prepare, train, evaluate, export):
        _add_data_options(step)
    for step in (whole, train, evaluate, export):
        _add_recipe_options(step)
    for step in (whole, export):
        step.add_argument(
            "--models",
            type=Path,
            default=models_dir(),
            metavar="DIR",
            help="where the model goes (default: %(default)s)",
        )
    evaluate.add_argument(
        "model",
        nargs="?",
        type=Path,
        metavar="MODEL",
        help="a model file (.onnx) or checkpoint (.ckpt) to measure as it is; without it, the run of "
        "--recipe, trained first if necessary",
    )
    evaluate.add_argument(
        "--split",
        choices=("train", "validation", "test"),
        default="test",
        help="the part of the data to measure MODEL on (default: %(default)s)",
    )
    evaluate.add_argument(
        "--captures",
        type=Path,
        metavar="FOLDER",
        help="read the photos in FOLDER/<emotion>/ as the app does, with the model in --models, and list the "
        "emotion and the keywords that each gets",
    )
    evaluate.add_argument(
        "--models",
        type=Path,
        default=models_dir(),
        metavar="DIR",
        help="where the model for --captures is (default: %(default)s)",
    )
    compare.add_argument(
        "runs",
        nargs="*",
        type=Path,
        metavar="RUN",
        help="folders of evaluated runs (default: all in the cache)",
    )
    for step in (evaluate, compare):
        step.add_argument(
            "--out",
            type=Path,
            default=Path("evaluation"),
            metavar="DIR",
            help="where tables and figures go (default: ./%(default)s; those of a run go to its folder)",
        )
    _add_cache_option(compare)
    personal = _step(
        steps, "personal", _personal, "measure what face profiles gain, on readings of posed faces by people"
    )
    personal.add_argument(
        "--readings",
        type=Path,
        required=True,
        metavar="FILE",
        help="a CSV of what the model read, one face a line: person, session, emotion, p_<emotion> for each",
    )
    personal.add_argument(
        "--models",
        type=Path,
        metavar="DIR",
        help="also write it into the card and README of the model in DIR, which must be the one that read",
    )
    return parser


def _step(
    steps: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    run: object,
    words: str,
) -> argparse.ArgumentParser:
    step = steps.add_parser(
        name, help=words, description=f"{words[0].upper()}{words[1:]}.", epilog=_EXIT_CODES
    )
    step.set_defaults(run=run)
    return step


def _add_cache_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--cache",
        type=lambda text: Path(text).resolve(),
        default=cache_dir() / "training",
        metavar="DIR",
        help="where prepared data and runs are kept (default: %(default)s)",
    )


def _add_data_options(parser: argparse.ArgumentParser) -> None:
    options = parser.add_argument_group("data")
    options.add_argument(
        "--data",
        type=Path,
        default=os.environ.get("FER_DATA"),
        metavar="PATH",
        help="the data set: FER-2013 as fer2013.zip, its unpacked folder, fer2013.csv or icml_face_data.csv, "
        "with ferplus.csv next to it; or any folder or zip of <split>/<emotion>/ or <emotion>/ with pictures "
        "(default: $FER_DATA, else the current folder)",
    )
    options.add_argument(
        "--class-names",
        metavar="NAME|FILE",
        help="what numbered class folders mean: affectnet, rafdb, fer2013, or your own TOML file",
    )
    _add_cache_option(parser)


def _add_recipe_options(parser: argparse.ArgumentParser) -> None:
    options = parser.add_argument_group("recipe")
    options.add_argument(
        "--recipe",
        default=_SHIPPED_RECIPE,
        metavar="NAME|FILE",
        help="what to train: one of training/recipes, or a file (default: %(default)s)",
    )
    options.add_argument(
        "--set",
        type=_change,
        action="append",
        default=[],
        metavar="NAME=VALUE",
        dest="changes",
        help="a value to replace the recipe's, such as epochs=3; may be given several times",
    )
    options.add_argument(
        "--weights",
        metavar="imagenet|vggface2|RECIPE|PATH|none",
        help="what the network starts from: torchvision's ImageNet weights for ResNet18 or a face network's "
        "for MobileNet (downloaded once), the best weights of another recipe, a file, or random weights "
        "(default: as the recipe says)",
    )
    options = parser.add_argument_group("devices")
    options.add_argument(
        "--accelerator",
        choices=("auto", "cpu", "gpu"),
        default="auto",
        help="what to compute on (default: a GPU if there is one)",
    )
    options.add_argument(
        "--devices",
        type=int,
        metavar="N",
        help="processes on this computer, one per GPU (default: all GPUs; under torchrun, what it starts)",
    )
    options.add_argument(
        "--nodes",
        type=int,
        default=1,
        metavar="N",
        help="computers that train together, each running this command under torchrun or Slurm, with one "
        "--cache for all (default: 1)",
    )


def _change(text: str) -> tuple[str, Any]:
    from training.config import parse_change

    try:
        return parse_change(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _all(args: argparse.Namespace) -> None:
    data = _data(args)
    run_dir = _run(_recipe(args), data, args)
    if not _is_first_process():
        return
    from training.evaluation.run import evaluate_run
    from training.export import export

    evaluation = evaluate_run(run_dir, data, _report)
    if evaluation.exported is not None:
        export(run_dir, data, args.models, _report)
    else:
        _report(f"Export: none, since {evaluation.not_exported_since}")


def _prepare(args: argparse.Namespace) -> None:
    _data(args)


def _train(args: argparse.Namespace) -> None:
    _run(_recipe(args), _data(args), args)


def _evaluate(args: argparse.Namespace) -> None:
    if args.captures is not None:
        from training.evaluation.captures import evaluate_captures

        evaluate_captures(args.captures, args.models, args.out, _report)
        return
    data = _data(args)
    if args.model is not None:
        from training.evaluation.run import evaluate_model

        evaluate_model(args.model, data, args.split, args.out, _report)
        return
    run_dir = _run(_recipe(args), data, args)
    if _is_first_process():
        from training.evaluation.run import evaluate_run

        evaluate_run(run_dir, data, _report)


def _compare(args: argparse.Namespace) -> None:
    from training.evaluation.compare import MeasuredRun, compare_runs, measured_runs

    named = [MeasuredRun.load(run_dir) for run_dir in args.runs]
    compare_runs(named or measured_runs(args.cache / "runs", _report), args.out, _report)


def _export(args: argparse.Namespace) -> None:
    data = _data(args)
    run_dir = _run(_recipe(args), data, args)
    if _is_first_process():
        from training.evaluation.run import evaluate_run
        from training.export import export

        evaluate_run(run_dir, data, _report)
        export(run_dir, data, args.models, _report)


def _personal(args: argparse.Namespace) -> None:
    from training.personal import Readings, personal_card

    content = personal_card(Readings.load(args.readings), _report)
    if args.models is not None:
        from training.export import add_to_card

        add_to_card(content, args.models, _report)


def _recipe(args: argparse.Namespace) -> Recipe:
    from training.config import PUBLISHED_WEIGHTS, Recipe, recipe_names

    changes = dict(args.changes)
    if args.weights is not None:
        is_file = args.weights not in (*PUBLISHED_WEIGHTS, "none", *recipe_names())
        changes["weights"] = str(Path(args.weights).resolve()) if is_file else args.weights
    return Recipe.load(args.recipe, changes)


def _data(args: argparse.Namespace) -> FaceSet:
    from training.data.prepare import prepare

    try:
        data = prepare(args.data or Path(), args.cache, class_names=args.class_names, report=_report)
    except NoDataSetError as error:
        if args.data is not None:
            raise
        raise NoDataSetError(
            "No data set here",
            "The current folder is not a data set of faces.",
            "Use --data FOLDER to name one; --data . says what is wrong with this folder.",
        ) from error
    counts, copies = data.manifest["counts"], data.manifest["duplicates_dropped"]
    _report(
        "Data: "
        + ", ".join(f"{part['four_classes']} {split} faces" for split, part in counts.items())
        + f" of the {len(Emotion)} emotions. Of all {int(data.splits.size) + sum(copies.values())}, "
        f"{copies['exact']} exact and {copies['near']} near training copies of the others were dropped."
    )
    return data


def _run(recipe: Recipe, data: FaceSet, args: argparse.Namespace) -> Path:
    """Trains the recipe unless that was done; returns the run's folder."""
    # Here, so that --help, wrong arguments and `prepare` do not wait for torch.
    from training.devices import Devices
    from training.runs import train_run

    logging.getLogger("lightning.pytorch").setLevel(logging.WARNING)
    devices = Devices(accelerator=args.accelerator, count=args.devices, nodes=args.nodes)
    return train_run(recipe, data, args.cache / "runs", devices, _report)


def _report(line: str) -> None:
    if _is_first_process():
        print(line, flush=True)


def _is_first_process() -> bool:
    """Returns whether this is the process that prints, of all that train together."""
    ranks = ("RANK", "LOCAL_RANK", "NODE_RANK", "SLURM_PROCID")
    return all(os.environ.get(name, "0") == "0" for name in ranks)


if __name__ == "__main__":
    sys.exit(main())
