"""Playlists in the real window: real session and token store, the sandbox for Spotify."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QModelIndex, QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from fer_desktop.controllers.flow import FlowState
from fer_desktop.domain import Emotion
from fer_desktop.settings import SettingsStore
from fer_desktop.spotify.sandbox import Fault, Sandbox
from tests.fakes.app_bench import Bench

if TYPE_CHECKING:
    from pathlib import Path

    from pytestqt.qtbot import QtBot

    from tests.fakes.app_bench import Browser


def test_the_searches_are_still_there_after_spotify_refused(connected: Bench, sandbox: Sandbox) -> None:
    connected.choose(Emotion.ANGRY)
    sandbox.fail_next(Fault.QUOTA_EXCEEDED, "/v1/search")
    connected.press(connected.panel.create_button)
    assert connected.panel.failed.error_title.text() == "Daily quota used up"
    assert connected.panel.failed.keywords.isVisible()


def test_a_preview_shows_covers_reasons_and_ticks(connected: Bench, sandbox: Sandbox) -> None:
    tracks = connected.preview()
    assert tracks.count() == 20
    assert connected.primary() == "Create Playlist"
    assert "keyword" in tracks.item(0).data(Qt.ItemDataRole.AccessibleTextRole)
    shown = tracks.chosen()
    connected.wait(lambda: {track.cover_url for track in shown} <= tracks.covers.keys())
    assert not sandbox.playlists


def test_the_focus_stays_at_the_card_when_its_page_changes(connected: Bench) -> None:
    connected.choose(Emotion.SAD)
    connected.panel.create_button.setFocus()
    connected.panel.show_progress("Searching", 0, 0)
    # Qt would give it to the next widget, and scroll the window there.
    assert connected.window.focusWidget() is connected.panel


def test_only_ticked_tracks_go_in_and_in_the_order_shown(connected: Bench, sandbox: Sandbox) -> None:
    tracks = connected.preview()
    before = tracks.chosen()
    tracks.setCurrentRow(0)
    QTest.keyClick(tracks, Qt.Key.Key_Space)
    tracks.setCurrentRow(2)
    QTest.keyClick(tracks, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    row = tracks.visualItemRect(tracks.item(4))
    tick = QPoint(row.left() + 12, row.center().y())
    QTest.mouseClick(tracks.viewport(), Qt.MouseButton.LeftButton, pos=tick)
    wanted = (before[2], before[1], before[3], *before[5:])
    assert tracks.chosen() == wanted
    assert "18 of 20 songs" in connected.panel.facts.text()
    connected.press(connected.panel.create_button)
    (made,) = sandbox.playlists
    assert [song.uri for song in made.songs] == [track.uri for track in wanted]


def test_a_dragged_track_is_where_it_was_dropped(connected: Bench) -> None:
    tracks = connected.preview()
    before = tracks.chosen()
    assert tracks.model().moveRow(QModelIndex(), 0, QModelIndex(), 3)  # as a drop does
    assert connected.app.playlist.tracks == (before[1], before[2], before[0], *before[3:])


def test_with_nothing_ticked_nothing_is_created(connected: Bench) -> None:
    tracks = connected.preview()
    for row in range(tracks.count()):
        tracks.item(row).setCheckState(Qt.CheckState.Unchecked)
    assert not connected.panel.create_button.isEnabled()
    tracks.item(3).setCheckState(Qt.CheckState.Checked)
    assert connected.panel.create_button.isEnabled()


@pytest.mark.parametrize(
    ("fault", "method", "path", "button"),
    [
        (Fault.RATE_LIMIT, "POST", "/v1/me/playlists", "Create Playlist"),
        (Fault.QUOTA_EXCEEDED, "POST", "/v1/me/playlists", "Create Playlist"),
        (Fault.ERROR_BEFORE_WORK, "POST", "/v1/me/playlists", "Finish Playlist"),
        (Fault.RATE_LIMIT_WITHOUT_TIME, "PUT", "/v1/playlists/*/items", "Finish Playlist"),
        (Fault.CUT_AFTER_WORK, "PUT", "/v1/playlists/*/items", "Finish Playlist"),
        (Fault.PLAIN_TEXT, "PUT", "/v1/playlists/*/items", "Finish Playlist"),
        (Fault.EMPTY_SUCCESS, "PUT", "/v1/playlists/*/items", "Finish Playlist"),
        (Fault.ERROR_IS_A_STRING, "PUT", "/v1/playlists/*/items", "Finish Playlist"),
    ],
)
def test_after_a_failure_the_ticks_are_kept_and_there_is_one_playlist_in_the_end(
    connected: Bench, sandbox: Sandbox, fault: Fault, method: str, path: str, button: str
) -> None:
    tracks = connected.preview()
    tracks.item(7).setCheckState(Qt.CheckState.Unchecked)
    chosen = tracks.chosen()
    sandbox.fail_next(fault, path, method=method)
    connected.press(connected.panel.create_button)
    assert connected.state() is FlowState.FAILED
    assert connected.primary() == button
    assert connected.panel.failed.error_text.isVisible()
    assert tracks.chosen() == chosen
    assert tracks.count() == 20
    connected.press(connected.panel.create_button)
    (made,) = sandbox.playlists
    assert [song.uri for song in made.songs] == [track.uri for track in chosen]


def test_a_revoked_login_leads_to_connecting_again(connected: Bench, sandbox: Sandbox) -> None:
    chosen = connected.preview().chosen()
    sandbox.accounts.revoke()
    connected.press(connected.panel.create_button)
    assert connected.primary() == "Connect Spotify"
    assert "revoked" in connected.panel.failed.error_text.text()
    assert "Ada" not in connected.panel.facts.text()
    connected.press(connected.panel.set_up_button)
    connected.assistant().connect_button.click()
    connected.until(FlowState.CREATED)
    (made,) = sandbox.playlists
    assert [song.uri for song in made.songs] == [track.uri for track in chosen]


def test_after_connecting_the_request_continues(connected: Bench, sandbox: Sandbox) -> None:
    connected.choose(Emotion.SAD)
    sandbox.accounts.revoke()
    connected.press(connected.panel.ready.preview_button)
    connected.press(connected.panel.set_up_button)
    connected.assistant().connect_button.click()
    connected.wait(lambda: connected.panel.tracks.count() == 20)
    connected.idle()
    assert connected.state() is FlowState.PREVIEWED
    assert not sandbox.playlists


def test_the_result_has_a_link_for_browser_app_and_clipboard(
    connected: Bench, sandbox: Sandbox, browser: Browser
) -> None:
    connected.create()
    (made,) = sandbox.playlists
    browser.opened.clear()
    connected.panel.created.open_button.click()
    connected.panel.created.app_button.click()
    assert browser.opened == [made.url, f"spotify:playlist:{made.id}"]
    connected.panel.created.copy_button.click()
    assert QGuiApplication.clipboard().text() == made.url
    assert "anyone who has the link can open it" in connected.panel.created.who_sees_it.text()
    assert connected.panel.created.who_sees_it.isVisible()


def test_the_user_is_asked_whether_to_update_todays_playlist(connected: Bench, sandbox: Sandbox) -> None:
    connected.create()
    connected.create()
    assert connected.primary() == "Update it"
    assert "today" in connected.panel.question.question.text()
    assert sandbox.playlists[0].url in connected.panel.question.question.text()
    connected.press(connected.panel.question.cancel_button)
    assert connected.primary() == "Create Playlist"
    connected.press(connected.panel.create_button)
    connected.press(connected.panel.question.update_button)
    (made,) = sandbox.playlists
    assert [song.uri for song in made.songs] == [each.uri for each in connected.panel.tracks.chosen()]
    connected.create()
    connected.press(connected.panel.question.another_button)
    assert len(sandbox.playlists) == 2


def test_lifting_the_mood_changes_the_words_and_is_remembered(connected: Bench, profile: Path) -> None:
    connected.choose(Emotion.ANGRY)
    assert "Rage" in connected.panel.ready.keywords.text()
    connected.panel.ready.lift_button.click()
    assert "Rage" not in connected.panel.ready.keywords.text()
    assert "Calm" in connected.panel.ready.keywords.text()
    assert connected.panel.heading.text() == "Angry Vibes Playlist"
    assert SettingsStore.load(profile).current.lift_mood
    connected.panel.ready.match_button.click()
    assert "Rage" in connected.panel.ready.keywords.text()


def test_a_preview_outlives_settings_that_no_playlist_depends_on(connected: Bench) -> None:
    connected.preview()
    connected.settings.update(mirror=False)
    assert connected.panel.tracks.count() == 20
    connected.settings.update(track_count=7)
    assert connected.panel.tracks.count() == 0
    assert "7 songs" in connected.panel.facts.text()


def test_the_next_start_offers_to_finish_an_unfinished_playlist(
    connected: Bench, sandbox: Sandbox, profile: Path, qtbot: QtBot
) -> None:
    tracks = connected.preview()
    tracks.item(0).setCheckState(Qt.CheckState.Unchecked)
    chosen = tracks.chosen()
    sandbox.fail_next(Fault.RATE_LIMIT, "/v1/playlists/*/items")
    connected.press(connected.panel.create_button)
    connected.close()
    again = Bench(profile, qtbot)
    assert again.primary() == "Finish Playlist"
    assert again.panel.heading.text() == "Sad Vibes Playlist"
    assert again.panel.tracks.chosen() == chosen
    again.press(again.panel.create_button)  # the login was kept in memory only: the browser agrees again
    (made,) = sandbox.playlists
    assert [song.uri for song in made.songs] == [track.uri for track in chosen]
    again.close()


def test_an_unfinished_playlist_can_be_left(
    connected: Bench, sandbox: Sandbox, profile: Path, qtbot: QtBot
) -> None:
    connected.choose(Emotion.SAD)
    sandbox.fail_next(Fault.RATE_LIMIT, "/v1/playlists/*/items")
    connected.press(connected.panel.create_button)
    connected.press(connected.panel.failed.leave_button)
    assert connected.panel.heading.text() == "Your playlist"
    connected.close()
    again = Bench(profile, qtbot)
    assert again.panel.heading.text() == "Your playlist"
    again.close()


def test_text_from_outside_is_shown_as_it_is(connected: Bench, sandbox: Sandbox) -> None:
    panel = connected.panel
    sandbox.answer_next("/v1/me/", 200, {"id": "1", "display_name": "<b>Ada</b>"})
    connected.app.account.reopen()
    connected.choose(Emotion.SAD)
    sandbox.fail_next(Fault.ERROR_BEFORE_WORK, "/v1/me/playlists", method="POST")
    connected.press(panel.create_button)
    assert "<b>Ada</b>" in panel.facts.text()
    assert panel.facts.textFormat() is Qt.TextFormat.PlainText
    assert panel.failed.error_text.textFormat() is Qt.TextFormat.RichText
    assert "&quot;Sad Vibes Playlist&quot;" in panel.failed.error_text.text()
