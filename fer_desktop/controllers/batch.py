"""Reading many files in the window: its state, and the commands that change it."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import datetime
from enum import Enum, auto
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from fer_desktop.errors import CancelledError
from fer_desktop.vision.batch import AnnotatedCopies, Batch, CsvTable, JsonList, make_folder, new_file
from fer_desktop.vision.media import is_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from fer_desktop.errors import AppError
    from fer_desktop.vision.batch import Output
    from fer_desktop.vision.pipeline import FramePipeline
    from fer_desktop.workers.job_runner import JobRunner


class BatchState(Enum):
    """What the batch is doing."""

    IDLE = auto()
    RUNNING = auto()
    PAUSED = auto()
    DONE = auto()
    CANCELLED = auto()
    FAILED = auto()


class BatchController(QObject):
    """Reads files into a table, a list and annotated copies; one batch at a time.

    Signals:
        state_changed: The new BatchState.
        progress_changed: The BatchProgress.
        problem_found: A FrameSourceError: a file cannot be read; the others still are.
        failed: The AppError that ended the batch.
    """

    state_changed = Signal(object)
    progress_changed = Signal(object)
    problem_found = Signal(object)
    failed = Signal(object)

    def __init__(self, jobs: JobRunner, load_pipeline: Callable[[], FramePipeline]) -> None:
        """Creates an idle controller; `load_pipeline` is called on the job's thread."""
        super().__init__()
        self._jobs = jobs
        self._load_pipeline = load_pipeline
        self._batch: Batch | None = None
        self._state = BatchState.IDLE
        self._results: Path | None = None

    @property
    def state(self) -> BatchState:
        """What the batch is doing."""
        return self._state

    @property
    def active(self) -> bool:
        """Whether files are being read, or will be after a pause."""
        return self._state in (BatchState.RUNNING, BatchState.PAUSED)

    @property
    def results(self) -> Path | None:
        """The folder that the last batch wrote to."""
        return self._results

    def start(self, files: Sequence[Path], folder: Path, *, copies: bool) -> None:
        """Reads files; the results go to a new folder in `folder`.

        Args:
            files: Photos, videos and folders of them.
            folder: Where the folder of the results is created.
            copies: Whether to write copies of the pictures with boxes and labels too.
        """
        if self._jobs.busy:
            return
        name = f"FER Desktop {datetime.now().astimezone():%Y-%m-%d %H.%M.%S}"
        results, number = folder / name, 2
        while is_folder(results):  # from a batch in the same second
            results, number = folder / f"{name} {number}", number + 1
        self._results = results
        self._batch = batch = Batch(files, self.progress_changed.emit, self.problem_found.emit)
        self._set_state(BatchState.RUNNING)
        self._jobs.run(lambda: self._read(batch, results, copies=copies), self._on_done, self._on_error)

    def set_paused(self, paused: bool) -> None:
        """Pauses after the picture that is being read, or continues."""
        if self._batch is not None and self.active:
            self._batch.set_paused(paused)
            self._set_state(BatchState.PAUSED if paused else BatchState.RUNNING)

    def cancel(self) -> None:
        """Stops the batch after the picture that is being read; what was written stays."""
        if self._batch is not None:
            self._batch.cancel()

    def _read(self, batch: Batch, results: Path, *, copies: bool) -> None:
        pipeline = self._load_pipeline()
        make_folder(results)
        with ExitStack() as stack:
            table = stack.enter_context(new_file(results / "emotions.csv"))
            entries = stack.enter_context(new_file(results / "emotions.json"))
            outputs: list[Output] = [CsvTable(table), stack.enter_context(JsonList(entries))]
            if copies:
                outputs.append(AnnotatedCopies(results / "pictures"))
            batch.run(pipeline, outputs)

    @Slot(object)
    def _on_done(self, _nothing: None) -> None:
        self._set_state(BatchState.DONE)

    @Slot(object)
    def _on_error(self, error: AppError) -> None:
        if isinstance(error, CancelledError):
            self._set_state(BatchState.CANCELLED)
            return
        self._set_state(BatchState.FAILED)
        self.failed.emit(error)

    def _set_state(self, state: BatchState) -> None:
        if state is not self._state:
            self._state = state
            self.state_changed.emit(state)
