"""The controls under a playing video: pause and position."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, Qt, Slot
from PySide6.QtWidgets import QLabel, QSlider, QStyle, QToolButton, QWidget

from fer_desktop.translation import _, play_time
from fer_desktop.ui import theme
from fer_desktop.ui.layouts import row

if TYPE_CHECKING:
    from PySide6.QtGui import QMouseEvent

    from fer_desktop.vision.video import Playback

_STEP_MS = 1000
_PAGE_MS = 10_000


class _SeekSlider(QSlider):
    """Jumps to where it is clicked, as in a player; Qt's own moves a page towards it."""

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Moves the handle to the pointer; from there it can be dragged."""
        if event.button() == Qt.MouseButton.LeftButton:
            handle = self.style().pixelMetric(QStyle.PixelMetric.PM_SliderLength)
            place = round(event.position().x() - handle / 2)
            self.setValue(
                QStyle.sliderValueFromPosition(self.minimum(), self.maximum(), place, self.width() - handle)
            )
        super().mousePressEvent(event)


class PlaybackBar(QWidget):
    """Pauses and seeks the video; hidden if the picture is not a video."""

    def __init__(self) -> None:
        super().__init__()
        self._playback: Playback | None = None
        self.pause_button = QToolButton()
        self.pause_button.setToolTip(_("Pause or play (Ctrl+P)"))
        self.pause_button.clicked.connect(self.toggle)
        self.slider = _SeekSlider(Qt.Orientation.Horizontal)
        self.slider.setSingleStep(_STEP_MS)
        self.slider.setPageStep(_PAGE_MS)
        self.slider.setAccessibleName(_("Position in the video"))
        self.slider.valueChanged.connect(self._seek)
        self.time = QLabel()
        theme.small(self.time)
        self.time.setFont(theme.tabular(self.time.font()))
        row(self.pause_button, self.slider, self.time, owner=self, growing=self.slider)
        self.set_playback(None)

    @Slot(object)
    def set_playback(self, playback: Playback | None) -> None:
        """Sets the video that is playing; None for any other picture."""
        self._playback = playback
        if playback is not None:
            with QSignalBlocker(self.slider):
                self.slider.setRange(0, round(playback.duration * 1000))
            self.slider.setVisible(playback.duration > 0)
            self.show_position()
            self._show_paused()

    @property
    def has_video(self) -> bool:
        """Whether a video is playing."""
        return self._playback is not None

    @Slot()
    def show_position(self) -> None:
        """Follows the video."""
        if self._playback is None:
            return
        position, duration = self._playback.position, self._playback.duration
        if not self.slider.isSliderDown():
            with QSignalBlocker(self.slider):
                self.slider.setValue(round(position * 1000))
        self.time.setText(
            f"{play_time(position)} / {play_time(duration)}" if duration else play_time(position)
        )

    @Slot()
    def toggle(self) -> None:
        """Pauses or continues the video."""
        if self._playback is not None:
            self._playback.set_paused(not self._playback.paused)
            self._show_paused()

    def _show_paused(self) -> None:
        paused = self._playback is not None and self._playback.paused
        self.pause_button.setText(_("Play") if paused else _("Pause"))

    @Slot(int)
    def _seek(self, milliseconds: int) -> None:
        if self._playback is not None:
            self._playback.seek(milliseconds / 1000)
