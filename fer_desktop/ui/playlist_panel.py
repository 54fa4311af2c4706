"""The playlist: what it will be, its making step by step, and the result with its link."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QPushButton, QSizePolicy, QVBoxLayout

from fer_desktop.errors import SettingsError
from fer_desktop.ui import theme
from fer_desktop.ui.track_list import TrackList

if TYPE_CHECKING:
    from fer_desktop.domain import Account, Playlist, PlaylistPlan, Track
    from fer_desktop.errors import AppError

_TEACHING = (
    "Capture your expression, or choose a mood above. FER Desktop then looks for songs that fit and puts "
    "them into a playlist of your own, such as \u201cHappy Vibes Playlist\u201d."
)


class PlaylistPanel(QFrame):
    """The card that turns an emotion into a playlist.

    Signals:
        create_requested: Create Playlist was clicked.
        cancel_requested: Cancel was clicked.
        settings_requested: Settings was clicked, under an error that they would mend.
    """

    create_requested = Signal()
    cancel_requested = Signal()
    settings_requested = Signal()

    def __init__(self, service_name: str) -> None:
        """Creates the card; `service_name` is where playlists go, in words ("Spotify")."""
        super().__init__()
        self.setProperty("card", True)
        self._service_name = service_name
        self._account_name = ""
        self._storage_note = ""
        self._plan: PlaylistPlan | None = None
        self._url = ""
        self.heading = QLabel()
        theme.headline(self.heading)
        self.heading.setWordWrap(True)
        self.facts = QLabel()
        self.facts.setWordWrap(True)
        theme.small(self.facts)
        self.keywords = QLabel()
        self.keywords.setWordWrap(True)
        self.create_button = QPushButton("Create Playlist")
        self.create_button.clicked.connect(self.create_requested)
        self.step = QLabel()
        self.step.setWordWrap(True)
        self.step.setOpenExternalLinks(True)
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setAccessibleName("Progress")
        self.cancel_button = QPushButton("Cancel")
        self.cancel_button.clicked.connect(self.cancel_requested)
        self.error_title = QLabel()
        self.error_title.setProperty("error", True)
        font = self.error_title.font()
        font.setBold(True)
        self.error_title.setFont(font)
        self.error_text = QLabel()
        self.error_text.setWordWrap(True)
        self.settings_button = QPushButton("Settings")
        self.settings_button.clicked.connect(self.settings_requested)
        self.tracks = TrackList()
        self.tracks.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.tracks.setMinimumHeight(140)
        self.open_button = QPushButton(f"Open in {service_name}")
        self.open_button.clicked.connect(lambda: QDesktopServices.openUrl(QUrl(self._url)))
        self.copy_button = QPushButton("Copy link")
        self.copy_button.clicked.connect(lambda: QGuiApplication.clipboard().setText(self._url))
        self.link = QLabel()
        self.link.setTextFormat(Qt.TextFormat.RichText)
        self.link.setOpenExternalLinks(True)
        self.link.setTextInteractionFlags(Qt.TextInteractionFlag.TextBrowserInteraction)
        self.link.setAccessibleName("Link to the playlist")
        theme.small(self.link)
        self._lay_out()
        self.show_empty()

    @property
    def url(self) -> str:
        """The link of the created playlist, "" before."""
        return self._url

    def show_account(self, account: Account | None, storage_note: str) -> None:
        """Says whose playlist it will be, and what to know about where the login is kept."""
        self._account_name = account.name if account is not None else ""
        self._storage_note = storage_note
        self._say_facts(len(self.tracks_shown()))

    def show_empty(self) -> None:
        """No emotion yet: say what will happen."""
        self._plan = None
        self._url = ""
        self.tracks.show_tracks(())
        self.heading.setText("Your playlist")
        self.facts.setText(_TEACHING)
        self._show_only()

    def show_plan(self, plan: PlaylistPlan) -> None:
        """An emotion is there: say what the playlist will be."""
        self._plan = plan
        self._url = ""
        self.tracks.show_tracks(())
        self.heading.setText(plan.name)
        self.keywords.setText("Searches for " + ", ".join(plan.keywords))
        self._say_facts(0)
        self._show_only(self.keywords, self.create_button)

    def show_progress(self, step: str, done: int, total: int) -> None:
        """Says what happens now; `total` 0 means that nobody knows how long it takes."""
        self.step.setText(step)
        self.progress.setRange(0, total)
        self.progress.setValue(done)
        self._show_only(self.step, self.progress, self.cancel_button, self._tracks_if_any())

    def show_login(self, url: str) -> None:
        """Says that the login waits in the browser, with its address for where none opened."""
        self.show_progress("", 0, 0)
        self.step.setText(
            f'Agree in your browser. <a href="{html.escape(url)}">Open the page again</a>, '
            "or copy its address with a right click."
        )

    def show_tracks(self, tracks: tuple[Track, ...]) -> None:
        """Shows what was found."""
        self.tracks.show_tracks(tracks)
        self.tracks.setVisible(bool(tracks))
        self._say_facts(len(tracks))

    def show_created(self, playlist: Playlist) -> None:
        """The playlist exists: show it and its link."""
        self._url = playlist.url
        self.heading.setText(playlist.name)
        self.tracks.show_tracks(playlist.tracks)
        self._say_facts(len(playlist.tracks))
        self.link.setText(f'<a href="{playlist.url}">{playlist.url}</a>')
        self._show_only(self.open_button, self.copy_button, self.link, self.tracks)

    def show_error(self, error: AppError) -> None:
        """Says what went wrong and offers another try; what was found stays."""
        self.error_title.setText(error.title)
        self.error_text.setText(f"{error.message} {error.hint}".strip())
        settings = self.settings_button if isinstance(error, SettingsError) else None
        self._show_only(
            self.error_title, self.error_text, self.create_button, settings, self._tracks_if_any()
        )

    def tracks_shown(self) -> list[str]:
        """Returns the titles in the list."""
        return [self.tracks.item(row).toolTip() for row in range(self.tracks.count())]

    def _tracks_if_any(self) -> TrackList | None:
        return self.tracks if self.tracks.count() else None

    def _say_facts(self, found: int) -> None:
        if self._plan is None:
            return
        count = found or self._plan.track_count
        where = f"{self._account_name} · {self._service_name}" if self._account_name else self._service_name
        facts = f"{count} tracks · not shown on your profile · {where}"
        self.facts.setText(f"{facts}\n{self._storage_note}".rstrip())

    def _show_only(self, *widgets: QLabel | QPushButton | QProgressBar | TrackList | None) -> None:
        for widget in (
            self.keywords,
            self.create_button,
            self.step,
            self.progress,
            self.cancel_button,
            self.error_title,
            self.error_text,
            self.settings_button,
            self.open_button,
            self.copy_button,
            self.link,
            self.tracks,
        ):
            widget.setVisible(widget in widgets)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(*[theme.SPACE * 2] * 4)
        column.setSpacing(theme.SPACE)
        working = QHBoxLayout()
        working.addWidget(self.step, 1)
        working.addWidget(self.cancel_button)
        result = QHBoxLayout()
        result.setSpacing(theme.SPACE)
        result.addWidget(self.open_button)
        result.addWidget(self.copy_button)
        result.addStretch(1)
        for part in (self.heading, self.facts, self.keywords, self.error_title, self.error_text):
            column.addWidget(part)
        creating = QHBoxLayout()
        creating.setSpacing(theme.SPACE)
        creating.addWidget(self.create_button)
        creating.addWidget(self.settings_button)
        creating.addStretch(1)
        column.addLayout(creating)
        column.addLayout(working)
        column.addWidget(self.progress)
        column.addLayout(result)
        column.addWidget(self.link)
        column.addWidget(self.tracks, 1)
        column.addStretch(0)
