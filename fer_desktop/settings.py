"""What the user decided, kept as a small JSON file of values that differ from the defaults."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from typing import TYPE_CHECKING, TypeVar

from fer_desktop.errors import SettingsError
from fer_desktop.files import from_json, to_json, write_whole
from fer_desktop.translation import LANGUAGES, N_, _

if TYPE_CHECKING:
    from pathlib import Path

    from fer_desktop.files import Migration

FILE_NAME = "settings.json"

_MIGRATIONS: tuple[Migration, ...] = ()

_Value = TypeVar("_Value", bool, int, str)


@dataclass(frozen=True, slots=True)
class Setting:
    """How a setting is offered in the settings dialog.

    Attributes:
        name: Of the attribute of `Settings`.
        default: Its value until the user decides.
        group: The heading that it stands under.
        label: What it is called.
        allowed: A range of numbers, or the choices with their words; None for yes or no.
        default_label: What a default beyond the range is called.
        note: What else to know about it.
    """

    name: str
    default: bool | int | str
    group: str
    label: str
    allowed: range | dict[str, str] | None
    default_label: str
    note: str

    def allows(self, value: object) -> bool:
        """Returns whether a value of the right type is a possible one."""
        return self.allowed is None or value == self.default or value in self.allowed

    @staticmethod
    def all() -> tuple[Setting, ...]:
        """Returns what is offered, in the order of the dialog."""
        return tuple(Setting(each.name, **each.metadata) for each in fields(Settings) if each.metadata)


def _offered(
    default: _Value,
    group: str,
    label: str,
    allowed: range | dict[str, str] | None = None,
    *,
    default_label: str = "",
    note: str = "",
) -> _Value:
    """Declares an attribute of `Settings` that the dialog offers; see `Setting`."""
    value: _Value = field(
        default=default,
        metadata={
            "default": default,
            "group": group,
            "label": label,
            "allowed": allowed,
            "default_label": default_label,
            "note": note,
        },
    )
    return value


_LOGIN = N_("Login")
_PLAYLISTS = N_("Playlists")
_CAMERA = N_("Camera")
_WINDOW = N_("Window")


@dataclass(slots=True)
class Settings:
    """The user's decisions. Change an attribute, then `save`.

    Attributes:
        profile_dir: The folder that the settings lie in; not saved itself.
        source: What the picture comes from: "camera:default", a file, a folder or a URL.
        mirror: Show the picture as a mirror does.
        privacy_accepted: The privacy notice was read and a camera start was asked for.
        client_id: The user's own Spotify Client ID, "" where none was entered.
        lift_mood: Playlists lead away from the mood, rather than match it.
        token_store: Where the login is kept: "keyring" or "file".
        redirect_port: Port of this computer that a login comes back to; 0 for any that is free.
        track_count: How many tracks a playlist has.
        second_playlist: What a second one for the same emotion on one day does: "ask", "update" or "new".
        explicit_tracks: Playlists may have tracks whose words are not for everyone.
        own_top_tracks: Some of the user's own most played tracks are mixed in.
        cover: Playlists get a picture in the emotion's colour.
        release_camera: The camera is given back while the window is minimised.
        eco: Fewer frames are shown and analysed, to spare the battery.
        appearance: The colours: "auto" for the system's, "light" or "dark".
        language: One of `LANGUAGES`, "auto" for the system's.
        less_motion: Nothing is animated.
    """

    profile_dir: Path
    source: str = "camera:default"
    mirror: bool = True
    privacy_accepted: bool = False
    client_id: str = ""
    lift_mood: bool = False
    token_store: str = _offered(
        "keyring",
        _LOGIN,
        N_("Keep the login"),
        {"keyring": N_("In the system's keyring"), "file": N_("In a file that only this user can read")},
    )
    redirect_port: int = _offered(
        0, _LOGIN, N_("Port of the login"), range(1024, 65536), default_label=N_("Any that is free")
    )
    track_count: int = _offered(20, _PLAYLISTS, N_("Tracks"), range(5, 101))
    second_playlist: str = _offered(
        "ask",
        _PLAYLISTS,
        N_("A second one on a day"),
        {"ask": N_("Ask"), "update": N_("Update the one there is"), "new": N_("Make another")},
    )
    explicit_tracks: bool = _offered(True, _PLAYLISTS, N_("With songs marked as explicit"))
    own_top_tracks: bool = _offered(False, _PLAYLISTS, N_("With some of the songs that I play most"))
    cover: bool = _offered(
        False,
        _PLAYLISTS,
        N_("With a cover in the mood's colour"),
        note=N_("Spotify asks for your consent to the last two."),
    )
    release_camera: bool = _offered(True, _CAMERA, N_("Switch it off while the window is minimised"))
    eco: bool = _offered(False, _CAMERA, N_("Spare the battery: fewer pictures a second"))
    appearance: str = _offered(
        "auto",
        _WINDOW,
        N_("Colours"),
        {"auto": N_("As the system"), "light": N_("Light"), "dark": N_("Dark")},
    )
    language: str = _offered(
        "auto",
        _WINDOW,
        N_("Language"),
        {"auto": N_("As the system"), **LANGUAGES},
        note=N_("Changes at the next start."),
    )
    less_motion: bool = _offered(False, _WINDOW, N_("Let nothing move by itself"))
    _defaults: dict[str, object] = field(init=False, repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._defaults = {
            each.name: each.default for each in fields(self) if each.name not in ("profile_dir", "_defaults")
        }

    @classmethod
    def load(cls, profile_dir: Path) -> Settings:
        """Reads the settings of a profile; a profile without any has the defaults.

        Raises:
            NewerFileError: A newer FER Desktop wrote the file.
            SettingsError: The file cannot be read, is no JSON, or holds an unknown name or a wrong type.
        """
        settings = cls(profile_dir)
        path = profile_dir / FILE_NAME
        hint = _("Correct the file, or delete it to start with the defaults.")
        try:
            content = from_json(path.read_text(encoding="utf-8"), _MIGRATIONS, path)
        except FileNotFoundError:
            return settings
        except (OSError, ValueError) as error:
            raise SettingsError(
                _("Settings unreadable"),
                _("{path} cannot be read ({error}).").format(path=path, error=error),
                hint,
            ) from error
        offered = {setting.name: setting for setting in Setting.all()}
        for name, value in content.items():
            if name not in settings._defaults:
                raise SettingsError(
                    _("Unknown setting"),
                    _('{path} names "{name}", which is no setting.').format(path=path, name=name),
                    hint,
                )
            if type(value) is not type(settings._defaults[name]):
                raise SettingsError(
                    _("Wrong setting"),
                    _('{path} gives "{name}" a value of a wrong kind.').format(path=path, name=name),
                    hint,
                )
            if name in offered and not offered[name].allows(value):
                raise SettingsError(
                    _("Wrong setting"),
                    _('{path} gives "{name}" the value {value!r}.').format(path=path, name=name, value=value),
                    hint,
                )
            setattr(settings, name, value)
        return settings

    @staticmethod
    def set_aside(profile_dir: Path, broken: SettingsError) -> SettingsError:
        """Renames a file that `load` refused, so that the next `save` does not overwrite it.

        Args:
            profile_dir: Its folder.
            broken: What `load` has said.

        Returns:
            What to tell the user.
        """
        path = profile_dir / FILE_NAME
        number = 1
        while (kept := path.with_stem(f"{path.stem}-broken-{number}")).exists():
            number += 1
        try:
            path.rename(kept)
        except OSError:
            return broken
        return SettingsError(
            _("The settings were set aside"),
            _("{message} The file is now called {name}, and the defaults hold.").format(
                message=broken.message, name=kept.name
            ),
            _("Correct it and call it {name} again, or choose anew in Settings.").format(name=FILE_NAME),
        )

    def save(self) -> None:
        """Writes what differs from the defaults; the file before stays whole until the new one is complete.

        Raises:
            SettingsError: The folder or the file cannot be written.
        """
        now = asdict(self)
        content = {name: now[name] for name, default in self._defaults.items() if now[name] != default}
        path = self.profile_dir / FILE_NAME
        try:
            write_whole(path, to_json(content, _MIGRATIONS))
        except OSError as error:
            raise SettingsError(
                _("Settings not saved"),
                _("{path} cannot be written ({reason}).").format(path=path, reason=error.strerror),
                _("Free some space or choose another folder with --profile-dir."),
            ) from error
