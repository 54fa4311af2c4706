"""Account and playlist in the real window: real session and token store, the sandbox for Spotify."""

from __future__ import annotations

from typing import TYPE_CHECKING

import keyring
import pytest
from PySide6.QtCore import QModelIndex, QObject, QPoint, Qt, QUrl, Slot
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from fer_desktop import app as app_module
from fer_desktop.app import App
from fer_desktop.controllers.playlist import PlaylistState
from fer_desktop.domain import Emotion
from fer_desktop.playlist import draft
from fer_desktop.settings import Settings
from fer_desktop.spotify import token_store
from fer_desktop.spotify.sandbox import Fault, Sandbox
from fer_desktop.ui.connect_dialog import ConnectDialog
from fer_desktop.ui.settings_dialog import SettingsDialog
from fer_desktop.vision.frame_source import open_source
from tests.fakes.system_keyring import DictKeyring

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot

LONG = 30_000


class Browser(QObject):
    """Takes the pages that the app opens; follows those of the login where it is told to."""

    def __init__(self, sandbox: Sandbox) -> None:
        super().__init__()
        self.opened: list[str] = []
        self.agrees = True
        self._sandbox = sandbox

    @Slot(QUrl)
    def open(self, url: QUrl) -> None:
        self.opened.append(url.toString())
        if "/authorize" in url.toString() and self.agrees:
            self._sandbox.open_url(bytes(url.toEncoded().data()).decode())


class Bench:
    """The app as it starts with a profile."""

    def __init__(self, profile_dir: Path, qtbot: QtBot) -> None:
        self.qtbot = qtbot
        self.closed = False
        self.settings = Settings.load(profile_dir)
        self.app = App(
            self.settings, lambda show_page: app_module._open_session(self.settings, show_page), open_source
        )
        self.window = self.app.window
        self.panel = self.window.playlist_panel
        self.window.resize(self.window.sizeHint())
        self.window.show()
        self.app.resume()
        self.idle()

    def idle(self) -> None:
        self.qtbot.waitUntil(
            lambda: not (self.app.account_jobs.busy or self.app.playlist_jobs.busy), timeout=LONG
        )

    def state(self) -> PlaylistState:
        return self.app.playlist.state

    def choose(self, emotion: Emotion) -> None:
        self.window.emotion_panel.choices[emotion].click()

    def press(self, button: QPushButton) -> None:
        """Presses a button that can be seen, and waits until its work is done."""
        assert button.isVisible()
        assert button.isEnabled()
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
        self.qtbot.waitUntil(lambda: self.state() is not PlaylistState.WORKING, timeout=LONG)
        self.idle()

    def assistant(self) -> ConnectDialog:
        dialogs = [each for each in self.window.findChildren(ConnectDialog) if each.isVisible()]
        assert len(dialogs) == 1
        return dialogs[0]

    def no_assistant(self) -> bool:
        return not [each for each in self.window.findChildren(ConnectDialog) if each.isVisible()]

    def primary(self) -> str:
        (button,) = (
            each
            for each in self.window.findChildren(QPushButton)
            if each.property("primary") and each.isVisible() and each.window() is self.window
        )
        return button.text()

    def close(self) -> None:
        if self.closed:
            return
        self.closed = True
        self.window.close()
        self.app.close()


@pytest.fixture
def sandbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    with Sandbox() as running:
        monkeypatch.setenv("FER_SPOTIFY_API_URL", running.api_url)
        monkeypatch.setenv("FER_SPOTIFY_ACCOUNTS_URL", running.accounts_url)
        yield running


@pytest.fixture
def browser(sandbox: Sandbox, qtbot: QtBot) -> Iterator[Browser]:
    browser = Browser(sandbox)
    for scheme in ("http", "https", "spotify"):
        QDesktopServices.setUrlHandler(scheme, browser, "open")  # type: ignore[arg-type]  # takes a string only
    yield browser
    for scheme in ("http", "https", "spotify"):
        QDesktopServices.unsetUrlHandler(scheme)


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    return tmp_path / "profile"


@pytest.fixture
def fresh(qtbot: QtBot, browser: Browser, models: Path, profile: Path) -> Iterator[Bench]:
    """A first start."""
    bench = Bench(profile, qtbot)
    yield bench
    bench.close()


