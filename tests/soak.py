"""Endurance: `python -m tests.soak [--seconds 1800] [--seed 1]` uses the real window for a long time.

A network camera on loopback shows the sample clip. At random, by a seed, it is unplugged, stalled and
covered, sources are switched, pictures are captured, and the window is resized, minimised and recoloured.
Exits with 1 if memory grew by 10 MB after the warm-up, a thread is left, or a warning was logged.
"""

# ruff: noqa: T201  # it prints its result

from __future__ import annotations

import argparse
import json
import logging
import os
import random
import re
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Slot
from PySide6.QtWidgets import QApplication

from fer_desktop.paths import resources_dir
from fer_desktop.settings import Settings
from fer_desktop.ui.theme import follow_settings
from fer_desktop.vision.sample_clip import SampleClip
from tests.fakes.http_camera import Fault, HttpCamera
from tests.fakes.observed_app import run_observed
from tests.fakes.videos import write_video
from tests.fakes.warnings import LoggedWarnings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from fer_desktop.app import App
    from fer_desktop.domain import Image

SAMPLES = resources_dir() / "samples"
MOST_GROWTH_MB = 10.0
WARM_UP_SECONDS = 360
"""By then each kind of source was opened and each size drawn several times. Memory counts from then on, and
is judged only if the run lasts at least twice as long."""

_PAUSE_MS = (100, 1500)
_LEAVE_SECONDS = 5.0


class Soak(QObject):
    """Uses the window at random until the time is up.

    Args:
        app: The app.
        camera: The first source.
        sources: The other sources.
        seconds: How long it runs.
        seed: Makes the order of actions repeatable.
    """

    def __init__(self, app: App, camera: HttpCamera, sources: list[str], seconds: float, seed: int) -> None:
        super().__init__()
        self._app = app
        self._camera = camera
        self._sources = sources
        self._random = random.Random(seed)  # noqa: S311  # no secret
        self._end = time.monotonic() + seconds
        self.done: Counter[str] = Counter()
        self.memory: list[float] = []
        self._actions: dict[str, Callable[[], object]] = {
            "break the camera": self._break_camera,
            "repair the camera": lambda: camera.set_fault(None),
            "switch the source": lambda: app.window.sources.open(self._random.choice(sources)),
            "capture": app.window.stage.capture_button.click,
            "back to live": app.window.stage.live_button.click,
            "resize": self._resize,
            "recolour": self._recolour,
            "minimise": app.window.showMinimized,
            "restore": app.window.showNormal,
            "why": app.window.header.why_button.toggle,
            "camera on or off": app.window.header.power_button.click,
        }
        self._measuring = QTimer(self)
        self._measuring.timeout.connect(lambda: self.memory.append(_resident_mb()))
        self._measuring.start(1000)
        QTimer.singleShot(1000, self._act)

    @Slot()
    def _act(self) -> None:
        if time.monotonic() > self._end:
            self._app.window.close()
            QApplication.exit(0)  # closing a minimised window does not end the app
            return
        action = self._random.choice(list(self._actions))
        self._actions[action]()
        self.done[action] += 1
        QTimer.singleShot(self._random.randint(*_PAUSE_MS), self._act)

    def _break_camera(self) -> None:
        self._app.window.sources.open(self._camera.url)
        fault = self._random.choice(list(Fault))
        QTimer.singleShot(self._random.randint(0, 2000), lambda: self._camera.set_fault(fault))

    def _resize(self) -> None:
        self._app.window.showNormal()
        self._app.window.resize(self._random.randint(440, 1800), self._random.randint(480, 1200))

    def _recolour(self) -> None:
        follow_settings(Settings(appearance=self._random.choice(("light", "dark"))))


def main() -> int:
    """Runs the app and prints the findings."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=1800)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if sys.platform == "linux" and not {"DISPLAY", "WAYLAND_DISPLAY"} & set(os.environ):
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    warnings = LoggedWarnings()
    logging.getLogger().addHandler(warnings)
    threads_before = set(threading.enumerate())
    clip = SampleClip(SAMPLES)
    soaks: list[Soak] = []
    with tempfile.TemporaryDirectory() as folder, HttpCamera(_pictures(clip, 5)) as camera:
        video = write_video(Path(folder) / "clip.avi", list(_pictures(clip, 20)))
        sources = [camera.url, camera.url, str(video), str(SAMPLES / "neutral.jpeg"), str(SAMPLES)]

        def observe(app: App) -> Soak:
            soaks.append(Soak(app, camera, sources, options.seconds, options.seed))
            return soaks[0]

        run_observed(["--profile-dir", str(Path(folder) / "profile"), "--source", camera.url], observe)
    left = _threads_left(threads_before)
    return _judge(soaks[0], options.seconds, left, warnings.lines)


def _pictures(clip: SampleClip, step: int) -> Iterator[Image]:
    """Yields some frames of each shot: a list of all would take memory in which growth could hide."""
    return (clip.render(number) for number in range(0, 625, step))


def _judge(soak: Soak, seconds: float, left: list[str], warnings: list[str]) -> int:
    judged = seconds >= 2 * WARM_UP_SECONDS
    settled = soak.memory[WARM_UP_SECONDS if judged else 0 :]  # one value a second
    # By a regression line: memory varies by 20 MB and more with the window's size and the source, so two
    # samples would say little.
    growth = (
        statistics.linear_regression(range(len(settled)), settled).slope * len(settled) if judged else 0.0
    )
    found = {
        "seconds": seconds,
        "done": dict(soak.done),
        "memory_mb": round(statistics.median(settled), 1) if settled else None,
        "memory_growth_mb": round(growth, 1) if judged else None,
        "threads_left": left,
        "warnings": warnings,
    }
    print(json.dumps(found, indent=2))
    grew = judged and growth >= MOST_GROWTH_MB
    return 1 if grew or left or warnings else 0


def _threads_left(before: set[threading.Thread]) -> list[str]:
    """Returns the names of the threads that do not end within a few seconds."""
    deadline = time.monotonic() + _LEAVE_SECONDS
    started = [thread for thread in threading.enumerate() if thread not in before]
    for thread in started:
        thread.join(max(0.0, deadline - time.monotonic()))
    return [thread.name for thread in started if thread.is_alive()]


def _resident_mb() -> float:
    """Returns the memory of this process, in megabytes; 0 if the system has no such record."""
    status = Path("/proc/self/status")
    found = re.search(r"^VmRSS:\s+(\d+) kB$", status.read_text(), re.MULTILINE) if status.exists() else None
    return int(found[1]) * 1024 / 1e6 if found else 0.0


if __name__ == "__main__":
    sys.exit(main())
