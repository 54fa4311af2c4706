"""What the steps of a run leave in its folder, read by the steps after them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from training.errors import TrainingError

if TYPE_CHECKING:
    from pathlib import Path

_LEFT_BY = {"finished": "train", "history": "train", "evaluation": "evaluate"}


def read_record(run_dir: Path, name: str) -> Any:  # noqa: ANN401  # a list or an object, as the file has it
    """Reads finished.json, history.json or evaluation.json.

    Raises:
        TrainingError: It is not there, since the run is not so far, or it is damaged.
    """
    path = run_dir / f"{name}.json"
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise TrainingError(
            "Run not so far",
            f"{path} is not there.",
            f"Name the folder of a run, and `python -m training {_LEFT_BY[name]}` it first.",
        ) from None
    except (OSError, ValueError) as error:
        raise TrainingError(
            "Run unreadable",
            f"{path}: {error}.",
            f"Delete it and `python -m training {_LEFT_BY[name]}` the run again.",
        ) from error


def write_whole(path: Path, text: str) -> None:
    """Writes a file whole or not at all; makes its folder where it is missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".tmp")
    unfinished.write_text(text, encoding="utf-8", newline="\n")
    unfinished.replace(path)
