from __future__ import annotations

from fer_desktop import spotify
from fer_desktop.spotify.sandbox.web_api import SandboxPlaylist
from tests.fakes.values import changeable


def test_all_but_the_playlists_of_the_sandbox_are_plain_values() -> None:
    assert changeable(spotify) == {"SandboxPlaylist"}
    assert "__slots__" in vars(SandboxPlaylist)
