"""The dialog that shows which cameras there are and what each of them sees."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QIcon, QImage, QPainter, QPixmap
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QListView,
    QListWidget,
    QListWidgetItem,
    QWidget,
)

from fer_desktop.errors import FrameSourceError
from fer_desktop.translation import _
from fer_desktop.ui import theme
from fer_desktop.ui.layouts import column
from fer_desktop.ui.text import text_label
from fer_desktop.vision.camera import find_camera

if TYPE_CHECKING:
    from fer_desktop.controllers.camera_survey import CameraSurvey
    from fer_desktop.domain import Frame
    from fer_desktop.errors import AppError
    from fer_desktop.vision.camera import CameraInfo

_THUMBNAIL = QSize(208, 156)


class CameraPicker(QDialog):
    """Names and pictures of the cameras; looks for them when it is shown.

    Signals:
        camera_chosen: The spec of a camera.
    """

    camera_chosen = Signal(str)

    def __init__(self, survey: CameraSurvey, spec: str, parent: QWidget) -> None:
        """Builds the dialog.

        Args:
            survey: Finds the cameras; stopped when the dialog is closed.
            spec: The camera chosen before.
            parent: The window that it belongs to.
        """
        super().__init__(parent)
        self.setWindowTitle(_("Choose camera"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._survey = survey
        self._spec = spec
        self._cameras: tuple[CameraInfo, ...] = ()
        self.hint = text_label()
        self.list = QListWidget()
        self.list.setAccessibleName(_("Cameras"))
        self.list.setViewMode(QListView.ViewMode.IconMode)
        self.list.setMovement(QListView.Movement.Static)
        self.list.setResizeMode(QListView.ResizeMode.Adjust)
        self.list.setIconSize(_THUMBNAIL)
        self.list.setSpacing(theme.SPACE)
        self.list.setWordWrap(True)
        self.list.itemActivated.connect(self.accept)
        self.list.currentItemChanged.connect(self._show_choice)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.use_button = buttons.addButton(_("Use this camera"), QDialogButtonBox.ButtonRole.AcceptRole)
        theme.make_primary(self.use_button, primary=True)
        self.again_button = buttons.addButton(_("Look again"), QDialogButtonBox.ButtonRole.ActionRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        self.again_button.clicked.connect(self._look)
        column(
            self.hint,
            self.list,
            buttons,
            owner=self,
            margin=theme.SPACE * 3,
            spacing=theme.SPACE * 2,
            growing=self.list,
        )
        self.resize(QSize(792, 480).boundedTo(self.screen().availableSize()))
        survey.pictured.connect(self._on_pictured)
        survey.failed.connect(self._on_failed)
        self._look()

    def accept(self) -> None:
        """Uses the selected camera; without one the dialog stays open."""
        camera = self._chosen()
        if camera is not None:
            super().accept()
            self.camera_chosen.emit(camera.spec)

    def done(self, result: int) -> None:
        """Gives back the camera that is being tried."""
        self._survey.stop()
        super().done(result)

    @Slot()
    def _look(self) -> None:
        self._survey.stop()
        self.list.clear()
        self.again_button.setEnabled(False)
        self.hint.setText(_("Looking for cameras…"))
        self._show_choice()
        self._survey.list_cameras(self._on_list)

    def _on_list(self, cameras: tuple[CameraInfo, ...]) -> None:
        self._cameras = cameras
        self.again_button.setEnabled(True)
        self.hint.setText(
            _("Which camera faces you?") if cameras else _("No camera found. Plug one in, then look again.")
        )
        for camera in cameras:
            item = QListWidgetItem(self._thumbnail(), camera.name, self.list)
            item.setSizeHint(_THUMBNAIL + QSize(theme.SPACE * 2, theme.SPACE * 8))
        chosen = None
        with contextlib.suppress(FrameSourceError):  # a file was chosen before, not a camera
            chosen = find_camera(self._spec, cameras)
        if cameras:
            self.list.setCurrentRow(cameras.index(chosen) if chosen is not None else 0)
            self.list.setFocus()
        self._survey.take_pictures(cameras)

    @Slot(object, object)
    def _on_pictured(self, camera: CameraInfo, frame: Frame) -> None:
        image = frame.image
        picture = QImage(
            image.data, image.shape[1], image.shape[0], image.strides[0], QImage.Format.Format_BGR888
        )
        self._item(camera).setIcon(self._thumbnail(picture))

    @Slot(object, object)
    def _on_failed(self, camera: CameraInfo, error: AppError) -> None:
        item = self._item(camera)
        item.setText(f"{camera.name}\n{error.title}")
        item.setToolTip(error.explanation)

    @Slot()
    def _show_choice(self) -> None:
        self.use_button.setEnabled(self._chosen() is not None)

    def _item(self, camera: CameraInfo) -> QListWidgetItem:
        return self.list.item(self._cameras.index(camera))

    def _chosen(self) -> CameraInfo | None:
        row = self.list.currentRow()
        return self._cameras[row] if row >= 0 else None

    def _thumbnail(self, picture: QImage | None = None) -> QIcon:
        """Returns an icon of a fixed size, so that the names under the icons line up."""
        ratio = self.devicePixelRatioF()
        pixmap = QPixmap(_THUMBNAIL * ratio)
        pixmap.fill(QColor(theme.tokens().track))
        if picture is not None:
            small = picture.scaled(
                pixmap.size(), Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
            )
            painter = QPainter(pixmap)
            painter.drawImage(pixmap.rect().center() - small.rect().center(), small)
            painter.end()
        pixmap.setDevicePixelRatio(ratio)
        icon = QIcon(pixmap)
        icon.addPixmap(pixmap, QIcon.Mode.Selected)  # Qt would tint it when it is selected
        return icon
