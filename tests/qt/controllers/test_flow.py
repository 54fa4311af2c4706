"""The state chart of the flow: every state, every event, over real controllers and stand-ins for workers."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import pytest
from PySide6.QtCore import QObject, Signal

from fer_desktop.controllers.account import AccountController
from fer_desktop.controllers.camera import CameraController
from fer_desktop.controllers.camera_survey import CameraSurvey
from fer_desktop.controllers.flow import Action, Capture, Flow, FlowState
from fer_desktop.controllers.playlist import PlaylistController
from fer_desktop.controllers.source_choice import SourceChoice
from fer_desktop.controllers.source_supervisor import SourceState, SourceSupervisor
from fer_desktop.domain import Emotion, EmotionSnapshot, Frame, Playlist
from fer_desktop.errors import AppError, ClientIdError, FrameSourceError, NoFaceError, ServiceRefusedError
from fer_desktop.music import not_connected
from fer_desktop.paths import resources_dir
from fer_desktop.playlist.draft import DraftStore
from fer_desktop.settings import Settings, SettingsStore
from fer_desktop.workers.latest_slot import LatestSlot
from tests.fakes.frames import blank_frame
from tests.fakes.made_up_music import CAPABILITIES, MadeUpMusic, MadeUpService, MadeUpSession
from tests.fakes.pipeline import CARD, reading_for
from tests.fakes.source import Permission

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from fer_desktop.domain import FrameAnalysis


class CaptureStandIn(QObject):
    """A capture worker that delivers when the test says so."""

    opened = Signal(str)
    playback_changed = Signal(object)
    frame_available = Signal()
    failed = Signal(object)
    silence = None

    def __init__(self) -> None:
        super().__init__()
        self.preview: LatestSlot[Frame] = LatestSlot()
        self.running = False

    def start(self, _spec: str) -> None:
        self.running = True

    def stop(self) -> None:
        self.running = False


class InferenceStandIn(QObject):
    """An inference worker that reads when the test says so."""

    ready = Signal(object)
    failed = Signal(object)
    analysis_available = Signal()
    captured = Signal(object)
    capture_failed = Signal(object, object)
    explained = Signal(object, object)

    def __init__(self) -> None:
        super().__init__()
        self.analyses: LatestSlot[FrameAnalysis] = LatestSlot()
        self.wanted = blank_frame()
        """What is to be read; at first a frame that no one captured."""

    def capture(self, frame: Frame) -> None:
        self.wanted = frame

    def expect_source(self) -> None:
        self.wanted = blank_frame()

    def set_paused(self, _paused: object) -> None:
        pass


class Jobs:
    """A job runner that works when the test says so."""

    def __init__(self) -> None:
        self._job: tuple[Callable[[], Any], Callable[[Any], None], Callable[[AppError], None]] | None = None
        self.count = 0

    @property
    def busy(self) -> bool:
        return self._job is not None

    def run(
        self, work: Callable[[], Any], on_result: Callable[[Any], None], on_error: Callable[[AppError], None]
    ) -> None:
        assert self._job is None
        self._job = (work, on_result, on_error)
        self.count += 1

    def finish(self) -> None:
        assert self._job is not None
        (work, on_result, on_error), self._job = self._job, None
        try:
            result = work()
        except AppError as error:
            on_error(error)
        else:
            on_result(result)


class World:
    """A flow over real controllers, and everything that can happen to it."""

    def __init__(self, profile_dir: Path, *, model: bool = True) -> None:
        self.settings = settings = SettingsStore(profile_dir, Settings(track_count=5))
        drafts = DraftStore(profile_dir)
        self.capture, self.inference = CaptureStandIn(), InferenceStandIn()
        self.jobs, self.account_jobs, self.music = Jobs(), Jobs(), MadeUpMusic(connected=True)
        source = SourceSupervisor(self.capture, Permission())  # type: ignore[arg-type]  # stand-ins
        self.camera = CameraController(source, self.inference)  # type: ignore[arg-type]
        self.account = AccountController(
            self.music.provider,
            settings,
            self.account_jobs,  # type: ignore[arg-type]
            drafts.clear,
        )
        self.playlist = PlaylistController(
            self.account,
            self.jobs,  # type: ignore[arg-type]
            resources_dir() / "moods.toml",
            drafts,
            settings,
        )
        self.flow = Flow(self.camera, self.playlist, self.account, settings)
        if model:
            self.inference.ready.emit(CARD)
        flow = self.flow
        self._events: dict[str, Callable[[], object]] = {
            # What the user does
            "shot": flow.capture,
            "sad": lambda: flow.choose(Emotion.SAD),
            "angry": lambda: flow.choose(Emotion.ANGRY),
            "live": flow.go_live,
            "search": flow.preview,
            "make": flow.create,
            "update": lambda: flow.create("update"),
            "cancel": flow.cancel,
            "leave": flow.discard,
            "untick": lambda: flow.choose_tracks(()),
            "open": lambda: flow.start("photo.jpg"),
            "replan": flow.plan_again,
            "new": lambda: flow.create("new"),
            "notice": flow.show_notice,
            "resume": flow.resume,
            "set_up": flow.set_up,
            "assistant": flow.begin_set_up,
            "dismiss": lambda: flow.end_set_up(connected=False),
            "connect": self._connect,
            # What the controllers report
            "frame": self._frame,
            "gone": self._gone,
            "off": self.camera.stop,
            "read": self._read,
            "noface": self._noface,
            "done": self.jobs.finish,
            "refuse": lambda: self._fail(
                "search_tracks" if flow.state is FlowState.SEARCHING else "create_playlist",
                ServiceRefusedError("No", "It said no."),
            ),
            "half": lambda: self._fail("replace_tracks", ServiceRefusedError("No", "It said no.")),
            "logout": lambda: self._fail("service", not_connected(CAPABILITIES)),
            "no_client": lambda: self._fail("service", ClientIdError("No Client ID", "There is none.")),
        }

    def after(self, *events: str) -> World:
        for event in events:
            self._events[event]()
        return self

    def where(self) -> str:
        """Returns the state as in the tables."""
        hand = "" if self.flow.choice is None else "+"
        return STATES[self.flow.state] + PICTURES[self.flow.picture] + hand

    def offered(self) -> dict[str, str]:
        """Returns what may come next, as in the table."""
        flow = self.flow
        may = {
            "shot": flow.can_capture,
            "live": flow.can_go_live,
            "choose": flow.can_choose,
            "search": flow.can_preview,
            "make": flow.can_create,
            "cancel": flow.can_cancel,
            "leave": flow.can_discard,
            "untick": flow.can_choose_tracks,
            "set_up": flow.can_set_up,
        }
        action = flow.primary_action
        primary = {"primary": "-" if action is None else action.name}
        return {name: "x" if allowed else "." for name, allowed in may.items()} | primary

    def _connect(self) -> None:
        self.flow.begin_set_up()
        self.flow.end_set_up(connected=True)

    def _frame(self) -> None:
        if self.capture.running:  # a worker that was stopped delivers nothing
            self.capture.preview.put(blank_frame())
            self.capture.frame_available.emit()

    def _gone(self) -> None:
        if self.capture.running:
            self.capture.failed.emit(FrameSourceError("Gone", "It is gone."))

    def _read(self) -> None:
        taken_at = datetime(2026, 11, 30, tzinfo=UTC)
        self.inference.captured.emit(
            EmotionSnapshot(self.inference.wanted, reading_for(Emotion.HAPPY), taken_at)
        )
        self.inference.wanted = blank_frame()

    def _noface(self) -> None:
        self.inference.capture_failed.emit(self.inference.wanted, NoFaceError("No face", "There is none."))

    def _fail(self, call: str, error: AppError) -> None:
        part = MadeUpSession if call == "service" else MadeUpService
        with patch.object(part, call, side_effect=error):
            self.jobs.finish()


STATES = {
    FlowState.EMPTY: "E",
    FlowState.PLANNED: "P",
    FlowState.SEARCHING: "S",
    FlowState.PREVIEWED: "V",
    FlowState.ASKED: "A",
    FlowState.CREATING: "C",
    FlowState.CREATED: "D",
    FlowState.FAILED: "F",
}
PICTURES = {
    SourceState.OFF: "o",
    SourceState.OPENING: "n",
    SourceState.LIVE: "l",
    SourceState.LOST: "x",
    Capture.READING: "r",
    Capture.TAKEN: "t",
}

ENDS_OF_JOBS = ("done", "refuse", "half", "logout", "no_client")

LIVE = ("open", "frame")
CAPTURED = (*LIVE, "shot", "read")
CREATED = (*CAPTURED, "make", "done")
ROWS = {
    "off": (),
    "opening": ("open",),
    "live": LIVE,
    "lost": ("open", "gone"),
    "reading": (*LIVE, "shot"),
    "captured": CAPTURED,
    "chosen": (*LIVE, "sad"),
    "chosen_off": ("sad",),
    "away": (*CAPTURED, "off"),  # a capture whose camera was turned off
    "orphan": (*CAPTURED, "gone"),  # a capture whose camera was lost
    "over": (*LIVE, "sad", "shot"),  # a capture over a choice by hand
    "preview": (*CAPTURED, "search", "done"),
    "unticked": (*CAPTURED, "search", "done", "untick"),
    "asked": (*CREATED, "live", "shot", "read", "make"),
    "searching": (*CAPTURED, "search"),
    "creating": (*CAPTURED, "make"),
    "created": CREATED,
    "back": (*CREATED, "live"),
    "by_hand": (*LIVE, "sad", "make", "done"),
    "refused": (*CAPTURED, "make", "refuse"),
    "unfinished": (*CAPTURED, "make", "half"),
    "half_live": (*LIVE, "sad", "make", "half"),
    "logged_out": (*CAPTURED, "make", "logout"),
    "swapped": (*CAPTURED, "make", "open", "frame"),  # another source, while a playlist is made
    "making": (*LIVE, "sad", "make"),
    "both": (*LIVE, "sad", "shot", "make"),  # a playlist is made before the capture was read
    "setting_up": (*CAPTURED, "assistant"),
}
"""How to get into each state."""

# State of the playlist, of the picture, and + for a choice by hand; "." for no change, "-" for no job to end.
USER = """
            shot  sad   angry live  search make  update cancel leave untick open  connect replan
