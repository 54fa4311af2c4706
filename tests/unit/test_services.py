"""Another music service is one registration; the session without an account is one kind of session."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING

import pytest

from fer_desktop import services
from fer_desktop.__main__ import main
from fer_desktop.errors import ClientIdError, NotLoggedInError
from fer_desktop.music import NoAccountSession
from fer_desktop.settings import Settings, SettingsStore
from fer_desktop.spotify import limits, token_store
from fer_desktop.spotify.factory import SPOTIFY, sandbox_provider
from tests.fakes.made_up_music import MadeUpMusic

if TYPE_CHECKING:
    from pathlib import Path

    from fer_desktop.spotify.sandbox import Sandbox


def test_a_registered_service_makes_playlists_by_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    music = MadeUpMusic()
    monkeypatch.setattr(services, "MUSIC", music.provider)
    SettingsStore(tmp_path).update(own_top_tracks=True, cover=True)
    playlist = ["--profile-dir", str(tmp_path), "playlist", "--emotion", "happy"]
    assert main(playlist) == 3
    assert capsys.readouterr().err.endswith(
        "Connect to Made Up first. On the command line: fer-desktop login\n"
    )
    assert main(["--profile-dir", str(tmp_path), "login"]) == 0
    assert "Connected as Bob." in capsys.readouterr().out
    assert main([*playlist, "--json"]) == 0
    made = json.loads(capsys.readouterr().out)
    assert made["url"] == "https://made-up.example/0"
    assert music.lists == {"0": [track["uri"] for track in made["tracks"]]}
    assert len(made["tracks"]) == 20
    assert any(query.genre for query in music.searches)
    assert all('genre:"' not in query.keyword for query in music.searches)
    (draft,) = json.loads((tmp_path / "playlists.json").read_text())["drafts"]
    assert draft["service"] == "made-up"
    assert main(playlist) == 0
    assert list(music.lists) == ["0"]
    assert main(["--profile-dir", str(tmp_path), "logout"]) == 0
    assert main(playlist) == 3


def test_the_sandbox_is_a_service_without_an_account_of_the_users_own(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    provider = sandbox_provider(sandbox)
    capabilities = provider.capabilities
    assert (capabilities.has_account, capabilities.app_address) == (False, "")
    assert (capabilities.can_read_library, capabilities.can_set_cover) == (True, True)
    for wanted in (True, False):
        settings = Settings(own_top_tracks=wanted, cover=wanted)
        session = provider.open_session(settings, tmp_path, pytest.fail)
        assert session.capabilities == capabilities
        assert session.connect(threading.Event()).name == "Ada"
        (question,) = (each.url for each in sandbox.requests if each.path == "/authorize")
        assert ("user-top-read" in question, "ugc-image-upload" in question) == (wanted, wanted)
        sandbox.requests.clear()


def test_without_a_client_id_there_is_no_account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FER_SPOTIFY_CLIENT_ID", raising=False)
    leftovers = [tmp_path / each for each in (token_store.FILE_NAME, limits.FILE_NAME)]
    for path in leftovers:
        path.write_text("{}")
    session = SPOTIFY.open_session(Settings(token_store="file"), tmp_path, pytest.fail)
    assert isinstance(session, NoAccountSession)
    assert session.capabilities.service == "spotify"
    assert not session.capabilities.has_account
    assert (session.connected, session.missing_scopes, session.ends_soon_on) == (False, (), None)
    with pytest.raises(ClientIdError, match="No Client ID"):
        session.connect(threading.Event())
    with pytest.raises(NotLoggedInError, match="Connect to Spotify first"):
        session.service()
    session.hand_over(session)
    assert all(path.exists() for path in leftovers)
    session.disconnect()
    assert not any(path.exists() for path in leftovers)
