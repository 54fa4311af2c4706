"""JobRunner: one call at a time off the GUI thread, its result back on it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QThread

from fer_desktop.errors import AppError
from fer_desktop.workers.job_runner import JobRunner

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytestqt.qtbot import QtBot


@pytest.fixture
def runner(qtbot: QtBot) -> Iterator[JobRunner]:
    runner = JobRunner()
    yield runner
    runner.close(5)


class Inbox:
    """Keeps what a job delivers, and on which thread."""

    def __init__(self) -> None:
        self.results: list[object] = []
        self.errors: list[AppError] = []
        self.threads: list[QThread] = []

    def take_result(self, result: object) -> None:
        self.results.append(result)
        self.threads.append(QThread.currentThread())

    def take_error(self, error: AppError) -> None:
        self.errors.append(error)
        self.threads.append(QThread.currentThread())

    def __len__(self) -> int:
        return len(self.results) + len(self.errors)


def test_the_result_comes_back_on_the_gui_thread(runner: JobRunner, qtbot: QtBot) -> None:
    inbox = Inbox()
    called_on: list[str] = []

    def work() -> int:
        called_on.append(threading.current_thread().name)
        return 42

    runner.run(work, inbox.take_result, inbox.take_error)
    qtbot.waitUntil(lambda: len(inbox) == 1)
    assert inbox.results == [42]
    assert inbox.threads == [QThread.currentThread()]
    assert called_on == ["job"]
    assert not runner.busy


def test_an_expected_failure_comes_back_as_a_value(runner: JobRunner, qtbot: QtBot) -> None:
    inbox = Inbox()
    failure = AppError("No network", "There is none.", "Plug it in.")

    def work() -> None:
        raise failure

    runner.run(work, inbox.take_result, inbox.take_error)
    qtbot.waitUntil(lambda: len(inbox) == 1)
    assert inbox.errors == [failure]
    assert not runner.busy


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")  # it is what is tested
def test_an_unexpected_failure_ends_the_job_too(runner: JobRunner, qtbot: QtBot) -> None:
    inbox = Inbox()

    def work() -> None:
        raise ZeroDivisionError

    runner.run(work, inbox.take_result, inbox.take_error)
    qtbot.waitUntil(lambda: len(inbox) == 1)
    assert inbox.errors[0].title == "Something unexpected went wrong"
    assert not runner.busy


def test_there_is_no_second_job_while_one_runs(runner: JobRunner, qtbot: QtBot) -> None:
    inbox = Inbox()
    release = threading.Event()
    runner.run(lambda: release.wait(30), inbox.take_result, inbox.take_error)
    assert runner.busy
    with pytest.raises(RuntimeError):
        runner.run(lambda: None, inbox.take_result, inbox.take_error)
    release.set()
    qtbot.waitUntil(lambda: len(inbox) == 1)


def test_close_waits_for_the_job_and_drops_its_result(qtbot: QtBot) -> None:
    inbox = Inbox()
    runner = JobRunner()
    started, release = threading.Event(), threading.Event()

    def work() -> None:
        started.set()
        release.wait(30)

    runner.run(work, inbox.take_result, inbox.take_error)
    assert started.wait(30)
    release.set()
    runner.close(30)
    qtbot.wait(1)  # lets a result that was on its way arrive, if there were one
    assert len(inbox) == 0
