"""Takes a picture of every state of the window: `python -m tests.screenshots`.

Walks through the states once for each variant of size, scale, scheme and language, each in its own process,
with the real window, the sample photos, and the sandbox in place of Spotify. Pictures are written to
`screenshots/<variant>/`, those for the README to `docs/`.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from unittest.mock import patch

import cv2
import numpy as np
from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtGui import QColor, QDesktopServices, QPainter
from PySide6.QtWidgets import QApplication, QDialog

from fer_desktop import app as app_module
from fer_desktop.app import App
from fer_desktop.controllers.batch import BatchState
from fer_desktop.controllers.flow import Capture, FlowState
from fer_desktop.controllers.source_supervisor import SourceState
from fer_desktop.errors import CameraError
from fer_desktop.paths import resources_dir
from fer_desktop.settings import Settings, SettingsStore
from fer_desktop.spotify.factory import SPOTIFY
from fer_desktop.spotify.sandbox import Fault, Sandbox
from fer_desktop.translation import _
from fer_desktop.ui.batch_dialog import BatchDialog
from fer_desktop.ui.connect_dialog import ConnectDialog
from fer_desktop.ui.crash_dialog import CrashReporter
from fer_desktop.ui.help_dialog import show_help
from fer_desktop.ui.language import speak
from fer_desktop.ui.theme import apply_theme
from fer_desktop.vision.camera import CameraInfo
from fer_desktop.vision.frame_source import StillSource, open_source
from fer_desktop.vision.media import read_photo
from fer_desktop.vision.pipeline import FramePipeline
from fer_desktop.vision.sample_clip import SampleClip
from fer_desktop.workers.garbage_collection import GuiThreadCollector
from tests.fakes.app_bench import Browser
from tests.fakes.videos import write_video

if TYPE_CHECKING:
    from collections.abc import Callable

    from fer_desktop.vision.frame_source import FrameSource

SAMPLES = resources_dir() / "samples"
CAMERAS = {
    CameraInfo(0, "Integrated Webcam"): "happy-baby.jpeg",
    CameraInfo(1, "HD Pro Webcam C920"): "neutral.jpeg",
    CameraInfo(2, "OBS Virtual Camera"): "",
}
"""The cameras to choose from and what each shows; the last one gives no picture."""
DOCS = Path(__file__).resolve().parent.parent / "docs"
README_QUALITY = 95  # of WebP: no visible difference at a quarter of the size
PATIENCE_MS = 60_000
EASE_MS = 250

_Dialog = TypeVar("_Dialog", bound=QDialog)


@dataclass(frozen=True, slots=True)
class Variant:
    """How the window is shown.

    Attributes:
        scheme: "light" or "dark".
        language: One of the app's languages.
        width: Of the window, in device-independent pixels.
        height: Of the window.
        scale: Device pixels per device-independent pixel.
    """

    scheme: str
    language: str
    width: int
    height: int
    scale: int = 1

    @property
    def name(self) -> str:
        """The folder's name."""
        return f"{self.scheme}-{self.language}-{self.width}x{self.height}@{self.scale}"


VARIANTS = {
    each.name: each
    for each in (
        Variant("light", "en", 1280, 800),
        Variant("dark", "en", 1280, 800),
        Variant("light", "en", 900, 600),
        Variant("dark", "en", 900, 600, 2),
        Variant("light", "en", 3840, 2160),
        Variant("dark", "de", 1280, 800),
        Variant("light", "de", 900, 600),
        Variant("light", "zh_CN", 1280, 800),
        Variant("dark", "zh_CN", 900, 600),
    )
}


