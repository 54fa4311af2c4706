"""The failures of training that are expected, each with a next step."""

from __future__ import annotations

from fer_desktop.errors import AppError


class DataError(AppError):
    """The data set is missing, damaged, or not what its name says."""


class NoDataSetError(DataError):
    """What was named does not look like a data set of faces."""


class TrainingError(AppError):
    """A recipe, a run or an export cannot be used or finished."""


class TrainingStoppedError(TrainingError):
    """The user stopped a run; it was saved."""
