"""The window: lays out the panels and connects them to the flow and the controllers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QEvent, QSettings, QSize, Qt, Slot
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QCloseEvent,
    QHideEvent,
    QKeySequence,
    QShortcut,
    QShowEvent,
)
from PySide6.QtWidgets import QMainWindow, QScrollArea

from fer_desktop.errors import AppError
from fer_desktop.translation import _
from fer_desktop.ui import theme
from fer_desktop.ui.batch_dialog import BatchDialog
from fer_desktop.ui.camera_presenter import CameraPresenter
from fer_desktop.ui.dialogs import raise_open
from fer_desktop.ui.drop_area import DropArea
from fer_desktop.ui.emotion_panel import EmotionPanel
from fer_desktop.ui.focus_ring import FocusRing
from fer_desktop.ui.folding_columns import FoldingColumns
from fer_desktop.ui.header import Header
from fer_desktop.ui.help_dialog import show_help
from fer_desktop.ui.layouts import column
from fer_desktop.ui.notification_bar import NotificationBar
from fer_desktop.ui.playlist_panel import PlaylistPanel
from fer_desktop.ui.playlist_presenter import PlaylistPresenter
from fer_desktop.ui.primary_button import PrimaryButton
from fer_desktop.ui.settings_dialog import SettingsDialog
from fer_desktop.ui.source_presenter import SourcePresenter
from fer_desktop.ui.stage import Stage
from fer_desktop.ui.status_line import StatusLine
from fer_desktop.ui.text import text_label

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from fer_desktop.controllers.account import AccountController
    from fer_desktop.controllers.batch import BatchController
    from fer_desktop.controllers.camera import CameraController
    from fer_desktop.controllers.camera_survey import CameraSurvey
    from fer_desktop.controllers.covers import CoversController
    from fer_desktop.controllers.flow import Flow
    from fer_desktop.controllers.notifications import NotificationCenter
    from fer_desktop.controllers.playlist import PlaylistController
    from fer_desktop.controllers.source_choice import SourceChoice
    from fer_desktop.domain import Image
    from fer_desktop.settings import SettingsStore


class MainWindow(QMainWindow):
    """The only window of the app; the app ends when it is closed."""

    def __init__(
        self,
        flow: Flow,
        camera: CameraController,
        sources: SourceChoice,
        survey: CameraSurvey,
        account: AccountController,
        playlist: PlaylistController,
        covers: CoversController,
        batch: BatchController,
        notifications: NotificationCenter,
        settings: SettingsStore,
        keep_picture: Callable[[Image], str],
        *,
        demo_note: str = "",
    ) -> None:
        """Builds the window.

        Args:
            flow: What the window shows, and what may come next.
            camera: The picture.
            sources: Where it comes from.
            survey: The cameras to choose from.
            account: Whose playlists they are.
            playlist: The playlist.
            covers: The album covers of its tracks.
            batch: Reads many files.
            notifications: What the user is told outside the panels.
            settings: The user's decisions.
            keep_picture: Keeps a pasted picture, and returns the spec that opens it.
            demo_note: What is not real in a demo, always shown; "" for the real thing.
        """
        super().__init__()
        # Where Qt adds the app's name to titles, it does so unless they end with it.
        self.setWindowTitle(_("Demo") + " \u2014 FER Desktop" if demo_note else "FER Desktop")
        self.flow = flow
        self.camera = camera
        self.account = account
        self.playlist = playlist
        self._batch = batch
        self._notifications = notifications
        self._settings = settings
        self.sources = sources
        self.source_presenter = SourcePresenter(sources, camera, survey, settings, self)
        self.header = Header(mirror=settings.current.mirror)
        self.stage = Stage()
        self.drop_area = DropArea(keep_picture)
        self.emotion_panel = EmotionPanel()
        self.playlist_panel = PlaylistPanel(account.capabilities, lift=settings.current.lift_mood)
        self.playlist_presenter = PlaylistPresenter(
            self.playlist_panel, flow, playlist, account, covers, notifications, settings, self
        )
        self.notification_bar = NotificationBar()
        self.status = StatusLine()
        self.camera_presenter = CameraPresenter(
            flow,
            camera,
            notifications,
            self.header,
            self.stage,
            self.emotion_panel,
            self.status,
            self,
        )
        self.demo_note = text_label(demo_note, small=True)
        self.demo_note.setVisible(bool(demo_note))
        self._lay_out()
        self._primary = PrimaryButton(flow, self.stage, self.playlist_panel, self._scroll)
        FocusRing(self)
        self._connect()
        self._add_shortcuts()
        settings.follow(lambda now: self.stage.view.set_mirrored(now.mirror), "mirror")
        self._primary.focus()
        self._state_file = QSettings(str(settings.profile_dir / "window.ini"), QSettings.Format.IniFormat)
        geometry = self._state_file.value("geometry")
        if isinstance(geometry, QByteArray):
            self.restoreGeometry(geometry)
        else:
            # By default, Qt takes at most two thirds of the screen, which folds the columns on many.
            self.resize(self.sizeHint().boundedTo(self.screen().availableSize()))

    def sizeHint(self) -> QSize:
        """The size at the first start."""
        return QSize(1240, 800)

    # Building

    def _lay_out(self) -> None:
        panels = FoldingColumns(self.stage, self.emotion_panel, self.playlist_panel)
        column(
            self.demo_note,
            self.header,
            self.notification_bar,
            panels,
            self.status,
            owner=self.drop_area,
            margin=theme.SPACE * 2,
            spacing=theme.SPACE * 2,
            growing=panels,
        )
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setWidget(self.drop_area)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setCentralWidget(self._scroll)
        self.setMinimumSize(440, 480)

    def _connect(self) -> None:
        notifications = self._notifications
        self.sources.chosen.connect(self.camera_presenter.forget_picture)
        self.sources.notice_wanted.connect(self.stage.welcome.start_button.setFocus)
        self.camera_presenter.announced.connect(self._announce)
        self.playlist_presenter.announced.connect(self._announce)
        notifications.changed.connect(self.notification_bar.show_error)
        self.notification_bar.dismissed.connect(notifications.dismiss)
        self.stage.welcome.start_requested.connect(self.sources.accept_notice)
        self.stage.welcome.photo_requested.connect(self.header.open_photo)
        self.stage.welcome.mood_requested.connect(self._choose_mood)
        self.stage.idle.start_requested.connect(self.sources.start_again)
        self.stage.idle.photo_requested.connect(self.header.open_photo)
        self.header.cameras_requested.connect(self.sources.choose_camera)
        self.header.file_chosen.connect(self.sources.open)
        self.drop_area.source_chosen.connect(self.sources.open)
        self.drop_area.files_chosen.connect(self.read_files)
        self.drop_area.failed.connect(notifications.notify)
        self.header.many_files_requested.connect(self.read_files)
        self.header.mirror_toggled.connect(lambda mirrored: self._settings.update(mirror=mirrored))
        self.header.settings_requested.connect(self._open_settings)
        self.header.power_requested.connect(self._toggle)

    def _add_shortcuts(self) -> None:
        for keys, action in (
            ("Ctrl+Return", self._primary.press),
            ("Ctrl+Enter", self._primary.press),
            ("Ctrl+O", self.header.open_photo),
            ("Ctrl+Y", self.header.why_button.toggle),
            ("Ctrl+V", self.drop_area.paste),
            ("Ctrl+P", self.stage.playback_bar.toggle),
            ("Ctrl+,", self._open_settings),
            ("F1", lambda: show_help(self)),
        ):
            QShortcut(QKeySequence(keys), self).activated.connect(action)
        for keys, end in (("Ctrl+D", self._toggle), ("Ctrl+Q", self.close)):  # also while a dialog is open
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.ApplicationShortcut)
            shortcut.activated.connect(end)

    # What the user does

    @Slot()
    def _toggle(self) -> None:
        self.sources.toggle()
        self.header.show_running(self.camera.running)

    @Slot()
    def _choose_mood(self) -> None:
        next(iter(self.emotion_panel.choices.values())).setFocus(Qt.FocusReason.ShortcutFocusReason)

    @Slot(str)
    def come_forward(self, source: str) -> None:
        """Brings the window to the front, as the app was started again; opens a source if one is named."""
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()
        if source:
            self.sources.start(source)  # a camera waits until the notice is accepted

    @Slot()
    def _open_settings(self) -> None:
        if raise_open(self, SettingsDialog):
            return
        dialog = SettingsDialog(self._settings, self.account, self.flow, self)
        dialog.set_up_requested.connect(self.flow.set_up)
        dialog.show()

    @Slot()
    @Slot(object)
    def read_files(self, files: Sequence[Path] = ()) -> None:
        """Opens the dialog that reads many files, or adds files to the one that is open."""
        dialog = raise_open(self, BatchDialog) or BatchDialog(self._batch, self)
        if files and dialog.reading:
            self._notifications.notify(
                AppError(
                    _("Still analyzing"),
                    _("Other files are being analyzed."),
                    _("Add these when that is done."),
                )
            )
        dialog.add(files)
        dialog.show()

    @Slot(str)
    def _announce(self, words: str) -> None:
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, words))

    # Qt's own events

    def changeEvent(self, event: QEvent) -> None:
        """Notices that the window is minimised or restored."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.WindowStateChange:
            self.source_presenter.report_visibility()

    def showEvent(self, event: QShowEvent) -> None:
        """Notices that the window is visible."""
        super().showEvent(event)
        self.source_presenter.report_visibility()

    def hideEvent(self, event: QHideEvent) -> None:
        """Notices that the window is no longer visible."""
        super().hideEvent(event)
        self.source_presenter.report_visibility()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Remembers size and position."""
        self._state_file.setValue("geometry", self.saveGeometry())
        super().closeEvent(event)