class Photographer:
    """Takes the window from state to state, and a picture of each."""

    def __init__(
        self, qt_app: QApplication, variant: Variant, folder: Path, profile: Path, sandbox: Sandbox
    ) -> None:
        self._qt_app = qt_app
        self._variant = variant
        self._folder = folder
        self._sandbox = sandbox
        self._count = 0
        self._unblocked = threading.Event()
        self._profile = profile
        self._browser = Browser(sandbox)
        for scheme in ("http", "https", "spotify"):
            QDesktopServices.setUrlHandler(scheme, self._browser, "open")  # type: ignore[arg-type]  # takes a string only
        self._app = self._start()

    def take_all(self) -> None:
        """Takes a picture of every state."""
        self._take_first_start()
        self._take_media()
        self._take_pictures_of_the_stage()
        self._take_account()
        self._take_playlist()
        self._take_dialogs()
        self._close()

    def _take_first_start(self) -> None:
        self._close()
        load = FramePipeline.load

        def load_late(models: Path, resources: Path) -> FramePipeline:
            self._unblocked.wait()
            return load(models, resources)

        with patch.object(FramePipeline, "load", load_late):
            self._app = self._start()
            self._app.window.sources.open(str(SAMPLES / "neutral.jpeg"))
            self._wait_for(lambda: self._app.flow.picture is SourceState.LIVE)
            self._take("loading")
            self._unblocked.set()
            self._close()
        self._unblocked.clear()
        self._app = self._start()
        ready: list[object] = []
        self._app.camera.model_ready.connect(ready.append)
        self._wait_for(lambda: len(ready) > 0)
        self._take("welcome")

    def _take_media(self) -> None:
        window, batch = self._app.window, self._app.batch
        clip = SampleClip(SAMPLES)
        video = write_video(self._profile / "clip.avi", [clip.render(number) for number in range(50)], rate=5)
        self._show(video)
        window.stage.playback_bar.toggle()
        self._take("video-paused")
        window.header.why_button.click()
        self._show(SAMPLES / "happy-baby.jpeg")
        self._take("why-live")
        explained: list[object] = []
        self._app.camera.explained.connect(explained.append)
        window.stage.capture_button.click()
        self._wait_for(lambda: len(explained) > 0)
        self._take("why-captured")
        window.header.why_button.click()
        window.stage.live_button.click()
        photos = [self._profile / f"{number}.jpeg" for number in range(20)]
        for photo in photos:
            shutil.copy(SAMPLES / "neutral.jpeg", photo)
        window.read_files([*photos, self._profile / "gone.jpg"])
        dialog = self._dialog(BatchDialog)
        self._take("many-files")
        dialog.start_button.click()
        self._wait_for(lambda: dialog.progress.value() > 200)
        dialog.pause_button.click()
        self._take("many-files-paused")
        dialog.pause_button.click()
        self._wait_for(lambda: batch.state is BatchState.DONE)
        self._take("many-files-read")
        dialog.reject()

    def _take_pictures_of_the_stage(self) -> None:
        window, flow = self._app.window, self._app.flow
        window.sources.open("blocked")
        self._wait_for(lambda: flow.picture is SourceState.OPENING)
        self._take("opening")
        self._unblocked.set()
        window.sources.open("camera:63")
        self._wait_for(lambda: flow.picture is SourceState.LOST)
        self._take("no-camera")
        self._app.camera.stop()
        self._take("off")
        wall = self._profile / "wall.png"
        cv2.imwrite(str(wall), np.full((480, 640, 3), 120, np.uint8))
        self._show(wall)
        self._take("no-face")
        self._show(SAMPLES / "neutral.jpeg")
        self._take("one-face")
        several = self._profile / "several.png"
        cv2.imwrite(str(several), np.hstack([SampleClip(SAMPLES).render(number) for number in (150, 0)]))
        self._show(several)
        self._take("several-faces")
        self._show(SAMPLES / "group.jpeg")
        self._take("unsure")
        self._show(SAMPLES / "happy-baby.jpeg")
        window.stage.capture_button.click()
        self._wait_for(lambda: flow.picture is Capture.TAKEN)
        self._take("captured")

    def _take_account(self) -> None:
        account = self._app.account
        self._app.window.playlist_presenter.open_assistant()
        assistant = self._dialog(ConnectDialog)
        self._take("connect")
        self._browser.agrees = False
        assistant.client_id.setText(self._sandbox.client_id)
        assistant.connect_button.click()
        self._wait_for(lambda: bool(self._browser.opened))
        self._take("login")
        assistant.cancel_button.click()
        self._wait_for(lambda: not account.connecting)
        self._browser.agrees = True
        assistant.connect_button.click()
        self._wait_for(lambda: account.account is not None and not _dialogs())

    def _take_playlist(self) -> None:
        window, flow, panel = self._app.window, self._app.flow, self._app.window.playlist_panel
        self._take("ready")
        self._sandbox.fail_next(Fault.SLOW, "/v1/search", times=2)
        panel.ready.preview_button.click()
        self._wait_for(self._sandbox.held.is_set)
        self._sandbox.let_go()
        self._sandbox.hold()  # the second search waits
        self._wait_for(lambda: panel.working.progress.maximum() > 0)
        self._take("searching")
        self._sandbox.let_go()
        self._wait_for(lambda: flow.state is FlowState.PREVIEWED)
        self._take("preview")
        self._sandbox.fail_next(Fault.ERROR_BEFORE_WORK, "/v1/me/playlists", method="POST")
        panel.create_button.click()
        self._wait_for(lambda: flow.state is FlowState.FAILED)
        self._take("error")
        panel.create_button.click()
        self._wait_for(lambda: flow.state is FlowState.CREATED)
        self._wait_for(lambda: not self._app.cover_jobs.busy)
        self._take("created")
        if (self._variant.language, self._variant.width) == ("en", 1280):
            window.grab().save(str(DOCS / f"screenshot-{self._variant.scheme}.webp"), quality=README_QUALITY)
        window.stage.live_button.click()
        self._wait_for(lambda: window.stage.capture_button.isEnabled())
        window.stage.capture_button.click()
        self._wait_for(lambda: flow.state is FlowState.PLANNED)
        panel.create_button.click()
        self._wait_for(lambda: panel.question.update_button.isVisible())
        self._take("question")

    def _take_dialogs(self) -> None:
        window = self._app.window
        window.header.settings_button.click()
        self._take("settings")
        self._dialog(QDialog).reject()
        show_help(window)
        self._take("help")
        self._dialog(QDialog).reject()
        self._take_cameras()
        with CrashReporter():
            sys.excepthook(ValueError, ValueError("an example"), None)
            self._wait_for(lambda: bool(_dialogs()))
            self._take("crash")
            self._dialog(QDialog).reject()

    def _take_cameras(self) -> None:
        answers: list[object] = []
        self._app.survey.pictured.connect(lambda camera, _frame: answers.append(camera))
        self._app.survey.failed.connect(lambda camera, _error: answers.append(camera))
        self._app.camera.stop()
        self._app.window.sources.accept_notice()
        self._wait_for(lambda: len(answers) == len(CAMERAS))
        self._take("cameras")
        self._dialog(QDialog).reject()

    def _start(self) -> App:
        settings = Settings(
            appearance=self._variant.scheme, language=self._variant.language, less_motion=True
        )
        speak(self._qt_app, settings.language)
        app = App(SettingsStore(self._profile, settings), SPOTIFY, self._open)
        app.window.resize(self._variant.width, self._variant.height)
        app.window.show()
        app.resume()
        return app

    def _close(self) -> None:
        self._app.window.close()
        self._app.close()

    def _open(self, spec: str) -> FrameSource:
        if spec == "blocked":
            self._unblocked.wait()
        for camera, picture in CAMERAS.items():
            if spec == camera.spec:
                return _open_camera(camera, picture)
        return open_source(spec)

    def _show(self, photo: Path) -> None:
        self._app.window.sources.open(str(photo))
        camera = self._app.camera
        analysed: list[object] = []
        camera.analysis_changed.connect(analysed.append)
        # Smoothing has settled by then.
        self._wait_for(lambda: camera.state is SourceState.LIVE and len(analysed) > 12)
        camera.analysis_changed.disconnect(analysed.append)

    def _dialog(self, kind: type[_Dialog]) -> _Dialog:
        (dialog,) = _dialogs()
        assert isinstance(dialog, kind)
        return dialog

    def _take(self, name: str) -> None:
        """Saves a picture of the window, including an open dialog."""
        _wait(EASE_MS)
        self._count += 1
        window = self._app.window
        picture = window.grab()
        for dialog in _dialogs():
            painter = QPainter(picture)
            painter.fillRect(window.rect(), QColor(0, 0, 0, 96))
            painter.drawPixmap(window.rect().center() - dialog.rect().center(), dialog.grab())
            painter.end()
        picture.save(str(self._folder / f"{self._count:02d}-{name}.png"))

    @staticmethod
    def _wait_for(reached: Callable[[], bool]) -> None:
        for _step in range(PATIENCE_MS // 20):
            if reached():
                return
            _wait(20)
        raise TimeoutError("a state was not reached; the last picture shows the one before")


def _wait(milliseconds: int) -> None:
    """Lets events and threads run; QTest.qWait would hold the GIL."""
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


def _open_camera(camera: CameraInfo, picture: str) -> FrameSource:
    if not picture:
        raise CameraError(_("The camera is busy"), "")
    return StillSource(read_photo(SAMPLES / picture), camera.name)


def _dialogs() -> list[QDialog]:
    return [each for each in QApplication.topLevelWidgets() if isinstance(each, QDialog) and each.isVisible()]


def take_variant(name: str, folder: str) -> None:
    """Takes the pictures of one variant; needs its own process."""
    pictures = Path(folder) / name
    pictures.mkdir(parents=True, exist_ok=True)
    app = QApplication(["fer-desktop"])
    apply_theme(app)
    with ExitStack() as stack:
        stack.enter_context(GuiThreadCollector())
        stack.enter_context(patch.object(app_module, "list_cameras", lambda: tuple(CAMERAS)))
        profile = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        sandbox = stack.enter_context(Sandbox())
        os.environ["FER_SPOTIFY_API_URL"] = sandbox.api_url
        os.environ["FER_SPOTIFY_ACCOUNTS_URL"] = sandbox.accounts_url
        Photographer(app, VARIANTS[name], pictures, profile, sandbox).take_all()


def main() -> int:
    """Takes the pictures of the variants on the command line, or of all."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("variants", nargs="*", metavar="VARIANT", help=f"of: {', '.join(VARIANTS)}")
    parser.add_argument("--out", default="screenshots", metavar="FOLDER")
    args = parser.parse_args()
    for name in args.variants:
        if name not in VARIANTS:
            parser.error(f"there is no variant {name}")
    failed = 0
    for name in args.variants or VARIANTS:
        environment = os.environ | {
            "QT_QPA_PLATFORM": "offscreen",
            "QT_SCALE_FACTOR": str(VARIANTS[name].scale),
            "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
        }
        code = "import sys; from tests.screenshots import take_variant; take_variant(*sys.argv[1:])"
        command = [sys.executable, "-c", code, name, args.out]
        failed += subprocess.run(command, env=environment, check=False).returncode != 0
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
