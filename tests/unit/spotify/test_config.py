from __future__ import annotations

import pytest

from fer_desktop.errors import SettingsError
from fer_desktop.music import MusicCapabilities
from fer_desktop.settings import Settings
from fer_desktop.spotify.config import SpotifyConfig, redirect_uri_to_register

CLIENT_ID = "0123456789abcdef0123456789abcdef"


def _config(environment: dict[str, str], **settings: object) -> SpotifyConfig:
    return SpotifyConfig.of(Settings(**settings), environment)  # type: ignore[arg-type]


def test_defaults_are_spotifys_servers() -> None:
    config = _config({})
    assert config.capabilities == MusicCapabilities(
        "spotify",
        "Spotify",
        "https://open.spotify.com/search/",
        needs_client_id=True,
        app_address="spotify:playlist:",
    )
    assert config == SpotifyConfig("", "https://api.spotify.com/v1/", "https://accounts.spotify.com/", 0)


def test_environment_points_elsewhere() -> None:
    environment = {
        "FER_SPOTIFY_API_URL": "http://127.0.0.1:1234/v1",
        "FER_SPOTIFY_ACCOUNTS_URL": "https://accounts.example/",
        "FER_SPOTIFY_CLIENT_ID": CLIENT_ID,
    }
    config = _config(environment)
    assert config == SpotifyConfig(CLIENT_ID, "http://127.0.0.1:1234/v1/", "https://accounts.example/")


def test_the_settings_reach_the_login_and_take_precedence_over_the_environment() -> None:
    settings = {"redirect_port": 8765, "own_top_tracks": True, "cover": True}
    config = _config({"FER_SPOTIFY_CLIENT_ID": CLIENT_ID}, client_id="mine", **settings)
    assert config == SpotifyConfig("mine", redirect_port=8765, own_top_tracks=True, cover=True)


@pytest.mark.parametrize(
    "url", ["http://api.example/v1/", "ftp://127.0.0.1/", "api.spotify.com", "https://", "http://[", ""]
)
def test_unsafe_servers_are_refused(url: str) -> None:
    with pytest.raises(SettingsError, match="FER_SPOTIFY_API_URL"):
        _config({"FER_SPOTIFY_API_URL": url})


@pytest.mark.parametrize(
    "client_id", ["", "short", CLIENT_ID + "0", CLIENT_ID[:-1] + "-", " " + CLIENT_ID[1:]]
)
def test_malformed_client_id(client_id: str) -> None:
    with pytest.raises(SettingsError, match="Client ID"):
        SpotifyConfig(client_id).check_client_id()


def test_well_formed_client_id() -> None:
    SpotifyConfig(CLIENT_ID).check_client_id()


def test_a_fixed_port_has_to_be_registered() -> None:
    assert redirect_uri_to_register(0) == "http://127.0.0.1/callback"
    assert redirect_uri_to_register(8765) == "http://127.0.0.1:8765/callback"
