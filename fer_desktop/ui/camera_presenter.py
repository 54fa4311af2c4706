"""Shows the picture and its reading: on the stage, in the header, as bars, and in the status line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from fer_desktop.controllers.flow import Capture
from fer_desktop.controllers.source_supervisor import SourceState
from fer_desktop.errors import FrameSourceError, NoFaceError
from fer_desktop.translation import _
from fer_desktop.ui.wording import emotion_word, percent
from fer_desktop.vision.frame_source import is_live

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from fer_desktop.controllers.camera import CameraController
    from fer_desktop.controllers.flow import Flow
    from fer_desktop.controllers.notifications import NotificationCenter
    from fer_desktop.domain import EmotionSnapshot, FrameAnalysis
    from fer_desktop.errors import AppError
    from fer_desktop.ui.emotion_panel import EmotionPanel
    from fer_desktop.ui.header import Header
    from fer_desktop.ui.stage import Stage
    from fer_desktop.ui.status_line import StatusLine
    from fer_desktop.vision.model_card import ModelCard

_STATUS_MS = 500
"""How often the rates change, so that they can be read; also while nothing is analysed."""


class CameraPresenter(QObject):
    """Connects the camera and the flow with the views of the picture and its reading.

    Signals:
        announced: Words for the screen reader.
    """

    announced = Signal(str)

    def __init__(
        self,
        flow: Flow,
        camera: CameraController,
        notifications: NotificationCenter,
        header: Header,
        stage: Stage,
        emotion_panel: EmotionPanel,
        status: StatusLine,
        window: QWidget,
    ) -> None:
        """Connects the views with the flow and the camera."""
        super().__init__(window)
        self._flow = flow
        self._camera = camera
        self._notifications = notifications
        self._header = header
        self._stage = stage
        self._emotion_panel = emotion_panel
        self._status = status
        self._loads_model = True
        camera.running_changed.connect(header.show_running)
        camera.frame_changed.connect(stage.view.show_frame)
        camera.frame_changed.connect(stage.playback_bar.show_position)
        camera.playback_changed.connect(stage.playback_bar.set_playback)
        camera.analysis_changed.connect(self._on_analysis)
        camera.explained.connect(stage.view.show_map)
        camera.explained.connect(stage.why_legend.show_occlusion)
        camera.lost.connect(self._on_lost)
        camera.source_changed.connect(header.show_source)
        camera.model_ready.connect(self._on_model_ready)
        camera.model_failed.connect(self._on_model_failed)
        flow.picture_changed.connect(self._on_picture)
        flow.changed.connect(self._show)
        flow.captured.connect(self._on_captured)
        flow.chosen.connect(emotion_panel.show_chosen)
        flow.released.connect(self._show_no_face)
        emotion_panel.emotion_chosen.connect(flow.choose)
        stage.capture_button.clicked.connect(flow.capture)
        stage.view.capture_requested.connect(flow.capture)
        stage.view.face_chosen.connect(camera.follow)
        stage.live_button.clicked.connect(flow.go_live)
        header.why_toggled.connect(self._on_why)
        self._status_timer = QTimer(self)
        self._status_timer.timeout.connect(self._show_status)
        self._status_timer.start(_STATUS_MS)
        stage.idle.show_off()
        self._show()

    @Slot()
    def forget_picture(self) -> None:
        """Removes a notification about the previous picture; others stay until they are read."""
        self._notifications.dismiss(FrameSourceError, NoFaceError)

    @Slot(bool)
    def _on_why(self, wanted: bool) -> None:  # a Qt slot
        self._stage.view.show_map(None)
        self._stage.why_legend.show_waiting()
        self._camera.set_explaining(wanted)
        self._show()

    # What the camera reports

    @Slot(object)
    def _on_lost(self, error: AppError) -> None:
        if self._flow.picture is SourceState.LOST:
            self._stage.idle.show_error(error, again=self._camera.running)
        else:
            self._notifications.notify(error)

    @Slot(object)
    def _on_analysis(self, analysis: FrameAnalysis) -> None:
        self._stage.view.show_analysis(analysis)
        if analysis.you is None:
            self._show_no_face()
        elif self._flow.choice is None:
            self._emotion_panel.show_reading(analysis.you, captured=False)

    @Slot(object)
    def _on_model_ready(self, card: ModelCard) -> None:
        self._loads_model = False
        self._status.show_model(card.version)
        self._stage.welcome.show_model(card)
        self._show_status()

    @Slot(object)
    def _on_model_failed(self, error: AppError) -> None:
        self._loads_model = False
        self._stage.view.show_advice("")
        self._status.show_model("")
        self._notifications.notify(error)
        self._show_status()

    # What the flow reports

    @Slot(object)
    def _on_picture(self, picture: SourceState | Capture) -> None:
        if picture is SourceState.OPENING:
            self._header.show_source(_("Opening…"))
            self._stage.view.clear()
            self._stage.idle.show_opening(camera=is_live(self._camera.spec))
        elif picture is SourceState.OFF:
            self._stage.idle.show_off()
            self.announced.emit(self._stage.idle.title.text())
        elif picture is SourceState.LIVE:
            self.announced.emit(_("The picture is on."))
            self._stage.view.clear_boxes()
            if self._loads_model:
                self._stage.view.show_advice(_("Loading the model…"))
            self._notifications.dismiss(FrameSourceError)
        elif picture is Capture.READING:
            self.forget_picture()
            self._stage.view.show_advice(_("Reading the picture…"))
        if picture in (SourceState.OFF, SourceState.LOST):
            self._header.show_source(_("No picture"))
        if picture in (SourceState.OPENING, SourceState.OFF, SourceState.LOST):
            self._show_no_face()
        self._show_status()

    @Slot(object)
    def _on_captured(self, snapshot: EmotionSnapshot) -> None:
        self._stage.view.show_snapshot(snapshot)
        self._stage.why_legend.show_waiting()
        self._emotion_panel.show_reading(snapshot.reading, captured=True)
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
    def _show_no_face(self) -> None:
        """Shows that there is no face at the moment; an emotion that was chosen by hand stays."""
        if self._flow.choice is None:
            self._emotion_panel.show_waiting()

    @Slot()
    def _show(self) -> None:
        self._stage.show_state(self._flow, why=self._camera.explaining)
        self._emotion_panel.show_choices(self._flow.choice, can_choose=self._flow.can_choose)

    @Slot()
    def _show_status(self) -> None:
        self._status.show_rate(
            self._camera.frames_per_second if self._flow.is_live else 0.0, self._camera.analysis_milliseconds
        )
