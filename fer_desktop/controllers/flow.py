"""The flow from a face to a playlist: its state, what may come next, and who is told about it."""

from __future__ import annotations

from enum import Enum, auto
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from fer_desktop.controllers.source_supervisor import SourceState
from fer_desktop.errors import (
    AppError,
    CancelledError,
    ClientIdError,
    LoginError,
    MissingScopeError,
    NotLoggedInError,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from fer_desktop.controllers.account import AccountController
    from fer_desktop.controllers.camera import CameraController
    from fer_desktop.controllers.playlist import PlaylistController
    from fer_desktop.domain import Emotion, EmotionSnapshot, Playlist, Track
    from fer_desktop.settings import SettingsStore


class Capture(Enum):
    """How far a capture has progressed; it is shown instead of the live picture."""

    READING = auto()
    TAKEN = auto()


class FlowState(Enum):
    """How far the playlist has progressed."""

    EMPTY = auto()  # no emotion yet
    PLANNED = auto()
    SEARCHING = auto()
    PREVIEWED = auto()
    ASKED = auto()  # today's playlist for the emotion exists: update it, or make another?
    CREATING = auto()
    CREATED = auto()
    FAILED = auto()


class Action(Enum):
    """The next step that the app suggests."""

    START = auto()
    CAPTURE = auto()
    CREATE = auto()
    ANSWER = auto()
    FINISH = auto()
    CONNECT = auto()
    OPEN = auto()


_CHANGEABLE = (FlowState.PLANNED, FlowState.PREVIEWED, FlowState.ASKED, FlowState.FAILED)


class Flow(QObject):
    """Owns the state from the live picture to the created playlist; lives on the GUI thread.

    The state has three parts: the picture, an emotion that was chosen by hand, and the playlist. Widgets show
    it, ask what may come next, and pass on what the user does. Requests that are not possible in the current
    state are ignored, such as the second click of a double click.

    Signals:
        picture_changed: What is shown now: a SourceState, or a Capture instead of the live picture.
        state_changed: The new FlowState; also emitted for another error in the same state.
        changed: The state changed, or what may come next.
        advanced: Something was completed, given up, or failed, so that another step comes next.
        captured: The EmotionSnapshot that was captured.
        chosen: The Emotion that was chosen by hand.
        released: The capture or the choice by hand was given up.
        created: The Playlist that was created.
        failed: An AppError: the one that led to FAILED, which is then `error` too, or one that ended nothing.
        assistant_needed: An account has to be connected, which only the assistant can do.
    """

    picture_changed = Signal(object)
    state_changed = Signal(object)
    changed = Signal()
    advanced = Signal()
    captured = Signal(object)
    chosen = Signal(object)
    released = Signal()
    created = Signal(object)
    failed = Signal(object)
    assistant_needed = Signal()

    def __init__(
        self,
        camera: CameraController,
        playlist: PlaylistController,
        account: AccountController,
        settings: SettingsStore,
    ) -> None:
        """Follows the controllers.

        Args:
            camera: The picture and its reading.
            playlist: Plans the playlist, finds its tracks and creates it.
            account: The account at the music service.
            settings: Say whether the privacy notice was accepted.
        """
        super().__init__()
        self._camera = camera
        self._playlist = playlist
        self._account = account
        self._settings = settings
        self._picture: SourceState | Capture = camera.state
        self._state = FlowState.EMPTY
        self._choice: Emotion | None = None
        self._existing: Playlist | None = None
        self._error: AppError | None = None
        self._setting_up = False
        self._requested: Callable[[], None] = self.create
        camera.state_changed.connect(self._on_source)
        camera.model_ready.connect(self.changed)
        camera.captured.connect(self._on_captured)
        camera.capture_failed.connect(self._on_capture_failed)
        playlist.previewed.connect(self._rest)
        playlist.created.connect(self._on_created)
        playlist.failed.connect(self._on_failed)

    # The state

    @property
    def picture(self) -> SourceState | Capture:
        """What is shown: the state of the source, or a capture instead of the live picture."""
        return self._picture

    @property
    def state(self) -> FlowState:
        """How far the playlist has progressed."""
        return self._state

    @property
    def choice(self) -> Emotion | None:
        """The emotion that was chosen by hand; None if the plan, if any, is for a capture."""
        return self._choice

    @property
    def playlist(self) -> Playlist | None:
        """The playlist that ASKED asks about, or that CREATED has created."""
        return self._existing

    @property
    def error(self) -> AppError | None:
        """The error that led to FAILED most recently."""
        return self._error

    @property
    def working(self) -> bool:
        """Whether tracks are being searched for or a playlist is being created."""
        return self._state in (FlowState.SEARCHING, FlowState.CREATING)

    @property
    def unfinished(self) -> bool:
        """Whether the music service may have the playlist without its tracks."""
        return self._playlist.unfinished

    @property
    def is_live(self) -> bool:
        """Whether the live picture is shown."""
        return self._picture is SourceState.LIVE

    @property
    def has_capture(self) -> bool:
        """Whether a captured picture is shown, even if it has not been read yet."""
        return isinstance(self._picture, Capture)

    @property
    def needs_notice(self) -> bool:
        """Whether the privacy notice has to be accepted before the camera is opened."""
        return self._picture is SourceState.OFF and not self._settings.current.privacy_accepted

    @property
    def needs_account(self) -> bool:
        """Whether connecting an account would fix what failed."""
        # An unfinished playlist has its reason as its cause.
        errors = () if self._error is None else (self._error, self._error.__cause__)
        return (
            self._account.capabilities.has_account
            and self._state is FlowState.FAILED
            and any(
                isinstance(each, ClientIdError | LoginError | MissingScopeError | NotLoggedInError)
                for each in errors
            )
        )

    @property
    def setting_up(self) -> bool:
        """Whether the assistant is open."""
        return self._setting_up

    # What may come next

    @property
    def primary_action(self) -> Action | None:
        """The next step; None if there is only something to wait for or to give up."""
        action = {
            FlowState.PLANNED: Action.CREATE,
            FlowState.PREVIEWED: Action.CREATE,
            FlowState.ASKED: Action.ANSWER,
            FlowState.CREATED: Action.OPEN,
            FlowState.FAILED: Action.FINISH if self.unfinished else Action.CREATE,
        }.get(self._state)
        if self.needs_account:
            action = Action.CONNECT
        if self.is_live and (self._choice is None or action is None):
            return Action.CAPTURE
        if action is None and self._picture in (SourceState.OFF, SourceState.LOST):
            return Action.START
        return action

    @property
    def can_capture(self) -> bool:
        """Whether the live picture can be captured."""
        return self.is_live and self._camera.can_read and not self.working

    @property
    def can_go_live(self) -> bool:
        """Whether the capture can be given up; it cannot while its playlist is being created."""
        return self.has_capture and not self.working

    @property
    def can_choose(self) -> bool:
        """Whether an emotion can be chosen by hand."""
        return not self.working

    @property
    def can_choose_tracks(self) -> bool:
        """Whether tracks can be selected and moved."""
        return self._state in _CHANGEABLE

    @property
    def can_preview(self) -> bool:
        """Whether tracks can be searched for without creating a playlist."""
        return self._state in _CHANGEABLE and self._state is not FlowState.ASKED and not self.unfinished

    @property
    def can_create(self) -> bool:
        """Whether the playlist can be created or finished; it needs at least one of the tracks found."""
        return self._state in _CHANGEABLE and (bool(self._playlist.tracks) or not self._playlist.found)

    @property
    def can_cancel(self) -> bool:
        """Whether there is work to stop, or a question to withdraw."""
        return self.working or self._state is FlowState.ASKED

    @property
    def can_discard(self) -> bool:
        """Whether an unfinished playlist can be left as it is."""
        return self._state is FlowState.FAILED and self.unfinished

    @property
    def offers_account(self) -> bool:
        """Whether an account can be connected that there is not yet."""
        return self._account.capabilities.has_account and not self._account.has_login

    @property
    def can_set_up(self) -> bool:
        """Whether an account can be connected; work may have a login of its own waiting in the browser."""
        return self._account.capabilities.has_account and not self.working

    @property
    def can_disconnect(self) -> bool:
        """Whether the login can be erased; the next step of the work would write again what was erased."""
        return self._account.has_login and not self.working

    # What the user does

    @Slot(str)
    def start(self, spec: str) -> None:
        """Opens a source, and gives up a capture."""
        had_capture = self.has_capture
        self._camera.start(spec)
        self._show_picture(self._camera.state)
        if had_capture:
            self._release()

    def show_notice(self) -> None:
        """Closes the source and gives up a capture, so that the privacy notice is shown."""
        self._camera.stop()
        self._give_up_capture()

    @Slot()
    def capture(self) -> None:
        """Captures the live picture; `captured` follows if there is a face."""
        if self.can_capture:
            self._camera.capture()
            self._show_picture(Capture.READING)

    @Slot()
    def go_live(self) -> None:
        """Gives up the capture and a plan that has no result yet; shows the live picture."""
        if not self.can_go_live:
            return
        if self._camera.running:
            self._give_up_capture()
        else:
            self.start(self._camera.spec)

    @Slot(object)
    def choose(self, emotion: Emotion) -> None:
        """Plans a playlist for an emotion chosen by hand; choosing it again gives it up."""
        if not self.can_choose:
            return
        again = emotion is self._choice and self._state is not FlowState.CREATED
        self._give_up_capture()
        if again:
            self._release()
        elif self._planned(partial(self._playlist.plan_for, emotion)):
            self._choice = emotion
            self._set_state(FlowState.PLANNED)
            self.chosen.emit(emotion)
        else:
            self.changed.emit()

    @Slot(object)
    def choose_tracks(self, tracks: Sequence[Track]) -> None:
        """Keeps only these of the tracks that were found, in this order."""
        if self.can_choose_tracks:
            self._playlist.choose_tracks(tracks)
            self.changed.emit()

    @Slot()
    def preview(self) -> None:
        """Searches for tracks without creating a playlist."""
        if self.can_preview and self._may_log_in(self.preview):
            self._playlist.preview()
            self._set_state(FlowState.SEARCHING)

    @Slot()
    def create(self, answer: str = "") -> None:
        """Creates or finishes the playlist; searches for tracks first if there was no search.

        Args:
            answer: What to do if today's playlist for the emotion exists: "update" it or create a "new" one;
                "" leaves it to the setting, which may be to ask.
        """
        if not self.can_create or not self._may_log_in(partial(self.create, answer)):
            return
        try:
            self._existing = self._playlist.create(answer)
        except AppError as error:
            self._on_failed(error)
            return
        self._set_state(FlowState.CREATING if self._existing is None else FlowState.ASKED)

    @Slot()
    def cancel(self) -> None:
        """Stops before the next step, or withdraws the question; the tracks that were found stay."""
        if self.working:
            self._playlist.cancel()
        elif self.can_cancel:
            self._rest()

    @Slot()
    def discard(self) -> None:
        """Leaves an unfinished playlist as it is, and forgets it."""
        if not self.can_discard:
            return
        try:
            self._playlist.discard()
        except AppError as error:
            self._on_failed(error)
            return
        self._clear()
        if self._choice is not None:
            self._release()

    def plan_again(self) -> None:
        """Plans again with the current settings, unless the playlist was created or started."""
        if self._state in _CHANGEABLE and not self.unfinished and self._planned(self._playlist.plan_again):
            self._set_state(FlowState.PLANNED)

    def resume(self) -> None:
        """Offers to finish a playlist that was left unfinished when the app was closed."""
        if self._state is not FlowState.EMPTY:
            return
        try:
            unfinished = self._playlist.resume()
        except AppError as error:
            self.failed.emit(error)
            return
        if unfinished is not None:
            self._on_failed(unfinished)

    @Slot()
    def set_up(self) -> None:
        """Connects an account; work that failed without one continues."""
        if not self.can_set_up:
            return
        if self._account.capabilities.needs_client_id:
            self.assistant_needed.emit()
        elif self.needs_account:
            self._requested()  # it lets the user log in itself
        else:
            self._account.connect_account()

    def begin_set_up(self) -> None:
        """The assistant opens; work that may log in waits until it closes."""
        self._setting_up = True

    def end_set_up(self, *, connected: bool) -> None:
        """The assistant closes; if it has connected an account, work that failed without one continues."""
        self._setting_up = False
        if connected and self.needs_account:
            self._requested()

    # What the controllers report

    @Slot(object)
    def _on_source(self, state: SourceState) -> None:
        if not self._camera.frozen:
            self._show_picture(state)

    @Slot(object)
    def _on_captured(self, snapshot: EmotionSnapshot) -> None:
        self._choice = None
        self._show_picture(Capture.TAKEN)
        plan = partial(self._playlist.plan_for, snapshot.emotion, snapshot.reading.scores)
        if not self.working and self._planned(plan):
            self._set_state(FlowState.PLANNED)
        self.advanced.emit()
        self.captured.emit(snapshot)

    @Slot(object)
    def _on_capture_failed(self, error: AppError) -> None:
        self._give_up_capture()
        self.failed.emit(error)

    @Slot(object)
    def _on_created(self, playlist: Playlist) -> None:
        self._existing = playlist
        self._set_state(FlowState.CREATED)
        self.advanced.emit()
        self.created.emit(playlist)

    @Slot(object)
    def _on_failed(self, error: AppError) -> None:
        if isinstance(error, CancelledError):
            self._rest()
            return
        self._error = error
        self._set_state(FlowState.FAILED)
        if self.needs_account:
            self._account.look()  # the login may be gone
        self.advanced.emit()
        self.failed.emit(error)
        if isinstance(error, ClientIdError):
            self.assistant_needed.emit()

    def _give_up_capture(self) -> None:
        if self.has_capture:
            self._camera.thaw()
            self._show_picture(self._camera.state)
            self._release()

    def _release(self) -> None:
        """Gives up the choice by hand, and a plan that has no result yet."""
        self._choice = None
        if self._state in (FlowState.PLANNED, FlowState.PREVIEWED, FlowState.ASKED):
            self._clear()
        else:
            self.changed.emit()
        self.released.emit()
        self.advanced.emit()

    @Slot()
    def _rest(self) -> None:
        """Returns to the plan, or to the tracks that were found for it."""
        self._set_state(FlowState.PREVIEWED if self._playlist.found else FlowState.PLANNED)

    def _clear(self) -> None:
        self._playlist.clear()
        self._set_state(FlowState.EMPTY)

    def _may_log_in(self, request: Callable[[], None]) -> bool:
        """Returns whether a request that may log in can start; remembers it, to continue after a login."""
        # Two logins at the same time would disturb each other.
        self._requested = request
        if self._setting_up:
            self.assistant_needed.emit()
        return not self._setting_up

    def _planned(self, plan: Callable[[], None]) -> bool:
        """Returns whether planning succeeded."""
        try:
            plan()
        except AppError as error:
            self.failed.emit(error)
            return False
        return True

    def _show_picture(self, picture: SourceState | Capture) -> None:
        if picture is not self._picture:
            self._picture = picture
            self.picture_changed.emit(picture)
            self.changed.emit()

    def _set_state(self, state: FlowState) -> None:
        self._state = state
        self.state_changed.emit(state)
        self.changed.emit()
