"""Where the picture comes from: which source is opened, and when the camera is released."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog

from fer_desktop.ui.camera_picker import CameraPicker
from fer_desktop.ui.dialogs import raise_open
from fer_desktop.vision.camera import DEFAULT_CAMERA

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from fer_desktop.controllers.camera import CameraController
    from fer_desktop.controllers.camera_survey import CameraSurvey
    from fer_desktop.controllers.flow import Flow
    from fer_desktop.settings import SettingsStore
    from fer_desktop.vision.camera import CameraInfo


class SourcePresenter(QObject):
    """Opens cameras, files and streams for the window.

    Signals:
        chosen: The user chose another source, which is about to be opened.
        notice_wanted: A camera was asked for, but the privacy notice has to be accepted first.
    """

    chosen = Signal()
    notice_wanted = Signal()

    def __init__(
        self,
        flow: Flow,
        camera: CameraController,
        survey: CameraSurvey,
        settings: SettingsStore,
        window: QWidget,
    ) -> None:
        """Connects the parts; the camera list opens over `window`."""
        super().__init__(window)
        self._flow = flow
        self._camera = camera
        self._survey = survey
        self._settings = settings
        self._window = window
        self._first_source = ""
        self._picker: CameraPicker | None = None
        camera.running_changed.connect(self._on_running)
        application = QGuiApplication.instance()
        if isinstance(application, QGuiApplication):
            application.applicationStateChanged.connect(self.follow_visibility)

    def start(self, spec: str) -> None:
        """Opens the source that the app starts with; a camera waits until the notice is accepted."""
        self._first_source = spec
        if self._flow.can_start(spec):
            self._start(spec)

    @Slot(str)
    def open(self, spec: str) -> None:
        """Opens another camera, file, folder or stream."""
        self.chosen.emit()
        self._start(spec)

    @Slot(str)
    def open_camera(self, spec: str) -> None:
        """Opens another camera, now and at the next start."""
        self._settings.update(source=spec)
        self.open(spec)

    @Slot()
    def accept_notice(self) -> None:
        """Opens the first camera, as the privacy notice was accepted."""
        self._settings.update(privacy_accepted=True)
        spec = self._first_source or self._settings.current.source
        if spec == DEFAULT_CAMERA:
            self._survey.list_cameras(self._start_first_camera)
        else:
            self._start(spec)

    def _start_first_camera(self, cameras: tuple[CameraInfo, ...]) -> None:
        """Lets the user choose if there is more than one."""
        if self._camera.running:  # the user opened something else meanwhile
            return
        if sum(not camera.secondary for camera in cameras) > 1:
            self.choose_camera()
        else:
            self._start(DEFAULT_CAMERA)

    def _start(self, spec: str) -> None:
        self._flow.start(spec)
        self.follow_visibility()  # the window may have started minimised

    @Slot()
    def choose_camera(self) -> None:
        """Shows the cameras with their pictures."""
        if not self._flow.can_start(DEFAULT_CAMERA):
            self._flow.show_notice()
            self.notice_wanted.emit()
            return
        if raise_open(self._window, CameraPicker):
            return
        self._camera.suspend()  # so that the list can show its picture too
        picker = CameraPicker(self._survey, self._settings.current.source, self._window)
        picker.camera_chosen.connect(self.open_camera)
        picker.finished.connect(self._on_picker_closed)
        self._picker = picker
        picker.show()

    @Slot(bool)
    def _on_running(self, running: bool) -> None:  # a Qt slot
        if running and self._picker is not None:  # something else was opened while the list is shown
            self._picker.reject()

    @Slot(int)
    def _on_picker_closed(self, result: int) -> None:
        self._picker = None
        if result == QDialog.DialogCode.Rejected:
            self.follow_visibility()

    @Slot()
    def toggle(self) -> None:
        """Turns the source off, or on again."""
        if self._camera.running:
            self._camera.stop()
        else:
            self.start_again()

    @Slot()
    def start_again(self) -> None:
        """Opens the source used last."""
        spec = self._camera.spec or self._settings.current.source
        if self._flow.can_start(spec):
            self._start(spec)

    @Slot()
    def follow_visibility(self) -> None:
        """Releases the camera while the window cannot be seen, if the user wants that."""
        away = (Qt.ApplicationState.ApplicationSuspended, Qt.ApplicationState.ApplicationHidden)
        shown = self._window.isVisible() and not self._window.isMinimized()
        seen = shown and QGuiApplication.applicationState() not in away
        self._camera.set_seen(seen)
        if seen and self._picker is None:  # while the list is shown, no camera may be busy
            self._camera.resume()
        elif self._settings.current.release_camera:
            self._camera.suspend()