@pytest.fixture
def connected(fresh: Bench, sandbox: Sandbox) -> Bench:
    """After the first login."""
    fresh.panel.set_up_button.click()
    fresh.assistant().client_id.setText(sandbox.client_id)
    fresh.assistant().connect_button.click()
    fresh.qtbot.waitUntil(fresh.no_assistant, timeout=LONG)
    sandbox.requests.clear()
    return fresh


def test_without_an_account_the_words_and_their_searches_are_there(fresh: Bench, browser: Browser) -> None:
    fresh.choose(Emotion.ANGRY)
    words = fresh.panel.keywords
    assert words.isVisible()
    for keyword in ("Angry", "Annoyed", "Rage", "Aggressive"):
        assert f'href="https://open.spotify.com/search/{keyword}"' in words.text()
    assert not browser.opened


def test_links_are_reached_by_the_keyboard(fresh: Bench, browser: Browser, sandbox: Sandbox) -> None:
    fresh.choose(Emotion.ANGRY)
    fresh.panel.lift_button.setFocus()
    QTest.keyClick(fresh.panel.lift_button, Qt.Key.Key_Tab)
    assert fresh.window.focusWidget() is fresh.panel.keywords
    QTest.keyClick(fresh.panel.keywords, Qt.Key.Key_Tab)  # to its first link
    QTest.keyClick(fresh.panel.keywords, Qt.Key.Key_Return)
    (opened,) = browser.opened
    assert opened.startswith("https://open.spotify.com/search/")
    browser.agrees = False
    fresh.press(fresh.panel.create_button)
    assert fresh.panel.error_text.focusPolicy() is Qt.FocusPolicy.NoFocus  # it has no link
    assistant = fresh.assistant()
    assistant.client_id.setText(sandbox.client_id)
    assistant.connect_button.click()
    fresh.qtbot.waitUntil(lambda: len(browser.opened) == 2, timeout=LONG)
    assert assistant.state.focusPolicy() is Qt.FocusPolicy.StrongFocus
    assistant.reject()
    fresh.idle()


def test_where_spotify_refuses_the_searches_are_still_there(connected: Bench, sandbox: Sandbox) -> None:
    connected.choose(Emotion.ANGRY)
    sandbox.fail_next(Fault.QUOTA_EXCEEDED, "/v1/search")
    connected.press(connected.panel.create_button)
    assert connected.panel.error_title.text() == "Daily quota used up"
    assert connected.panel.keywords.isVisible()


def test_create_leads_through_the_assistant_to_the_playlist(
    fresh: Bench, sandbox: Sandbox, browser: Browser, profile: Path
) -> None:
    fresh.choose(Emotion.HAPPY)
    fresh.press(fresh.panel.create_button)
    assistant = fresh.assistant()
    assert fresh.primary() == "Connect Spotify"
    assert not assistant.connect_button.isEnabled()
    assistant.dashboard_button.click()
    assert browser.opened == ["https://developer.spotify.com/dashboard"]
    assistant.copy_button.click()
    assert QGuiApplication.clipboard().text() == "http://127.0.0.1/callback"
    assistant.client_id.setText(f"  {sandbox.client_id} ")
    assistant.connect_button.click()
    fresh.qtbot.waitUntil(lambda: fresh.state() is PlaylistState.CREATED, timeout=LONG)
    assert fresh.no_assistant()
    assert len(sandbox.playlists) == 1
    assert Settings.load(profile).client_id == sandbox.client_id
    assert "Ada" in fresh.panel.facts.text()


def test_the_form_of_the_client_id_is_checked_as_it_is_typed(fresh: Bench) -> None:
    fresh.panel.set_up_button.click()
    assistant = fresh.assistant()
    for text, words in (
        ("fe5a4db0", "8 of 32"),
        ("fe5a4db0-0ffee00fe5a4db0c0ffee00", "only letters"),
        ("f" * 33, "33 of 32"),
        ("", "32 letters"),
    ):
        assistant.client_id.setText(text)
        assert words in assistant.verdict.text()
        assert not assistant.connect_button.isEnabled()
    assistant.reject()


