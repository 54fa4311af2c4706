"""Shows the list of cameras, and reports whether the window can be seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog

from fer_desktop.ui.camera_picker import CameraPicker
from fer_desktop.ui.dialogs import raise_open

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from fer_desktop.controllers.camera import CameraController
    from fer_desktop.controllers.camera_survey import CameraSurvey
    from fer_desktop.controllers.source_choice import SourceChoice
    from fer_desktop.settings import SettingsStore


class SourcePresenter(QObject):
    """Connects the choice of the source with the window."""

    def __init__(
        self,
        sources: SourceChoice,
        camera: CameraController,
        survey: CameraSurvey,
        settings: SettingsStore,
        window: QWidget,
    ) -> None:
        """Connects the parts; the camera list opens over `window`."""
        super().__init__(window)
        self._sources = sources
        self._survey = survey
        self._settings = settings
        self._window = window
        self._picker: CameraPicker | None = None
        sources.list_wanted.connect(self._show_cameras)
        camera.running_changed.connect(self._on_running)
        application = QGuiApplication.instance()
        if isinstance(application, QGuiApplication):
            application.applicationStateChanged.connect(self.report_visibility)

    @Slot()
    def report_visibility(self) -> None:
        """Reports whether the window can be seen."""
        away = (Qt.ApplicationState.ApplicationSuspended, Qt.ApplicationState.ApplicationHidden)
        shown = self._window.isVisible() and not self._window.isMinimized()
        self._sources.set_seen(shown and QGuiApplication.applicationState() not in away)

    @Slot()
    def _show_cameras(self) -> None:
        """Shows the cameras with their pictures."""
        if raise_open(self._window, CameraPicker):
            return
        self._sources.begin_list()
        picker = CameraPicker(self._survey, self._settings.current.source, self._window)
        picker.camera_chosen.connect(self._sources.open_camera)
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
        self._sources.end_list(cancelled=result == QDialog.DialogCode.Rejected)
