"""The demo: sample photos for the camera, the sandbox for Spotify, and the tour without a display."""

from __future__ import annotations

import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEventLoop, QTimer

from fer_desktop.controllers.flow import FlowState
from fer_desktop.domain import Emotion
from fer_desktop.paths import resources_dir
from fer_desktop.services import demo_music
from fer_desktop.translation import N_
from fer_desktop.vision.frame_source import open_source
from fer_desktop.vision.sample_clip import SampleClip

if TYPE_CHECKING:
    from collections.abc import Callable

    from fer_desktop.domain import FrameAnalysis
    from fer_desktop.errors import AppError
    from fer_desktop.ui.main_window import MainWindow
    from fer_desktop.vision.frame_source import FrameSource

NOTE = N_(
    "Demo: sample photos instead of the camera, and a made-up music service instead of Spotify. "
    "Nothing leaves this computer."
)
SPEC = "sample-photos"
OUTPUT_DIR = Path("demo-output")

_STEP_SECONDS = 60.0
_POLL_MS = 20
_SETTLE_MS = 300


class Demo:
    """What a demo uses instead of the real world: frames, a music service, and a temporary profile.

    Use it as a context manager: the sandbox runs inside it, as the music service `music`.
    """

    def __init__(self) -> None:
        self._stack = ExitStack()

    def __enter__(self) -> Demo:
        self.profile_dir = Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="fer-desktop-")))
        self.music = self._stack.enter_context(demo_music())
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def open_source(self, spec: str) -> FrameSource:
        """Opens the clip of the sample photos for its spec, and anything else as the real app does."""
        return SampleClip(resources_dir() / "samples") if spec == SPEC else open_source(spec)


def run_tour(window: MainWindow, say: Callable[[str], None]) -> int:
    """Runs through all steps as a user would, and saves a screenshot of each.

    Args:
        window: A shown window with its demo running.
        say: Called with one line per step.

    Returns:
        The exit code: 0 when the playlist was made, 1 when a step did not succeed in time.
    """
    OUTPUT_DIR.mkdir(exist_ok=True)
    window.resize(window.sizeHint())
    flow = window.flow
    looks_happy: list[bool] = []
    failures: list[AppError] = []

    def on_analysis(analysis: FrameAnalysis) -> None:
        you = analysis.you
        looks_happy.append(you is not None and not you.unsure and you.scores.dominant is Emotion.HAPPY)

    window.camera.analysis_changed.connect(on_analysis)
    for source in (window.camera.lost, window.camera.model_failed, flow.failed):
        source.connect(failures.append)

    steps: tuple[tuple[str, Callable[[], bool], Callable[[], object]], ...] = (
        ("live", lambda: flow.can_capture and looks_happy[-5:] == [True] * 5, lambda: None),
        ("captured", lambda: flow.state is FlowState.PLANNED, window.stage.capture_button.click),
        ("playlist", lambda: flow.state is FlowState.CREATED, window.playlist_panel.create_button.click),
    )
    for number, (name, reached, act) in enumerate(steps, start=1):
        act()
        if not _wait_until(lambda reached=reached: reached() or bool(failures)) or failures:  # type: ignore[misc]  # mypy cannot infer a lambda with a default
            reason = str(failures[0]) if failures else f"nothing happened for {_STEP_SECONDS:.0f} seconds"
            say(f"{number}. {name}: stopped, {reason}")
            return 1
        _let_bars_settle()
        path = OUTPUT_DIR / f"{number}-{name}.png"
        window.grab().save(str(path))
        say(f"{number}. {_describe(name, window)} ({path})")
    return 0


def _describe(name: str, window: MainWindow) -> str:
    if name == "live":
        return "Live: a face that looks happy"
    if name == "captured":
        return f"Captured: {window.playlist.plan.emotion.value}" if window.playlist.plan else "Captured"
    panel = window.playlist_panel
    return (
        f"Created \u201c{panel.heading.text()}\u201d with {panel.tracks.count()} tracks: {panel.created.url}"
    )


def _wait_until(reached: Callable[[], bool]) -> bool:
    """Runs the window until `reached`; returns False if that takes too long."""
    loop = QEventLoop()
    deadline = time.monotonic() + _STEP_SECONDS
    looking = QTimer()
    looking.timeout.connect(lambda: loop.quit() if reached() or time.monotonic() > deadline else None)
    looking.start(_POLL_MS)
    loop.exec()
    return reached()


def _let_bars_settle() -> None:
    """Gives the bars time to reach their values."""
    loop = QEventLoop()
    QTimer.singleShot(_SETTLE_MS, loop.quit)
    loop.exec()
