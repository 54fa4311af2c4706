"""What a run's report and the model card say alike, as Markdown, from the figures in evaluation.json."""

from __future__ import annotations

from typing import Any

from training.evaluation.perturbations import FAR
from training.evaluation.robustness import MOST_LOST, costly
from training.evaluation.tables import markdown_table, percent, points


def robustness_section(robustness: dict[str, Any]) -> str:
    """Returns the table of `measure_robustness`, and what costs more than it should."""
    plain = robustness["plain"]
    rows = [("as they are", percent(plain["accuracy"]), percent(plain["macro_recall"]), "")]
    rows += [
        (
            name,
            percent(figures["accuracy"]),
            percent(figures["macro_recall"]),
            _with_ends(-figures["loss"], [-end for end in reversed(figures["loss_interval"])]),
        )
        for name, figures in robustness["perturbed"].items()
    ]
    table = markdown_table(("", "accuracy", "mean recall of the four", "change in points"), rows)
    names = costly(robustness)
    verdict = (
        f"More than {100 * MOST_LOST:g} points are lost under: {', '.join(names)}."
        if names
        else f"Nothing but faces of {FAR} may cost more than {100 * MOST_LOST:g} points, and nothing does."
    )
    return f"{table}\n\n{verdict}"


def unsure_section(metrics: dict[str, Any], left_out: dict[str, Any]) -> str:
    """Returns on which faces the app is unsure, a column for each split.

    Args:
        metrics: By split, what `SplitPredictions.measure` returns.
        left_out: By split, what `measure_left_out` returns.
    """
    columns = []
    for split, by_labels in metrics.items():
        of_the_four, others = next(iter(by_labels.values())), left_out[split]
        columns.append(
            (
                str(of_the_four["faces"]),
                percent(1 - of_the_four["unsure"]["kept_share"]),
                percent(of_the_four["unsure"]["kept_accuracy"]),
                *(("0", "-", "-") if others is None else _others(others)),
            )
        )
    names = (
        "faces of the four",
        "unsure of them",
        "right on the rest of them",
        "faces of surprise, fear or disgust",
        "unsure of them",
        "AUROC of the highest probability, the four against those",
    )
    return markdown_table(("", *metrics), zip(names, *columns, strict=True))


def crop_margin_section(search: dict[str, Any]) -> str:
    """Returns how many faces the detector found, and the table of `search_crop_margin`."""
    rows = [
        (margin, percent(figures["accuracy"]), percent(figures["macro_recall"]))
        for margin, figures in search["margins"].items()
    ]
    table = markdown_table(("margin", "accuracy", "mean recall of the four"), rows)
    return f"{_found(search['found'])}\n\n{table}"


def capture_section(capture: dict[str, Any]) -> str:
    """Returns what `measure_capture` found, in words."""
    single, averaged, gain = capture["single"], capture["averaged"], capture["gain"]
    return (
        f"{_found(capture['found'])} One view of each names {percent(single['accuracy'])} rightly (mean "
        f"recall of the four {percent(single['macro_recall'])}), the mean of ten "
        f"{percent(averaged['accuracy'])} ({percent(averaged['macro_recall'])}): "
        f"{_with_ends(gain['difference'], gain['interval'])} points (McNemar's p = {gain['p_value']:.2g})."
    )


def _others(left_out: dict[str, Any]) -> tuple[str, str, str]:
    low, high = left_out["auroc_interval"]
    return (
        str(left_out["faces"]),
        percent(left_out["unsure"]),
        f"{left_out['auroc']:.3f} ({low:.3f} to {high:.3f})",
    )


def _found(found: dict[str, list[int]]) -> str:
    hits, looked = (sum(counts) for counts in zip(*found.values(), strict=True))
    by_side = ", ".join(f"{hit} of {there} at {side} pixels" for side, (hit, there) in found.items())
    return f"The detector found {hits} of {looked} faces ({by_side})."


def _with_ends(difference: float, interval: list[float]) -> str:
    return f"{points(difference)} ({points(interval[0])} to {points(interval[1])})"
