"""Markdown that a run's report and the model card share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fer_desktop.domain import Emotion
from training.evaluation.left_out import LEFT_OUT
from training.evaluation.perturbations import FAR
from training.evaluation.robustness import MOST_LOST, costly
from training.evaluation.tables import markdown_table, one_of, percent, points_with_interval, with_interval

if TYPE_CHECKING:
    from collections.abc import Mapping

    from training.evaluation.record import (
        ByEmotionName,
        Capture,
        Found,
        LabelKind,
        LeftOut,
        MarginSearch,
        Metrics,
        OverallName,
        Robustness,
        ViewMetrics,
    )


def headline_table(views: Mapping[str, Metrics]) -> str:
    """Returns a table of the figures over all faces, a column per view."""
    names: dict[OverallName, str] = {
        "accuracy": "named correctly (accuracy)",
        "macro_recall": "mean recall",
        "macro_f1": "mean F1",
        "ece": "calibration error",
    }
    rows = [("faces", *(str(view.faces) for view in views.values()))]
    rows += [
        (words, *(with_interval(*view.overall(name)) for view in views.values()))
        for name, words in names.items()
    ]
    return markdown_table(("", *views), rows)


def emotion_table(metrics: Metrics) -> str:
    """Returns a table of the figures of each emotion."""
    names: tuple[ByEmotionName, ...] = ("recall", "precision", "f1")
    rows = [
        (emotion.value, *(with_interval(*metrics.by_emotion(name, emotion)) for name in names))
        for emotion in Emotion
    ]
    header = ("", "recall: of its faces, named so", "precision: of those named so, correct", "F1")
    return markdown_table(header, rows)


def robustness_section(robustness: Robustness) -> str:
    """Returns a table of the perturbations, and which of them cost more than they should."""
    plain = robustness.plain
    rows = [("unchanged", percent(plain.accuracy), percent(plain.macro_recall), "")]
    for name, figures in robustness.perturbed.items():
        low, high = figures.loss_interval
        change = points_with_interval(-figures.loss, (-high, -low))
        rows.append((name, percent(figures.accuracy), percent(figures.macro_recall), change))
    table = markdown_table(("", "accuracy", "mean recall", "change in points"), rows)
    names = costly(robustness)
    verdict = (
        f"More than {100 * MOST_LOST:g} points are lost under: {', '.join(names)}."
        if names
        else f"Only faces of {FAR} may cost more than {100 * MOST_LOST:g} points, and nothing else does."
    )
    return f"{table}\n\n{verdict}"


def unsure_section(
    metrics: Mapping[str, Mapping[LabelKind, ViewMetrics]], left_out: Mapping[str, LeftOut | None]
) -> str:
    """Returns a table of the faces about which the app is unsure, a column per split; by FER+ if possible."""
    columns = []
    for split, by_labels in metrics.items():
        of_ours, others = next(iter(by_labels.values())), left_out[split]
        sure = of_ours.unsure
        columns.append(
            (
                str(of_ours.faces),
                *(
                    ("-", "-")
                    if sure is None
                    else (percent(1 - sure.kept_share), percent(sure.kept_accuracy))
                ),
                *(("0", "-", "-") if others is None else _others(others)),
            )
        )
    names = (
        "faces of the emotions that it names",
        "unsure about them",
        "correct on the rest",
        f"faces of {one_of(LEFT_OUT)}",
        "unsure about them",
        "AUROC of the highest probability between the two",
    )
    return markdown_table(("", *metrics), zip(names, *columns, strict=True))


def crop_margin_section(search: MarginSearch) -> str:
    """Returns how many faces the detector found, and a table of the margins."""
    rows = [
        (margin, percent(figures.accuracy), percent(figures.macro_recall))
        for margin, figures in search.margins.items()
    ]
    table = markdown_table(("margin", "accuracy", "mean recall"), rows)
    return f"{_found(search.found)}\n\n{table}"


def capture_section(capture: Capture) -> str:
    """Returns in words what averaging gains in a capture."""
    single, averaged, gain = capture.single, capture.averaged, capture.gain
    return (
        f"{_found(capture.found)} One view of each classifies {percent(single.accuracy)} correctly (mean "
        f"recall {percent(single.macro_recall)}), the mean of ten "
        f"{percent(averaged.accuracy)} ({percent(averaged.macro_recall)}): "
        f"{points_with_interval(gain.difference, gain.interval)} points (McNemar's p = {gain.p_value:.2g})."
    )


def _others(left_out: LeftOut) -> tuple[str, str, str]:
    low, high = left_out.auroc_interval
    return (
        str(left_out.faces),
        percent(left_out.unsure),
        f"{left_out.auroc:.3f} ({low:.3f} to {high:.3f})",
    )


def _found(found: Found) -> str:
    hits, looked = (sum(counts) for counts in zip(*found.values(), strict=True))
    by_side = ", ".join(f"{hit} of {there} at {side} pixels" for side, (hit, there) in found.items())
    return f"The detector found {hits} of {looked} faces ({by_side})."
