"""The records that the steps of a run leave in its folder, read by later steps."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, ClassVar, Self

from pydantic import BaseModel, ConfigDict, RootModel, ValidationError

from fer_desktop.files import write_whole
from training.config import in_words
from training.errors import TrainingError

if TYPE_CHECKING:
    from pathlib import Path


class Record(BaseModel):
    """Values of a record."""

    model_config = ConfigDict(frozen=True)


class RunRecord(Record):
    """A JSON file in a run's folder: its name, and the step that leaves it."""

    file_name: ClassVar[str]
    left_by: ClassVar[str]

    @classmethod
    def read(cls, run_dir: Path) -> Self:
        """Reads a run's record.

        Raises:
            TrainingError: It is missing, since the step was not done, or damaged.
        """
        path = run_dir / cls.file_name
        try:
            return cls.model_validate_json(path.read_bytes())
        except FileNotFoundError:
            raise TrainingError(
                "Run not finished",
                f"{path} is missing.",
                f"Name the folder of a run, and `python -m training {cls.left_by}` it first.",
            ) from None
        except (OSError, ValidationError) as error:
            reason = in_words(error) if isinstance(error, ValidationError) else error
            raise TrainingError(
                "Run unreadable",
                f"{path}: {reason}.",
                f"Delete it and `python -m training {cls.left_by}` the run again.",
            ) from error

    def write(self, run_dir: Path) -> None:
        """Writes the record into a run's folder.

        Raises:
            OSError: It cannot be written.
        """
        write_whole(
            run_dir / self.file_name, json.dumps(self.model_dump(mode="json"), indent=1), private=False
        )


class History(RunRecord, RootModel[list[dict[str, float]]]):
    """What was measured after each epoch, by the names in TensorBoard, with "epoch" and "learning_rate"."""

    file_name: ClassVar[str] = "history.json"
    left_by: ClassVar[str] = "train"
