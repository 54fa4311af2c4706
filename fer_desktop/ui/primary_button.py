"""The one button that is the next step: it alone is filled, kept in view, and gets the focus."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Slot

from fer_desktop.controllers.camera import CameraController, CameraState
from fer_desktop.controllers.playlist import PlaylistController, PlaylistState
from fer_desktop.ui import theme

if TYPE_CHECKING:
    from PySide6.QtWidgets import QPushButton, QScrollArea

    from fer_desktop.ui.playlist_panel import PlaylistPanel
    from fer_desktop.ui.stage import Stage


class PrimaryButton(QObject):
    """Finds that button among those of the picture and of the playlist."""

    def __init__(
        self,
        camera: CameraController,
        playlist: PlaylistController,
        stage: Stage,
        panel: PlaylistPanel,
        scroll: QScrollArea,
    ) -> None:
        """Looks at how far the picture and the playlist are; `scroll` holds all the buttons."""
        super().__init__(scroll)
        self._camera = camera
        self._playlist = playlist
        self._stage = stage
        self._panel = panel
        self._scroll = scroll

    def find(self) -> QPushButton:
        """Returns the button."""
        if self._camera.state is CameraState.LIVE and not self._playlist.chosen_by_hand:
            return self._stage.capture_button
        if self._playlist.state in (PlaylistState.CREATED, PlaylistState.READY, PlaylistState.FAILED):
            return self._panel.primary_button
        return self._stage.primary_button()

    def mark(self) -> None:
        """Fills the button, and no other."""
        primary = self.find()
        for button in (
            self._stage.capture_button,
            self._stage.welcome.start_button,
            self._stage.idle.start_button,
            *self._panel.next_buttons,
        ):
            if button is primary and not button.property("primary"):
                # Once it is laid out: in a small window it may lie below the edge.
                QTimer.singleShot(0, self, self._show)
            theme.make_primary(button, primary=button is primary)

    def focus(self) -> None:
        """Gives the focus to the next step, as the last one's button is gone; the picture keeps its own."""
        if not self._stage.view.hasFocus():
            self.find().setFocus()

    @Slot()
    def _show(self) -> None:
        self._scroll.ensureWidgetVisible(self.find())
