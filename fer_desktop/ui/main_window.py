"""The window: lays the panels out, connects them to the controllers, and keeps one primary action."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, QUrl, Signal, Slot
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QActionGroup,
    QCloseEvent,
    QDesktopServices,
    QKeySequence,
    QResizeEvent,
    QShortcut,
)
from PySide6.QtWidgets import (
    QBoxLayout,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QMainWindow,
    QMenu,
    QPushButton,
    QScrollArea,
    QStackedLayout,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from fer_desktop.controllers.camera import CameraController, CameraState
from fer_desktop.controllers.playlist import PlaylistController, PlaylistState
from fer_desktop.errors import AppError
from fer_desktop.ui import theme
from fer_desktop.ui.camera_view import CameraView, percent
from fer_desktop.ui.emotion_panel import EmotionPanel
from fer_desktop.ui.help_dialog import show_help
from fer_desktop.ui.idle_panel import IdlePanel
from fer_desktop.ui.notification_bar import NotificationBar
from fer_desktop.ui.playlist_panel import PlaylistPanel
from fer_desktop.ui.settings_dialog import SettingsDialog
from fer_desktop.ui.welcome import WelcomePanel

if TYPE_CHECKING:
    from fer_desktop.controllers.notifications import NotificationCenter
    from fer_desktop.domain import Emotion, EmotionSnapshot, FrameAnalysis, Playlist
    from fer_desktop.settings import Settings
    from fer_desktop.vision.camera import CameraInfo
    from fer_desktop.vision.model_card import ModelCard

_FOLD_WIDTH = 1000
_SIDE_WIDTH = 392
_MEDIA = "Photos and videos (*.jpg *.jpeg *.png *.webp *.bmp *.mp4 *.mov *.avi *.mkv *.webm);;All files (*)"


class MainWindow(QMainWindow):
    """The one window of the app.

    Signals:
        closed: The user closed it; the app ends.
    """

    closed = Signal()

    def __init__(
        self,
        camera: CameraController,
        playlist: PlaylistController,
        notifications: NotificationCenter,
        settings: Settings,
        *,
        service_name: str,
        demo_note: str = "",
    ) -> None:
        """Builds the window.

        Args:
            camera: The picture.
            playlist: The playlist and the account.
            notifications: What is told outside the panels.
            settings: The user's decisions; changed here.
            service_name: Where playlists go, in words.
            demo_note: What is not real in a demo; shown all the time, "" for the real thing.
        """
        super().__init__()
        self.setWindowTitle("FER Desktop" + (" (demo)" if demo_note else ""))
        self.camera = camera
        self.playlist = playlist
        self._notifications = notifications
        self._settings = settings
        self._model_words = "loading the model"
        self._build_header()
        self.view = CameraView()
        self.welcome = WelcomePanel()
        self.idle = IdlePanel()
        self.emotion_panel = EmotionPanel()
        self.playlist_panel = PlaylistPanel(service_name)
        self.notification_bar = NotificationBar()
        self.capture_button = QPushButton("Capture")
        self.live_button = QPushButton("Back to live")
        for button in (self.capture_button, self.live_button):
            button.setMinimumHeight(theme.SPACE * 5)
        self.status = QLabel()
        self.status.setFont(theme.tabular(self.status.font()))
        theme.small(self.status)
        self.demo_note = QLabel(demo_note)
        self.demo_note.setWordWrap(True)
        theme.small(self.demo_note)
        self.demo_note.setVisible(bool(demo_note))
        self._lay_out()
        self._connect()
        self._add_shortcuts()
        self.view.set_mirrored(settings.mirror)
        self._show_state()
        self._primary().setFocus()

    def sizeHint(self) -> QSize:
        """The size at the first start."""
        return QSize(1240, 800)

    # Building

    def _build_header(self) -> None:
        self.source_button = QToolButton()
        self.source_button.setText("No camera yet")
        self.source_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.source_button.setAccessibleName("Source of the picture")
        self._source_menu = QMenu(self.source_button)
        self.source_button.setMenu(self._source_menu)
        self.mirror_button = QToolButton()
        self.mirror_button.setText("Mirror")
        self.mirror_button.setCheckable(True)
        self.mirror_button.setChecked(self._settings.mirror)
        self.settings_button = QToolButton()
        self.settings_button.setText("Settings")
        self.power_button = QToolButton()
        self.power_button.setCheckable(True)
        self.show_cameras(())

    def _lay_out(self) -> None:
        header = QHBoxLayout()
        header.setSpacing(theme.SPACE)
        header.addWidget(self.source_button)
        header.addStretch(1)
        for button in (self.mirror_button, self.settings_button, self.power_button):
            header.addWidget(button)
        self._stage = QStackedLayout()
        self._stage.addWidget(self.welcome)
        self._stage.addWidget(self.idle)
        self._stage.addWidget(self.view)
        actions = QHBoxLayout()
        actions.addStretch(1)
        actions.addWidget(self.capture_button)
        actions.addWidget(self.live_button)
        actions.addStretch(1)
        picture = QVBoxLayout()
        picture.setSpacing(theme.SPACE)
        picture.addLayout(self._stage, 1)
        picture.addLayout(actions)
        self._side = QWidget()
        side = QVBoxLayout(self._side)
        side.setContentsMargins(0, 0, 0, 0)
        side.setSpacing(theme.SPACE * 2)
        side.addWidget(self.emotion_panel)
        side.addWidget(self.playlist_panel, 1)
        self._body = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._body.setSpacing(theme.SPACE * 2)
        self._body.addLayout(picture, 1)
        self._body.addWidget(self._side)
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(*[theme.SPACE * 2] * 4)
        column.setSpacing(theme.SPACE * 2)
        column.addWidget(self.demo_note)
        column.addLayout(header)
        column.addWidget(self.notification_bar)
        column.addLayout(self._body, 1)
        column.addWidget(self.status)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setWidget(content)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setCentralWidget(scroll)
        self.setMinimumSize(440, 480)

    def _connect(self) -> None:
        camera, playlist, notifications = self.camera, self.playlist, self._notifications
        camera.state_changed.connect(self._on_camera_state)
        camera.running_changed.connect(self._on_running)
        camera.frame_changed.connect(self.view.show_frame)
        camera.analysis_changed.connect(self._on_analysis)
        camera.captured.connect(self._on_captured)
        camera.released.connect(self._on_released)
        camera.failed.connect(self._on_camera_failed)
        camera.source_changed.connect(self._on_source)
        camera.model_ready.connect(self._on_model_ready)
        camera.model_failed.connect(self._on_model_failed)
        playlist.state_changed.connect(self._show_state)
        playlist.plan_changed.connect(self._on_plan)
        playlist.progressed.connect(self.playlist_panel.show_progress)
        playlist.tracks_found.connect(self.playlist_panel.show_tracks)
        playlist.created.connect(self._on_created)
        playlist.failed.connect(self._on_playlist_failed)
        playlist.browser_requested.connect(self._on_browser_requested)
        playlist.account_changed.connect(self.playlist_panel.show_account)
        notifications.changed.connect(self.notification_bar.show_error)
        self.notification_bar.dismissed.connect(notifications.dismiss)
        self.welcome.start_requested.connect(self._start_first)
        self.welcome.photo_requested.connect(self._open_photo)
        self.welcome.mood_requested.connect(self._choose_mood)
        self.idle.start_requested.connect(self._toggle_camera)
        self.idle.photo_requested.connect(self._open_photo)
        self.emotion_panel.emotion_chosen.connect(self._on_chosen)
        self.playlist_panel.create_requested.connect(playlist.create)
        self.playlist_panel.cancel_requested.connect(playlist.cancel)
        self.capture_button.clicked.connect(self._capture)
        self.view.capture_requested.connect(self._capture)
        self.live_button.clicked.connect(camera.back_to_live)
        self.mirror_button.toggled.connect(self._on_mirror)
        self.settings_button.clicked.connect(self._open_settings)
        self.power_button.clicked.connect(self._toggle_camera)

    def _add_shortcuts(self) -> None:
        for keys, action in (
            ("Ctrl+D", self._toggle_camera),
            ("Ctrl+Return", self._press_primary),
            ("Ctrl+Enter", self._press_primary),
            ("Ctrl+O", self._open_photo),
            ("Ctrl+,", self._open_settings),
            ("F1", lambda: show_help(self)),
        ):
            QShortcut(QKeySequence(keys), self).activated.connect(action)

    # What the user does

    @Slot()
    def _start_first(self) -> None:
        self._settings.privacy_accepted = True
        self._save_settings()
        self.camera.start(self._settings.source)

    @Slot()
    def _toggle_camera(self) -> None:
        if self.camera.running:
            self.camera.stop()
        elif self._settings.privacy_accepted or self.camera.spec:
            self.camera.start(self.camera.spec or self._settings.source)
        self._on_running(self.camera.running)

    @Slot()
    def _capture(self) -> None:
        if self.capture_button.isEnabled():
            self._notifications.dismiss()
            self.camera.capture()

    @Slot()
    def _press_primary(self) -> None:
        self._primary().click()

    @Slot()
    def _open_photo(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self, "Open photo or video", str(Path.home()), _MEDIA)
        if path:
            self.open_source(path)

    @Slot()
    def _open_folder(self) -> None:
        path = QFileDialog.getExistingDirectory(self, "Open folder of photos", str(Path.home()))
        if path:
            self.open_source(path)

    @Slot()
    def _choose_mood(self) -> None:
        next(iter(self.emotion_panel.choices.values())).setFocus(Qt.FocusReason.ShortcutFocusReason)

    def open_source(self, spec: str) -> None:
        """Shows another camera, file, folder or stream."""
        self._notifications.dismiss()
        self.camera.start(spec)

    def _open_camera(self, spec: str) -> None:
        self._settings.source = spec
        self._settings.privacy_accepted = True
        self._save_settings()
        self.open_source(spec)

    @Slot(object)
    def _on_chosen(self, emotion: Emotion) -> None:
        chosen_again = self.playlist.chosen_by_hand and emotion is self.emotion_panel.chosen
        self.camera.back_to_live()
        if chosen_again:
            self._on_released()
            return
        self.emotion_panel.show_chosen(emotion)
        self.playlist.set_emotion(emotion)

    @Slot(bool)
    def _on_mirror(self, mirrored: bool) -> None:  # a Qt slot
        self._settings.mirror = mirrored
        self._save_settings()
        self.view.set_mirrored(mirrored)

    @Slot()
    def _open_settings(self) -> None:
        dialog = SettingsDialog(self._settings, self.playlist, self)
        dialog.saved.connect(self._save_settings)
        dialog.saved.connect(self.playlist.reopen_session)
        dialog.open()

    def _save_settings(self) -> None:
        try:
            self._settings.save()
        except AppError as error:
            self._notifications.notify(error)

    # What the controllers report

    @Slot(object)
    def _on_camera_state(self, state: CameraState) -> None:
        if state is CameraState.OPENING:
            self.view.clear()
            self.idle.show_opening()
        elif state is CameraState.OFF:
            self.idle.show_off()
        elif state is CameraState.LIVE:
            self.view.clear_boxes()
            self._notifications.dismiss()
        elif state is CameraState.CAPTURING:
            self.view.show_advice("Reading the picture\N{HORIZONTAL ELLIPSIS}")
        if state in (CameraState.OPENING, CameraState.OFF, CameraState.LOST):
            self._show_nobody()
        self._show_state()

    @Slot(object)
    def _on_camera_failed(self, error: AppError) -> None:
        if self.camera.state is CameraState.LOST:
            self.idle.show_error(error)
        else:
            self._notifications.notify(error)

    @Slot(bool)
    def _on_running(self, running: bool) -> None:  # a Qt slot
        self.power_button.setChecked(running)
        self.power_button.setText("\N{BLACK CIRCLE} On" if running else "\N{WHITE CIRCLE} Off")
        words = "on" if running else "off"
        self.power_button.setAccessibleName(f"Camera {words}")
        self.power_button.setToolTip(f"The camera is {words} (Ctrl+D)")

    @Slot(object)
    def _on_analysis(self, analysis: FrameAnalysis) -> None:
        self.view.show_analysis(analysis)
        if analysis.you is None:
            self._show_nobody()
        elif not self.playlist.chosen_by_hand:
            self.emotion_panel.show_reading(analysis.you, captured=False)
        self._say_status()

    @Slot(object)
    def _on_captured(self, snapshot: EmotionSnapshot) -> None:
        self.view.show_snapshot(snapshot)
        self.emotion_panel.clear_choice()
        self.emotion_panel.show_reading(snapshot.reading, captured=True)
        self.playlist.set_snapshot(snapshot)
        probability = percent(snapshot.reading.scores[snapshot.emotion])
        self._announce(f"Captured. You look {snapshot.emotion.value}, {probability}.")

    @Slot()
    def _on_released(self) -> None:
        self.playlist.release()
        self.emotion_panel.clear_choice()
        self._show_nobody()

    @Slot(str)
    def _on_source(self, name: str) -> None:
        self.source_button.setText(name)

    @Slot(object)
    def _on_model_ready(self, card: ModelCard) -> None:
        self._model_words = "model " + "-".join(card.version.split(".")[:2])
        self.welcome.show_model(card)
        self._show_state()

    @Slot(object)
    def _on_model_failed(self, error: AppError) -> None:
        self._model_words = "no model"
        self._notifications.notify(error)
        self._show_state()

    @Slot(object)
    def _on_plan(self, plan: object) -> None:
        if plan is None:
            self.playlist_panel.show_empty()
        else:
            self.playlist_panel.show_plan(plan)  # type: ignore[arg-type]  # a signal carries any object
        self._show_state()

    @Slot(object)
    def _on_playlist_failed(self, error: AppError) -> None:
        if self.playlist.state is PlaylistState.FAILED:
            self.playlist_panel.show_error(error)
        else:
            self._notifications.notify(error)

    @Slot(str)
    def _on_browser_requested(self, url: str) -> None:
        QDesktopServices.openUrl(QUrl(url))
        self.playlist_panel.show_login(url)

    @Slot(object)
    def _on_created(self, playlist: Playlist) -> None:
        self.playlist_panel.show_created(playlist)
        self._show_state()
        self._announce(f"{playlist.name} is ready, with {len(playlist.tracks)} tracks.")

    def show_cameras(self, cameras: tuple[CameraInfo, ...]) -> None:
        """Fills the menu of sources."""
        menu = self._source_menu
        menu.clear()
        group = QActionGroup(menu)
        for camera in cameras:
            action = menu.addAction(camera.name)
            action.setCheckable(True)
            action.setChecked(camera.spec == self.camera.spec)
            group.addAction(action)
            action.triggered.connect(lambda _checked, spec=camera.spec: self._open_camera(spec))
        if not cameras:
            menu.addAction("No camera found").setEnabled(False)
        menu.addSeparator()
        menu.addAction("Open photo or video\N{HORIZONTAL ELLIPSIS}", self._open_photo)
        menu.addAction("Open folder of photos\N{HORIZONTAL ELLIPSIS}", self._open_folder)

    # What is shown when

    def _show_nobody(self) -> None:
        """No face is read at the moment; a choice by hand stays in view."""
        if not self.playlist.chosen_by_hand:
            self.emotion_panel.show_waiting()

    @Slot()
    def _show_state(self) -> None:
        camera, playlist = self.camera.state, self.playlist.state
        captured = camera in (CameraState.CAPTURED, CameraState.CAPTURING)
        if camera is CameraState.LIVE or captured:
            self._stage.setCurrentWidget(self.view)
        elif not self.camera.spec:
            self._stage.setCurrentWidget(self.welcome)
        else:
            self._stage.setCurrentWidget(self.idle)
        working = playlist is PlaylistState.WORKING
        self.capture_button.setVisible(self._stage.currentWidget() is self.view and not captured)
        self.capture_button.setEnabled(self.camera.can_capture and not working)
        self.live_button.setVisible(captured)
        self.live_button.setEnabled(not working)
        for choice in self.emotion_panel.choices.values():
            choice.setEnabled(not working)
        self._on_running(self.camera.running)
        self._mark_primary()
        self._say_status()

    def _primary(self) -> QPushButton:
        """Returns the one button that is the next step."""
        playlist = self.playlist.state
        if self.camera.state is CameraState.LIVE and not self.playlist.chosen_by_hand:
            return self.capture_button
        if playlist is PlaylistState.CREATED:
            return self.playlist_panel.open_button
        if playlist in (PlaylistState.READY, PlaylistState.FAILED):
            return self.playlist_panel.create_button
        if self._stage.currentWidget() is self.view:
            return self.capture_button
        return (self.idle if self._stage.currentWidget() is self.idle else self.welcome).start_button

    def _mark_primary(self) -> None:
        primary = self._primary()
        for button in (
            self.capture_button,
            self.welcome.start_button,
            self.idle.start_button,
            self.playlist_panel.create_button,
            self.playlist_panel.open_button,
        ):
            if button.property("primary") != (button is primary):
                button.setProperty("primary", button is primary)
                button.style().unpolish(button)
                button.style().polish(button)

    def _say_status(self) -> None:
        words = []
        if self.camera.state is CameraState.LIVE and self.camera.frames_per_second:
            words.append(f"{self.camera.frames_per_second:.0f} fps")
            words.append(f"{self.camera.analysis_milliseconds:.0f} ms")
        words += [self._model_words, "stays on this computer"]
        self.status.setText(" · ".join(words))

    def _announce(self, words: str) -> None:
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, words))

    # Qt's own events

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Folds the side column under the picture where the window is narrow."""
        super().resizeEvent(event)
        narrow = event.size().width() < _FOLD_WIDTH
        down, across = QBoxLayout.Direction.TopToBottom, QBoxLayout.Direction.LeftToRight
        self._body.setDirection(down if narrow else across)
        self._side.setMinimumWidth(0 if narrow else _SIDE_WIDTH)
        self._side.setMaximumWidth(16777215 if narrow else _SIDE_WIDTH)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Tells the app that it ends."""
        super().closeEvent(event)
        self.closed.emit()
