"""The playlist's card: its heading and facts, the page of its state, and its tracks."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING
from urllib.parse import quote

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QPushButton, QSizePolicy, QWidget

from fer_desktop.translation import N_, _, listed, ngettext
from fer_desktop.ui import theme
from fer_desktop.ui.layouts import column
from fer_desktop.ui.playlist_pages import (
    CreatedPage,
    EmptyPage,
    FailedPage,
    QuestionPage,
    ReadyPage,
    WorkingPage,
)
from fer_desktop.ui.text import login_text, text_label
from fer_desktop.ui.track_list import TrackList

if TYPE_CHECKING:
    from fer_desktop.domain import Account, Playlist, PlaylistPlan, Track
    from fer_desktop.errors import AppError
    from fer_desktop.music import MusicCapabilities

_TEACHING = N_(
    "Capture your expression, or choose a mood above. FER Desktop then looks for songs that fit and puts "
    "them into a playlist of your own, such as “Happy Vibes Playlist”."
)


class PlaylistPanel(QFrame):
    """The card that turns an emotion into a playlist. It shows one page at a time.

    Attributes:
        empty: No emotion yet.
        ready: A plan.
        working: Work in progress.
        question: Whether to update today's playlist.
        created: The link.
        failed: What went wrong.
        tracks: Below the page, as soon as there are any.
        next_buttons: Those that may be the next step.

    Signals:
        create_requested: Create Playlist was clicked.
        preview_requested: Preview songs was clicked.
        update_requested: Today's playlist is to get these songs.
        another_requested: Another playlist is to be created in addition to today's.
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
        """Creates the card; `lift` is what the switch between match and lift shows."""
        super().__init__()
        self.setProperty("card", True)
        self.setAccessibleName(_("Your playlist"))
        self._service = service
        self._account: Account | None = None
        self._offers_account = False
        self._note = ""
        self._plan: PlaylistPlan | None = None
        self.heading = text_label()
        theme.headline(self.heading)
        self.facts = text_label(small=True)
        self.empty = EmptyPage(service)
        self.ready = ReadyPage(lift=lift)
        self.working = WorkingPage()
        self.question = QuestionPage()
        self.created = CreatedPage(service)
        self.failed = FailedPage(service)
        self._page: QWidget = self.empty
        self.tracks = TrackList()
        self.tracks.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.tracks.setMinimumHeight(140)
        # Not in a stacked layout: that is always as high as its highest page.
        self._pages = (self.empty, self.ready, self.working, self.question, self.created, self.failed)
        column(
            self.heading,
            self.facts,
            *self._pages,
            self.tracks,
            None,
            owner=self,
            margin=theme.SPACE * 2,
            growing=self.tracks,
        )
        self.next_buttons = (
            self.ready.create_button,
            self.failed.create_button,
            self.failed.set_up_button,
            self.question.update_button,
            self.created.open_button,
        )
        self._connect()
        self.show_empty()

    @property
    def create_button(self) -> QPushButton:
        """The button that creates the playlist, of the page that is shown."""
        return (self.failed if self._page is self.failed else self.ready).create_button

    @property
    def set_up_button(self) -> QPushButton:
        """The button that connects an account, of the page that is shown."""
        return (self.failed if self._page is self.failed else self.empty).set_up_button

    def allow(self, *, create: bool, choose_tracks: bool, set_up: bool) -> None:
        """Enables what may come next.

        Args:
            create: The playlist can be created.
            choose_tracks: Tracks can be ticked and moved.
            set_up: An account can be connected.
        """
        for button in (self.empty.set_up_button, self.failed.set_up_button):
            button.setEnabled(set_up)
        for button in (self.ready.create_button, self.failed.create_button, self.question.update_button):
            button.setEnabled(create)
        self.tracks.set_changeable(choose_tracks)

    def show_account(self, account: Account | None, note: str, *, offered: bool) -> None:
        """Shows whose playlist it will be, and what to know about the login.

        Args:
            account: Whose it is, None if that is not known.
            note: Where the login is kept, "" for nothing to say.
            offered: An account can be connected that there is not yet.
        """
        self._account = account
        self._offers_account = offered
        self._note = note
        if self._plan is None:
            self.show_empty()
        self._show_facts()

    def show_empty(self) -> None:
        """No emotion yet: explains what will happen."""
        self._plan = None
        self.created.show_playlist(None)
        self.tracks.show_tracks(())
        self.heading.setText(_("Your playlist"))
        self.facts.setText(_(_TEACHING))
        self.empty.set_up_button.setVisible(self._offers_account)
        self._show_page(self.empty, tracks=False)

    def show_plan(self, plan: PlaylistPlan) -> None:
        """There is an emotion: shows what the playlist will be."""
        self._plan = plan
        self.created.show_playlist(None)
        self.tracks.show_tracks(())
        self.heading.setText(plan.name)
        self.show_ready()

    def show_ready(self) -> None:
        """Waits for the next step; tracks that were found can be chosen from."""
        self.ready.show_plan(self._keywords(), searched=self.tracks.count() > 0)
        self._show_page(self.ready)

    def show_progress(self, step: str, done: int, total: int) -> None:
        """Shows what happens now; `total` 0 means that its length is not known."""
        self.working.show_step(step, done, total)
        self._show_page(self.working)

    def show_login(self, url: str, *, opened: bool) -> None:
        """Shows that the login is pending in the browser, with its address in case none opened."""
        self.working.show_step(login_text(url, opened=opened), 0, 0, login_url=url)
        self._show_page(self.working)

    def show_tracks(self, tracks: tuple[Track, ...]) -> None:
        """Shows what was found."""
        self.tracks.show_tracks(tracks)
        self.tracks.setVisible(bool(tracks))
        self._show_facts()

    def show_question(self, playlist: Playlist) -> None:
        """Asks whether today's playlist is to be updated."""
        self.question.ask_about(playlist)
        self._show_page(self.question)

    def show_created(self, playlist: Playlist) -> None:
        """The playlist exists: shows it and its link."""
        self.heading.setText(playlist.name)
        self.tracks.show_tracks(playlist.tracks)
        self.created.show_playlist(playlist)
        self._show_page(self.created)

    def show_error(self, error: AppError, *, set_up: bool, unfinished: bool) -> None:
        """Shows what went wrong and offers another try; what was found stays.

        Args:
            error: The failure.
            set_up: Connecting the account would fix it.
            unfinished: Something half-made may be at the service.
        """
        self.failed.show_error(error, self._keywords(), set_up=set_up, unfinished=unfinished)
        self._show_page(self.failed)

    def _connect(self) -> None:
        for button, requested in (
            (self.empty.set_up_button, self.set_up_requested),
            (self.ready.create_button, self.create_requested),
            (self.ready.preview_button, self.preview_requested),
            (self.working.cancel_button, self.cancel_requested),
            (self.question.update_button, self.update_requested),
            (self.question.another_button, self.another_requested),
            (self.question.cancel_button, self.cancel_requested),
            (self.failed.create_button, self.create_requested),
            (self.failed.set_up_button, self.set_up_requested),
            (self.failed.leave_button, self.leave_requested),
        ):
            button.clicked.connect(requested)
        self.ready.lift_button.toggled.connect(self.lift_chosen)
        self.tracks.choice_changed.connect(self._on_choice)

    def _on_choice(self, tracks: tuple[Track, ...]) -> None:
        self._show_facts()
        self.choice_changed.emit(tracks)

    def _show_page(self, shown: QWidget, *, tracks: bool = True) -> None:
        focused = self.window().focusWidget()
        if self._page is not shown and self._page.isAncestorOf(focused):
            self.setFocus()  # otherwise Qt moves it to the next widget, and the window scrolls there
        self._page = shown
        for page in self._pages:
            if page is not shown:
                page.hide()
        self.tracks.setVisible(tracks and self.tracks.count() > 0)
        self._show_facts()
        shown.show()  # last, as it lays the window out at once

    def _show_facts(self) -> None:
        if self._plan is None:
            return
        found, chosen = self.tracks.count(), len(self.tracks.chosen())
        total = found or self._plan.track_count
        if chosen < found:
            count = ngettext("{chosen} of {total} song", "{chosen} of {total} songs", total)
        else:
            count = ngettext("{total} song", "{total} songs", total)
        count = count.format(chosen=chosen, total=total)
        account = [self._account.name] if self._account is not None else []
        facts = " · ".join([count, *account, self._service.service_name])
        self.facts.setText(f"{facts}\n{self._note}".rstrip())

    def _keywords(self) -> str:
        """Returns what is searched for, each keyword linked to its search; "" if nothing is."""
        if self._plan is None or not self._plan.keywords:
            return ""
        return _("Searches for {keywords}").format(
            keywords=listed(map(self._search_link, self._plan.keywords))
        )

    def _search_link(self, keyword: str) -> str:
        address = html.escape(self._service.search_page + quote(keyword, safe=""))
        tip = _("Open this search")
        return f'<a href="{address}" title="{tip}">{html.escape(keyword)}</a>'
