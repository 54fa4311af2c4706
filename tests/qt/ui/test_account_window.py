"""The account and its settings in the real window: real session and token store, the sandbox for Spotify."""

from __future__ import annotations

from typing import TYPE_CHECKING

import keyring
from PySide6.QtCore import Qt
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QCheckBox, QComboBox, QSpinBox

from fer_desktop.controllers.flow import FlowState
from fer_desktop.domain import Emotion
from fer_desktop.playlist import draft
from fer_desktop.settings import Settings, SettingsStore
from fer_desktop.spotify import token_store
from fer_desktop.spotify.sandbox import Fault, Sandbox
from fer_desktop.ui import theme
from fer_desktop.ui.settings_dialog import SettingsDialog
from tests.fakes.system_keyring import DictKeyring

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from tests.fakes.app_bench import Bench, Browser


def test_keywords_and_their_searches_are_shown_without_an_account(fresh: Bench, browser: Browser) -> None:
    fresh.choose(Emotion.ANGRY)
    words = fresh.panel.ready.keywords
    assert words.isVisible()
    for keyword in ("Angry", "Annoyed", "Rage", "Aggressive"):
        assert f'href="https://open.spotify.com/search/{keyword}"' in words.text()
    assert not browser.opened


def test_links_can_be_reached_with_the_keyboard(fresh: Bench, browser: Browser, sandbox: Sandbox) -> None:
    fresh.choose(Emotion.ANGRY)
    fresh.panel.ready.lift_button.setFocus()
    QTest.keyClick(fresh.panel.ready.lift_button, Qt.Key.Key_Tab)
    assert fresh.window.focusWidget() is fresh.panel.ready.keywords
    QTest.keyClick(fresh.panel.ready.keywords, Qt.Key.Key_Tab)  # to its first link
    QTest.keyClick(fresh.panel.ready.keywords, Qt.Key.Key_Return)
    (opened,) = browser.opened
    assert opened.startswith("https://open.spotify.com/search/")
    browser.agrees = False
    fresh.press(fresh.panel.create_button)
    assert fresh.panel.failed.error_text.focusPolicy() is Qt.FocusPolicy.NoFocus  # it has no link
    assistant = fresh.assistant()
    assistant.client_id.setText(sandbox.client_id)
    assistant.connect_button.click()
    fresh.wait(lambda: len(browser.opened) == 2)
    assert assistant.state.focusPolicy() is Qt.FocusPolicy.StrongFocus
    assistant.reject()
    fresh.idle()


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
    fresh.until(FlowState.CREATED)
    assert fresh.no_assistant()
    assert len(sandbox.playlists) == 1
    assert SettingsStore.load(profile).current.client_id == sandbox.client_id
    assert "Ada" in fresh.panel.facts.text()


def test_the_client_id_is_checked_as_it_is_typed(fresh: Bench) -> None:
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


def test_a_pending_login_has_a_link_and_can_be_cancelled(
    fresh: Bench, sandbox: Sandbox, browser: Browser
) -> None:
    browser.agrees = False
    assistant = fresh.log_in(sandbox.client_id)
    fresh.wait(assistant.copy_login_button.isVisible)
    fresh.wait(lambda: bool(browser.opened))
    assert "INVALID_CLIENT" in assistant.state.text()
    assert not assistant.connect_button.isEnabled()
    assistant.copy_login_button.click()
    assert QGuiApplication.clipboard().text().startswith(f"{sandbox.accounts_url}authorize?")
    assistant.cancel_button.click()
    fresh.wait(assistant.connect_button.isEnabled)
    assert assistant.isVisible()
    fresh.idle()
    browser.agrees = True
    assistant.connect_button.click()
    fresh.wait(fresh.no_assistant)
    assert fresh.app.account.has_login


def test_the_assistant_shows_a_declined_login_and_the_next_works(fresh: Bench, sandbox: Sandbox) -> None:
    sandbox.accounts.consents = False
    assistant = fresh.log_in(sandbox.client_id)
    fresh.wait(lambda: "declined" in assistant.state.text())
    assert not fresh.window.notification_bar.isVisible()
    fresh.idle()
    sandbox.accounts.consents = True
    assistant.connect_button.click()
    fresh.wait(fresh.no_assistant)


