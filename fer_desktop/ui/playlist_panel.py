"""The playlist: what it will be, its tracks to choose from, its making step by step, and its link."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING
from urllib.parse import quote

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QLabel,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from fer_desktop.translation import N_, _, ngettext
from fer_desktop.ui import theme
from fer_desktop.ui.flow_layout import FlowLayout
from fer_desktop.ui.track_list import TrackList

if TYPE_CHECKING:
    from fer_desktop.domain import Account, Playlist, PlaylistPlan, Track
    from fer_desktop.errors import AppError
    from fer_desktop.music import MusicCapabilities

_TEACHING = N_(
    "Capture your expression, or choose a mood above. FER Desktop then looks for songs that fit and puts "
    "them into a playlist of your own, such as “Happy Vibes Playlist”."
)
_WHO_SEES_IT = N_(
    "It is not shown on your profile, but anyone who has the link can open it. "
    "In Spotify, “Make private” changes that."
)


class PlaylistPanel(QFrame):
    """The card that turns an emotion into a playlist.

    Signals:
        create_requested: Create Playlist was clicked.
        preview_requested: Preview songs was clicked.
        update_requested: The playlist of today is to get these songs.
        another_requested: Another playlist is to be made beside the one of today.
        cancel_requested: Cancel was clicked.
        leave_requested: An unfinished playlist is to be left as it is.
        set_up_requested: Connect was clicked.
        lift_chosen: Whether the mood is to be lifted.
        choice_changed: The ticked Tracks in their order.
    """

    create_requested = Signal()
    preview_requested = Signal()
    update_requested = Signal()
    another_requested = Signal()
    cancel_requested = Signal()
    leave_requested = Signal()
    set_up_requested = Signal()
    lift_chosen = Signal(bool)
    choice_changed = Signal(object)

    def __init__(self, service: MusicCapabilities, *, lift: bool) -> None:
        """Creates the card; `lift` is what the switch of match and lift shows."""
        super().__init__()
        self.setProperty("card", True)
        self._service = service
        self._account: Account | None = None
        self._connected = False
        self._note = ""
        self._plan: PlaylistPlan | None = None
        self._playlist: Playlist | None = None
        self._login_url = ""
        self.heading = QLabel()
        theme.headline(self.heading)
        self.heading.setWordWrap(True)
        self.facts = _words(small=True)
        self.facts.setTextFormat(Qt.TextFormat.PlainText)  # a name comes from outside
        self.keywords = _words()
        self.match_button, self.lift_button = QToolButton(), QToolButton()
        self.mood_switch = self._mood_switch(lift=lift)
        self.create_button = _button(_("Create Playlist"), self.create_requested)
        self.preview_button = _button(_("Preview songs"), self.preview_requested)
        self.step = _words()
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setAccessibleName(_("Progress"))
        self.copy_login_button = QPushButton(_("Copy address"))
        self.copy_login_button.clicked.connect(lambda: QGuiApplication.clipboard().setText(self._login_url))
        self.cancel_button = _button(_("Cancel"), self.cancel_requested)
        self.error_title = _words()
        self.error_title.setProperty("error", True)
        theme.bold(self.error_title)
        self.error_text = _words()
        self.question = _words()
        self.update_button = _button(_("Update it"), self.update_requested)
        self.another_button = _button(_("Make another"), self.another_requested)
        self.set_up_button = _button(
            _("Connect {service}").format(service=service.service_name), self.set_up_requested
        )
        self.leave_button = _button(_("Leave it"), self.leave_requested)
        self.tracks = TrackList()
        self.tracks.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.tracks.setMinimumHeight(140)
        self.tracks.choice_changed.connect(self._on_choice)
        self.open_button = QPushButton(_("Open in {service}").format(service=service.service_name))
        self.open_button.clicked.connect(lambda: QDesktopServices.openUrl(QUrl(self.url)))
        self.app_button = QPushButton(_("Open in app"))
        self.app_button.clicked.connect(lambda: QDesktopServices.openUrl(QUrl(self._app_url)))
        self.copy_button = QPushButton(_("Copy link"))
        self.copy_button.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.url))
        self.link = _words(small=True)
        self.link.setAccessibleName(_("Link to the playlist"))
        self.who_sees_it = _words(small=True)
        self.who_sees_it.setText(_(_WHO_SEES_IT))
        self._parts = self._lay_out()
        self.show_empty()

    @property
    def url(self) -> str:
        """The link of the created playlist, "" before."""
        return self._playlist.url if self._playlist is not None else ""

    def allow(self, *, create: bool, choose_tracks: bool) -> None:
        """Enables what may come next.

        Args:
            create: The playlist can be made.
            choose_tracks: Tracks can be ticked and moved.
        """
        self.create_button.setEnabled(create)
        self.update_button.setEnabled(create)
        self.tracks.set_changeable(choose_tracks)

    def show_account(self, account: Account | None, note: str, *, connected: bool) -> None:
        """Says whose playlist it will be, and what to know about the login."""
        self._account = account
        self._connected = connected
        self._note = note
        if self._plan is None:
            self.show_empty()
        self._say_facts()

    def show_empty(self) -> None:
        """No emotion yet: say what will happen."""
        self._plan = self._playlist = None
        self.tracks.show_tracks(())
        self.heading.setText(_("Your playlist"))
        self.facts.setText(_(_TEACHING))
        self._show_only(self.set_up_button if self._service.has_account and not self._connected else None)

    def show_plan(self, plan: PlaylistPlan) -> None:
        """An emotion is there: say what the playlist will be."""
        self._plan, self._playlist = plan, None
        self.tracks.show_tracks(())
        self.heading.setText(plan.name)
        keywords = ", ".join(map(self._search_link, plan.keywords))
        show_rich_text(self.keywords, _("Searches for {keywords}").format(keywords=keywords))
        self.show_ready()

    def show_ready(self) -> None:
        """Waits for the next step; tracks that were found can be chosen from."""
        self.create_button.setText(_("Create Playlist"))
        self.preview_button.setText(_("Search again") if self.tracks.count() else _("Preview songs"))
        self._show_only(
            self.mood_switch, self.keywords, self.create_button, self.preview_button, self._tracks_if_any()
        )

    def show_progress(self, step: str, done: int, total: int) -> None:
        """Says what happens now; `total` 0 means that nobody knows how long it takes."""
        show_rich_text(self.step, step)
        self.progress.setRange(0, total)
        self.progress.setValue(done)
        self._show_only(self.step, self.progress, self.cancel_button, self._tracks_if_any())

    def show_login(self, url: str, *, opened: bool) -> None:
        """Says that the login waits in the browser, with its address for where none opened."""
        self._login_url = url
        self.show_progress(login_words(url, opened=opened), 0, 0)
        self.copy_login_button.setVisible(True)

    def show_tracks(self, tracks: tuple[Track, ...]) -> None:
        """Shows what was found."""
        self.tracks.show_tracks(tracks)
        self.tracks.setVisible(bool(tracks))
        self._say_facts()

    def show_question(self, playlist: Playlist) -> None:
        """Asks whether the playlist of today is to be updated."""
        link = f'<a href="{html.escape(playlist.url)}">{html.escape(playlist.name)}</a>'
        show_rich_text(
            self.question,
            _("You made “{link}” today. Should it get new songs in place of its own?").format(link=link),
        )
        self._show_only(
            self.question, self.update_button, self.another_button, self.cancel_button, self._tracks_if_any()
        )

    def show_created(self, playlist: Playlist) -> None:
        """The playlist exists: show it and its link."""
        self._playlist = playlist
        self.heading.setText(playlist.name)
        self.tracks.show_tracks(playlist.tracks)
        show_rich_text(self.link, _linked(playlist.url))
        app_button = self.app_button if self._service.opens_in_app else None
        self._show_only(
            self.open_button, app_button, self.copy_button, self.link, self.who_sees_it, self.tracks
        )

    def show_error(self, error: AppError, *, set_up: bool, unfinished: bool) -> None:
        """Says what went wrong and offers another try; what was found stays.

        Args:
            error: The failure.
            set_up: Connecting the account would mend it.
            unfinished: Something half-made may be at the service.
        """
        self.error_title.setText(error.title)
        show_rich_text(self.error_text, _linked(f"{error.message} {error.hint}".strip()))
        self.create_button.setText(_("Finish Playlist") if unfinished else _("Create Playlist"))
        self._show_only(
            self.error_title,
            self.error_text,
            self.keywords if not unfinished and self._plan is not None and self._plan.keywords else None,
            None if set_up else self.create_button,
            self.set_up_button if set_up else None,
            self.leave_button if unfinished else None,
            self._tracks_if_any(),
        )

    @property
    def _app_url(self) -> str:
        return f"spotify:playlist:{self._playlist.id}" if self._playlist is not None else ""

    def _on_choice(self, tracks: tuple[Track, ...]) -> None:
        self._say_facts()
        self.choice_changed.emit(tracks)

    def _tracks_if_any(self) -> TrackList | None:
        return self.tracks if self.tracks.count() else None

    def _search_link(self, keyword: str) -> str:
        address = html.escape(self._service.search_page + quote(keyword, safe=""))
        tip = _("Open this search")
        return f'<a href="{address}" title="{tip}">{html.escape(keyword)}</a>'

    def _say_facts(self) -> None:
        if self._plan is None:
            return
        found, chosen = self.tracks.count(), len(self.tracks.chosen())
        total = found or self._plan.track_count
        if chosen < found:
            count = ngettext("{chosen} of {total} track", "{chosen} of {total} tracks", total)
        else:
            count = ngettext("{total} track", "{total} tracks", total)
        count = count.format(chosen=chosen, total=total)
        account = [self._account.name] if self._account is not None else []
        facts = " · ".join([count, *account, self._service.service_name])
        self.facts.setText(f"{facts}\n{self._note}".rstrip())

    def _show_only(self, *widgets: QWidget | None) -> None:
        for part in self._parts:
            part.setVisible(part in widgets)
        self._say_facts()

    def _mood_switch(self, *, lift: bool) -> QWidget:
        switch = QWidget()
        row = FlowLayout()
        switch.setLayout(row)
        group = QButtonGroup(switch)
        for button, text, tip in (
            (self.match_button, _("Match mood"), _("Songs that fit how you look")),
            (self.lift_button, _("Lift mood"), _("Songs that lead to a better mood")),
        ):
            button.setText(text)
            button.setToolTip(tip)
            button.setCheckable(True)
            group.addButton(button)
            row.addWidget(button)
        (self.lift_button if lift else self.match_button).setChecked(True)
        self.lift_button.toggled.connect(self.lift_chosen)
        return switch

    def _lay_out(self) -> tuple[QWidget, ...]:
        """Puts the parts in their places, and returns those that come and go."""
        column = QVBoxLayout(self)
        column.setContentsMargins(*[theme.SPACE * 2] * 4)
        column.setSpacing(theme.SPACE)
        parts: list[QWidget] = []
        for row in (
            (self.heading,),
            (self.facts,),
            (self.mood_switch,),
            (self.keywords,),
            (self.error_title,),
            (self.error_text,),
            (self.question,),
            (self.create_button, self.set_up_button, self.preview_button, self.leave_button),
            (self.step,),
            (self.progress,),
            (self.update_button, self.another_button, self.copy_login_button, self.cancel_button),
            (self.open_button, self.app_button, self.copy_button),
            (self.link,),
            (self.who_sees_it,),
        ):
            if len(row) == 1:
                column.addWidget(row[0])
            else:
                column.addLayout(_row(*row))
            parts += row
        column.addWidget(self.tracks, 1)
        column.addStretch(0)
        return (*parts[2:], self.tracks)


def show_rich_text(label: QLabel, words: str) -> None:
    """Shows words with links; Tab goes to them where there are any."""
    flags = Qt.TextInteractionFlag
    label.setTextFormat(Qt.TextFormat.RichText)
    label.setOpenExternalLinks(True)
    label.setTextInteractionFlags(flags.TextBrowserInteraction if "<a " in words else flags.NoTextInteraction)
    label.setText(words)


def login_words(url: str, *, opened: bool) -> str:
    """Returns, as rich text, what to do while a login waits."""
    link = f'<a href="{html.escape(url)}">'
    how = (
        _("Agree in your browser. {link}Open the page again{end}.")
        if opened
        else _("No browser opened. Copy the address into one on this computer, or {link}try again{end}.")
    )
    advice = _("If the page shows INVALID_CLIENT, cancel and check Client ID and redirect URI.")
    return f"{how.format(link=link, end='</a>')} {advice}"


def _linked(text: str) -> str:
    """Returns plain words as rich text, with their addresses to click on."""
    words = [
        f'<a href="{html.escape(word)}">{html.escape(word)}</a>'
        if word.startswith(("https://", "http://127.0.0.1:"))
        else html.escape(word)
        for word in text.split(" ")
    ]
    return " ".join(words)


def _words(*, small: bool = False) -> QLabel:
    label = QLabel()
    label.setWordWrap(True)
    if small:
        theme.small(label)
    return label


def _button(text: str, clicked: object) -> QPushButton:
    button = QPushButton(text)
    button.clicked.connect(clicked)
    return button


def _row(*widgets: QWidget) -> FlowLayout:
    row = FlowLayout()
    for widget in widgets:
        row.addWidget(widget)
    return row