off         .     Po+   Po+   .     .      .     .      .      .     .      En    .       .
opening     .     Pn+   Pn+   .     .      .     .      .      .     .      .     .       .
live        Er    Pl+   Pl+   .     .      .     .      .      .     .      En    .       .
lost        .     Px+   Px+   .     .      .     .      .      .     .      En    .       .
reading     .     Pl+   Pl+   El    .      .     .      .      .     .      En    .       .
captured    .     Pl+   Pl+   El    St     Ct    Ct     .      .     .      En    .       .
chosen      Pr+   El    .     .     Sl+    Cl+   Cl+    .      .     .      Pn+   .       .
chosen_off  .     Eo    .     .     So+    Co+   Co+    .      .     .      Pn+   .       .
away        .     Po+   Po+   En    St     Ct    Ct     .      .     .      En    .       .
orphan      .     Pn+   Pn+   En    St     Ct    Ct     .      .     .      En    .       .
over        .     El    Pl+   El    Sr+    Cr+   Cr+    .      .     .      En    .       .
preview     .     Pl+   Pl+   El    St     Ct    Ct     .      .     .      En    .       Pt
unticked    .     Pl+   Pl+   El    St     .     .      .      .     .      En    .       Pt
asked       .     Pl+   Pl+   El    .      .     Ct     Pt     .     .      En    .       Pt
searching   .     .     .     .     .      .     .      .      .     .      Sn    .       .
creating    .     .     .     .     .      .     .      .      .     .      Cn    .       .
created     .     Pl+   Pl+   Dl    .      .     .      .      .     .      Dn    .       .
back        Dr    Pl+   Pl+   .     .      .     .      .      .     .      Dn    .       .
by_hand     Dr+   Pl+   Pl+   .     .      .     .      .      .     .      Dn+   .       .
refused     .     Pl+   Pl+   Fl    St     Ct    Ct     .      .     .      Fn    .       Pt
unfinished  .     Pl+   Pl+   Fl    .      Ct    Ct     .      Et    .      Fn    .       .
half_live   Fr+   Fl    Pl+   .     .      Cl+   Cl+    .      El    .      Fn+   .       .
logged_out  .     Pl+   Pl+   Fl    St     Ct    Ct     .      .     .      Fn    Ct      Pt
swapped     .     .     .     .     .      .     .      .      .     .      Cn    .       .
making      .     .     .     .     .      .     .      .      .     .      Cn+   .       .
both        .     .     .     .     .      .     .      .      .     .      Cn    .       .
setting_up  .     Pl+   Pl+   El    .      .     .      .      .     .      En    .       .
"""
RARE = """
            new   notice resume set_up assistant dismiss
