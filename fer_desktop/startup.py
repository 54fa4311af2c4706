"""Start-up of the window: display, Qt, log, one instance per profile, settings, and the app."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QMessageLogContext, QTimer, QtMsgType, qInstallMessageHandler, qVersion
from PySide6.QtWidgets import QApplication, QMessageBox

from fer_desktop import demo as demo_module
from fer_desktop.app import App
from fer_desktop.controllers.single_instance import SingleInstance
from fer_desktop.demo import Demo, run_tour
from fer_desktop.domain import Emotion
from fer_desktop.errors import AppError, NewerFileError, SettingsError
from fer_desktop.logs import start_logging, stop_logging
from fer_desktop.services import MUSIC
from fer_desktop.settings import Settings, SettingsStore
from fer_desktop.translation import _
from fer_desktop.ui.app_icon import app_icon
from fer_desktop.ui.crash_dialog import CrashReporter
from fer_desktop.ui.emotion_icon import emotion_icon
from fer_desktop.ui.language import speak
from fer_desktop.ui.theme import apply_theme
from fer_desktop.vision.frame_source import open_source
from fer_desktop.workers.garbage_collection import GuiThreadCollector

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fer_desktop.cli.commands import WindowOptions

_QT_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}


def run_window(options: WindowOptions) -> int:
    """Opens the window and returns the exit code once it was closed.

    A demo without a display takes all the steps by itself instead. If the profile has a window already,
    that one comes to the front.

    Raises:
        AppError: There is no display, or the profile cannot be used.
    """
    qt_app = _qt_application(may_be_offscreen=options.demo)
    speak(qt_app, "auto")  # for failures too, until the settings say which language
    ended = True
    with contextlib.ExitStack() as stack:
        stack.enter_context(_failures_shown())
        demo = stack.enter_context(Demo()) if options.demo else None
        profile_dir = options.profile_dir if demo is None else demo.profile_dir
        stack.callback(stop_logging, start_logging(profile_dir))
        stack.callback(qInstallMessageHandler, qInstallMessageHandler(_log_qt_message))
        instance = stack.enter_context(contextlib.closing(SingleInstance(profile_dir)))
        if not instance.is_first:
            _hand_over(instance, options)
            return 0
        stack.enter_context(CrashReporter())
        stack.enter_context(GuiThreadCollector())
        settings, problem = _load_settings(options, demo)
        speak(qt_app, settings.current.language)
        if demo is None:
            app = App(settings, MUSIC, open_source)
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
        # All else is closed. A thread that returns from a driver now would meet a half-finalised interpreter.
        os._exit(exit_code)
    return exit_code


def qt_version() -> str:
    """Returns the version of Qt, once it has proved that it starts and draws here."""
    _qt_application(may_be_offscreen=True)
    emotion_icon(Emotion.HAPPY).pixmap(32, 32)
    return qVersion()


def _load_settings(options: WindowOptions, demo: Demo | None) -> tuple[SettingsStore, SettingsError | None]:
    """Returns the settings, and what is wrong with their file, if so; then they are the defaults."""
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
            _("FER Desktop is open on this profile, but does not respond."),
            _("Close it, or start on another folder with --profile-dir."),
        )
    options.say("FER Desktop is open already; its window was asked to come to the front.")


@contextlib.contextmanager
def _closed_by_signals(qt_app: QApplication) -> Iterator[None]:
    """Lets Ctrl+C in the terminal, and a system that shuts down, close the app as its window does."""
    # Python looks for signals the next time Qt calls it; one of the timers does within a second. Closing
    # waits until what Qt called has returned, as that would otherwise find its window gone.
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
    """Shows why no window opens: a user who started the app from a menu has no terminal that says it."""
    try:
        yield
    except AppError as error:
        if QApplication.platformName() != "offscreen":
            box = QMessageBox(QMessageBox.Icon.Warning, "FER Desktop", error.title)
            box.setInformativeText(error.explanation)
            box.exec()
        raise


def _qt_application(*, may_be_offscreen: bool) -> QApplication:
    # An opencv-python that is installed next to ours would make Qt load its older plugins.
    os.environ.pop("QT_QPA_PLATFORM_PLUGIN_PATH", None)
    if not _has_display():
        if not may_be_offscreen:
            raise AppError(
                _("No display"),
                _("No graphical desktop is available."),
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