def test_a_login_that_waits_has_a_link_and_can_be_cancelled(
    fresh: Bench, sandbox: Sandbox, browser: Browser
) -> None:
    browser.agrees = False
    fresh.panel.set_up_button.click()
    assistant = fresh.assistant()
    assistant.client_id.setText(sandbox.client_id)
    assistant.connect_button.click()
    fresh.qtbot.waitUntil(assistant.copy_login_button.isVisible, timeout=LONG)
    fresh.qtbot.waitUntil(lambda: bool(browser.opened), timeout=LONG)
    assert "INVALID_CLIENT" in assistant.state.text()
    assert not assistant.connect_button.isEnabled()
    assistant.copy_login_button.click()
    assert QGuiApplication.clipboard().text().startswith(f"{sandbox.accounts_url}authorize?")
    assistant.cancel_button.click()
    fresh.qtbot.waitUntil(assistant.connect_button.isEnabled, timeout=LONG)
    assert assistant.isVisible()
    fresh.idle()
    browser.agrees = True
    assistant.connect_button.click()
    fresh.qtbot.waitUntil(fresh.no_assistant, timeout=LONG)
    assert fresh.app.account.has_login


def test_a_declined_login_says_so_in_the_assistant_and_the_next_works(fresh: Bench, sandbox: Sandbox) -> None:
    sandbox.accounts.consents = False
    fresh.panel.set_up_button.click()
    assistant = fresh.assistant()
    assistant.client_id.setText(sandbox.client_id)
    assistant.connect_button.click()
    fresh.qtbot.waitUntil(lambda: "declined" in assistant.state.text(), timeout=LONG)
    assert not fresh.window.notification_bar.isVisible()
    fresh.idle()
    sandbox.accounts.consents = True
    assistant.connect_button.click()
    fresh.qtbot.waitUntil(fresh.no_assistant, timeout=LONG)


def test_without_a_browser_the_address_is_there_to_copy(
    fresh: Bench, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda _url: False)
    fresh.panel.set_up_button.click()
    assistant = fresh.assistant()
    assistant.client_id.setText(sandbox.client_id)
    assistant.connect_button.click()
    fresh.qtbot.waitUntil(lambda: "No browser opened" in assistant.state.text(), timeout=LONG)
    assistant.copy_login_button.click()
    sandbox.open_url(QGuiApplication.clipboard().text())  # the user opens it elsewhere
    fresh.qtbot.waitUntil(fresh.no_assistant, timeout=LONG)


def test_closing_the_assistant_gives_the_login_up(fresh: Bench, sandbox: Sandbox, browser: Browser) -> None:
    browser.agrees = False
    fresh.panel.set_up_button.click()
    fresh.assistant().client_id.setText(sandbox.client_id)
    fresh.assistant().connect_button.click()
    fresh.qtbot.waitUntil(lambda: bool(browser.opened), timeout=LONG)
    QTest.keyClick(fresh.assistant(), Qt.Key.Key_Escape)
    fresh.idle()
    assert fresh.no_assistant()
    assert not fresh.app.account.has_login


def test_no_keyring_is_said_where_it_can_be_seen(connected: Bench) -> None:
    connected.choose(Emotion.HAPPY)
    assert "only until FER Desktop is closed" in connected.panel.facts.text()
    assert not (connected.settings.profile_dir / token_store.FILE_NAME).exists()


def test_a_preview_shows_covers_reasons_and_ticks(connected: Bench, sandbox: Sandbox) -> None:
    connected.choose(Emotion.SAD)
    connected.press(connected.panel.preview_button)
    tracks = connected.panel.tracks
    assert tracks.count() == 20
    assert connected.primary() == "Create Playlist"
    assert "keyword" in tracks.item(0).data(Qt.ItemDataRole.AccessibleTextRole)
    shown = tracks.chosen()
    connected.qtbot.waitUntil(
        lambda: {track.cover_url for track in shown} <= tracks.covers.keys(), timeout=LONG
    )
    assert not sandbox.playlists


def test_only_ticked_tracks_go_in_and_in_the_order_shown(connected: Bench, sandbox: Sandbox) -> None:
    connected.choose(Emotion.SAD)
    connected.press(connected.panel.preview_button)
    tracks = connected.panel.tracks
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
    assert "18 of 20 tracks" in connected.panel.facts.text()
    connected.press(connected.panel.create_button)
    (made,) = sandbox.playlists
    assert [song.uri for song in made.songs] == [track.uri for track in wanted]


