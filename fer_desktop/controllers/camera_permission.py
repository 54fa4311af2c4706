"""Whether the system lets this app use cameras."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from PySide6.QtCore import QCameraPermission, QCoreApplication, QObject, QPermission, Qt

from fer_desktop.errors import CameraError
from fer_desktop.translation import _
from fer_desktop.vision.camera import PRIVACY_SETTINGS

if TYPE_CHECKING:
    from collections.abc import Callable


class CameraPermission(QObject):
    """Asks the system; macOS asks the user the first time, and remembers the answer.

    Lives on the GUI thread, the only one that may ask on macOS. On other systems the answer is always yes.
    """

    def request(self, on_answer: Callable[[bool], None]) -> None:
        """Calls `on_answer` with whether a camera may be opened, once that is known."""

        def on_permission(permission: QPermission) -> None:
            # Only a bundle may ask on macOS; else the system asks about the terminal when the camera opens.
            in_bundle = bool(getattr(sys, "frozen", False))
            on_answer(permission.status() is not Qt.PermissionStatus.Denied or not in_bundle)

        app = QCoreApplication.instance()
        if app is not None:
            app.requestPermission(QCameraPermission(), self, on_permission)


def camera_denied() -> CameraError:
    """Returns the error to show if a camera may not be opened."""
    return CameraError(
        _("Camera access denied"),
        _("This system does not let FER Desktop use the camera."),
        _("Allow it in the system's privacy settings."),
        settings_url=PRIVACY_SETTINGS.get(sys.platform, ""),
    )