off         .     .      .      .      .         .
opening     .     Eo     .      .      .         .
live        .     Eo     .      .      .         .
lost        .     Eo     .      .      .         .
reading     .     Eo     .      .      .         .
captured    Ct    Eo     .      .      .         .
chosen      Cl+   Po+    .      .      .         .
chosen_off  Co+   .      .      .      .         .
away        Ct    Eo     .      .      .         .
orphan      Ct    Eo     .      .      .         .
over        Cr+   Eo     .      .      .         .
preview     Ct    Eo     .      .      .         .
unticked    .     Eo     .      .      .         .
asked       Ct    Eo     .      .      .         .
searching   .     So     .      .      .         .
creating    .     Co     .      .      .         .
created     .     Do     .      .      .         .
back        .     Do     .      .      .         .
by_hand     .     Do+    .      .      .         .
refused     Ct    Fo     .      .      .         .
unfinished  Ct    Fo     .      .      .         .
half_live   Cl+   Fo+    .      .      .         .
logged_out  Ct    Fo     .      Ct     .         .
swapped     .     Co     .      .      .         .
making      .     Co+    .      .      .         .
both        .     Co     .      .      .         .
setting_up  .     Eo     .      .      .         .
"""
REPORTS = """
            frame gone  off   read  noface done  refuse half  logout no_client