def test_without_a_browser_the_address_can_be_copied(
    fresh: Bench, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda _url: False)
    assistant = fresh.log_in(sandbox.client_id)
    fresh.wait(lambda: "No browser opened" in assistant.state.text())
    assistant.copy_login_button.click()
    sandbox.open_url(QGuiApplication.clipboard().text())  # the user opens it elsewhere
    fresh.wait(fresh.no_assistant)


def test_closing_the_assistant_cancels_the_login(fresh: Bench, sandbox: Sandbox, browser: Browser) -> None:
    browser.agrees = False
    assistant = fresh.log_in(sandbox.client_id)
    fresh.wait(lambda: bool(browser.opened))
    QTest.keyClick(assistant, Qt.Key.Key_Escape)
    fresh.idle()
    assert fresh.no_assistant()
    assert not fresh.app.account.has_login


def test_the_page_of_a_cancelled_login_does_not_stick_to_the_card(fresh: Bench, sandbox: Sandbox) -> None:
    fresh.choose(Emotion.SAD)
    assistant = fresh.log_in(sandbox.client_id)
    assistant.reject()
    fresh.app.account.browser_requested.emit(sandbox.accounts_url)  # it was already on its way
    assert fresh.panel.create_button.isVisible()
    fresh.idle()
    assert fresh.panel.create_button.isVisible()


def test_a_missing_keyring_is_shown(connected: Bench) -> None:
    connected.choose(Emotion.HAPPY)
    assert "only until FER Desktop is closed" in connected.panel.facts.text()
    assert not (connected.settings.profile_dir / token_store.FILE_NAME).exists()


def _set(dialog: SettingsDialog, name: str, value: bool | int | str) -> None:  # noqa: FBT001 - any kind
    editor = dialog.editor(name)
    if isinstance(editor, QComboBox):
        editor.setCurrentIndex(editor.findData(value))
    elif isinstance(editor, QSpinBox):
        editor.setValue(int(value))
    elif isinstance(editor, QCheckBox):
        editor.setChecked(bool(value))


def _change(bench: Bench, **values: bool | int | str) -> None:
    """Changes settings in the dialog."""
    dialog = bench.open_dialog(SettingsDialog)
    for name, value in values.items():
        _set(dialog, name, value)
    dialog.accept_button.click()
    bench.idle()


def test_every_setting_comes_back_as_it_was_left(fresh: Bench, profile: Path) -> None:
    other: dict[str, bool | int | str] = {}
    for setting in Settings.offered():
        if setting.allowed is None:
            other[setting.name] = not setting.default
        elif isinstance(setting.allowed, range):
            other[setting.name] = setting.allowed[-1]
        else:
            other[setting.name] = list(setting.allowed)[-1]
    _change(fresh, **other)
    loaded = SettingsStore.load(profile).current
    assert {name: getattr(loaded, name) for name in other} == other
    _change(fresh, **{setting.name: setting.default for setting in Settings.offered()})
    assert SettingsStore.load(profile).current == Settings(client_id=loaded.client_id)


def test_the_colours_change_with_the_setting(fresh: Bench) -> None:
    for appearance, colors in (("dark", theme.DARK), ("light", theme.LIGHT)):
        _change(fresh, appearance=appearance)
        assert fresh.window.palette().window().color().name().upper() == colors.window


def test_connecting_in_the_settings_creates_no_playlist(connected: Bench, sandbox: Sandbox) -> None:
    connected.choose(Emotion.SAD)
    sandbox.fail_next(Fault.RATE_LIMIT, "/v1/me/playlists", method="POST")
    connected.press(connected.panel.create_button)
    connected.open_dialog(SettingsDialog).connect_button.click()
    connected.idle()
    connected.assistant().connect_button.click()
    connected.wait(connected.no_assistant)
    connected.idle()
    assert connected.state() is FlowState.FAILED
    assert not sandbox.playlists


def test_playlist_settings_apply_to_the_next_one(connected: Bench, sandbox: Sandbox, profile: Path) -> None:
    connected.choose(Emotion.SAD)
    _change(
        connected,
        track_count=7,
        explicit_tracks=False,
        own_top_tracks=True,
        cover=True,
        second_playlist="new",
    )
    assert "7 songs" in connected.panel.facts.text()
    connected.press(connected.panel.create_button)
    connected.create()
    assert [len(made.songs) for made in sandbox.playlists] == [7, 7]
    assert all(made.cover for made in sandbox.playlists)
    assert not any(song.explicit for made in sandbox.playlists for song in made.songs)
    assert SettingsStore.load(profile).current.second_playlist == "new"
    # More permissions were needed than before: the page was shown once more.
    assert sum(exchange.path == "/authorize" for exchange in sandbox.requests) == 1


