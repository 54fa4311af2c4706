"""Runs side by side, and the paired test."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from training.config import Recipe
from training.errors import TrainingError
from training.evaluation.compare import MeasuredRun, cbam_pairs, compare_runs, measured_runs
from training.evaluation.paired_test import paired_test
from training.evaluation.predictions import SplitPredictions
from training.evaluation.record import Evaluation, LabelKind, PairedTest
from training.provenance import Finished

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

REAL_RUN = Path(__file__).parents[3] / "docs" / "runs" / "annealed-3631516b-b5c1f294"
FACES = 40
LABELS: dict[LabelKind, NDArray[np.int64]] = {
    "ferplus": np.arange(FACES) % 4,
    "fer2013": np.arange(FACES) // 10,
}
BASELINE = {"recipe": "baseline", "targets": "ferplus"}


def write_run(folder: Path, wrong: int, changes: dict[str, Any] | None = None, data: str = "d1") -> Path:
    """Writes the folder of a run that names the first `wrong` faces wrongly by FER+."""
    folder.mkdir()
    changes = {"recipe": "quick", "name": folder.name} | (changes or {})
    (folder / "recipe.toml").write_text(Recipe.load(changes.pop("recipe"), changes).to_toml())
    took = {"epochs": 3, "wall_seconds": 4000.0, "hardware": "2 cores", "weights": "random weights"}
    Finished.read(REAL_RUN).model_copy(update=took).write(folder)
    named = LABELS["ferplus"].copy()
    named[:wrong] = (named[:wrong] + 1) % 4
    single = np.eye(4, dtype=np.float32)[named]
    test = SplitPredictions(np.arange(FACES), single, single, LABELS)
    test.save(folder / "test.npz")
    measured = {"data": data, "parameters": 683140, "exported": None, "metrics": {"test": test.measure()}}
    Evaluation.read(REAL_RUN).model_copy(update=measured).write(folder)
    return folder


def compare(folders: list[Path], out: Path, report: Callable[[str], None]) -> None:
    compare_runs([MeasuredRun.load(folder) for folder in folders], out, report)


def paired(both: int, only_first: int, only_second: int, neither: int) -> PairedTest:
    counts = (both, only_first, only_second, neither)
    first = np.repeat([True, True, False, False], counts)
    second = np.repeat([True, False, True, False], counts)
    return paired_test(first, second)


def test_mcnemar_by_hand() -> None:
    test = paired(both=10, only_first=7, only_second=1, neither=2)
    assert (test.only_first, test.only_second, test.faces) == (7, 1, 20)
    assert test.p_value == pytest.approx(2 * (1 + 8) / 2**8)
    assert test.difference == pytest.approx(6 / 20)


@pytest.mark.parametrize(
    ("counts", "p_value"),
    [
        ((5, 5), 1.0),
        ((0, 6), 0.03125),
        ((3, 4), 1.0),
        ((2, 9), 0.0654296875),
        ((30, 52), 0.0198269158458416),
        ((700, 900), 6.319484959450105e-07),
    ],
)
def test_p_is_that_of_scipys_binomtest(counts: tuple[int, int], p_value: float) -> None:
    assert paired(0, *counts, 0).p_value == pytest.approx(p_value, rel=1e-12)


def test_mcnemar_as_in_the_textbook() -> None:
    """Approval of a prime minister, asked twice (Agresti, 1990, section 10.1); p by R's exact2x2."""
    test = paired(both=794, only_first=150, only_second=86, neither=570)
    assert test.p_value == pytest.approx(3.716e-05, rel=1e-3)
    assert test.difference == pytest.approx(0.04)
    # The textbook's interval of the difference, by the normal distribution.
    assert test.interval == pytest.approx((0.02, 0.06), abs=0.003)


def test_models_that_are_correct_on_the_same_faces_do_not_differ() -> None:
    test = paired(both=5, only_first=0, only_second=0, neither=5)
    assert (test.difference, test.interval, test.p_value) == (0, (0, 0), 1)


def test_a_pair_differs_in_cbam_alone(tmp_path: Path) -> None:
    changes: dict[str, dict[str, Any]] = {
        "with": {},
        "without": {"cbam": False},
        "other-seed": {"cbam": False, "seed": 2},
        "baseline": BASELINE,
    }
    runs = [MeasuredRun.load(write_run(tmp_path / name, 0, change)) for name, change in changes.items()]
    assert [(pair.run.name, pair.reference.name) for pair in cbam_pairs(runs)] == [("with", "without")]