off         .     .     .     .     .      -     -      -     -      -
opening     El    Ex    Eo    .     .      -     -      -     -      -
live        .     Ex    Eo    .     .      -     -      -     -      -
lost        .     .     Eo    .     .      -     -      -     -      -
reading     .     .     .     Pt    El     -     -      -     -      -
captured    .     .     .     .     .      -     -      -     -      -
chosen      .     Px+   Po+   .     .      -     -      -     -      -
chosen_off  .     .     .     .     .      -     -      -     -      -
away        .     .     .     .     .      -     -      -     -      -
orphan      .     .     .     .     .      -     -      -     -      -
over        .     .     .     Pt    El     -     -      -     -      -
preview     .     .     .     .     .      -     -      -     -      -
unticked    .     .     .     .     .      -     -      -     -      -
asked       .     .     .     .     .      -     -      -     -      -
searching   .     .     .     .     .      Vt    Ft     Vt    Ft     Ft
creating    .     .     .     .     .      Dt    Ft     Ft    Ft     Ft
created     .     .     .     .     .      -     -      -     -      -
back        .     Dx    Do    .     .      -     -      -     -      -
by_hand     .     Dx+   Do+   .     .      -     -      -     -      -
refused     .     .     .     .     .      -     -      -     -      -
unfinished  .     .     .     .     .      -     -      -     -      -
half_live   .     Fx+   Fo+   .     .      -     -      -     -      -
logged_out  .     .     .     .     .      -     -      -     -      -
swapped     .     Cx    Co    .     .      Dl    Fl     Fl    Fl     Fl
making      .     Cx+   Co+   .     .      Dl+   Fl+    Fl+   Fl+    Fl+
both        .     .     .     Ct    Cl     Dr+   Fr+    Fr+   Fr+    Fr+
setting_up  .     .     .     .     .      -     -      -     -      -
"""
NEXT = """
            shot  live  choose search make  cancel leave untick set_up primary
