"""Which cameras there are, and what each of them sees."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from fer_desktop.controllers.camera_permission import camera_denied
from fer_desktop.errors import CameraError
from fer_desktop.translation import _

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from fer_desktop.controllers.camera_permission import CameraPermission
    from fer_desktop.errors import AppError
    from fer_desktop.vision.camera import CameraInfo
    from fer_desktop.workers.capture_worker import CaptureWorker
    from fer_desktop.workers.job_runner import JobRunner

_SETTLED_FRAMES = 5
"""The first pictures of a camera are often too dark."""

PATIENCE_MS = 8000
"""How long a camera may take for its picture before it is the next one's turn."""


class CameraSurvey(QObject):
    """Lists the cameras, and takes a picture with each; lives on the GUI thread, and never makes it wait.

    Signals:
        pictured: A CameraInfo and a Frame from it.
        failed: A CameraInfo and the AppError that says why it gave no picture.
    """

    pictured = Signal(object, object)
    failed = Signal(object, object)

    def __init__(
        self,
        capture: CaptureWorker,
        jobs: JobRunner,
        list_cameras: Callable[[], tuple[CameraInfo, ...]],
        permission: CameraPermission,
    ) -> None:
        """Connects the workers.

        Args:
            capture: Opens the cameras, one after the other; used by no one else.
            jobs: Lists them; used by no one else.
            list_cameras: Returns them; called on a thread.
            permission: Asked before a camera is opened.
        """
        super().__init__()
        self._capture = capture
        self._jobs = jobs
        self._list_cameras = list_cameras
        self._permission = permission
        self._on_list: Callable[[tuple[CameraInfo, ...]], None] | None = None
        self._waiting: deque[CameraInfo] = deque()
        self._camera: CameraInfo | None = None
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.timeout.connect(self._on_timeout)
        capture.frame_available.connect(self._on_frame)
        capture.failed.connect(self._on_failed)

    def list_cameras(self, on_list: Callable[[tuple[CameraInfo, ...]], None]) -> None:
        """Calls `on_list` with the cameras, unless it is stopped or asked again before then."""
        self._on_list = on_list
        if not self._jobs.busy:
            self._jobs.run(self._list_cameras, self._on_listed, lambda _error: self._on_listed(()))

    def take_pictures(self, cameras: Iterable[CameraInfo]) -> None:
        """Opens each camera for one picture; `pictured` or `failed` answers for each."""
        self._waiting = deque(cameras)
        self._permission.request(self._on_permission)

    def stop(self) -> None:
        """Cancels what is in progress, and releases the camera."""
        self._on_list = None
        self._waiting.clear()
        self._camera = None
        self._patience.stop()
        self._capture.stop()

    def _on_listed(self, cameras: tuple[CameraInfo, ...]) -> None:
        if self._on_list is not None:
            self._on_list(cameras)

    def _on_permission(self, allowed: bool) -> None:
        if allowed:
            self._next()
            return
        while self._waiting:
            self.failed.emit(self._waiting.popleft(), camera_denied())

    def _next(self) -> None:
        self._capture.stop()
        self._camera = self._waiting.popleft() if self._waiting else None
        if self._camera is None:
            self._patience.stop()
        else:
            self._patience.start(PATIENCE_MS)
            self._capture.start(self._camera.spec)

    @Slot()
    def _on_frame(self) -> None:
        frame = self._capture.preview.take()
        if frame is not None and frame.number >= _SETTLED_FRAMES and self._camera is not None:
            self.pictured.emit(self._camera, frame)
            self._next()

    @Slot(object)
    def _on_failed(self, error: AppError) -> None:
        if self._camera is not None:
            self.failed.emit(self._camera, error)
            self._next()

    @Slot()
    def _on_timeout(self) -> None:
        self._on_failed(
            CameraError(_("The camera does not respond"), _("It took too long to send a picture."))
        )