def test_the_tables_show_gains_and_what_the_test_says(tmp_path: Path) -> None:
    runs = [
        write_run(tmp_path / "with", 4),
        write_run(tmp_path / "without", 6, {"cbam": False}),
        write_run(tmp_path / "baseline", 20, BASELINE),
    ]
    lines: list[str] = []
    compare(runs, tmp_path / "out", lines.append)
    text = (tmp_path / "out" / "compare.md").read_text()
    assert "| with |  | ferplus | 90.0% (" in text
    assert "683,140" in text
    assert "1 h 7 min" in text
    for published in ("58.9%", "67%", "70.04%", "71.89%", "78%"):
        assert f"| {published} |" in text
    # Of ten angry faces the baseline names five, the net with CBAM nine.
    assert "| 90.0%, +40.0 |" in text
    assert "`with` over `baseline`" in text
    # Two faces of forty: p = 2 * 0.5**2.
    assert "not shown. With CBAM the accuracy differs by +5.0 points" in text
    assert "p = 0.5" in text
    assert any("not shown" in line for line in lines)
    content = json.loads((tmp_path / "out" / "compare.json").read_text())
    assert [run["name"] for run in content["runs"]] == ["with", "without", "baseline"]
    test = content["cbam"][0]["tests"]["ferplus"]
    assert (test["only_first"], test["only_second"]) == (2, 0)


@pytest.mark.parametrize(
    ("with_cbam", "without", "words"), [(0, 20, "shown for these two"), (20, 0, "contradicted for these two")]
)
def test_a_clear_difference_is_called_so(with_cbam: int, without: int, words: str, tmp_path: Path) -> None:
    runs = [write_run(tmp_path / "a", with_cbam), write_run(tmp_path / "b", without, {"cbam": False})]
    compare(runs, tmp_path, lambda _: None)
    assert f"FER+ labels: {words}" in (tmp_path / "compare.md").read_text()


def test_what_was_changed_in_one_of_our_recipes_is_shown(tmp_path: Path) -> None:
    changes = {"name": "quick", "cbam": False, "targets": "fer2013"}
    compare([write_run(tmp_path / "run", 0, changes)], tmp_path, lambda _: None)
    assert '| run | targets="fer2013", cbam=false | fer2013 |' in (tmp_path / "compare.md").read_text()


def test_what_a_change_did_is_shown_next_to_the_unchanged_recipe(tmp_path: Path) -> None:
    as_it_is = {"name": "quick"}
    changed: dict[str, dict[str, Any]] = {
        "mixed": {"targets": "mixed"},
        "plain": {"mixup": 0.0, "mirror": False},
    }
    runs = [write_run(tmp_path / "quick", 4, as_it_is)]
    runs += [write_run(tmp_path / name, 6, as_it_is | values) for name, values in changed.items()]
    compare([*runs, write_run(tmp_path / "other", 9)], tmp_path / "out", lambda _: None)
    text = (tmp_path / "out" / "compare.md").read_text()
    assert "| quick | nothing | 3 | 90.0% |  |" in text
    assert '| quick | targets="mixed" | 3 | 85.0% | -5.0 (-12.5 to +0.0), p = 0.5 |' in text
    assert "| quick | mixup=0.0, mirror=false | 3 | 85.0% | -5.0 (" in text
    ablations = json.loads((tmp_path / "out" / "compare.json").read_text())["ablations"]
    assert [(ablation["run"], ablation["reference"]) for ablation in ablations] == [
        ("mixed", "quick"),
        ("plain", "quick"),
    ]


def test_a_missing_baseline_or_pair_is_reported(tmp_path: Path) -> None:
    compare([write_run(tmp_path / "alone", 1)], tmp_path, lambda _: None)
    text = (tmp_path / "compare.md").read_text()
    assert "No gains for `alone`" in text
    assert "Not tested" in text


def test_runs_of_different_data_are_refused(tmp_path: Path) -> None:
    runs = [write_run(tmp_path / "one", 0), write_run(tmp_path / "other", 0, data="d2")]
    with pytest.raises(TrainingError, match="one was measured on data d1, other on data d2"):
        compare(runs, tmp_path / "out", lambda _: None)
    assert not (tmp_path / "out").exists()


def test_a_run_that_was_not_measured_is_named(tmp_path: Path) -> None:
    run = write_run(tmp_path / "started", 0)
    (run / "evaluation.json").unlink()
    with pytest.raises(TrainingError, match=r"started/evaluation\.json is missing"):
        compare([run], tmp_path, lambda _: None)


def test_damaged_predictions_are_named(tmp_path: Path) -> None:
    run = write_run(tmp_path / "started", 0)
    (run / "test.npz").write_bytes(b"half of one")
    with pytest.raises(TrainingError, match=r"test\.npz"):
        compare([run], tmp_path, lambda _: None)


def test_without_a_run_there_is_nothing_to_compare(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="There is no run"):
        compare([], tmp_path, lambda _: None)


def test_runs_of_another_version_are_named_and_skipped(tmp_path: Path) -> None:
    write_run(tmp_path / "ours", 0)
    newer = write_run(tmp_path / "newer", 0) / "recipe.toml"
    newer.write_text(newer.read_text() + "unheard_of = 1\n")
    lines: list[str] = []
    assert [run.name for run in measured_runs(tmp_path, lines.append)] == ["ours"]
    assert len(lines) == 1
    assert "newer" in lines[0]
    assert "unheard_of is not known" in lines[0]
