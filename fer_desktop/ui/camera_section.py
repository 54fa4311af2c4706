"""Shows what the camera and its reading report: on the stage, in the header, as bars and in a line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from fer_desktop.controllers.camera import CameraState
from fer_desktop.controllers.playlist import PlaylistState
from fer_desktop.errors import FrameSourceError, NoFaceError
from fer_desktop.translation import _
from fer_desktop.ui.wording import emotion_word, percent
from fer_desktop.vision.frame_source import is_live

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from fer_desktop.controllers.camera import CameraController
    from fer_desktop.controllers.notifications import NotificationCenter
    from fer_desktop.controllers.playlist import PlaylistController
    from fer_desktop.domain import Emotion, EmotionSnapshot, FrameAnalysis
    from fer_desktop.errors import AppError
    from fer_desktop.ui.emotion_panel import EmotionPanel
    from fer_desktop.ui.header import Header
    from fer_desktop.ui.stage import Stage
    from fer_desktop.ui.status_line import StatusLine
    from fer_desktop.vision.model_card import ModelCard

_STATUS_MS = 500
"""Between two readings of the rates, so that they can be read; also where nothing is analysed."""


class CameraSection(QObject):
    """Everything about the picture and its reading that the window shows.

    Signals:
        changed: What can be done is different now.
        advanced: The next step is another one now.
        announced: Words for the screen reader.
    """

    changed = Signal()
    advanced = Signal()
    announced = Signal(str)

    def __init__(
        self,
        camera: CameraController,
        playlist: PlaylistController,
        notifications: NotificationCenter,
        header: Header,
        stage: Stage,
        emotion_panel: EmotionPanel,
        status: StatusLine,
        window: QWidget,
    ) -> None:
        """Connects the parts; `playlist` is told for which emotion it is to be."""
        super().__init__(window)
        self._camera = camera
        self._playlist = playlist
        self._notifications = notifications
        self._header = header
        self._stage = stage
        self._emotion_panel = emotion_panel
        self._status = status
        self._loads_model = True
        camera.state_changed.connect(self._on_state)
        camera.running_changed.connect(header.show_running)
        camera.frame_changed.connect(stage.view.show_frame)
        camera.frame_changed.connect(stage.playback_bar.show_position)
        camera.playback_changed.connect(stage.playback_bar.set_playback)
        camera.analysis_changed.connect(self._on_analysis)
        camera.captured.connect(self._on_captured)
        camera.explained.connect(stage.view.show_map)
        camera.explained.connect(stage.why_legend.show_occlusion)
        camera.released.connect(self._on_released)
        camera.failed.connect(self._on_failed)
        camera.source_changed.connect(header.show_source)
        camera.model_ready.connect(self._on_model_ready)
        camera.model_failed.connect(self._on_model_failed)
        emotion_panel.emotion_chosen.connect(self._on_chosen)
        stage.capture_button.clicked.connect(self._capture)
        stage.view.capture_requested.connect(self._capture)
        stage.view.face_chosen.connect(camera.follow)
        stage.live_button.clicked.connect(camera.back_to_live)
        header.why_toggled.connect(self._on_why)
        self._status_timer = QTimer(self)
        self._status_timer.timeout.connect(self._say_status)
        self._status_timer.start(_STATUS_MS)

    @Slot()
    def forget_picture(self) -> None:
        """What was said of the picture before is over; what else is told stays until it was read."""
        self._notifications.dismiss(FrameSourceError, NoFaceError)

    # What the user does

    @Slot()
    def _capture(self) -> None:
        if self._stage.capture_button.isEnabled():
            self.forget_picture()
            self._camera.capture()

    @Slot(object)
    def _on_chosen(self, emotion: Emotion) -> None:
        chosen_again = (
            self._playlist.chosen_by_hand
            and emotion is self._emotion_panel.chosen
            and self._playlist.state is not PlaylistState.CREATED
        )
        self._camera.give_up_capture()
        if chosen_again:
            self._on_released()
            return
        self._emotion_panel.show_chosen(emotion)
        self._playlist.set_emotion(emotion)

    @Slot(bool)
    def _on_why(self, wanted: bool) -> None:  # a Qt slot
        self._stage.view.show_map(None)
        self._stage.why_legend.show_waiting()
        self._camera.set_explaining(wanted)
        self._change()

    # What the camera reports

    @Slot(object)
    def _on_state(self, state: CameraState) -> None:
        if state is CameraState.OPENING:
            self._header.show_source(_("Opening…"))
            self._stage.view.clear()
            self._stage.idle.show_opening(camera=is_live(self._camera.spec))
        elif state is CameraState.OFF:
            self._stage.idle.show_off()
            self.announced.emit(self._stage.idle.title.text())
        elif state is CameraState.LIVE:
            self.announced.emit(_("The picture is on."))
            self._stage.view.clear_boxes()
            if self._loads_model:
                self._stage.view.show_advice(_("Loading the model…"))
            self._notifications.dismiss(FrameSourceError)
        elif state is CameraState.CAPTURING:
            self._stage.view.show_advice(_("Reading the picture…"))
        if state in (CameraState.OFF, CameraState.LOST):
            self._header.show_source(_("No picture"))
        if state in (CameraState.OPENING, CameraState.OFF, CameraState.LOST):
            self._show_nobody()
        self._change()

    @Slot(object)
    def _on_failed(self, error: AppError) -> None:
        if self._camera.state is CameraState.LOST:
            self._stage.idle.show_error(error, again=self._camera.running)
        else:
            self._notifications.notify(error)

    @Slot(object)
    def _on_analysis(self, analysis: FrameAnalysis) -> None:
        self._stage.view.show_analysis(analysis)
        if analysis.you is None:
            self._show_nobody()
        elif not self._playlist.chosen_by_hand:
            self._emotion_panel.show_reading(analysis.you, captured=False)

    @Slot(object)
    def _on_captured(self, snapshot: EmotionSnapshot) -> None:
        self._stage.view.show_snapshot(snapshot)
        self._stage.why_legend.show_waiting()
        self._emotion_panel.clear_choice()
        self._emotion_panel.show_reading(snapshot.reading, captured=True)
        self._playlist.set_snapshot(snapshot)
        self.advanced.emit()
        if snapshot.reading.unsure:
            self.announced.emit(f"{self._emotion_panel.lead.text()} {self._emotion_panel.word.text()}")
            return
        self.announced.emit(
            _("Captured. You look {emotion}, {probability}.").format(
                emotion=emotion_word(snapshot.emotion),
                probability=percent(snapshot.reading.scores[snapshot.emotion]),
            )
        )

    @Slot()
    def _on_released(self) -> None:
        self._playlist.release()
        self._emotion_panel.clear_choice()
        self._show_nobody()
        self.advanced.emit()

    @Slot(object)
    def _on_model_ready(self, card: ModelCard) -> None:
        self._loads_model = False
        self._status.show_model(card.version)
        self._stage.welcome.show_model(card)
        self._change()

    @Slot(object)
    def _on_model_failed(self, error: AppError) -> None:
        self._loads_model = False
        self._stage.view.show_advice("")
        self._status.show_model("")
        self._notifications.notify(error)
        self._change()

    def _show_nobody(self) -> None:
        """No face is read at the moment; a choice by hand stays in view."""
        if not self._playlist.chosen_by_hand:
            self._emotion_panel.show_waiting()

    def _change(self) -> None:
        self._say_status()
        self.changed.emit()

    @Slot()
    def _say_status(self) -> None:
        live = self._camera.state is CameraState.LIVE
        self._status.show_rate(
            self._camera.frames_per_second if live else 0.0, self._camera.analysis_milliseconds
        )
