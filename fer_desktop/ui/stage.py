"""The largest part of the window: the picture, or what is shown instead, and the button under it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QPushButton, QStackedLayout, QWidget

from fer_desktop.translation import _
from fer_desktop.ui import theme
from fer_desktop.ui.camera_view import CameraView
from fer_desktop.ui.idle_panel import IdlePanel
from fer_desktop.ui.layouts import column, row
from fer_desktop.ui.playback_bar import PlaybackBar
from fer_desktop.ui.welcome import WelcomePanel
from fer_desktop.ui.why_legend import WhyLegend

if TYPE_CHECKING:
    from fer_desktop.controllers.flow import Flow


class Stage(QWidget):
    """Shows one of three pages: the privacy notice, why there is no picture, or the picture.

    Attributes:
        welcome: The notice.
        idle: Why there is no picture.
        view: The picture.
        playback_bar: Under a live video.
        why_legend: Under a picture with a heat map on the face.
        capture_button: Under the live picture.
        live_button: Under a captured one.
        next_buttons: Those that may be the next step.
    """

    def __init__(self) -> None:
        super().__init__()
        self.welcome = WelcomePanel()
        self.idle = IdlePanel()
        self.view = CameraView()
        self.playback_bar = PlaybackBar()
        self.why_legend = WhyLegend()
        self.capture_button = QPushButton(_("Capture"))
        self.live_button = QPushButton(_("Back to live"))
        for button in (self.capture_button, self.live_button):
            button.setMinimumHeight(theme.SPACE * 5)
        self.next_buttons = (self.welcome.start_button, self.idle.start_button, self.capture_button)
        self._pages = QStackedLayout()
        for page in (self.welcome, self.idle, self.view):
            self._pages.addWidget(page)
        column(
            self._pages,
            self.playback_bar,
            self.why_legend,
            row(None, self.capture_button, self.live_button, None),
            owner=self,
            growing=self._pages,
        )

    def show_state(self, flow: Flow, *, why: bool) -> None:
        """Shows the page and the button that fit; `why` if the parts of the face that matter are shown."""
        with_picture = flow.is_live or flow.has_capture
        page = self.view if with_picture else self.welcome if flow.needs_notice else self.idle
        vanishing: list[QWidget] = [each for each in (self.welcome, self.idle, self.view) if each is not page]
        vanishing += [] if flow.is_live else [self.capture_button]
        vanishing += [] if flow.has_capture else [self.live_button]
        focused = self.window().focusWidget()
        if any(each.isAncestorOf(focused) for each in vanishing):
            self.setFocus()  # until the next step gets it; Qt would move it to another panel
        self._pages.setCurrentWidget(page)
        self.playback_bar.setVisible(flow.is_live and self.playback_bar.has_video)
        self.why_legend.setVisible(why and with_picture)
        if flow.is_live:
            self.why_legend.show_live()
        self.capture_button.setVisible(flow.is_live)
        self.capture_button.setEnabled(flow.can_capture)
        self.live_button.setVisible(flow.has_capture)
        self.live_button.setEnabled(flow.can_go_live)

    @property
    def holds_focus(self) -> bool:
        """Whether the widget that had the focus vanished, so that the next step is to get it."""
        return self.window().focusWidget() in (self, self.idle)

    @property
    def start_button(self) -> QPushButton:
        """The button that starts the picture."""
        return (self.welcome if self._pages.currentWidget() is self.welcome else self.idle).start_button