def test_a_dragged_track_is_where_it_was_dropped(connected: Bench) -> None:
    connected.choose(Emotion.SAD)
    connected.press(connected.panel.preview_button)
    tracks = connected.panel.tracks
    before = tracks.chosen()
    assert tracks.model().moveRow(QModelIndex(), 0, QModelIndex(), 3)  # as a drop does it
    assert connected.app.playlist.tracks == (before[1], before[2], before[0], *before[3:])


def test_with_nothing_ticked_nothing_is_created(connected: Bench) -> None:
    connected.choose(Emotion.SAD)
    connected.press(connected.panel.preview_button)
    tracks = connected.panel.tracks
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
def test_after_a_failure_the_ticks_are_there_and_one_playlist_in_the_end(
    connected: Bench, sandbox: Sandbox, fault: Fault, method: str, path: str, button: str
) -> None:
    connected.choose(Emotion.SAD)
    connected.press(connected.panel.preview_button)
    tracks = connected.panel.tracks
    tracks.item(7).setCheckState(Qt.CheckState.Unchecked)
    chosen = tracks.chosen()
    sandbox.fail_next(fault, path, method=method)
    connected.press(connected.panel.create_button)
    assert connected.state() is PlaylistState.FAILED
    assert connected.primary() == button
    assert connected.panel.error_text.isVisible()
    assert tracks.chosen() == chosen
    assert tracks.count() == 20
    connected.press(connected.panel.create_button)
    (made,) = sandbox.playlists
    assert [song.uri for song in made.songs] == [track.uri for track in chosen]


def test_a_revoked_login_leads_to_connecting_again(connected: Bench, sandbox: Sandbox) -> None:
    connected.choose(Emotion.SAD)
    connected.press(connected.panel.preview_button)
    chosen = connected.panel.tracks.chosen()
    sandbox.accounts.revoke()
    connected.press(connected.panel.create_button)
    assert connected.primary() == "Connect Spotify"
    assert "taken back" in connected.panel.error_text.text()
    assert "Ada" not in connected.panel.facts.text()
    connected.press(connected.panel.set_up_button)
    connected.assistant().connect_button.click()
    connected.qtbot.waitUntil(lambda: connected.state() is PlaylistState.CREATED, timeout=LONG)
    (made,) = sandbox.playlists
    assert [song.uri for song in made.songs] == [track.uri for track in chosen]


def test_after_connecting_it_goes_on_with_what_was_asked_for(connected: Bench, sandbox: Sandbox) -> None:
    connected.choose(Emotion.SAD)
    sandbox.accounts.revoke()
    connected.press(connected.panel.preview_button)
    connected.press(connected.panel.set_up_button)
    connected.assistant().connect_button.click()
    connected.qtbot.waitUntil(lambda: connected.panel.tracks.count() == 20, timeout=LONG)
    connected.idle()
    assert connected.state() is PlaylistState.READY
    assert not sandbox.playlists


def test_the_result_has_a_link_for_browser_app_and_clipboard(
    connected: Bench, sandbox: Sandbox, browser: Browser
) -> None:
    connected.choose(Emotion.SAD)
    connected.press(connected.panel.create_button)
    (made,) = sandbox.playlists
    browser.opened.clear()
    connected.panel.open_button.click()
    connected.panel.app_button.click()
    assert browser.opened == [made.url, f"spotify:playlist:{made.id}"]
    connected.panel.copy_button.click()
    assert QGuiApplication.clipboard().text() == made.url
    assert "anyone who has the link can open it" in connected.panel.who_sees_it.text()
    assert connected.panel.who_sees_it.isVisible()


def test_a_second_one_on_the_day_is_asked_about(connected: Bench, sandbox: Sandbox) -> None:
    connected.choose(Emotion.SAD)
    connected.press(connected.panel.create_button)
    connected.choose(Emotion.SAD)
    connected.press(connected.panel.create_button)
    assert connected.primary() == "Update it"
    assert "today" in connected.panel.question.text()
    connected.press(connected.panel.cancel_button)
    assert connected.primary() == "Create Playlist"
    connected.press(connected.panel.create_button)
    connected.press(connected.panel.update_button)
    assert len(sandbox.playlists) == 1
    connected.choose(Emotion.SAD)
    connected.press(connected.panel.create_button)
    connected.press(connected.panel.another_button)
    assert len(sandbox.playlists) == 2


