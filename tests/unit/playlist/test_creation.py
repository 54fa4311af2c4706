"""Making a playlist over HTTP against the sandbox: whatever goes wrong, one whole list is left."""

from __future__ import annotations

import contextlib
import threading
from datetime import date
from typing import TYPE_CHECKING

import pytest

from fer_desktop.domain import Emotion, PlaylistPlan, SearchQuery
from fer_desktop.errors import (
    AppError,
    CancelledError,
    RateLimitError,
    ServiceRefusedError,
    ServiceUnreachableError,
    SettingsError,
    UnfinishedPlaylistError,
)
from fer_desktop.playlist.creation import make_playlist
from fer_desktop.playlist.draft import DraftStore, PlaylistDraft, Stage
from fer_desktop.spotify.sandbox import Fault, Sandbox

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from fer_desktop.domain import Playlist
    from fer_desktop.spotify.session import SpotifySession

CREATE, ITEMS = "/v1/me/playlists", "/v1/playlists/*/items"
PLAN = PlaylistPlan(Emotion.SAD, "Sad Vibes Playlist", "Mood: sad.", (), 20)
TODAY = date(2026, 11, 24)


class Creation:
    """A draft that is kept in a file, as in the app, and the sandbox that its playlist is created at."""

    def __init__(self, sandbox: Sandbox, session: SpotifySession, profile_dir: Path) -> None:
        self.sandbox = sandbox
        self.session = session
        self.drafts = DraftStore(profile_dir)
        tracks = [
            track
            for word in ("Sad", "Cry")
            for track in self.session.service().search_tracks(SearchQuery(word))
        ]
        self.first = PlaylistDraft.of(PLAN, tracks, TODAY, "sandbox")
        self.drafts.keep(self.first)
        sandbox.requests.clear()

    def make(
        self,
        keep: Callable[[PlaylistDraft], None] | None = None,
        cancel: threading.Event | None = None,
        *,
        cover: bool = False,
    ) -> Playlist:
        """Continues from the file, as after a restart."""
        cancel = cancel or threading.Event()
        service = self.session.service(cancel)
        return make_playlist(service, self.draft(), keep or self.drafts.keep, cancel, cover=cover)

    def keep_and(self, stage: Stage, act: Callable[[], None]) -> Callable[[PlaylistDraft], None]:
        """Returns what keeps a draft, after doing something if it has reached a stage."""

        def keep(draft: PlaylistDraft) -> None:
            if draft.stage is stage:
                act()
            self.drafts.keep(draft)

        return keep

    def draft(self) -> PlaylistDraft:
        draft = self.drafts.load(Emotion.SAD)
        assert draft is not None
        return draft

    def assert_one_whole_playlist(self) -> None:
        (made,) = self.sandbox.playlists
        assert made.name == "Sad Vibes Playlist"
        assert [song.uri for song in made.songs] == [track.uri for track in self.first.tracks]
        assert self.draft().stage is Stage.DONE

    def methods(self) -> list[str]:
        return [exchange.method for exchange in self.sandbox.requests]


@pytest.fixture
def creation(sandbox: Sandbox, session: SpotifySession, tmp_path: Path) -> Creation:
    return Creation(sandbox, session, tmp_path / "profile")


def test_two_requests_make_a_private_playlist(creation: Creation) -> None:
    playlist = creation.make()
    creation.assert_one_whole_playlist()
    assert creation.methods() == ["POST", "PUT"]
    (made,) = creation.sandbox.playlists
    assert (made.public, made.url) == (False, playlist.url)
    assert made.description == f"Mood: sad. [{creation.first.mark}]"
    assert playlist.tracks == creation.first.tracks


@pytest.mark.parametrize(
    "fault", [fault for fault in Fault if fault not in (Fault.SLOW, Fault.EXPIRED_TOKEN)]
)
@pytest.mark.parametrize(("method", "path"), [("POST", CREATE), ("PUT", ITEMS)], ids=["create", "fill"])
def test_after_any_fault_the_next_try_leaves_one_whole_playlist(
    creation: Creation, fault: Fault, method: str, path: str
) -> None:
    creation.sandbox.fail_next(fault, path, method=method)
    with contextlib.suppress(AppError):
        creation.make()
    if creation.draft().stage is not Stage.DONE:
        creation.make()
    creation.assert_one_whole_playlist()


@pytest.mark.parametrize("fault", [Fault.ERROR_AFTER_WORK, Fault.CUT_AFTER_WORK])
def test_a_playlist_created_without_an_answer_is_found(creation: Creation, fault: Fault) -> None:
    creation.sandbox.fail_next(fault, CREATE, method="POST")
    creation.make()
    creation.assert_one_whole_playlist()
    assert creation.methods() == ["POST", "GET", "PUT"]


def test_a_playlist_that_was_not_created_waits_for_the_next_try(creation: Creation) -> None:
    creation.sandbox.fail_next(Fault.CUT_BEFORE_WORK, CREATE, method="POST")
    with pytest.raises(ServiceUnreachableError) as caught:
        creation.make()
    assert caught.value.maybe_done
    assert "looks for it first" in caught.value.hint
    assert creation.methods() == ["POST", "GET"]
    assert creation.draft().stage is Stage.SENT
    creation.make()
    assert creation.methods() == ["POST", "GET", "GET", "POST", "PUT"]
    creation.assert_one_whole_playlist()


def test_if_the_search_for_it_fails_too_the_next_try_finds_it(creation: Creation) -> None:
    creation.sandbox.fail_next(Fault.CUT_AFTER_WORK, CREATE, method="POST")
    creation.sandbox.fail_next(Fault.CUT_BEFORE_WORK, CREATE, method="GET", times=3)
    with pytest.raises(ServiceUnreachableError):
        creation.make()
    creation.make()
    creation.assert_one_whole_playlist()
    assert creation.methods().count("POST") == 1


