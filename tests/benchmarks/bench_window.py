"""Measures the window itself, in a separate process: `python -m tests.benchmarks.bench_window SCENE CLIP`.

Runs the app's own `main` on a clip and prints one line of JSON. A scene is "shown", "hidden", "minimised" or
"start", which ends with the first label. Times on the screen end where the window's painting ends: the
compositor and the screen come on top.
"""

from __future__ import annotations

import json
import re
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QTimer, Slot
from PySide6.QtWidgets import QApplication, QWidget

from fer_desktop.ui.camera_view import CameraView
from fer_desktop.vision.pipeline import FramePipeline
from tests.fakes.observed_app import run_observed

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QPaintEvent

    from fer_desktop.app import App
    from fer_desktop.domain import Frame, FrameAnalysis

WARM_UP_SECONDS = 5.0
SECONDS = 10.0

_analyse = FramePipeline.analyse_live
_paint = CameraView.paintEvent


class Observer(QObject):
    """Notes when each thing is painted, sets the window up for the scene, and closes it at the end.

    Args:
        app: The app, before its window is shown.
        scene: One of the scenes above.
    """

    def __init__(self, app: App, scene: str) -> None:
        super().__init__()
        self._app = app
        self._scene = scene
        self._captured_at: dict[int, float] = {}  # of the frame of each analysis, by its id
        self._frame: Frame | None = None
        self._analysis: FrameAnalysis | None = None
        self.window_at = 0.0
        self.label_at = 0.0
        self._start_over()
        app.camera.frame_changed.connect(self._on_frame)
        app.camera.analysis_changed.connect(self._on_analysis)
        FramePipeline.analyse_live = self._analysing()  # type: ignore[method-assign]  # observed, not changed
        CameraView.paintEvent = self._painting()  # type: ignore[method-assign, assignment]  # the one that is measured
        QApplication.instance().installEventFilter(self)  # type: ignore[union-attr]  # there is one
        if scene != "start":
            QTimer.singleShot(round(WARM_UP_SECONDS / 2 * 1000), self._arrange)
            QTimer.singleShot(round(WARM_UP_SECONDS * 1000), self._start_over)
            QTimer.singleShot(round((WARM_UP_SECONDS + SECONDS) * 1000), self._finish)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802  # Qt's name
        """Notes when the window is first painted."""
        if event.type() is QEvent.Type.Paint and isinstance(watched, QWidget):
            self.window_at = time.time()
            QApplication.instance().removeEventFilter(self)  # type: ignore[union-attr]  # there is one
        return False

    @Slot()
    def _start_over(self) -> None:
        self.started_at, self.cpu_started = time.monotonic(), time.process_time()
        self.painted: set[int] = set()
        self.picture_ages: list[float] = []
        self.box_ages: list[float] = []
        self.analyses = 0
        self.analysis_seconds: list[float] = []

    @Slot()
    def _arrange(self) -> None:
        if self._scene == "hidden":
            QApplication.setQuitOnLastWindowClosed(False)
            self._app.window.hide()
        elif self._scene == "minimised":
            self._app.window.showMinimized()

    @Slot(object)
    def _on_frame(self, frame: Frame) -> None:
        self._frame = frame

    @Slot(object)
    def _on_analysis(self, analysis: FrameAnalysis) -> None:
        self._analysis = analysis
        self.analyses += 1
        self.analysis_seconds.append(analysis.detect_seconds + analysis.classify_seconds)

    def _analysing(self) -> Callable[..., FrameAnalysis]:
        def analyse(pipeline: FramePipeline, frame: Frame, **options: bool) -> FrameAnalysis:
            analysis = _analyse(pipeline, frame, **options)
            self._captured_at[id(analysis)] = frame.captured_at
            return analysis

        return analyse

    def _painting(self) -> Callable[[CameraView, QPaintEvent], None]:
        def paint(view: CameraView, event: QPaintEvent) -> None:
            _paint(view, event)
            self._on_painted(time.monotonic())

        return paint

    def _on_painted(self, now: float) -> None:
        if self._frame is None:
            return
        self.painted.add(self._frame.number)
        self.picture_ages.append(now - self._frame.captured_at)
        if self._analysis is not None and self._analysis.faces:
            self.box_ages.append(now - self._captured_at[id(self._analysis)])
            if not self.label_at:
                self.label_at = time.time()
                if self._scene == "start":
                    QTimer.singleShot(2000, self._finish)

    @Slot()
    def _finish(self) -> None:
        seconds = time.monotonic() - self.started_at
        self.result: dict[str, float | str] = {
            "window_at": self.window_at,
            "label_at": self.label_at,
            "frames_a_second": len(self.painted) / seconds,
            "analyses_a_second": self.analyses / seconds,
            "analysis_ms": statistics.median(self.analysis_seconds or [0.0]) * 1000,
            "picture_age_ms": _percentile_95(self.picture_ages) * 1000,
            "box_age_ms": _percentile_95(self.box_ages) * 1000,
            "cpu_share": (time.process_time() - self.cpu_started) / seconds * 100,
            "memory_mb": _resident_mb("VmRSS"),
            "memory_peak_mb": _resident_mb("VmHWM"),
            "window": f"{self._app.window.width()}x{self._app.window.height()}",
            "platform": QApplication.platformName(),
        }
        QApplication.exit(0)


def run(scene: str, clip: str) -> dict[str, float | str]:
    """Runs the app for one scene and returns what was measured."""
    observers: list[Observer] = []

    def observe(app: App) -> Observer:
        observers.append(Observer(app, scene))
        return observers[0]

    with tempfile.TemporaryDirectory() as profile:
        run_observed(["--profile-dir", profile, "--source", clip], observe)
    return observers[0].result


def _percentile_95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20)[-1] if len(values) > 1 else 0.0


def _resident_mb(name: str) -> float:
    """Returns a size from the system's record of this process, in megabytes; 0 if there is none."""
    status = Path("/proc/self/status")
    found = re.search(rf"^{name}:\s+(\d+) kB$", status.read_text(), re.MULTILINE) if status.exists() else None
    return int(found[1]) * 1024 / 1e6 if found else 0.0


if __name__ == "__main__":
    sys.stdout.write(json.dumps(run(*sys.argv[1:])) + "\n")
