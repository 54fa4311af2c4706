"""Which source is opened: the first one, another one, or none before the privacy notice is accepted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from fer_desktop.vision.camera import DEFAULT_CAMERA
from fer_desktop.vision.frame_source import is_live

if TYPE_CHECKING:
    from fer_desktop.controllers.camera import CameraController
    from fer_desktop.controllers.camera_survey import CameraSurvey
    from fer_desktop.controllers.flow import Flow
    from fer_desktop.settings import SettingsStore
    from fer_desktop.vision.camera import CameraInfo


class SourceChoice(QObject):
    """Decides which camera, file or stream is opened, and when the camera is released.

    Signals:
        chosen: The user chose another source, which is about to be opened.
        list_wanted: The user is to choose from the list of cameras.
        notice_wanted: A camera was asked for, but the privacy notice has to be accepted first.
    """

    chosen = Signal()
    list_wanted = Signal()
    notice_wanted = Signal()

    def __init__(
        self, flow: Flow, camera: CameraController, survey: CameraSurvey, settings: SettingsStore
    ) -> None:
        """Opens nothing yet."""
        super().__init__()
        self._flow = flow
        self._camera = camera
        self._survey = survey
        self._settings = settings
        self._first = ""
        self._seen = False
        self._listed = False

    def can_start(self, spec: str) -> bool:
        """Returns whether a source may be opened: cameras only once the privacy notice was accepted."""
        return self._settings.current.privacy_accepted or not is_live(spec) or spec == self._camera.spec

    def start(self, spec: str) -> None:
        """Opens the source that the app starts with; a camera waits until the notice is accepted."""
        self._first = spec
        if self.can_start(spec):
            self._open(spec)

    @Slot(str)
    def open(self, spec: str) -> None:
        """Opens another camera, file, folder or stream."""
        self.chosen.emit()
        self._open(spec)

    @Slot(str)
    def open_camera(self, spec: str) -> None:
        """Opens another camera, now and at the next start."""
        self._settings.update(source=spec)
        self.open(spec)

    @Slot()
    def accept_notice(self) -> None:
        """Opens the first camera, as the privacy notice was accepted."""
        self._settings.update(privacy_accepted=True)
        spec = self._first or self._settings.current.source
        if spec == DEFAULT_CAMERA:
            self._survey.list_cameras(self._open_first_camera)
        else:
            self._open(spec)

    @Slot()
    def choose_camera(self) -> None:
        """Lets the user choose from the list of cameras."""
        if self.can_start(DEFAULT_CAMERA):
            self.list_wanted.emit()
        else:
            self._flow.show_notice()
            self.notice_wanted.emit()

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
        if self.can_start(spec):
            self._open(spec)

    def set_seen(self, seen: bool) -> None:
        """Releases the camera while the window cannot be seen, if the user wants that."""
        self._seen = seen
        self._camera.set_seen(seen)
        self._release_or_resume()

    def begin_list(self) -> None:
        """Releases the camera, so that the list of cameras can show its picture too."""
        self._listed = True
        self._camera.suspend()

    def end_list(self, *, cancelled: bool) -> None:
        """Resumes what the list interrupted, unless a camera was chosen in it."""
        self._listed = False
        if cancelled:
            self._release_or_resume()

    def _open_first_camera(self, cameras: tuple[CameraInfo, ...]) -> None:
        """Lets the user choose if there is more than one."""
        if self._camera.running:  # the user opened something else meanwhile
            return
        if sum(not camera.secondary for camera in cameras) > 1:
            self.choose_camera()
        else:
            self._open(DEFAULT_CAMERA)

    def _open(self, spec: str) -> None:
        self._flow.start(spec)
        self._release_or_resume()  # the window may have started minimised

    def _release_or_resume(self) -> None:
        if self._seen and not self._listed:
            self._camera.resume()
        elif self._settings.current.release_camera:
            self._camera.suspend()
