"""Figures as people read them: shares as percentages, intervals in brackets, tables in Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from training.evaluation.record import Interval


def percent(value: float | None) -> str:
    """Returns a share of 1 with one decimal, or a dash for None."""
    return "-" if value is None else f"{value:.1%}"


def points(difference: float | None) -> str:
    """Returns the difference of two shares in percentage points, with its sign."""
    return "-" if difference is None else f"{round(100 * difference, 1) + 0:+.1f}"  # no -0.0


def with_interval(value: float | None, interval: Interval | None) -> str:
    """Returns a share of 1 with its 95 % interval, "84.4% (83.0 to 85.8)", or a dash for None."""
    if value is None or interval is None:
        return percent(None)
    low, high = interval
    return f"{value:.1%} ({100 * low:.1f} to {100 * high:.1f})"


def points_with_interval(difference: float, interval: Interval) -> str:
    """Returns a difference in percentage points with its 95 % interval: "+0.3 (-0.5 to +1.2)"."""
    return f"{points(difference)} ({points(interval[0])} to {points(interval[1])})"


def one_of(names: Sequence[str]) -> str:
    """Returns names in one phrase: "angry, happy, neutral or sad"."""
    return " or ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


def markdown_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Returns a table."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def copies(counts: dict[str, int]) -> str:
    """Returns how many copies were found: "9 (3 exact, 6 near)"."""
    return f"{counts['exact'] + counts['near']} ({counts['exact']} exact, {counts['near']} near)"