def test_lifting_the_mood_changes_the_words_and_is_remembered(connected: Bench, profile: Path) -> None:
    connected.choose(Emotion.ANGRY)
    assert "Rage" in connected.panel.keywords.text()
    connected.panel.lift_button.click()
    assert "Rage" not in connected.panel.keywords.text()
    assert "Calm" in connected.panel.keywords.text()
    assert connected.panel.heading.text() == "Angry Vibes Playlist"
    assert Settings.load(profile).lift_mood
    connected.panel.match_button.click()
    assert "Rage" in connected.panel.keywords.text()


def test_the_next_start_offers_to_finish_what_was_begun(
    connected: Bench, sandbox: Sandbox, profile: Path, qtbot: QtBot
) -> None:
    connected.choose(Emotion.SAD)
    connected.press(connected.panel.preview_button)
    connected.panel.tracks.item(0).setCheckState(Qt.CheckState.Unchecked)
    chosen = connected.panel.tracks.chosen()
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


def test_what_was_begun_can_be_left(connected: Bench, sandbox: Sandbox, profile: Path, qtbot: QtBot) -> None:
    connected.choose(Emotion.SAD)
    sandbox.fail_next(Fault.RATE_LIMIT, "/v1/playlists/*/items")
    connected.press(connected.panel.create_button)
    connected.press(connected.panel.leave_button)
    assert connected.panel.heading.text() == "Your playlist"
    connected.close()
    again = Bench(profile, qtbot)
    assert again.panel.heading.text() == "Your playlist"
    again.close()


def _settings_dialog(bench: Bench) -> SettingsDialog:
    bench.window.header.settings_button.click()
    return next(each for each in bench.window.findChildren(SettingsDialog) if each.isVisible())


def test_connecting_in_the_settings_makes_no_playlist(connected: Bench, sandbox: Sandbox) -> None:
    connected.choose(Emotion.SAD)
    sandbox.fail_next(Fault.RATE_LIMIT, "/v1/me/playlists", method="POST")
    connected.press(connected.panel.create_button)
    _settings_dialog(connected).connect_button.click()
    connected.idle()
    connected.assistant().connect_button.click()
    connected.qtbot.waitUntil(connected.no_assistant, timeout=LONG)
    connected.idle()
    assert connected.state() is PlaylistState.FAILED
    assert not sandbox.playlists


def test_settings_of_playlists_hold_for_the_next(connected: Bench, sandbox: Sandbox, profile: Path) -> None:
    connected.choose(Emotion.SAD)
    dialog = _settings_dialog(connected)
    dialog.track_count.setValue(7)
    dialog.explicit.setChecked(False)
    dialog.own_top_tracks.setChecked(True)
    dialog.cover.setChecked(True)
    dialog.second.setCurrentIndex(dialog.second.findData("new"))
    dialog.accept_button.click()
    connected.idle()
    assert "7 tracks" in connected.panel.facts.text()
    for _ in range(2):
        connected.choose(Emotion.SAD)
        if connected.state() is not PlaylistState.READY:
            connected.choose(Emotion.SAD)
        connected.press(connected.panel.create_button)
    assert [len(made.songs) for made in sandbox.playlists] == [7, 7]
    assert all(made.cover for made in sandbox.playlists)
    assert not any(song.explicit for made in sandbox.playlists for song in made.songs)
    assert Settings.load(profile).second_playlist == "new"
    # More permissions than before were needed: the page was shown once more.
    assert sum(exchange.path == "/authorize" for exchange in sandbox.requests) == 1


def test_a_port_that_cannot_be_is_not_saved(fresh: Bench) -> None:
    dialog = _settings_dialog(fresh)
    for text in ("80", "65536", "eight"):
        dialog.port.setText(text)
        assert not dialog.accept_button.isEnabled()
        assert "1024" in dialog.redirect_uri.text()
    dialog.reject()


