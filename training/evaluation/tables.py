"""Figures as people read them: shares as per cent, intervals in brackets, tables in Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def percent(value: float | None) -> str:
    """Returns a share of 1 with one decimal, or a dash where there is nothing to say."""
    return "-" if value is None else f"{value:.1%}"


def points(difference: float | None) -> str:
    """Returns the difference of two shares in percentage points, with its sign."""
    return "-" if difference is None else f"{round(100 * difference, 1) + 0:+.1f}"  # no -0.0


def with_interval(metrics: dict[str, Any], name: str, emotion: str | None = None) -> str:
    """Returns a figure of `metrics.measure` with its 95 % interval: "84.4% (83.0 to 85.8)"."""
    value, interval = metrics[name], metrics["intervals"][name]
    if emotion is not None:
        value, interval = value[emotion], interval[emotion]
    if value is None:
        return percent(None)
    low, high = interval
    return f"{value:.1%} ({100 * low:.1f} to {100 * high:.1f})"


def markdown_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Returns a table."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def duration(seconds: float) -> str:
    """Returns a length of time in hours and minutes, or in seconds where it is short."""
    minutes = round(seconds / 60)
    if minutes < 2:
        return f"{seconds:.0f} s"
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min"


def copies(counts: dict[str, int]) -> str:
    """Returns how many copies were found: "9 (3 exact, 6 near)"."""
    return f"{counts['exact'] + counts['near']} ({counts['exact']} exact, {counts['near']} near)"
