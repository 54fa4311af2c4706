"""The music service that playlists are created at: another one is its own folder, and is registered here."""

from __future__ import annotations

from fer_desktop.spotify.factory import SPOTIFY

MUSIC = SPOTIFY