def test_a_fixed_port_is_in_the_redirect_uri(fresh: Bench) -> None:
    dialog = _settings_dialog(fresh)
    dialog.port.setText("8765")
    assert "http://127.0.0.1:8765/callback" in dialog.redirect_uri.text()
    dialog.connect_button.click()
    assert fresh.assistant().redirect_uri.text() == "http://127.0.0.1:8765/callback"
    fresh.assistant().reject()


def test_the_login_moves_with_its_place_and_is_erased_whole(
    connected: Bench, sandbox: Sandbox, profile: Path
) -> None:
    in_file = profile / token_store.FILE_NAME
    dialog = _settings_dialog(connected)
    dialog.in_file.setChecked(True)
    dialog.accept_button.click()
    connected.qtbot.waitUntil(lambda: in_file.exists() and connected.app.account.has_login, timeout=LONG)
    before = keyring.get_keyring()
    system_keyring = DictKeyring()
    keyring.set_keyring(system_keyring)
    try:
        dialog = _settings_dialog(connected)
        dialog.in_keyring.setChecked(True)
        dialog.accept_button.click()
        connected.qtbot.waitUntil(lambda: bool(system_keyring.passwords), timeout=LONG)
        connected.idle()
        assert not in_file.exists()
        connected.choose(Emotion.SAD)
        connected.press(connected.panel.create_button)
        assert (profile / draft.FILE_NAME).exists()
        assert not [each for each in sandbox.requests if each.path == "/authorize"]
        dialog = _settings_dialog(connected)
        connected.press(dialog.disconnect_button)
        connected.qtbot.waitUntil(lambda: not connected.app.account.has_login, timeout=LONG)
        assert not system_keyring.passwords
        assert not (profile / draft.FILE_NAME).exists()
        dialog.reject()
    finally:
        keyring.set_keyring(before)


def test_words_from_outside_are_shown_as_they_are(connected: Bench, sandbox: Sandbox) -> None:
    panel = connected.panel
    sandbox.answer_next("/v1/me/", 200, {"id": "1", "display_name": "<b>Ada</b>"})
    connected.app.account.reopen()
    connected.choose(Emotion.SAD)
    sandbox.fail_next(Fault.ERROR_BEFORE_WORK, "/v1/me/playlists", method="POST")
    connected.press(panel.create_button)
    assert "<b>Ada</b>" in panel.facts.text()
    assert panel.facts.textFormat() is Qt.TextFormat.PlainText
    assert panel.error_text.textFormat() is Qt.TextFormat.RichText
    assert "&quot;Sad Vibes Playlist&quot;" in panel.error_text.text()


def test_a_server_address_that_is_not_safe_is_said(fresh: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FER_SPOTIFY_API_URL", "http://elsewhere.example/")
    fresh.panel.set_up_button.click()
    assert fresh.no_assistant()
    assert "FER_SPOTIFY_API_URL" in fresh.window.notification_bar.message.text()


def test_no_secret_is_in_the_log_or_the_profile(connected: Bench, sandbox: Sandbox, profile: Path) -> None:
    connected.choose(Emotion.SAD)
    connected.press(connected.panel.create_button)
    secrets = [
        exchange.request_headers["Authorization"].removeprefix("Bearer ")
        for exchange in sandbox.requests
        if "Authorization" in exchange.request_headers
    ]
    assert secrets
    written = "".join(path.read_text(errors="replace") for path in profile.rglob("*") if path.is_file())
    assert not [secret for secret in secrets if secret in written]


def test_nothing_is_erased_while_a_playlist_is_being_made(connected: Bench, sandbox: Sandbox) -> None:
    connected.choose(Emotion.SAD)
    sandbox.fail_next(Fault.SLOW, "/v1/me/playlists", method="POST")
    connected.panel.create_button.click()
    connected.qtbot.waitUntil(sandbox.held.is_set, timeout=LONG)
    dialog = _settings_dialog(connected)
    assert not dialog.disconnect_button.isEnabled()
    sandbox.let_go()
    connected.qtbot.waitUntil(dialog.disconnect_button.isEnabled, timeout=LONG)
    connected.press(dialog.disconnect_button)
    assert not (connected.settings.profile_dir / draft.FILE_NAME).exists()
