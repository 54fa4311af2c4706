# ruff: noqa: ARG002, D102  # Lightning gives the hooks their arguments and their purpose
"""How far a run is: shown, recorded, saved, and stopped between two steps on request."""

from __future__ import annotations

import signal
import sys
import time
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from lightning.pytorch.callbacks import Callback
from tqdm import tqdm

from training.errors import TrainingStoppedError
from training.progress import Timer, duration

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from types import FrameType

    import lightning.pytorch as pl

    from training.batches import FaceData
    from training.config import Recipe

_LINE_SECONDS = 15.0
_SAVE_SECONDS = 600.0
_STEPS_BETWEEN_AGREEMENTS = 20
_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@dataclass(slots=True)
class RunLog:
    """What a run took and how it went, all sessions together."""

    weights: str = ""  # where the first ones came from, in words
    wall_seconds: float = 0.0  # from the first step to now, without pauses
    cpu_seconds: float = 0.0  # of this process
    reading_seconds: float = 0.0  # of the wall time, reading batches
    stepping_seconds: float = 0.0  # of the wall time, training with them, without validation
    steps: int = 0  # how many batches these two cover
    history: list[dict[str, float]] = field(default_factory=list)  # what was measured after each epoch


class RunProgress(Callback):
    """Shows a bar in a terminal, else a line now and then; saves the run every ten minutes.

    Attributes:
        run_log: What the run took and how it went so far; kept in its checkpoints.
    """

    def __init__(
        self, recipe: Recipe, faces: FaceData, checkpoint: Path, report: Callable[[str], None], *, bar: bool
    ) -> None:
        """Starts the log of a run.

        Args:
            recipe: What it trains.
            faces: What it trains on.
            checkpoint: Where the run is saved when it is stopped.
            report: Takes a line of progress.
            bar: Show a bar on stderr.
        """
        self.run_log = RunLog()
        self._faces, self._batch_size, self._checkpoint, self._report = (
            faces, recipe.batch_size, checkpoint, report,
        )  # fmt: skip
        self._measured_on = "validation faces" + (", which are learned too," if recipe.validation_too else "")
        self._bar: tqdm[Any] | None = None
        self._wants_bar = bar
        self._stop_asked = False
        self._clock = (0.0, 0.0)
        self._first_step = 0
        self._since_line, self._since_save = Timer(_LINE_SECONDS), Timer(_SAVE_SECONDS)

    @property
    def state_key(self) -> str:
        return "Progress"  # the key in the checkpoints of all versions

    @contextmanager
    def stopping_on_signals(self) -> Iterator[None]:
        """Makes Ctrl-C and the signal to terminate save and stop the run after the current step."""
        before = {number: signal.getsignal(number) for number in _STOP_SIGNALS}
        self._take_signals()
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
            if self._bar is not None:
                self._bar.close()

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        self._take_signals()  # Lightning has set its own for SIGTERM, and would stop without saving
        self._clock = (time.monotonic(), time.process_time())
        self._since_line.start()
        self._since_save.start()
        self._first_step = trainer.global_step
        # Otherwise a run that was killed just after it had ended early would train another epoch.
        if any(each.wait_count >= each.patience for each in trainer.early_stopping_callbacks):
            trainer.should_stop = True
        if self._wants_bar and trainer.is_global_zero:
            self._bar = tqdm(
                total=int(trainer.estimated_stepping_batches) * self._batch_size,
                initial=trainer.global_step * self._batch_size,
                unit=" faces",
                unit_scale=True,
                dynamic_ncols=True,
                file=sys.stderr,
            )

    def on_train_batch_end(
        self,
        trainer: pl.Trainer,
        pl_module: pl.LightningModule,
        outputs: object,
        batch: object,
        batch_idx: int,
    ) -> None:
        if not trainer.is_last_batch:  # after the last one validation is still to come
            self._save_or_stop(trainer)
        if self._bar is not None:
            self._bar.set_description(self._where(trainer), refresh=False)
            self._bar.update(self._batch_size)
        elif trainer.is_global_zero and self._since_line.is_over:
            self._since_line.start()
            self._report(self._line(trainer))

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        metrics = {name: float(value) for name, value in trainer.callback_metrics.items()}
        self.run_log.history.append(
            {"epoch": trainer.current_epoch + 1, **metrics, "learning_rate": _learning_rate(trainer)}
        )
        self._say(
            f"{self._where(trainer)}: loss {metrics['train/loss']:.3f}, accuracy on "
            f"{self._measured_on} {metrics['validation/accuracy']:.1%}, macro recall "
            f"{metrics['validation/macro_recall']:.1%}, after {duration(self._elapsed().wall_seconds)}"
        )

    def on_train_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        self.run_log = self._elapsed()

    def state_dict(self) -> dict[str, Any]:
        return asdict(self._elapsed())

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        self.run_log = RunLog(**state_dict)

    def _take_signals(self) -> None:
        for number in _STOP_SIGNALS:
            signal.signal(number, self._ask_to_stop)

    def _ask_to_stop(self, _signal: int, _frame: FrameType | None) -> None:
        self._stop_asked = True

    def _save_or_stop(self, trainer: pl.Trainer) -> None:
        stop, save = self._stop_asked, self._since_save.is_over
        if trainer.world_size > 1:
            # All processes take part in saving, so they must agree; asking costs time.
            if trainer.global_step % _STEPS_BETWEEN_AGREEMENTS:
                return
            stop = trainer.strategy.reduce_boolean_decision(stop, all=False)
            save = trainer.strategy.reduce_boolean_decision(save, all=False)
        if not stop and not save:
            return
        trainer.save_checkpoint(self._checkpoint)
        self._since_save.start()
        if stop:
            raise TrainingStoppedError(
                "Stopped",
                f"The run was saved in epoch {trainer.current_epoch + 1}.",
                "The same command continues from there.",
            )

    def _say(self, line: str) -> None:
        if self._bar is None:
            self._report(line)
            return
        self._bar.clear()
        self._report(line)
        self._bar.refresh()

    def _where(self, trainer: pl.Trainer) -> str:
        return f"epoch {trainer.current_epoch + 1}/{trainer.max_epochs}"

    def _line(self, trainer: pl.Trainer) -> str:
        elapsed = time.monotonic() - self._clock[0]
        rate = (trainer.global_step - self._first_step) / elapsed
        left = duration((trainer.estimated_stepping_batches - trainer.global_step) / rate)
        return f"{self._where(trainer)}, {rate * self._batch_size:.0f} faces/s, at most {left} left"

    def _elapsed(self) -> RunLog:
        wall, cpu = self._clock
        batches = self._faces.batches
        return RunLog(
            self.run_log.weights,
            self.run_log.wall_seconds + time.monotonic() - wall,
            self.run_log.cpu_seconds + time.process_time() - cpu,
            self.run_log.reading_seconds + (batches.reading_seconds if batches else 0),
            self.run_log.stepping_seconds + (batches.stepping_seconds if batches else 0),
            self.run_log.steps + (batches.steps if batches else 0),
            self.run_log.history,
        )


def _learning_rate(trainer: pl.Trainer) -> float:
    return float(trainer.optimizers[0].param_groups[0]["lr"])
