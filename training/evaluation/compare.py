"""Several measured runs side by side, and whether CBAM beats the same network without it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from itertools import product
from typing import TYPE_CHECKING, Any

from fer_desktop.domain import Emotion
from training.config import RECIPES_DIR, Recipe
from training.errors import TrainingError
from training.evaluation.paired_test import SIGNIFICANT, PairedTest
from training.evaluation.predictions import LABEL_KINDS, SplitPredictions
from training.evaluation.tables import duration, markdown_table, percent, points, with_interval
from training.run_folder import read_record, write_whole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

PUBLISHED = (0.589, 0.67, 0.7004, 0.7189)
"""Accuracies on FER-2013 that the report behind the project cites and compares with."""

PUBLISHED_OURS = 0.78
"""What that report states for its own ResNet18 with CBAM."""

_INTRODUCTION = """\
Written by `python -m training compare`. On the test part, each face as it is, not mirrored. In brackets 95 %
intervals, by bootstrap over the faces."""
_ON_PUBLISHED = """\
By the data set's own labels. The published ones are for FER-2013, and as far as is known not all of them for
these four emotions and this test part, so that they can be compared roughly at most."""
_ON_ABLATIONS = """\
Each recipe as it is, then with values changed, and so, but for those, under the same budget. Behind a change
in accuracy its 95 % interval, by paired bootstrap over the faces, and p of the exact McNemar test. Both know
these trainings alone, and not how much another seed would change."""
_ON_THE_TEST = """\
The recipes of a pair are the same but for CBAM, and so are the faces. The exact McNemar test asks whether
both networks are equally often the only one of the two that is right. It knows these two trainings alone: how
much another seed would change is not in it."""
_OVERVIEW = {"accuracy": "accuracy", "macro F1": "macro_f1"}
_TRAINING_COLUMNS = ("parameters", "first weights", "epochs", "duration", "hardware", "measured as")


@dataclass(frozen=True, slots=True)
class MeasuredRun:
    """What the steps of a run left in its folder."""

    name: str
    recipe: Recipe
    finished: dict[str, Any]
    evaluation: dict[str, Any]
    test: SplitPredictions

    @property
    def metrics(self) -> dict[str, Any]:
        """The figures of the test part by kind of label."""
        metrics: dict[str, Any] = self.evaluation["metrics"]["test"]
        return metrics

    @property
    def changes(self) -> str:
        """What was changed with --set: the values that the recipe of this name has otherwise, "" for none."""
        if not (RECIPES_DIR / f"{self.recipe.name}.toml").exists():
            return ""
        ours, values = Recipe.load(self.recipe.name).to_json(), self.recipe.to_json()
        return ", ".join(
            f"{name}={json.dumps(value)}" for name, value in values.items() if value != ours[name]
        )

    @classmethod
    def load(cls, run_dir: Path) -> MeasuredRun:
        """Reads a run's folder.

        Raises:
            TrainingError: It is no run's, or the run was not measured yet, or a file is damaged.
        """
        finished, evaluation = (read_record(run_dir, name) for name in ("finished", "evaluation"))
        recipe = Recipe.load(str(run_dir / "recipe.toml"))
        return cls(run_dir.name, recipe, finished, evaluation, SplitPredictions.load(run_dir / "test.npz"))


def measured_runs(runs_dir: Path, report: Callable[[str], None]) -> list[MeasuredRun]:
    """Returns the measured runs in a folder of runs; passes over those that this version cannot read.

    Args:
        runs_dir: Each folder in it is a run's.
        report: Is told of each that is passed over, and why.
    """
    runs = []
    for path in sorted(runs_dir.glob("*/evaluation.json")):
        try:
            runs.append(MeasuredRun.load(path.parent))
        except TrainingError as error:
            report(f"Passed over {path.parent.name}: {error}")
    return runs


def paired_tests(first: MeasuredRun, second: MeasuredRun) -> dict[str, PairedTest]:
    """Returns the test of two runs of one data set by each kind of label."""
    named = [run.test.single.argmax(axis=1) for run in (first, second)]
    tests = {}
    for kind, labels in first.test.labels.items():
        rights = (of_run[labels >= 0] == labels[labels >= 0] for of_run in named)
        tests[kind] = PairedTest.of(*rights)
    return tests


@dataclass(frozen=True, slots=True)
class Ablation:
    """A run of a recipe with some values changed, tested against the run of the recipe as it is."""

    run: MeasuredRun
    reference: MeasuredRun
    tests: dict[str, PairedTest]


@dataclass(frozen=True, slots=True)
class CbamPair:
    """Two runs whose recipes differ in `cbam` alone, tested on the same faces by each kind of label."""

    with_cbam: MeasuredRun
    without: MeasuredRun
    tests: dict[str, PairedTest]

    @classmethod
    def of(cls, with_cbam: MeasuredRun, without: MeasuredRun) -> CbamPair:
        """Tests on all faces that have a label of a kind."""
        return cls(with_cbam, without, paired_tests(with_cbam, without))

    def verdicts(self) -> list[str]:
        """Returns for each kind of label what the test says of "CBAM beats the same network without it"."""
        return [
            f"`{self.with_cbam.name}` against `{self.without.name}`, {LABEL_KINDS[kind]}: {_verdict(test)}"
            for kind, test in self.tests.items()
        ]


def _verdict(test: PairedTest) -> str:
    low, high = test.interval
    figures = (
        f"differs by {points(test.difference)} points (95 % interval {points(low)} to {points(high)}, "
        f"p = {test.p_value:.2g})"
    )
    if test.p_value >= SIGNIFICANT:
        return f"not shown. With CBAM the accuracy {figures}; chance in the faces can explain that."
    if test.difference > 0:
        return f"shown for these two trainings. With CBAM the accuracy {figures}."
    return f"contradicted for these two trainings. With CBAM the accuracy {figures}."


def compare_runs(runs: Sequence[MeasuredRun], out_dir: Path, report: Callable[[str], None]) -> None:
    """Puts measured runs of one data set side by side, on its test part.

    Leaves compare.md and compare.json in `out_dir`.

    Raises:
        TrainingError: There is no run, or one is of other data than the first.
    """
    if not runs:
        raise TrainingError(
            "Nothing to compare", "There is no run.", "Train and evaluate some recipes first."
        )
    for run in runs[1:]:
        if run.evaluation["data"] != runs[0].evaluation["data"]:
            raise TrainingError(
                "Runs of different data",
                f"{runs[0].name} was measured on data {runs[0].evaluation['data']}, {run.name} on data "
                f"{run.evaluation['data']}.",
                "Compare runs of the same data set.",
            )
    pairs = [CbamPair.of(*pair) for pair in cbam_pairs(runs)]
    ablations = find_ablations(runs)
    sections = [
        "# Comparison",
        _INTRODUCTION,
        "## Runs",
        _overview(runs),
        "## Beside published accuracies",
        _ON_PUBLISHED,
        _published(runs),
        *(section for kind in runs[0].test.labels for section in _by_emotion(runs, kind)),
        *_ablation_section(ablations),
        "## Does CBAM beat the same network without it?",
        *_hypothesis(pairs),
    ]
    write_whole(out_dir / "compare.md", "\n\n".join(sections) + "\n")
    write_whole(out_dir / "compare.json", json.dumps(_as_json(runs, ablations, pairs), indent=1))
    for pair in pairs:
        for line in pair.verdicts():
            report(f"Comparison: {line}")
    report(f"Comparison: {out_dir / 'compare.md'}, {out_dir / 'compare.json'}")


def cbam_pairs(runs: Sequence[MeasuredRun]) -> list[tuple[MeasuredRun, MeasuredRun]]:
    """Returns the runs whose recipes differ in `cbam` alone (and in their names): with it, and without."""

    def but_for_cbam(run: MeasuredRun) -> dict[str, Any]:
        return {name: value for name, value in run.recipe.to_json().items() if name not in ("cbam", "name")}

    return [
        (one, other)
        for one, other in product(runs, runs)
        if one.recipe.architecture == "resnet18_cbam"
        and one.recipe.cbam
        and not other.recipe.cbam
        and but_for_cbam(one) == but_for_cbam(other)
    ]


def find_ablations(runs: Sequence[MeasuredRun]) -> list[Ablation]:
    """Returns the runs of our recipes with changed values, where the recipe as it is was run too."""
    references = {run.recipe.name: run for run in runs if not run.changes}
    return [
        Ablation(run, reference, paired_tests(run, reference))
        for run in runs
        if run.changes and (reference := references.get(run.recipe.name)) is not None
    ]


def _overview(runs: Sequence[MeasuredRun]) -> str:
    kinds = runs[0].test.labels
    measured = [
        (f"{name}, {LABEL_KINDS[kind]}", kind, key) for kind in kinds for name, key in _OVERVIEW.items()
    ]
    rows = [
        (
            run.name,
            run.changes,
            run.recipe.targets,
            *(with_interval(run.metrics[kind], key) for _, kind, key in measured),
            f"{run.evaluation['parameters']:,}",
            run.finished["weights"],
            str(run.finished["epochs"]),
            duration(run.finished["wall_seconds"]),
            run.finished["hardware"],
            f"file, {exported['precision']}" if (exported := run.evaluation["exported"]) else "network",
        )
        for run in runs
    ]
    return markdown_table(
        ("run", "changed", "trained towards", *(name for name, _, _ in measured), *_TRAINING_COLUMNS), rows
    )


def _published(runs: Sequence[MeasuredRun]) -> str:
    rows = [(f"`{run.name}`", percent(run.metrics["fer2013"]["accuracy"])) for run in runs]
    rows += [("published (cited by the report)", f"{100 * accuracy:g}%") for accuracy in PUBLISHED]
    rows.append(("published: the report's own ResNet18 with CBAM", f"{100 * PUBLISHED_OURS:g}%"))
    return markdown_table(("", "accuracy"), rows)


def _by_emotion(runs: Sequence[MeasuredRun], kind: str) -> Iterable[str]:
    yield f"## By emotion, {LABEL_KINDS[kind]}"
    baselines = [_baseline(run, runs) for run in runs]
    for key, title in (("recall", "recall"), ("f1", "F1")):
        rows = [
            (run.name, *(_with_gain(run, baseline, kind, key, emotion.value) for emotion in Emotion))
            for run, baseline in zip(runs, baselines, strict=True)
        ]
        yield markdown_table((title, *(emotion.value for emotion in Emotion)), rows)
    gains, without = [], []
    for run, baseline in zip(runs, baselines, strict=True):
        if baseline is None:
            without.append(f"`{run.name}`")
        elif baseline is not run:
            gains.append(f"`{run.name}` over `{baseline.name}`")
    if gains:
        yield (
            "After the figure, its gain in points over the baseline trained towards the same labels: "
            f"{', '.join(gains)}."
        )
    if without:
        yield (
            f"No gains for {', '.join(without)}: no `baseline_cnn` trained towards the same labels is among "
            "these runs."
        )


def _baseline(run: MeasuredRun, runs: Sequence[MeasuredRun]) -> MeasuredRun | None:
    return next(
        (
            other
            for other in runs
            if other.recipe.architecture == "baseline_cnn" and other.recipe.targets == run.recipe.targets
        ),
        None,
    )


def _with_gain(run: MeasuredRun, baseline: MeasuredRun | None, kind: str, key: str, emotion: str) -> str:
    value = run.metrics[kind][key][emotion]
    if value is None or baseline is None or baseline is run:
        return percent(value)
    return f"{percent(value)}, {points(value - baseline.metrics[kind][key][emotion])}"


def _ablation_section(ablations: Sequence[Ablation]) -> Iterable[str]:
    if not ablations:
        return
    yield "## What was changed, and what it did"
    yield _ON_ABLATIONS
    kinds = ablations[0].tests
    columns = [
        f"{words}, {LABEL_KINDS[kind]}" for kind in kinds for words in ("accuracy", "change in points")
    ]
    rows = []
    for reference in dict.fromkeys(ablation.reference.name for ablation in ablations):
        of_reference = [ablation for ablation in ablations if ablation.reference.name == reference]
        rows.append(_ablation_row(of_reference[0].reference, dict.fromkeys(kinds)))
        rows += [_ablation_row(ablation.run, ablation.tests) for ablation in of_reference]
    yield markdown_table(("recipe", "changed", "epochs", *columns), rows)


def _ablation_row(run: MeasuredRun, tests: Mapping[str, PairedTest | None]) -> tuple[str, ...]:
    cells = []
    for kind, test in tests.items():
        cells.append(percent(run.metrics[kind]["accuracy"]))
        cells.append(
            ""
            if test is None
            else f"{points(test.difference)} ({points(test.interval[0])} to {points(test.interval[1])}), "
            f"p = {test.p_value:.2g}"
        )
    return (run.recipe.name, run.changes or "nothing", str(run.finished["epochs"]), *cells)


def _hypothesis(pairs: Sequence[CbamPair]) -> Iterable[str]:
    if not pairs:
        yield "Not tested: no two of these runs differ in `cbam` alone."
        return
    yield _ON_THE_TEST
    header = ("with CBAM", "without", "labels", "faces", "only with right", "only without right",
              "difference in points", "95 % interval", "p")  # fmt: skip
    rows = [
        (
            pair.with_cbam.name,
            pair.without.name,
            LABEL_KINDS[kind],
            str(test.faces),
            str(test.only_first),
            str(test.only_second),
            points(test.difference),
            f"{points(test.interval[0])} to {points(test.interval[1])}",
            f"{test.p_value:.3g}",
        )
        for pair in pairs
        for kind, test in pair.tests.items()
    ]
    yield markdown_table(header, rows)
    for pair in pairs:
        yield "\n".join(f"- {line}" for line in pair.verdicts())


def _as_json(
    runs: Sequence[MeasuredRun], ablations: Sequence[Ablation], pairs: Sequence[CbamPair]
) -> dict[str, Any]:
    return {
        "data": runs[0].evaluation["data"],
        "runs": [
            {
                "name": run.name,
                "recipe": run.recipe.to_json(),
                "training": run.finished,
                "parameters": run.evaluation["parameters"],
                "test": run.metrics,
            }
            for run in runs
        ],
        "ablations": [
            {
                "run": ablation.run.name,
                "changed": ablation.run.changes,
                "reference": ablation.reference.name,
                "tests": {kind: asdict(test) for kind, test in ablation.tests.items()},
            }
            for ablation in ablations
        ],
        "cbam": [
            {
                "with": pair.with_cbam.name,
                "without": pair.without.name,
                "tests": {kind: asdict(test) for kind, test in pair.tests.items()},
                "verdicts": pair.verdicts(),
            }
            for pair in pairs
        ],
    }
