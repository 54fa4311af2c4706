"""The button of the next step: the only one that is filled, and the one that gets the focus."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Slot

from fer_desktop.controllers.flow import Action, Flow
from fer_desktop.ui import theme

if TYPE_CHECKING:
    from PySide6.QtWidgets import QPushButton, QScrollArea

    from fer_desktop.ui.playlist_panel import PlaylistPanel
    from fer_desktop.ui.stage import Stage


class PrimaryButton(QObject):
    """Finds the button of the flow's primary action, and keeps it in view."""

    def __init__(self, flow: Flow, stage: Stage, panel: PlaylistPanel, scroll: QScrollArea) -> None:
        """Follows the flow; `scroll` holds all the buttons."""
        super().__init__(scroll)
        self._flow = flow
        self._stage = stage
        self._panel = panel
        self._scroll = scroll
        flow.changed.connect(self._mark)
        flow.advanced.connect(self.focus)
        self._mark()

    @property
    def button(self) -> QPushButton | None:
        """The button, None while there is no next step."""
        action = self._flow.primary_action
        return {
            None: None,
            Action.START: self._stage.start_button,
            Action.CAPTURE: self._stage.capture_button,
            Action.CREATE: self._panel.create_button,
            Action.ANSWER: self._panel.question.update_button,
            Action.FINISH: self._panel.create_button,
            Action.CONNECT: self._panel.set_up_button,
            Action.OPEN: self._panel.created.open_button,
        }[action]

    @Slot()
    def press(self) -> None:
        """Clicks the button."""
        button = self.button
        if button is not None:
            button.click()

    @Slot()
    def focus(self) -> None:
        """Gives the focus to the button, as the previous one is gone; the picture keeps its focus."""
        button = self.button
        if button is not None and not self._stage.view.hasFocus():
            button.setFocus()

    @Slot()
    def _mark(self) -> None:
        primary = self.button
        for button in (*self._stage.next_buttons, *self._panel.next_buttons):
            if button is primary and not button.property("primary"):
                # Once it is laid out: in a small window it may be below the edge.
                QTimer.singleShot(0, self, self._show)
            theme.make_primary(button, primary=button is primary)
        self._hand_over()

    @Slot()
    def _show(self) -> None:
        button = self.button
        if button is not None:
            self._scroll.ensureWidgetVisible(button)
        self._hand_over()

    def _hand_over(self) -> None:
        button = self.button
        if button is not None and button.isVisible() and self._stage.holds_focus:
            button.setFocus()
