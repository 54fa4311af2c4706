"""The pages of the playlist's card, one for each state. Each shows what it is given and decides nothing."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from PySide6.QtCore import QUrl, Slot
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QButtonGroup, QProgressBar, QPushButton, QToolButton, QWidget

from fer_desktop.translation import N_, _
from fer_desktop.ui import theme
from fer_desktop.ui.flow_layout import FlowLayout
from fer_desktop.ui.layouts import column
from fer_desktop.ui.text import linked, show_rich_text, text_label

if TYPE_CHECKING:
    from fer_desktop.domain import Playlist
    from fer_desktop.errors import AppError
    from fer_desktop.music import MusicCapabilities

_WHO_SEES_IT = N_(
    "It is not shown on your profile, but anyone who has the link can open it. "
    "In Spotify, “Make private” changes that."
)


class _Page(QWidget):
    """Rows of widgets, from top to bottom."""

    def _lay_out(self, *rows: QWidget | tuple[QWidget, ...]) -> None:
        column(*(row if isinstance(row, QWidget) else FlowLayout(*row) for row in rows), owner=self)


class EmptyPage(_Page):
    """No emotion yet."""

    def __init__(self, service: MusicCapabilities) -> None:
        super().__init__()
        self.set_up_button = _set_up_button(service)
        self._lay_out((self.set_up_button,))


class ReadyPage(_Page):
    """A plan: what will be searched for, and whether the playlist matches the mood or lifts it."""

    def __init__(self, *, lift: bool) -> None:
        super().__init__()
        self.match_button, self.lift_button = QToolButton(), QToolButton()
        self.keywords = text_label()
        self.create_button = QPushButton(_("Create Playlist"))
        self.preview_button = QPushButton()
        self._lay_out(
            (self.match_button, self.lift_button), self.keywords, (self.create_button, self.preview_button)
        )
        group = QButtonGroup(self)
        for button, text, tip in (
            (self.match_button, _("Match mood"), _("Songs that fit how you look")),
            (self.lift_button, _("Lift mood"), _("Songs that lead to a better mood")),
        ):
            button.setText(text)
            button.setToolTip(tip)
            button.setCheckable(True)
            group.addButton(button)
        (self.lift_button if lift else self.match_button).setChecked(True)

    def show_plan(self, keywords: str, *, searched: bool) -> None:
        """Shows the keywords as rich text; `searched` if tracks were found already."""
        show_rich_text(self.keywords, keywords)
        self.keywords.setVisible(bool(keywords))
        self.preview_button.setText(_("Search again") if searched else _("Preview songs"))


class WorkingPage(_Page):
    """Work in progress, step by step; also while a login is pending in the browser."""

    def __init__(self) -> None:
        super().__init__()
        self.step = text_label()
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setAccessibleName(_("Progress"))
        self.copy_login_button = QPushButton(_("Copy address"))
        self.cancel_button = QPushButton(_("Cancel"))
        self._lay_out(self.step, self.progress, (self.copy_login_button, self.cancel_button))
        self._login_url = ""
        self.copy_login_button.clicked.connect(lambda: QGuiApplication.clipboard().setText(self._login_url))

    def show_step(self, step: str, done: int, total: int, *, login_url: str = "") -> None:
        """Shows a step as rich text; `total` 0 if its length is not known."""
        show_rich_text(self.step, step)
        self.progress.setRange(0, total)
        self.progress.setValue(done)
        self._login_url = login_url
        self.copy_login_button.setVisible(bool(login_url))


class QuestionPage(_Page):
    """Today's playlist for the emotion exists: is it to be updated?"""

    def __init__(self) -> None:
        super().__init__()
        self.question = text_label()
        self.update_button = QPushButton(_("Update it"))
        self.another_button = QPushButton(_("Create another"))
        self.cancel_button = QPushButton(_("Cancel"))
        self._lay_out(self.question, (self.update_button, self.another_button, self.cancel_button))

    def ask_about(self, playlist: Playlist) -> None:
        """Asks about today's playlist."""
        link = f'<a href="{html.escape(playlist.url)}">{html.escape(playlist.name)}</a>'
        show_rich_text(
            self.question,
            _("You created “{link}” today. Replace its songs with new ones?").format(link=link),
        )


class CreatedPage(_Page):
    """The playlist exists: its link."""

    def __init__(self, service: MusicCapabilities) -> None:
        super().__init__()
        self.open_button = QPushButton(_("Open in {service}").format(service=service.service_name))
        self.app_button = QPushButton(_("Open in app"))
        self.copy_button = QPushButton(_("Copy link"))
        self.link = text_label(small=True)
        self.link.setAccessibleName(_("Link to the playlist"))
        self.who_sees_it = text_label(_(_WHO_SEES_IT), small=True)
        self._lay_out((self.open_button, self.app_button, self.copy_button), self.link, self.who_sees_it)
        self._app_address = service.app_address
        self._playlist: Playlist | None = None
        self.app_button.setVisible(bool(service.app_address))
        self.open_button.clicked.connect(lambda: QDesktopServices.openUrl(QUrl(self.url)))
        self.app_button.clicked.connect(self._open_in_app)
        self.copy_button.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.url))

    @property
    def url(self) -> str:
        """The link, "" before there is one."""
        return self._playlist.url if self._playlist is not None else ""

    @Slot()
    def _open_in_app(self) -> None:
        if self._playlist is not None:
            QDesktopServices.openUrl(QUrl(self._app_address + self._playlist.id))

    def show_playlist(self, playlist: Playlist | None) -> None:
        """Shows the link of a playlist; None forgets it."""
        self._playlist = playlist
        show_rich_text(self.link, linked(self.url))


class FailedPage(_Page):
    """What went wrong, and how to continue."""

    def __init__(self, service: MusicCapabilities) -> None:
        super().__init__()
        self.keywords = text_label()
        self.error_title = text_label()
        self.error_title.setProperty("error", True)
        theme.bold(self.error_title)
        self.error_text = text_label()
        self.create_button = QPushButton()
        self.set_up_button = _set_up_button(service)
        self.leave_button = QPushButton(_("Leave it"))
        self._lay_out(
            self.keywords,
            self.error_title,
            self.error_text,
            (self.create_button, self.set_up_button, self.leave_button),
        )

    def show_error(self, error: AppError, keywords: str, *, set_up: bool, unfinished: bool) -> None:
        """Shows an error and the keywords as rich text.

        Args:
            error: The failure.
            keywords: "" for none.
            set_up: Connecting the account would fix it.
            unfinished: Something half-made may be at the service.
        """
        self.error_title.setText(error.title)
        show_rich_text(self.error_text, linked(error.explanation))
        show_rich_text(self.keywords, keywords)
        self.keywords.setVisible(bool(keywords) and not unfinished)
        self.create_button.setText(_("Finish Playlist") if unfinished else _("Create Playlist"))
        self.create_button.setVisible(not set_up)
        self.set_up_button.setVisible(set_up)
        self.leave_button.setVisible(unfinished)


def _set_up_button(service: MusicCapabilities) -> QPushButton:
    return QPushButton(_("Connect {service}").format(service=service.service_name))