off         .     .     x      .      .     .      .     .      x      START
opening     .     .     x      .      .     .      .     .      x      -
live        x     .     x      .      .     .      .     .      x      CAPTURE
lost        .     .     x      .      .     .      .     .      x      START
reading     .     x     x      .      .     .      .     .      x      -
captured    .     x     x      x      x     .      .     x      x      CREATE
chosen      x     .     x      x      x     .      .     x      x      CREATE
chosen_off  .     .     x      x      x     .      .     x      x      CREATE
away        .     x     x      x      x     .      .     x      x      CREATE
orphan      .     x     x      x      x     .      .     x      x      CREATE
over        .     x     x      x      x     .      .     x      x      CREATE
preview     .     x     x      x      x     .      .     x      x      CREATE
unticked    .     x     x      x      .     .      .     x      x      CREATE
asked       .     x     x      .      x     x      .     x      x      ANSWER
searching   .     .     .      .      .     x      .     .      .      -
creating    .     .     .      .      .     x      .     .      .      -
created     .     x     x      .      .     .      .     .      x      OPEN
back        x     .     x      .      .     .      .     .      x      CAPTURE
by_hand     x     .     x      .      .     .      .     .      x      OPEN
refused     .     x     x      x      x     .      .     x      x      CREATE
unfinished  .     x     x      .      x     .      x     x      x      FINISH
half_live   x     .     x      .      x     .      x     x      x      FINISH
logged_out  .     x     x      x      x     .      .     x      x      CONNECT
swapped     .     .     .      .      .     x      .     .      .      CAPTURE
making      .     .     .      .      .     x      .     .      .      CAPTURE
both        .     .     .      .      .     x      .     .      .      -
setting_up  .     x     x      x      x     .      .     x      x      CREATE
"""


def rows(table: str) -> dict[str, dict[str, str]]:
    """Returns each row of a table by its name, and its cells by their column's."""
    header, *lines = (line.split() for line in table.strip().splitlines())
    return {name: dict(zip(header, cells, strict=True)) for name, *cells in lines}


REPORT_ROWS, NEXT_ROWS = rows(REPORTS), rows(NEXT)
USER_ROWS = {name: row | rows(RARE)[name] for name, row in rows(USER).items()}


@pytest.fixture(autouse=True)
def _no_waiting_for_disks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", lambda _file: None)


@pytest.fixture
def world(qtbot: QtBot, tmp_path: Path) -> World:
    return World(tmp_path)


def test_the_tables_have_every_state() -> None:
    assert set(USER_ROWS) == set(REPORT_ROWS) == set(NEXT_ROWS) == set(ROWS)


@pytest.mark.parametrize("row", ROWS)
def test_every_event_in_every_state(qtbot: QtBot, tmp_path: Path, row: str) -> None:
    expected = USER_ROWS[row] | REPORT_ROWS[row]
    shown = {}
    for event in expected:
        world = World(tmp_path / event)
        before = world.after(*ROWS[row]).where()
        if event in ENDS_OF_JOBS and not world.jobs.busy:
            shown[event] = "-"
            continue
        seen = [(before, world.offered())]
        world.flow.changed.connect(
            lambda world=world, seen=seen: seen.append((world.where(), world.offered()))
        )
        after = world.after(event).where()
        shown[event] = "." if after == before else after
        assert seen[-1] == (after, world.offered()), f"{event} is not announced"
    assert shown == expected


@pytest.mark.parametrize("row", ROWS)
def test_what_may_come_next(world: World, row: str) -> None:
    assert world.after(*ROWS[row]).offered() == NEXT_ROWS[row]


@pytest.mark.parametrize("row", ROWS)
def test_twice_does_no_more_than_once(qtbot: QtBot, tmp_path: Path, row: str) -> None:
    for event in USER_ROWS[row]:
        if event in ("sad", "angry"):  # the second one undoes the first
            continue
        world = World(tmp_path / event).after(*ROWS[row], event)
        once, jobs = world.where(), world.jobs.count
        world.after(event)
        assert (event, world.where(), world.jobs.count) == (event, once, jobs)


def test_a_journal_subscribes_with_one_line(world: World) -> None:
    journal: list[object] = []
    for announced in (world.flow.captured, world.flow.chosen, world.flow.created):
        announced.connect(journal.append)
    world.after(*CREATED, "angry")
    snapshot, playlist, emotion = journal
    assert isinstance(snapshot, EmotionSnapshot)
    assert isinstance(playlist, Playlist)
    assert (snapshot.emotion, playlist.name, emotion) == (
        Emotion.HAPPY,
        "Happy Vibes Playlist",
        Emotion.ANGRY,
    )


def test_cancelling_stops_before_anything_is_made(world: World) -> None:
    steps: list[str] = []
    world.playlist.progressed.connect(lambda step, *_: steps.append(step))
    world.after(*ROWS["preview"], "make", "cancel", "cancel", "done")
    assert steps.count("Stopping after this step…") == 1
    assert world.flow.state is FlowState.PREVIEWED
    assert world.music.lists == {}


def test_after_connecting_the_request_that_failed_continues(world: World) -> None:
    world.after(*CAPTURED, "search", "logout", "connect")
    assert world.flow.state is FlowState.SEARCHING