def test_refused_creation_leaves_nothing_to_look_for(creation: Creation) -> None:
    creation.sandbox.fail_next(Fault.REMOVED_ENDPOINT, CREATE, method="POST")
    with pytest.raises(ServiceRefusedError):
        creation.make()
    assert not creation.sandbox.playlists
    assert creation.draft().stage is Stage.PLANNED


def test_token_that_expires_between_requests(creation: Creation) -> None:
    creation.make(creation.keep_and(Stage.MADE, creation.sandbox.accounts.expire_access_tokens))
    creation.assert_one_whole_playlist()
    assert not creation.sandbox.playlists[0].cover


def test_login_that_is_revoked_between_requests(creation: Creation) -> None:
    with pytest.raises(UnfinishedPlaylistError, match="revoked"):
        creation.make(creation.keep_and(Stage.MADE, creation.sandbox.accounts.revoke))
    assert not creation.session.connected
    creation.session.connect(threading.Event())
    creation.make()
    creation.assert_one_whole_playlist()


def test_unfinished_playlist_is_named_with_its_link(creation: Creation) -> None:
    creation.sandbox.fail_next(Fault.RATE_LIMIT, ITEMS)
    with pytest.raises(UnfinishedPlaylistError) as caught:
        creation.make()
    (made,) = creation.sandbox.playlists
    assert isinstance(caught.value.__cause__, RateLimitError)
    assert made.url in caught.value.message
    assert "Try again after" in caught.value.hint
    assert creation.draft().stage is Stage.MADE


class _AppClosedError(Exception):
    """Stands for the end of the process."""


@pytest.mark.parametrize("last_stage", [Stage.SENT, Stage.MADE, Stage.DONE])
@pytest.mark.parametrize("written", [True, False], ids=["after writing", "before writing"])
def test_app_closed_at_each_step(creation: Creation, last_stage: Stage, *, written: bool) -> None:
    def keep_until_closed(draft: PlaylistDraft) -> None:
        if written or draft.stage is not last_stage:
            creation.drafts.keep(draft)
        if draft.stage is last_stage:
            raise _AppClosedError

    with pytest.raises(_AppClosedError):
        creation.make(keep_until_closed)
    if creation.draft().stage is not Stage.DONE:
        creation.make()
    creation.assert_one_whole_playlist()


@pytest.mark.parametrize(
    ("stage", "kind", "hint", "playlists"),
    [
        (Stage.PLANNED, CancelledError, "", 0),
        (Stage.MADE, UnfinishedPlaylistError, "Finish it, or delete it in sandbox.", 1),
    ],
)
def test_cancelled_between_two_requests(
    creation: Creation, stage: Stage, kind: type[AppError], hint: str, playlists: int
) -> None:
    cancel = threading.Event()
    cancel_at = creation.keep_and(stage, cancel.set)
    cancel_at(creation.first)
    with pytest.raises(kind) as caught:
        creation.make(cancel_at, cancel)
    assert caught.value.hint == hint
    assert len(creation.sandbox.playlists) == playlists
    creation.make()
    creation.assert_one_whole_playlist()


def test_a_full_disk_stops_before_anything_is_created(creation: Creation) -> None:
    def disk_full(_draft: PlaylistDraft) -> None:
        raise SettingsError("Playlist progress not saved", "No space left.", "Free some space.")

    with pytest.raises(SettingsError):
        creation.make(disk_full)
    assert not creation.sandbox.requests


def test_an_update_puts_other_songs_into_the_same_playlist(creation: Creation) -> None:
    before = creation.make()
    draft = creation.draft()
    creation.drafts.keep(draft.with_tracks(draft.tracks[:5]))
    after = creation.make()
    assert after.url == before.url
    (made,) = creation.sandbox.playlists
    assert [song.uri for song in made.songs] == [track.uri for track in draft.tracks[:5]]


def test_an_update_of_a_deleted_playlist_makes_another(creation: Creation) -> None:
    before = creation.make()
    creation.sandbox.delete_playlist(before.id)
    creation.drafts.keep(creation.draft().with_tracks(creation.first.tracks))
    creation.make()
    creation.assert_one_whole_playlist()


def test_a_playlist_deleted_before_it_was_filled_is_created_again(creation: Creation) -> None:
    creation.sandbox.fail_next(Fault.RATE_LIMIT, ITEMS)
    with pytest.raises(UnfinishedPlaylistError):
        creation.make()
    creation.sandbox.delete_playlist(creation.sandbox.playlists[0].id)
    creation.make()
    creation.assert_one_whole_playlist()


def test_cover(creation: Creation) -> None:
    creation.make(cover=True)
    creation.assert_one_whole_playlist()
    assert creation.sandbox.playlists[0].cover.startswith(b"\xff\xd8")
    assert creation.methods() == ["POST", "PUT", "PUT"]


@pytest.mark.parametrize("fault", [Fault.RATE_LIMIT, Fault.CUT_BEFORE_WORK, Fault.MISSING_SCOPE])
def test_a_failing_cover_does_not_fail_the_playlist(creation: Creation, fault: Fault) -> None:
    creation.sandbox.fail_next(fault, "/v1/playlists/*/images")
    creation.make(cover=True)
    creation.assert_one_whole_playlist()


def test_a_playlist_needs_tracks(creation: Creation) -> None:
    creation.drafts.keep(creation.first.with_tracks(()))
    with pytest.raises(ValueError, match="tracks"):
        creation.make()
    assert not creation.sandbox.requests
