"""Fixtures for the tests with Qt."""

from __future__ import annotations

import gc
import weakref
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QThread, QThreadPool
from PySide6.QtGui import QDesktopServices
from shiboken6 import isValid

from fer_desktop import app as app_module
from fer_desktop.ui.theme import apply_theme
from tests.conftest import THREAD_GRACE_S
from tests.fakes.app_bench import Bench, Browser
from tests.fakes.tiny_model import write_tiny_model

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from PySide6.QtWidgets import QApplication
    from pytestqt.qtbot import QtBot

    from fer_desktop.spotify.sandbox import Sandbox


@pytest.fixture(autouse=True, scope="session")
def _themed(qapp: QApplication) -> None:
    """Shows all windows in the theme that users see."""
    apply_theme(qapp)


@pytest.fixture(autouse=True)
def _collect_widgets_on_their_thread(request: pytest.FixtureRequest) -> Iterator[None]:
    """Deletes a test's widgets after it, on the GUI thread.

    Garbage collection on a worker's thread would crash, and an open dialog would keep mouse events from the
    next test's window.
    """
    if "qapp" not in request.fixturenames:
        yield
        return
    gc.disable()
    yield
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    gc.collect()
    gc.enable()


@pytest.fixture(autouse=True)
def _no_thread_of_qt_left(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fails a test that leaves a QThread or a job of the pool running."""
    started: list[weakref.ref[QThread]] = []
    start = QThread.start

    def recorded_start(
        thread: QThread, priority: QThread.Priority = QThread.Priority.InheritPriority
    ) -> None:
        started.append(weakref.ref(thread))
        start(thread, priority)

    monkeypatch.setattr(QThread, "start", recorded_start)
    yield
    left = [
        repr(thread)
        for thread in (reference() for reference in started)
        if thread is not None and isValid(thread) and not thread.wait(int(THREAD_GRACE_S * 1000))
    ]
    if not QThreadPool.globalInstance().waitForDone(int(THREAD_GRACE_S * 1000)):
        left.append("a job on QThreadPool.globalInstance()")
    assert not left, f"still running after the test: {', '.join(left)}"


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the tiny model and its card, which the app uses as the shipped ones."""
    folder = tmp_path / "models"
    write_tiny_model(folder)
    monkeypatch.setattr(app_module, "models_dir", lambda: folder)
    return folder


@pytest.fixture
def sandbox(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    monkeypatch.setenv("FER_SPOTIFY_API_URL", sandbox.api_url)
    monkeypatch.setenv("FER_SPOTIFY_ACCOUNTS_URL", sandbox.accounts_url)
    return sandbox


@pytest.fixture
def browser(sandbox: Sandbox, qtbot: QtBot) -> Iterator[Browser]:
    browser = Browser(sandbox)
    for scheme in ("http", "https", "spotify"):
        QDesktopServices.setUrlHandler(scheme, browser, "open")  # type: ignore[arg-type]  # only a string works
    yield browser
    for scheme in ("http", "https", "spotify"):
        QDesktopServices.unsetUrlHandler(scheme)


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    return tmp_path / "profile"


@pytest.fixture
def fresh(qtbot: QtBot, browser: Browser, models: Path, profile: Path) -> Iterator[Bench]:
    """The app at its first start."""
    bench = Bench(profile, qtbot)
    yield bench
    bench.close()


@pytest.fixture
def connected(fresh: Bench, sandbox: Sandbox) -> Bench:
    """The app after the first login."""
    fresh.log_in(sandbox.client_id)
    fresh.wait(fresh.no_assistant)
    sandbox.requests.clear()
    return fresh
