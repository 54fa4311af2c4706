"""The music services that playlists can be created at: another one is its own folder, and a line here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fer_desktop.errors import SettingsError
from fer_desktop.spotify.factory import SPOTIFY
from fer_desktop.translation import _

if TYPE_CHECKING:
    from fer_desktop.music import MusicProvider
    from fer_desktop.settings import Settings

SERVICES: dict[str, MusicProvider] = {each.capabilities.service: each for each in (SPOTIFY,)}


def chosen_service(settings: Settings) -> MusicProvider:
    """Returns the music service that the settings name.

    Raises:
        SettingsError: There is no such service.
    """
    try:
        return SERVICES[settings.music_service]
    except KeyError:
        raise SettingsError(
            _("Unknown music service"),
            _('The settings name "{name}".').format(name=settings.music_service),
            _("Use {names}.").format(names=", ".join(SERVICES)),
        ) from None
