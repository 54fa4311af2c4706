"""What the user decided, kept as a small JSON file of values that differ from the defaults."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, fields
from typing import TYPE_CHECKING

from fer_desktop.errors import SettingsError
from fer_desktop.files import write_whole

if TYPE_CHECKING:
    from collections.abc import Container
    from pathlib import Path

FILE_NAME = "settings.json"

_ALLOWED: dict[str, Container[object]] = {
    "token_store": ("keyring", "file"),
    "redirect_port": {0, *range(1024, 65536)},
    "track_count": range(5, 101),
    "second_playlist": ("ask", "update", "new"),
}


@dataclass(slots=True)
class Settings:
    """The user's decisions. Change an attribute, then `save`.

    Attributes:
        profile_dir: The folder that the settings lie in; not saved itself.
        source: What the picture comes from: "camera:0", a file, a folder or a URL.
        mirror: Show the picture as a mirror does.
        privacy_accepted: The privacy notice was read and a camera start was asked for.
        client_id: The user's own Spotify Client ID, "" where none was entered.
        token_store: Where the login is kept: "keyring" or "file".
        redirect_port: Port of this computer that a login comes back to; 0 for any that is free.
        track_count: How many tracks a playlist has, 5 to 100.
        lift_mood: Playlists lead away from the mood, rather than match it.
        explicit_tracks: Playlists may have tracks whose words are not for everyone.
        own_top_tracks: Some of the user's own most played tracks are mixed in.
        cover: Playlists get a picture in the emotion's colour.
        second_playlist: What a second one for the same emotion on one day does: "ask", "update" or "new".
    """

    profile_dir: Path
    source: str = "camera:0"
    mirror: bool = True
    privacy_accepted: bool = False
    client_id: str = ""
    token_store: str = "keyring"  # noqa: S105  # the name of a place, no secret
    redirect_port: int = 0
    track_count: int = 20
    lift_mood: bool = False
    explicit_tracks: bool = True
    own_top_tracks: bool = False
    cover: bool = False
    second_playlist: str = "ask"
    _defaults: dict[str, object] = field(init=False, repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._defaults = {
            each.name: each.default for each in fields(self) if each.name not in ("profile_dir", "_defaults")
        }

    @classmethod
    def load(cls, profile_dir: Path) -> Settings:
        """Reads the settings of a profile; a profile without any has the defaults.

        Raises:
            SettingsError: The file cannot be read, is no JSON, or holds an unknown name or a wrong type.
        """
        settings = cls(profile_dir)
        path = profile_dir / FILE_NAME
        hint = "Correct the file, or delete it to start with the defaults."
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return settings
        except (OSError, ValueError) as error:
            raise SettingsError("Settings unreadable", f"{path} cannot be read ({error}).", hint) from error
        if not isinstance(content, dict):
            raise SettingsError("Settings unreadable", f"{path} is not a list of names and values.", hint)
        for name, value in content.items():
            if name not in settings._defaults:
                raise SettingsError("Unknown setting", f'{path} names "{name}", which is no setting.', hint)
            if type(value) is not type(settings._defaults[name]):
                raise SettingsError("Wrong setting", f'{path} gives "{name}" a value of a wrong kind.', hint)
            if name in _ALLOWED and value not in _ALLOWED[name]:
                raise SettingsError("Wrong setting", f'{path} gives "{name}" the value {value!r}.', hint)
            setattr(settings, name, value)
        return settings

    def save(self) -> None:
        """Writes what differs from the defaults; the file before stays whole until the new one is complete.

        Raises:
            SettingsError: The folder or the file cannot be written.
        """
        now = asdict(self)
        content = {name: now[name] for name, default in self._defaults.items() if now[name] != default}
        path = self.profile_dir / FILE_NAME
        try:
            write_whole(path, json.dumps(content, indent=2) + "\n")
        except OSError as error:
            raise SettingsError(
                "Settings not saved",
                f"{path} cannot be written ({error.strerror}).",
                "Free some space or choose another folder with --profile-dir.",
            ) from error