def test_an_invalid_port_cannot_be_entered(fresh: Bench) -> None:
    for text, kept in (("80", 0), ("eight", 0), ("8888", 8888)):
        dialog = fresh.open_dialog(SettingsDialog)
        port = dialog.editor("redirect_port")
        assert isinstance(port, QSpinBox)
        assert port.text() == "Any free port"
        port.selectAll()
        QTest.keyClicks(port, text)
        dialog.accept_button.click()
        assert fresh.settings.current.redirect_port == kept


def test_a_fixed_port_is_in_the_redirect_uri(fresh: Bench) -> None:
    dialog = fresh.open_dialog(SettingsDialog)
    _set(dialog, "redirect_port", 8765)
    assert "http://127.0.0.1:8765/callback" in dialog.redirect_uri.text()
    dialog.connect_button.click()
    assert fresh.assistant().redirect_uri.text() == "http://127.0.0.1:8765/callback"
    fresh.assistant().reject()


def test_the_assistant_follows_settings_changed_while_it_is_open(fresh: Bench) -> None:
    fresh.panel.set_up_button.click()
    assistant = fresh.assistant()
    asked = assistant.consent.text()
    _change(fresh, redirect_port=8765, own_top_tracks=True)
    assert assistant.redirect_uri.text() == "http://127.0.0.1:8765/callback"
    assert assistant.consent.text() != asked
    assistant.reject()
    fresh.idle()


def test_the_login_moves_to_its_new_store_and_is_erased_completely(
    connected: Bench, sandbox: Sandbox, profile: Path
) -> None:
    in_file = profile / token_store.FILE_NAME
    _change(connected, token_store="file")
    connected.wait(lambda: in_file.exists() and connected.app.account.has_login)
    before = keyring.get_keyring()
    system_keyring = DictKeyring()
    keyring.set_keyring(system_keyring)
    try:
        _change(connected, token_store="keyring")
        connected.wait(lambda: bool(system_keyring.passwords))
        connected.idle()
        assert not in_file.exists()
        connected.create()
        assert (profile / draft.FILE_NAME).exists()
        assert not [each for each in sandbox.requests if each.path == "/authorize"]
        dialog = connected.open_dialog(SettingsDialog)
        connected.press(dialog.disconnect_button)
        connected.wait(lambda: not connected.app.account.has_login)
        assert not system_keyring.passwords
        assert not (profile / draft.FILE_NAME).exists()
        dialog.reject()
    finally:
        keyring.set_keyring(before)


def test_an_unsafe_server_address_is_reported(fresh: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FER_SPOTIFY_API_URL", "http://elsewhere.example/")
    fresh.panel.set_up_button.click()
    assert fresh.no_assistant()
    assert "FER_SPOTIFY_API_URL" in fresh.window.notification_bar.message.text()


def test_no_secret_is_in_the_log_or_the_profile(connected: Bench, sandbox: Sandbox, profile: Path) -> None:
    connected.create()
    secrets = [
        exchange.request_headers["Authorization"].removeprefix("Bearer ")
        for exchange in sandbox.requests
        if "Authorization" in exchange.request_headers
    ]
    assert secrets
    written = "".join(path.read_text(errors="replace") for path in profile.rglob("*") if path.is_file())
    assert not [secret for secret in secrets if secret in written]


def test_nothing_is_erased_or_connected_while_a_playlist_is_being_created(
    connected: Bench, sandbox: Sandbox
) -> None:
    connected.choose(Emotion.SAD)
    sandbox.fail_next(Fault.SLOW, "/v1/me/playlists", method="POST")
    connected.panel.create_button.click()
    connected.wait(sandbox.held.is_set)
    dialog = connected.open_dialog(SettingsDialog)
    assert not dialog.disconnect_button.isEnabled()
    assert not dialog.connect_button.isEnabled()
    assert not connected.panel.set_up_button.isEnabled()
    sandbox.let_go()
    connected.wait(dialog.disconnect_button.isEnabled)
    assert dialog.connect_button.isEnabled()
    connected.press(dialog.disconnect_button)
    assert not (connected.settings.profile_dir / draft.FILE_NAME).exists()
