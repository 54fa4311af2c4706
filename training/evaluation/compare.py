"""Measured runs side by side, and whether CBAM beats the same network without it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any

from fer_desktop.domain import Emotion
from fer_desktop.files import write_whole
from training.config import RECIPES_DIR, Recipe
from training.errors import TrainingError
from training.evaluation.paired_test import SIGNIFICANT, paired_test
from training.evaluation.predictions import SplitPredictions
from training.evaluation.record import LABEL_KINDS, Evaluation
from training.evaluation.tables import (
    markdown_table,
    percent,
    points,
    points_with_interval,
    with_interval,
)
from training.progress import duration
from training.provenance import Finished

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from training.evaluation.record import ByEmotionName, LabelKind, OverallName, PairedTest, ViewMetrics

PUBLISHED = (0.589, 0.67, 0.7004, 0.7189)
"""Accuracies on FER-2013 that the report behind this project cites for comparison."""

PUBLISHED_OURS = 0.78
"""Accuracy that the report states for its own ResNet18 with CBAM."""

_INTRODUCTION = """\
Written by `python -m training compare`. On the test part, each face as it is, not mirrored. In brackets 95 %
intervals, by bootstrap over the faces."""
_ON_PUBLISHED = """\
By the data set's own labels. The published figures are for FER-2013, but as far as is known not all for these
emotions and this test part, so the comparison is rough at best."""
_ON_ABLATIONS = """\
Each recipe unchanged, then with some values changed and everything else, such as the budget, the same. After
a change in accuracy come its 95 % interval, by paired bootstrap over the faces, and p of the exact McNemar
test. Both consider these trainings only, not how much another seed would change."""
_ON_THE_TEST = """\
The recipes of a pair differ in CBAM alone, and the faces are the same. The exact McNemar test asks whether
each network is equally often the only correct one of the two. It considers these two trainings only, not how
much another seed would change."""
_OVERVIEW: dict[str, OverallName] = {"accuracy": "accuracy", "macro F1": "macro_f1"}
_TRAINING_COLUMNS = ("parameters", "first weights", "epochs", "duration", "hardware", "measured as")


@dataclass(frozen=True, slots=True)
class MeasuredRun:
    """What the steps of a run left in its folder."""

    name: str
    recipe: Recipe
    finished: Finished
    evaluation: Evaluation
    test: SplitPredictions

    @property
    def metrics(self) -> dict[LabelKind, ViewMetrics]:
        """The figures of the test part by kind of label."""
        return self.evaluation.metrics["test"]

    @property
    def changes(self) -> str:
        """What was changed with --set: the values in which it differs from the recipe of its name, or ""."""
        if not (RECIPES_DIR / f"{self.recipe.name}.toml").exists():
            return ""
        ours, values = Recipe.load(self.recipe.name).to_json(), self.recipe.to_json()
        return ", ".join(
            f"{name}={json.dumps(value)}" for name, value in values.items() if value != ours.get(name)
        )

    @classmethod
    def load(cls, run_dir: Path) -> MeasuredRun:
        """Reads a run's folder.

        Raises:
            TrainingError: It is not the folder of a measured run, or a file is damaged.
        """
        finished, evaluation = Finished.read(run_dir), Evaluation.read(run_dir)
        recipe = Recipe.load(run_dir / "recipe.toml")
        return cls(run_dir.name, recipe, finished, evaluation, SplitPredictions.load(run_dir / "test.npz"))


def measured_runs(runs_dir: Path, report: Callable[[str], None]) -> list[MeasuredRun]:
    """Returns the measured runs in a folder of runs; skips those that this version cannot read.

    Args:
        runs_dir: Each folder in it is a run's.
        report: Takes a line about each run that is skipped.
    """
    runs = []
    for path in sorted(runs_dir.glob("*/evaluation.json")):
        try:
            runs.append(MeasuredRun.load(path.parent))
        except TrainingError as error:
            report(f"Skipped {path.parent.name}: {error}")
    return runs


@dataclass(frozen=True, slots=True)
class Pair:
    """Two runs on the same faces, compared by each kind of label."""

    run: MeasuredRun
    reference: MeasuredRun
    tests: dict[LabelKind, PairedTest]

    @classmethod
    def of(cls, run: MeasuredRun, reference: MeasuredRun) -> Pair:
        """Compares them on all faces that have a label of a kind."""
        named = [each.test.single.argmax(axis=1) for each in (run, reference)]
        tests = {}
        for kind, labels in run.test.labels.items():
            right = (of_run[labels >= 0] == labels[labels >= 0] for of_run in named)
            tests[kind] = paired_test(*right)
        return cls(run, reference, tests)

    def as_json(self) -> dict[str, Any]:
        """Returns the names of the runs, and the tests."""
        tests = {kind: test.model_dump() for kind, test in self.tests.items()}
        return {"run": self.run.name, "reference": self.reference.name, "tests": tests}


def _verdicts(pair: Pair) -> list[str]:
    """Returns for each kind of label whether CBAM beats the same network without it."""
    return [
        f"`{pair.run.name}` against `{pair.reference.name}`, {LABEL_KINDS[kind]}: {_verdict(test)}"
        for kind, test in pair.tests.items()
    ]


def _verdict(test: PairedTest) -> str:
    low, high = test.interval
    figures = (
        f"differs by {points(test.difference)} points (95 % interval {points(low)} to {points(high)}, "
        f"p = {test.p_value:.2g})"
    )
    if test.p_value >= SIGNIFICANT:
        return f"not shown. With CBAM the accuracy {figures}; the choice of faces can explain that."
    if test.difference > 0:
        return f"shown for these two trainings. With CBAM the accuracy {figures}."
    return f"contradicted for these two trainings. With CBAM the accuracy {figures}."


def compare_runs(runs: Sequence[MeasuredRun], out_dir: Path, report: Callable[[str], None]) -> None:
    """Puts measured runs of one data set side by side, on its test part.

    Leaves compare.md and compare.json in `out_dir`.

    Raises:
        TrainingError: There is no run, or not all are on the same data.
    """
    if not runs:
        raise TrainingError(
            "Nothing to compare", "There is no run.", "Train and evaluate some recipes first."
        )
    for run in runs[1:]:
        if run.evaluation.data != runs[0].evaluation.data:
            raise TrainingError(
                "Runs of different data",
                f"{runs[0].name} was measured on data {runs[0].evaluation.data}, {run.name} on data "
                f"{run.evaluation.data}.",
                "Compare runs of the same data set.",
            )
    pairs, ablations = cbam_pairs(runs), find_ablations(runs)
    sections = [
        "# Comparison",
        _INTRODUCTION,
        "## Runs",
        _overview(runs),
        "## Published accuracies",
        _ON_PUBLISHED,
        _published(runs),
        *(section for kind in runs[0].test.labels for section in _by_emotion(runs, kind)),
        *_ablation_section(ablations),
        "## Does CBAM beat the same network without it?",
        *_hypothesis(pairs),
    ]
    write_whole(out_dir / "compare.md", "\n\n".join(sections) + "\n", private=False)
    write_whole(
        out_dir / "compare.json", json.dumps(_as_json(runs, ablations, pairs), indent=1), private=False
    )
    for pair in pairs:
        for line in _verdicts(pair):
            report(f"Comparison: {line}")
    report(f"Comparison: {out_dir / 'compare.md'}, {out_dir / 'compare.json'}")


def cbam_pairs(runs: Sequence[MeasuredRun]) -> list[Pair]:
    """Returns the pairs of runs whose recipes differ in `cbam` alone (and in name): with it, and without."""
    values = [run.recipe.to_json() | {"name": ""} for run in runs]
    return [
        Pair.of(one, other)
        for (one, with_cbam), (other, without) in product(zip(runs, values, strict=True), repeat=2)
        if with_cbam.get("cbam") and with_cbam | {"cbam": False} == without
    ]


def find_ablations(runs: Sequence[MeasuredRun]) -> list[Pair]:
    """Returns the runs of our recipes with changed values, each with a run of the unchanged recipe."""
    references = {run.recipe.name: run for run in runs if not run.changes}
    return [
        Pair.of(run, reference)
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
            *(with_interval(*run.metrics[kind].overall(key)) for _, kind, key in measured),
            f"{run.evaluation.parameters:,}",
            run.finished.weights,
            str(run.finished.epochs),
            duration(run.finished.wall_seconds),
            run.finished.hardware,
            f"file, {exported.precision}" if (exported := run.evaluation.exported) else "network",
        )
        for run in runs
    ]
    return markdown_table(
        ("run", "changed", "trained towards", *(name for name, _, _ in measured), *_TRAINING_COLUMNS), rows
    )


def _published(runs: Sequence[MeasuredRun]) -> str:
    rows = [(f"`{run.name}`", percent(run.metrics["fer2013"].accuracy)) for run in runs]
    rows += [("published (cited by the report)", f"{100 * accuracy:g}%") for accuracy in PUBLISHED]
    rows.append(("published: the report's own ResNet18 with CBAM", f"{100 * PUBLISHED_OURS:g}%"))
    return markdown_table(("", "accuracy"), rows)


def _by_emotion(runs: Sequence[MeasuredRun], kind: LabelKind) -> Iterable[str]:
    yield f"## By emotion, {LABEL_KINDS[kind]}"
    baselines = [_baseline(run, runs) for run in runs]
    titles: dict[ByEmotionName, str] = {"recall": "recall", "f1": "F1"}
    for name, title in titles.items():
        rows = [
            (run.name, *(_with_gain(run, baseline, kind, name, emotion) for emotion in Emotion))
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
            "After each figure, its gain in points over the baseline trained towards the same labels: "
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


def _with_gain(
    run: MeasuredRun, baseline: MeasuredRun | None, kind: LabelKind, name: ByEmotionName, emotion: Emotion
) -> str:
    value, _ = run.metrics[kind].by_emotion(name, emotion)
    if value is None or baseline is None or baseline is run:
        return percent(value)
    of_baseline, _ = baseline.metrics[kind].by_emotion(name, emotion)
    return f"{percent(value)}, {points(None if of_baseline is None else value - of_baseline)}"


def _ablation_section(ablations: Sequence[Pair]) -> Iterable[str]:
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


def _ablation_row(run: MeasuredRun, tests: Mapping[LabelKind, PairedTest | None]) -> tuple[str, ...]:
    cells = []
    for kind, test in tests.items():
        cells.append(percent(run.metrics[kind].accuracy))
        cells.append(
            ""
            if test is None
            else f"{points_with_interval(test.difference, test.interval)}, p = {test.p_value:.2g}"
        )
    return (run.recipe.name, run.changes or "nothing", str(run.finished.epochs), *cells)


def _hypothesis(pairs: Sequence[Pair]) -> Iterable[str]:
    if not pairs:
        yield "Not tested: no two of these runs differ in `cbam` alone."
        return
    yield _ON_THE_TEST
    header = ("with CBAM", "without", "labels", "faces", "correct only with", "correct only without",
              "difference in points", "95 % interval", "p")  # fmt: skip
    rows = [
        (
            pair.run.name,
            pair.reference.name,
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
        yield "\n".join(f"- {line}" for line in _verdicts(pair))


def _as_json(runs: Sequence[MeasuredRun], ablations: Sequence[Pair], pairs: Sequence[Pair]) -> dict[str, Any]:
    return {
        "data": runs[0].evaluation.data,
        "runs": [
            {
                "name": run.name,
                "recipe": run.recipe.to_json(),
                "training": run.finished.model_dump(mode="json"),
                "parameters": run.evaluation.parameters,
                "test": run.evaluation.model_dump(mode="json")["metrics"]["test"],
            }
            for run in runs
        ],
        "ablations": [pair.as_json() | {"changed": pair.run.changes} for pair in ablations],
        "cbam": [pair.as_json() | {"verdicts": _verdicts(pair)} for pair in pairs],
    }
