"""The composition root: builds every object, connects them, and takes them down in order."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QMessageLogContext, QTimer, QtMsgType, qInstallMessageHandler, qVersion
from PySide6.QtWidgets import QApplication, QMessageBox

from fer_desktop import demo as demo_module
from fer_desktop.controllers.account import AccountController
from fer_desktop.controllers.batch import BatchController
from fer_desktop.controllers.camera import CameraController
from fer_desktop.controllers.camera_permission import CameraPermission
from fer_desktop.controllers.camera_survey import CameraSurvey
from fer_desktop.controllers.covers import CoversController
from fer_desktop.controllers.notifications import NotificationCenter
from fer_desktop.controllers.playlist import PlaylistController
from fer_desktop.controllers.single_instance import SingleInstance
from fer_desktop.controllers.source_supervisor import SourceSupervisor
from fer_desktop.controllers.wake import WakeWatch
from fer_desktop.demo import Demo, run_tour
from fer_desktop.domain import Emotion
from fer_desktop.errors import AppError, NewerFileError, SettingsError
from fer_desktop.logs import start_logging, stop_logging
from fer_desktop.paths import models_dir, resources_dir
from fer_desktop.playlist.draft import DraftStore
from fer_desktop.playlist.moods import FILE_NAME as MOODS_FILE_NAME
from fer_desktop.services import chosen_service
from fer_desktop.settings import Settings, SettingsStore
from fer_desktop.translation import _
from fer_desktop.ui.app_icon import app_icon
from fer_desktop.ui.crash_dialog import CrashReporter
from fer_desktop.ui.emotion_icon import emotion_icon
from fer_desktop.ui.language import speak
from fer_desktop.ui.main_window import MainWindow
from fer_desktop.ui.theme import apply_theme, follow_settings
from fer_desktop.vision.camera import list_cameras
from fer_desktop.vision.frame_source import Clipboard, open_source
from fer_desktop.vision.pipeline import FramePipeline
from fer_desktop.workers.capture_worker import CaptureWorker
from fer_desktop.workers.garbage_collection import GuiThreadCollector
from fer_desktop.workers.inference_worker import InferenceWorker
from fer_desktop.workers.job_runner import JobRunner
from fer_desktop.workers.latest_slot import LatestSlot

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from fer_desktop.cli.commands import WindowOptions
    from fer_desktop.music import MusicProvider
    from fer_desktop.vision.frame_source import FrameSource

_CLOSE_SECONDS = 1.2
"""How long the end of the app waits in all for its threads; whoever closes a window wants it gone."""

_QT_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}


class App:
    """Everything that runs while the window is open. Build it on the GUI thread, after the QApplication."""

    def __init__(
        self,
        settings: SettingsStore,
        music: MusicProvider,
        open_source: Callable[[str], FrameSource],
        *,
        demo_note: str = "",
    ) -> None:
        """Builds all parts and starts to load the model.

        Args:
            settings: The user's decisions; what depends on one follows it.
            music: Where playlists are created.
            open_source: Opens what a spec such as "camera:0" names.
            demo_note: What is not real in a demo, "" for the real thing.
        """
        self.inference = InferenceWorker(lambda: FramePipeline.load(models_dir(), resources_dir()))
        clipboard = Clipboard(open_source)
        self.capture = CaptureWorker(clipboard.open, self.inference.frames)
        self.account_jobs = JobRunner()
        self.playlist_jobs = JobRunner()
        self.cover_jobs = JobRunner()
        self.survey_jobs = JobRunner()
        self.batch_jobs = JobRunner()
        self.notifications = NotificationCenter()
        permission = CameraPermission()
        self.source = SourceSupervisor(self.capture, permission)
        self.camera = CameraController(self.source, self.inference)
        self.survey_capture = CaptureWorker(open_source, LatestSlot())
        self.survey = CameraSurvey(self.survey_capture, self.survey_jobs, list_cameras, permission)
        self.wake_watch = WakeWatch()
        self.wake_watch.falling_asleep.connect(self.source.prepare_for_sleep)
        self.wake_watch.woken.connect(self.source.reopen)
        drafts = DraftStore(settings.profile_dir)
        self.account = AccountController(music, settings, self.account_jobs, drafts.clear)
        self.playlist = PlaylistController(
            self.account, self.playlist_jobs, resources_dir() / MOODS_FILE_NAME, drafts, settings
        )
        self.covers = CoversController(self.cover_jobs)
        self.batch = BatchController(
            self.batch_jobs, lambda: FramePipeline.load(models_dir(), resources_dir())
        )
        self.window = MainWindow(
            self.camera,
            self.survey,
            self.account,
            self.playlist,
            self.covers,
            self.batch,
            self.notifications,
            settings,
            clipboard.keep,
            demo_note=demo_note,
        )
        self._follow(settings)
        self.inference.start()

    def _follow(self, settings: SettingsStore) -> None:
        settings.report_failures_to(self.notifications.notify)
        settings.follow(follow_settings, "appearance", "less_motion")
        settings.follow(lambda now: self.camera.set_eco(now.eco), "eco")
        declared = settings.current.declared()
        settings.subscribe(
            lambda _: self.playlist.plan_again(), *(each.name for each in declared if each.needs_plan)
        )
        settings.subscribe(
            lambda _: self.source.reopen(), *(each.name for each in declared if each.needs_reopen)
        )
        self._look_soon = QTimer(
            self.account, singleShot=True
        )  # a login that the same click starts comes first
        self._look_soon.timeout.connect(self.account.look)
        settings.subscribe(
            lambda _: self._renew_session(), *(each.name for each in declared if each.needs_login)
        )

    def _renew_session(self) -> None:
        self.account.reopen()
        self._look_soon.start()

    def resume(self) -> None:
        """Takes up what an earlier start left: the login, and a playlist that is not finished."""
        self.account.look()
        self.playlist.resume()

    def close(self) -> bool:
        """Stops all threads, and waits a second or so for them at most.

        Returns:
            Whether they have ended; a driver or a server that does not answer keeps its own from it.
        """
        self._look_soon.stop()
        self.account.cancel()
        self.playlist.cancel()
        self.covers.cancel()
        self.batch.cancel()
        self.camera.stop()
        self.survey.stop()
        deadline = time.monotonic() + _CLOSE_SECONDS
        # Those that block the least come first, so that each has time to put away what it holds.
        jobs = (
            self.account_jobs,
            self.playlist_jobs,
            self.cover_jobs,
            self.survey_jobs,
            self.batch_jobs,
        )
        parts = (self.inference, *jobs, self.survey_capture, self.capture)
        ended = [part.close(max(0.0, deadline - time.monotonic())) for part in parts]
        self.window.deleteLater()
        return all(ended)


def run_window(options: WindowOptions) -> int:
    """Opens the window and returns the exit code once it was closed.

    A demo without a display goes the whole way by itself instead. Where the profile has a window already,
    that one comes to the front.

    Raises:
        AppError: There is no display, or the profile cannot be used.
    """
    ended = True
    with contextlib.ExitStack() as stack:
        demo = stack.enter_context(Demo()) if options.demo else None
        profile_dir = options.profile_dir if demo is None else demo.profile_dir
        stack.callback(stop_logging, start_logging(profile_dir))
        stack.callback(qInstallMessageHandler, qInstallMessageHandler(_log_qt_message))
        qt_app = _qt_application(may_be_offscreen=demo is not None)
        stack.enter_context(_failures_shown())
        instance = stack.enter_context(contextlib.closing(SingleInstance(profile_dir)))
        if not instance.is_first:
            _hand_over(instance, options)
            return 0
        stack.enter_context(CrashReporter())
        stack.enter_context(GuiThreadCollector())
        speak(qt_app, "auto")  # also of what may be wrong with the settings
        settings, problem = _load_settings(options, demo)
        speak(qt_app, settings.current.language)
        if demo is None:
            app = App(settings, chosen_service(settings.current), open_source)
        else:
            app = App(settings, demo.music, demo.open_source, demo_note=_(demo_module.NOTE))

        def close() -> None:
            nonlocal ended
            ended = app.close()

        stack.callback(close)
        if problem is not None:
            app.notifications.notify(problem)
        instance.asked_again.connect(app.window.come_forward)
        app.window.show()
        app.window.sources.start(options.source or settings.current.source)
        if demo is None:
            app.resume()
        if demo is not None and qt_app.platformName() == "offscreen":
            exit_code = run_tour(app.window, options.say)
        else:
            stack.enter_context(_closed_by_signals(qt_app))
            exit_code = qt_app.exec()
    if not ended:
        # All is put away. A thread that comes back from a driver now would meet an interpreter half gone.
        os._exit(exit_code)
    return exit_code


def qt_version() -> str:
    """Returns the version of Qt, after proof that it starts and draws here."""
    _qt_application(may_be_offscreen=True)
    emotion_icon(Emotion.HAPPY).pixmap(32, 32)
    return qVersion()


def _load_settings(options: WindowOptions, demo: Demo | None) -> tuple[SettingsStore, SettingsError | None]:
    """Returns the settings, and what is wrong with the file of them; then they are the defaults."""
    if demo is not None:
        values = Settings(source=demo_module.SPEC, privacy_accepted=True, mirror=False)
        return SettingsStore(demo.profile_dir, values), None
    try:
        return SettingsStore.load(options.profile_dir), None
    except NewerFileError:
        raise
    except SettingsError as error:
        return SettingsStore(options.profile_dir), SettingsStore.set_aside(options.profile_dir, error)


def _hand_over(instance: SingleInstance, options: WindowOptions) -> None:
    source = options.source or ""
    if source and Path(source).exists():
        source = str(Path(source).resolve())  # the other start may have been in another folder
    if not instance.hand_over(source):
        raise AppError(
            _("Already open"),
            _("FER Desktop is open on this profile, but does not answer."),
            _("Close it, or start on another folder with --profile-dir."),
        )
    options.say("FER Desktop is open already; its window was asked to come to the front.")


@contextlib.contextmanager
def _closed_by_signals(qt_app: QApplication) -> Iterator[None]:
    """Lets Ctrl+C in the terminal, and a system that shuts down, close the app as its window does."""
    # Python looks for signals when Qt calls it the next time; one of the timers does within a second. Closing
    # waits until what Qt called is done, which would find itself in a window that is gone.
    before = {
        each: signal.signal(each, lambda _number, _frame: QTimer.singleShot(0, qt_app.quit))
        for each in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


@contextlib.contextmanager
def _failures_shown() -> Iterator[None]:
    """Shows why no window opens: whoever started the app from a menu has no terminal that says it."""
    try:
        yield
    except AppError as error:
        if QApplication.platformName() != "offscreen":
            box = QMessageBox(QMessageBox.Icon.Warning, "FER Desktop", error.title)
            box.setInformativeText(f"{error.message} {error.hint}")
            box.exec()
        raise


def _qt_application(*, may_be_offscreen: bool) -> QApplication:
    # An opencv-python that came in beside ours would lead Qt to its own, older plugins.
    os.environ.pop("QT_QPA_PLATFORM_PLUGIN_PATH", None)
    if not _has_display():
        if not may_be_offscreen:
            raise AppError(
                _("No display"),
                _("The window needs a desktop, and there is none here."),
                _("Without one, try: fer-desktop --demo, or fer-desktop analyze PHOTO."),
            )
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    existing = QApplication.instance()
    app = existing if isinstance(existing, QApplication) else QApplication(["fer-desktop"])
    app.setApplicationName("fer-desktop")
    app.setApplicationDisplayName("FER Desktop")
    app.setDesktopFileName("fer-desktop")
    app.setWindowIcon(app_icon())
    apply_theme(app)
    return app


def _has_display() -> bool:
    if not sys.platform.startswith("linux"):
        return True
    return any(os.environ.get(name) for name in ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY"))


def _log_qt_message(kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
    # The stub calls it a bytes-like object; PySide6 gives a string, or None.
    category = str(context.category or "default")
    logging.getLogger(f"qt.{category}").log(_QT_LEVELS[kind], message)
