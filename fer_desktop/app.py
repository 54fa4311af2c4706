"""The composition root: builds every object, connects them, and closes them in order."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer

from fer_desktop.controllers.account import AccountController
from fer_desktop.controllers.batch import BatchController
from fer_desktop.controllers.camera import CameraController
from fer_desktop.controllers.camera_permission import CameraPermission
from fer_desktop.controllers.camera_survey import CameraSurvey
from fer_desktop.controllers.covers import CoversController
from fer_desktop.controllers.flow import Flow
from fer_desktop.controllers.notifications import NotificationCenter
from fer_desktop.controllers.playlist import PlaylistController
from fer_desktop.controllers.source_choice import SourceChoice
from fer_desktop.controllers.source_supervisor import SourceSupervisor
from fer_desktop.controllers.wake import WakeWatch
from fer_desktop.paths import models_dir, resources_dir
from fer_desktop.playlist.draft import DraftStore
from fer_desktop.playlist.moods import FILE_NAME as MOODS_FILE_NAME
from fer_desktop.ui.main_window import MainWindow
from fer_desktop.ui.theme import follow_settings
from fer_desktop.vision.camera import list_cameras
from fer_desktop.vision.frame_source import Clipboard
from fer_desktop.vision.pipeline import FramePipeline
from fer_desktop.workers.capture_worker import CaptureWorker
from fer_desktop.workers.inference_worker import InferenceWorker
from fer_desktop.workers.job_runner import JobRunner
from fer_desktop.workers.latest_slot import LatestSlot

if TYPE_CHECKING:
    from collections.abc import Callable

    from fer_desktop.music import MusicProvider
    from fer_desktop.settings import SettingsStore
    from fer_desktop.vision.frame_source import FrameSource

_CLOSE_SECONDS = 1.2
"""How long closing waits for all threads together; a user who closes a window wants it gone."""


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
        self.flow = Flow(self.camera, self.playlist, self.account, settings)
        self.covers = CoversController(self.cover_jobs, music.fetch_covers)
        self.batch = BatchController(
            self.batch_jobs, lambda: FramePipeline.load(models_dir(), resources_dir())
        )
        self.window = MainWindow(
            self.flow,
            self.camera,
            SourceChoice(self.flow, self.camera, self.survey, settings),
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
        # Closed in this order: what tells a part to stop, and what waits for its thread. Those that block the
        # least come first, so that each has time to release what it holds.
        self._closed: tuple[tuple[Callable[[], object], Callable[[float], bool]], ...] = (
            (self.camera.stop, self.inference.close),
            (self.account.cancel, self.account_jobs.close),
            (self.playlist.cancel, self.playlist_jobs.close),
            (self.covers.cancel, self.cover_jobs.close),
            (self.survey.stop, self.survey_jobs.close),
            (self.batch.cancel, self.batch_jobs.close),
            (self.survey_capture.stop, self.survey_capture.close),
            (self.capture.stop, self.capture.close),
        )
        self._follow(settings)
        self.inference.start()

    def _follow(self, settings: SettingsStore) -> None:
        settings.report_failures_to(self.notifications.notify)
        settings.follow(follow_settings, "appearance", "less_motion")
        settings.follow(lambda now: self.camera.set_eco(now.eco), "eco")
        declared = settings.current.declared()
        settings.subscribe(
            lambda _: self.flow.plan_again(), *(each.name for each in declared if each.needs_plan)
        )
        settings.subscribe(
            lambda _: self.source.reopen(), *(each.name for each in declared if each.needs_reopen)
        )
        # Not at once: a login that the same click starts comes first.
        self._look_soon = QTimer(self.account, singleShot=True)
        self._look_soon.timeout.connect(self.account.look)
        settings.subscribe(
            lambda _: self._renew_session(), *(each.name for each in declared if each.needs_login)
        )

    def _renew_session(self) -> None:
        self.account.reopen()
        self._look_soon.start()

    def resume(self) -> None:
        """Continues from what an earlier start left: the login, and an unfinished playlist."""
        self.account.look()
        self.flow.resume()

    def close(self) -> bool:
        """Stops all threads, and waits at most about a second for them.

        Returns:
            Whether all have ended; one still waiting for a driver or server has not.
        """
        self._look_soon.stop()
        for stop, _ in self._closed:
            stop()
        deadline = time.monotonic() + _CLOSE_SECONDS
        ended = [close(max(0.0, deadline - time.monotonic())) for _, close in self._closed]
        self.window.deleteLater()
        return all(ended)