def test_only_without_a_client_id_the_account_is_set_up_at_once(world: World, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(world.flow.assistant_needed):
        world.after(*ROWS["logged_out"])
    with qtbot.waitSignal(world.flow.assistant_needed):
        world.after("make", "no_client")
    assert world.flow.primary_action is Action.CONNECT


def test_the_account_is_looked_at_again_if_it_may_be_gone(world: World) -> None:
    world.after(*ROWS["refused"])
    assert world.account_jobs.count == 0
    world.after("make", "logout")
    assert world.account_jobs.count == 1


def test_without_a_model_nothing_can_be_captured(qtbot: QtBot, tmp_path: Path) -> None:
    world = World(tmp_path, model=False).after(*LIVE)
    assert not world.flow.can_capture
    with qtbot.waitSignal(world.flow.changed):
        world.inference.ready.emit(CARD)
    assert world.flow.can_capture


def test_no_second_login_begins_while_an_account_is_set_up(world: World, qtbot: QtBot) -> None:
    with qtbot.waitSignal(world.flow.assistant_needed):
        world.after(*ROWS["setting_up"], "make")
    world.flow.end_set_up(connected=False)
    assert world.jobs.count == 0
    world.after("make")
    assert world.flow.state is FlowState.CREATING


@pytest.mark.parametrize("needs_client_id", [False, True])
def test_no_second_login_begins_while_work_may_wait_for_one(
    world: World, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, *, needs_client_id: bool
) -> None:
    monkeypatch.setattr(
        AccountController, "capabilities", replace(CAPABILITIES, needs_client_id=needs_client_id)
    )
    world.after(*ROWS["creating"])
    with qtbot.assertNotEmitted(world.flow.assistant_needed):
        world.flow.set_up()
    assert not world.account_jobs.busy


def test_nothing_is_erased_while_its_playlist_is_being_created(world: World) -> None:
    seen = []
    for events in ((), CREATED, ("sad", "make")):
        world.after(*events)
        seen.append((world.flow.offers_account, world.flow.can_disconnect))
    assert seen == [(True, False), (False, True), (False, False)]


def test_connecting_continues_what_failed_or_lets_the_user_log_in(world: World) -> None:
    world.flow.set_up()
    assert world.account_jobs.busy
    world.account_jobs.finish()
    world.after(*ROWS["logged_out"])
    world.flow.set_up()
    assert world.flow.state is FlowState.CREATING


def test_an_account_with_a_client_id_is_connected_by_the_assistant(
    world: World, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(AccountController, "capabilities", replace(CAPABILITIES, needs_client_id=True))
    with qtbot.waitSignal(world.flow.assistant_needed):
        world.flow.set_up()
    assert not world.account_jobs.busy


def test_a_service_without_accounts_is_never_connected(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(AccountController, "capabilities", replace(CAPABILITIES, has_account=False))
    world.after(*ROWS["logged_out"])
    assert world.flow.primary_action is Action.CREATE
    assert not world.flow.can_set_up
    assert not world.flow.offers_account


def test_a_playlist_that_was_left_unfinished_is_offered_at_the_next_start(
    world: World, tmp_path: Path
) -> None:
    world.after(*ROWS["unfinished"])
    again = World(tmp_path)
    again.flow.resume()
    assert again.where() == "Fo"
    assert again.flow.primary_action is Action.FINISH
    again.after("make", "done")
    assert again.where() == "Do"
    third = World(tmp_path)
    third.flow.resume()
    assert third.where() == "Eo"


def test_a_playlist_that_was_left_is_not_offered_again(world: World, tmp_path: Path) -> None:
    world.after(*ROWS["unfinished"], "leave")
    again = World(tmp_path)
    again.flow.resume()
    assert again.where() == "Eo"


def test_no_camera_is_opened_before_the_notice_was_accepted(world: World, tmp_path: Path) -> None:
    assert world.flow.needs_notice
    survey = CameraSurvey(world.capture, world.account_jobs, lambda: (), Permission())  # type: ignore[arg-type]  # stand-ins
    sources = SourceChoice(world.flow, world.camera, survey, world.settings)
    assert not sources.can_start("camera:0")
    assert sources.can_start("photo.jpg")
    sources.open("http://camera/")  # as the user wished
    assert sources.can_start("http://camera/")
    world.after(*CAPTURED)
    world.flow.show_notice()
    assert world.where() == "Eo"
    assert world.flow.needs_notice
