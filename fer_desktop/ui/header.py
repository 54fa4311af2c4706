"""The row at the top: where the picture comes from, how it is shown, and whether the camera is on."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QFileDialog, QMenu, QToolButton, QWidget

from fer_desktop.translation import _
from fer_desktop.ui import theme
from fer_desktop.ui.layouts import row
from fer_desktop.vision.media import PHOTO_SUFFIXES
from fer_desktop.vision.video import VIDEO_SUFFIXES

_SUFFIXES = " ".join(f"*{suffix}" for suffix in sorted(PHOTO_SUFFIXES | VIDEO_SUFFIXES))

_LONGEST_NAME = 30 * theme.SPACE
"""Width of a source's name in pixels."""


def media_kinds() -> str:
    """Returns the filter of file dialogs."""
    media, everything = _("Photos and videos"), _("All files")
    return f"{media} ({_SUFFIXES});;{everything} (*)"


class Header(QWidget):
    """The menu of sources, Why, Mirror, Settings, and the camera switch.

    Signals:
        cameras_requested: Choose camera was clicked.
        file_chosen: The path of a photo, a video, or a folder of photos.
        many_files_requested: Analyze files was clicked.
        why_toggled: Whether to show which parts of the face count.
        mirror_toggled: Whether to mirror the picture.
        settings_requested: Settings was clicked.
        power_requested: The switch was clicked.
    """

    cameras_requested = Signal()
    file_chosen = Signal(str)
    many_files_requested = Signal()
    why_toggled = Signal(bool)
    mirror_toggled = Signal(bool)
    settings_requested = Signal()
    power_requested = Signal()

    def __init__(self, *, mirror: bool) -> None:
        super().__init__()
        self.source_button = QToolButton()
        self.source_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self.source_button)
        menu.addAction(_("Choose camera…"), self.cameras_requested.emit)
        menu.addSeparator()
        menu.addAction(_("Open photo or video…"), self.open_photo)
        menu.addAction(_("Open folder of photos…"), self._open_folder)
        menu.addAction(_("Analyze files…"), self.many_files_requested.emit)
        self.source_button.setMenu(menu)
        self.why_button = QToolButton()
        self.why_button.setText(_("Why"))
        self.why_button.setCheckable(True)
        self.why_button.setToolTip(_("Show which parts of the face count (Ctrl+Y)"))
        self.why_button.toggled.connect(self.why_toggled)
        self.mirror_button = QToolButton()
        self.mirror_button.setText(_("Mirror"))
        self.mirror_button.setCheckable(True)
        self.mirror_button.setChecked(mirror)
        self.mirror_button.toggled.connect(self.mirror_toggled)
        self.settings_button = QToolButton()
        self.settings_button.setText(_("Settings"))
        self.settings_button.clicked.connect(self.settings_requested)
        self.power_button = QToolButton()
        self.power_button.setCheckable(True)
        self.power_button.clicked.connect(self.power_requested)
        row(
            self.source_button,
            None,
            self.why_button,
            self.mirror_button,
            self.settings_button,
            self.power_button,
            owner=self,
        )
        self.show_source(_("No camera yet"))
        self.show_running(False)

    @Slot(str)
    def show_source(self, name: str) -> None:
        """Shows the name of the source."""
        metrics = self.source_button.fontMetrics()
        shown = metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, _LONGEST_NAME)
        self.source_button.setText(shown.replace("&", "&&"))  # a name has no shortcut
        self.source_button.setToolTip(name if shown != name else "")
        self.source_button.setAccessibleName(_("Picture source: {name}").format(name=name))

    @Slot(bool)
    def show_running(self, running: bool) -> None:
        """Shows whether the camera, or another source, is on."""
        self.power_button.setChecked(running)
        self.power_button.setText(_("● On") if running else _("○ Off"))
        self.power_button.setAccessibleName(_("Camera on") if running else _("Camera off"))
        self.power_button.setToolTip(
            _("The camera is on (Ctrl+D)") if running else _("The camera is off (Ctrl+D)")
        )

    @Slot()
    def open_photo(self) -> None:
        """Lets the user choose a photo or video."""
        path = QFileDialog.getOpenFileName(self, _("Open photo or video"), str(Path.home()), media_kinds())[0]
        if path:
            self.file_chosen.emit(path)

    @Slot()
    def _open_folder(self) -> None:
        path = QFileDialog.getExistingDirectory(self, _("Open folder of photos"), str(Path.home()))
        if path:
            self.file_chosen.emit(path)
