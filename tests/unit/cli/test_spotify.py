"""`login`, `logout` and `playlist` as a person runs them, against the sandbox."""

from __future__ import annotations

import io
import json
import signal
import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from fer_desktop.__main__ import main
from fer_desktop.playlist import draft
from fer_desktop.settings import SettingsStore
from fer_desktop.spotify.sandbox import Fault, Sandbox
from fer_desktop.spotify.token_store import FILE_NAME

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.fakes.system_keyring import DictKeyring

TIMEOUT_S = 60


@pytest.fixture
def sandbox(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Sandbox:
    """Also stands for the browser."""
    monkeypatch.setenv("FER_SPOTIFY_API_URL", sandbox.api_url)
    monkeypatch.setenv("FER_SPOTIFY_ACCOUNTS_URL", sandbox.accounts_url)

    def browser(url: str) -> bool:
        sandbox.open_url(url)
        return True

    monkeypatch.setattr("webbrowser.open", browser)
    return sandbox


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    return tmp_path / "profile"


@pytest.fixture
def logged_in(sandbox: Sandbox, profile: Path, capsys: pytest.CaptureFixture[str]) -> Sandbox:
    assert _run(profile, "login", "--client-id", sandbox.client_id, "--store", "file") == 0
    capsys.readouterr()
    sandbox.requests.clear()
    return sandbox


def _run(profile: Path, *arguments: str) -> int:
    return main(["--profile-dir", str(profile), *arguments])


def _command(profile: Path, *arguments: str) -> list[str]:
    """Returns the command line of a process of its own."""
    return [sys.executable, "-m", "fer_desktop", "--profile-dir", str(profile), *arguments]


def _make(profile: Path, *options: str, emotion: str = "sad") -> int:
    return _run(profile, "playlist", "--emotion", emotion, *options)


def _planned(profile: Path) -> list[str]:
    """Returns the songs of the only draft."""
    (kept,) = json.loads((profile / draft.FILE_NAME).read_text())["drafts"]
    return [track["uri"] for track in kept["tracks"]]


def _songs(sandbox: Sandbox) -> list[str]:
    """Returns the songs of the only playlist."""
    (made,) = sandbox.playlists
    return [song.uri for song in made.songs]


def test_login_remembers_and_logout_erases(
    sandbox: Sandbox, profile: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run(profile, "login", "--client-id", sandbox.client_id, "--store", "file") == 0
    assert "Connected as Ada." in capsys.readouterr().out
    assert json.loads((profile / "settings.json").read_text()) == {
        "version": 1,
        "client_id": sandbox.client_id,
        "token_store": "file",
    }
    assert (profile / FILE_NAME).exists()
    assert _run(profile, "login") == 0
    assert _run(profile, "logout") == 0
    assert not (profile / FILE_NAME).exists()
    assert _make(profile, emotion="happy") == 3


def test_no_browser_prints_the_address_and_waits(sandbox: Sandbox, profile: Path) -> None:
    command = _command(profile, "login", "--no-browser", "--store", "file", "--client-id", sandbox.client_id)
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        address = next(line.strip() for line in process.stdout if line.startswith("http"))
        sandbox.open_url(address)
        rest = process.stdout.read()
        assert process.wait(TIMEOUT_S) == 0
    assert "Connected as Ada." in rest


def test_login_without_a_keyring_says_what_to_do(
    sandbox: Sandbox, profile: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run(profile, "login", "--client-id", sandbox.client_id) == 2
    assert "--store file" in capsys.readouterr().err
    assert not sandbox.requests
    assert not profile.exists()


def test_a_malformed_client_id_is_named_before_a_missing_keyring(
    profile: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run(profile, "login", "--client-id", "abc") == 2
    assert "32 letters and digits" in capsys.readouterr().err
    assert not profile.exists()


def test_login_without_a_client_id(
    sandbox: Sandbox, profile: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run(profile, "login", "--store", "file") == 2
    assert "Client ID" in capsys.readouterr().err


@pytest.mark.usefixtures("logged_in")
def test_another_store_leaves_no_login_in_the_one_before(profile: Path, system_keyring: DictKeyring) -> None:
    assert _run(profile, "login", "--store", "keyring") == 0
    assert not (profile / FILE_NAME).exists()
    assert len(system_keyring.passwords) == 1
    assert _make(profile, "--preview") == 0
    assert _run(profile, "logout") == 0
    assert not system_keyring.passwords


def test_client_id_from_the_environment(
    sandbox: Sandbox, profile: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FER_SPOTIFY_CLIENT_ID", sandbox.client_id)
    assert _run(profile, "login", "--store", "file") == 0
    assert sandbox.client_id not in (profile / "settings.json").read_text()
    assert _make(profile, "--preview") == 0


def test_denied_login(sandbox: Sandbox, profile: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sandbox.accounts.consents = False
    assert _run(profile, "login", "--client-id", sandbox.client_id, "--store", "file") == 3
    assert "declined" in capsys.readouterr().err
    assert not (profile / FILE_NAME).exists()


def test_playlist(logged_in: Sandbox, profile: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _make(profile, "--count", "12", emotion="angry") == 0
    lines = capsys.readouterr().out.splitlines()
    (made,) = logged_in.playlists
    assert lines[0] == made.name == "Angry Vibes Playlist"
    assert lines[-1] == made.url
    assert len(lines) == 14
    assert len(made.songs) == 12


def test_playlist_as_json(logged_in: Sandbox, profile: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _make(profile, "--json", emotion="neutral") == 0
    content = json.loads(capsys.readouterr().out)
    (made,) = logged_in.playlists
    assert (content["emotion"], content["name"]) == ("neutral", "Neutral Vibes Playlist")
    assert (content["id"], content["url"]) == (made.id, made.url)
    assert [track["uri"] for track in content["tracks"]] == [song.uri for song in made.songs]
    assert len(content["tracks"]) == 20
    assert len(logged_in.requests) <= 12


CALM_REASONS = {"keyword Calm", "keyword Chilling", "keyword Relaxed", "keyword Ambiance"}


def test_lift(logged_in: Sandbox, profile: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _make(profile, "--lift", "--json") == 0
    content = json.loads(capsys.readouterr().out)
    assert content["name"] == "Sad Vibes Playlist"
    reasons = [track["reason"] for track in content["tracks"]]
    calm = [reason in CALM_REASONS for reason in reasons]
    assert calm[0]
    assert not calm[-1]
    assert calm == sorted(calm, reverse=True)  # the bright songs follow the calm ones


def test_a_second_run_updates_the_list_of_the_day(
    logged_in: Sandbox, profile: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _make(profile) == 0
    first = _songs(logged_in)
    logged_in.requests.clear()
    assert _make(profile) == 0
    assert _songs(logged_in) != first
    assert capsys.readouterr().out.count(logged_in.playlists[0].url) == 2
    assert len(logged_in.requests) <= 12


def test_new_makes_another(logged_in: Sandbox, profile: Path) -> None:
    assert _make(profile) == 0
    assert _make(profile, "--new") == 0
    assert _make(profile, emotion="happy") == 0
    assert len(logged_in.playlists) == 3


def test_the_list_of_another_day_is_left_alone(logged_in: Sandbox, profile: Path) -> None:
    assert _make(profile) == 0
    path = profile / draft.FILE_NAME
    content = json.loads(path.read_text())
    content["drafts"][0]["started_on"] = "2026-01-01"
    path.write_text(json.dumps(content))
    assert _make(profile) == 0
    assert len(logged_in.playlists) == 2


@pytest.mark.parametrize(
    ("fault", "method", "path"),
    [
        (Fault.CUT_AFTER_WORK, "POST", "/v1/me/playlists"),
        (Fault.ERROR_BEFORE_WORK, "POST", "/v1/me/playlists"),
        (Fault.RATE_LIMIT, "PUT", "/v1/playlists/*/items"),
        (Fault.ERROR_AFTER_WORK, "PUT", "/v1/playlists/*/items"),
    ],
)
def test_a_run_that_failed_is_finished_by_the_next_with_the_same_songs(
    logged_in: Sandbox,
    profile: Path,
    capsys: pytest.CaptureFixture[str],
    fault: Fault,
    method: str,
    path: str,
) -> None:
    logged_in.fail_next(fault, path, method=method)
    logged_in.fail_next(Fault.CUT_BEFORE_WORK, "/v1/me/playlists", method="GET", times=3)
    assert _make(profile, emotion="angry") in {4, 5}
    planned = _planned(profile)
    logged_in.requests.clear()
    logged_in.heal()
    capsys.readouterr()
    assert _make(profile, "--count", "20", emotion="angry") == 0
    assert "finishing" in capsys.readouterr().err
    assert _songs(logged_in) == planned
    assert not [each for each in logged_in.requests if each.path == "/v1/search"]


@pytest.mark.parametrize(
    ("options", "counts"),
    [(("--count", "5"), [5]), (("--lift",), [20]), (("--new",), [0, 20])],
    ids=["another count", "lift", "new"],
)
def test_other_songs_or_another_list_can_be_asked_for_after_a_run_that_failed(
    logged_in: Sandbox, profile: Path, options: tuple[str, ...], counts: list[int]
) -> None:
    logged_in.fail_next(Fault.RATE_LIMIT, "/v1/playlists/*/items", method="PUT")
    assert _make(profile, emotion="angry") == 4
    planned = _planned(profile)
    logged_in.heal()
    assert _make(profile, *options, emotion="angry") == 0
    assert sorted(len(each.songs) for each in logged_in.playlists) == counts
    assert [song.uri for song in logged_in.playlists[0].songs] != planned


def test_the_setting_may_say_that_a_second_list_is_another_one(logged_in: Sandbox, profile: Path) -> None:
    SettingsStore.load(profile).update(second_playlist="new")
    for _ in range(2):
        assert _make(profile) == 0
    assert len(logged_in.playlists) == 2


@pytest.mark.parametrize(("method", "path"), [("POST", "/v1/me/playlists"), ("PUT", "/v1/playlists/*/items")])
def test_a_run_that_was_killed_is_finished_by_the_next(
    logged_in: Sandbox, profile: Path, method: str, path: str
) -> None:
    logged_in.fail_next(Fault.SLOW, path, method=method)
    with subprocess.Popen(_command(profile, "playlist", "--emotion", "sad")) as process:
        assert logged_in.held.wait(TIMEOUT_S)
        process.kill()
    logged_in.let_go()
    planned = _planned(profile)
    assert _make(profile) == 0
    assert _songs(logged_in) == planned


@pytest.fixture
def _heed_ctrl_c() -> Iterator[None]:
    """Otherwise, tests that run in the background ignore it, and so do their children."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("_heed_ctrl_c")
@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl+C cannot be sent to one process alone")
def test_an_interrupted_run_says_what_it_started(logged_in: Sandbox, profile: Path) -> None:
    logged_in.fail_next(Fault.SLOW, "/v1/playlists/*/items", method="PUT")
    command = _command(profile, "playlist", "--emotion", "sad")
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert logged_in.held.wait(TIMEOUT_S)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=TIMEOUT_S)
    logged_in.let_go()
    assert process.returncode == 130
    (line,) = errors.splitlines()
    assert logged_in.playlists[0].url in line
    assert "the next run finishes it" in line


@pytest.mark.parametrize("options", [(), ("--json",)])
def test_a_title_that_the_terminal_cannot_show_fails_nothing(
    logged_in: Sandbox, profile: Path, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...]
) -> None:
    title = "\u6d99 \N{CRYING FACE}"
    row = {"id": "1", "uri": "spotify:track:1", "name": title, "artists": [{"name": "Ada"}]}
    logged_in.answer_next("/v1/search", 200, {"tracks": {"items": [row]}})
    pipe = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", pipe)
    assert _make(profile, "--preview", *options) == 0
    pipe.seek(0)
    text = pipe.read()
    if options:
        assert title in [track["title"] for track in json.loads(text)["tracks"]]
    else:
        assert "\\u6d99 \\U0001f622 - Ada" in text


def test_a_failed_login_keeps_the_one_before(
    logged_in: Sandbox, profile: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Spotify's page shows the error, and no answer comes.
    monkeypatch.setattr("fer_desktop.spotify.session.LOGIN_DEADLINE_S", 0.3)
    assert _run(profile, "login", "--client-id", "0" * 32) == 3
    assert _make(profile, "--preview") == 0


def test_another_client_id_leaves_no_login_of_the_one_before(
    sandbox: Sandbox, profile: Path, system_keyring: DictKeyring
) -> None:
    assert _run(profile, "login", "--client-id", sandbox.client_id) == 0
    ((service, name),) = system_keyring.passwords
    other_id = "0" * 32
    login = system_keyring.passwords.pop((service, name))
    system_keyring.passwords[service, f"spotify:{other_id}"] = login.replace(sandbox.client_id, other_id)
    (profile / "settings.json").write_text(json.dumps({"client_id": other_id}))
    assert _run(profile, "login", "--client-id", sandbox.client_id) == 0
    assert list(system_keyring.passwords) == [(service, name)]


def test_a_login_that_cannot_list_playlists_creates_no_second_one(
    logged_in: Sandbox, profile: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    logged_in.fail_next(Fault.CUT_AFTER_WORK, "/v1/me/playlists", method="POST")
    path = profile / FILE_NAME
    login = json.loads(path.read_text())
    login["scopes"].remove("playlist-read-private")  # as in logins of earlier versions
    path.write_text(json.dumps(login))
    assert _make(profile) == 5
    planned = _planned(profile)
    assert _make(profile) == 4
    assert "Connect to Spotify again" in capsys.readouterr().err
    assert _run(profile, "login") == 0
    assert _make(profile) == 0
    assert _songs(logged_in) == planned


def test_settings_apply_to_commands_too(
    logged_in: Sandbox, profile: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    SettingsStore.load(profile).update(track_count=7, cover=True)
    assert _make(profile) == 0
    assert "ugc-image-upload" in capsys.readouterr().err
    assert not logged_in.playlists[0].cover
    assert len(logged_in.playlists[0].songs) == 7
    assert _run(profile, "login") == 0
    assert _make(profile) == 0
    assert logged_in.playlists[0].cover


def test_a_login_that_ends_soon_is_announced(
    logged_in: Sandbox, profile: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = profile / FILE_NAME
    login = json.loads(path.read_text())
    login["authorized_at"] = time.time() - 170 * 86_400
    path.write_text(json.dumps(login))
    assert _make(profile, "--preview") == 0
    assert "this login ends on" in capsys.readouterr().err


def test_logout_erases_what_came_from_spotify(logged_in: Sandbox, profile: Path) -> None:
    assert _make(profile) == 0
    assert (profile / draft.FILE_NAME).exists()
    assert _run(profile, "logout") == 0
    assert sorted(path.name for path in profile.iterdir()) == ["settings.json"]


def test_logout_without_a_keyring_does_not_claim_that_all_is_erased(
    logged_in: Sandbox, profile: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _make(profile) == 0
    SettingsStore.load(profile).update(token_store="keyring")
    assert _run(profile, "logout") == 2
    captured = capsys.readouterr()
    assert "Unlock the keyring" in captured.err
    assert "Disconnected" not in captured.out
    assert not (profile / draft.FILE_NAME).exists()


def test_damaged_drafts_are_named(
    logged_in: Sandbox, profile: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (profile / draft.FILE_NAME).write_text("{")
    assert _make(profile) == 2
    assert draft.FILE_NAME in capsys.readouterr().err


def test_a_missing_browser_is_reported(
    sandbox: Sandbox, profile: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def no_browser(url: str) -> bool:
        sandbox.open_url(url)  # the user opens it elsewhere
        return False

    monkeypatch.setattr("webbrowser.open", no_browser)
    assert _run(profile, "login", "--client-id", sandbox.client_id, "--store", "file") == 0
    assert "no browser opened" in capsys.readouterr().err


def test_preview_creates_nothing(
    logged_in: Sandbox, profile: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _make(profile, "--preview", "--json") == 0
    content = json.loads(capsys.readouterr().out)
    assert (content["id"], content["url"]) == (None, None)
    assert len(content["tracks"]) == 20
    assert not logged_in.playlists
    assert {exchange.method for exchange in logged_in.requests} == {"GET"}


@pytest.mark.parametrize(
    "arguments",
    [(), ("--emotion", "bored"), ("--emotion", "sad", "--count", "4"), ("--emotion", "sad", "--count", "x")],
)
def test_wrong_options(profile: Path, arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        _run(profile, "playlist", *arguments)
    assert caught.value.code == 2
    assert "playlist" in capsys.readouterr().err


def test_not_logged_in(sandbox: Sandbox, profile: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _make(profile, emotion="happy") == 3
    captured = capsys.readouterr()
    assert captured.out == ""
    assert len(captured.err.splitlines()) == 1
    assert "fer-desktop login --client-id ID" in captured.err


@pytest.mark.parametrize(
    ("path", "status", "exit_code"),
    [
        ("/v1/search", 403, 4),
        ("/v1/search", 429, 4),
        ("/v1/search", 503, 5),
        ("/v1/me/playlists", 403, 4),
        ("/v1/me/playlists", 0, 5),
        ("/v1/playlists/*/items", 429, 4),
        ("/v1/playlists/*/items", 500, 5),
    ],
)
def test_failures_have_their_exit_codes(
    logged_in: Sandbox,
    profile: Path,
    capsys: pytest.CaptureFixture[str],
    path: str,
    status: int,
    exit_code: int,
) -> None:
    for _ in range(3):
        logged_in.answer_next(path, status)
    assert _make(profile, "--json", emotion="happy") == exit_code
    captured = capsys.readouterr()
    assert captured.out == ""
    assert len(captured.err.splitlines()) == 1
    if path.endswith("/items"):
        assert logged_in.playlists[0].url in captured.err


def test_offline(
    logged_in: Sandbox, profile: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    monkeypatch.setenv("FER_SPOTIFY_API_URL", f"http://127.0.0.1:{port}/v1/")
    assert _make(profile, emotion="happy") == 5
    assert "internet connection" in capsys.readouterr().err
