"""What the user decided: immutable values, and the store that keeps, changes and announces them."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any, TypeVar

from fer_desktop.errors import SettingsError
from fer_desktop.files import from_json, to_json, write_whole
from fer_desktop.translation import LANGUAGES, N_, _

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from fer_desktop.files import Migration

FILE_NAME = "settings.json"

MIGRATIONS: tuple[Migration, ...] = ()

_Value = TypeVar("_Value", bool, int, str)


@dataclass(frozen=True, slots=True)
class Setting:
    """The declaration of one setting: what it may be, how the dialog offers it, and what a change entails.

    Attributes:
        default: Its value until the user decides.
        group: The heading in the dialog.
        label: Its name in the dialog, "" if the dialog does not offer it.
        allowed: A range of numbers, or the choices with their labels; None for any of the default's type.
        default_label: How a default outside the range is shown.
        note: What else to know about it.
        needs_login: A change needs a new session with the music service.
        needs_reopen: A change needs the camera to be closed and opened again.
        needs_plan: A change needs the playlist to be planned again.
        name: Of the attribute of `Settings`; filled in by `Settings.declared`.
    """

    default: bool | int | str
    group: str = ""
    label: str = ""
    allowed: range | dict[str, str] | None = None
    _: KW_ONLY
    default_label: str = ""
    note: str = ""
    needs_login: bool = False
    needs_reopen: bool = False
    needs_plan: bool = False
    name: str = ""

    def allows(self, value: object) -> bool:
        """Returns whether a value is a possible one."""
        return type(value) is type(self.default) and (
            self.allowed is None or value == self.default or value in self.allowed
        )


def declare(default: _Value, *offered: Any, **more: Any) -> _Value:  # noqa: ANN401 - as `Setting` has them
    """Declares an attribute of `Settings`; see `Setting` for the arguments."""
    value: _Value = field(default=default, metadata={"setting": Setting(default, *offered, **more)})
    return value


_LOGIN = N_("Login")
_PLAYLISTS = N_("Playlists")
_CAMERA = N_("Camera")
_WINDOW = N_("Window")


@dataclass(frozen=True, slots=True)
class Settings:
    """The user's decisions at one moment. `SettingsStore` changes them.

    Attributes:
        source: What the picture comes from: "camera:default", a file, a folder or a URL.
        mirror: Show the picture as a mirror does.
        privacy_accepted: The privacy notice was read and a camera start was asked for.
        client_id: The user's own Spotify Client ID, "" if none was entered.
        lift_mood: Playlists lead away from the mood instead of matching it.
        token_store: Where the login is kept: "keyring" or "file".
        redirect_port: Port of this computer that a login comes back to; 0 for any free one.
        track_count: How many tracks a playlist has.
        second_playlist: What happens if today's playlist for an emotion exists: "ask", "update" or "new".
        explicit_tracks: Playlists may have tracks with explicit lyrics.
        own_top_tracks: Some of the user's own most played tracks are mixed in.
        cover: Playlists get a picture in the emotion's colour.
        release_camera: The camera is released while the window is minimised.
        eco: Fewer frames are shown and analysed, to save battery.
        appearance: The colours: "auto" for the system's, "light" or "dark".
        language: One of `LANGUAGES`, "auto" for the system's.
        less_motion: Nothing is animated.
    """

    source: str = declare("camera:default")
    mirror: bool = declare(True)
    privacy_accepted: bool = declare(False)
    client_id: str = declare("", needs_login=True)
    lift_mood: bool = declare(False, needs_plan=True)
    token_store: str = declare(
        "keyring",
        _LOGIN,
        N_("Save the login"),
        {"keyring": N_("In the system's keyring"), "file": N_("In a file that only this user can read")},
        needs_login=True,
    )
    redirect_port: int = declare(
        0, _LOGIN, N_("Login port"), range(1024, 65536), default_label=N_("Any free port"), needs_login=True
    )
    track_count: int = declare(20, _PLAYLISTS, N_("Number of songs"), range(5, 101), needs_plan=True)
    second_playlist: str = declare(
        "ask",
        _PLAYLISTS,
        N_("If today's playlist exists"),
        {"ask": N_("Ask"), "update": N_("Update it"), "new": N_("Create another")},
    )
    explicit_tracks: bool = declare(True, _PLAYLISTS, N_("Include songs marked as explicit"), needs_plan=True)
    own_top_tracks: bool = declare(
        False, _PLAYLISTS, N_("Include some of my most played songs"), needs_login=True, needs_plan=True
    )
    cover: bool = declare(
        False,
        _PLAYLISTS,
        N_("Add a cover in the mood's colour"),
        note=N_("Spotify asks for your consent to the last two."),
        needs_login=True,
    )
    release_camera: bool = declare(True, _CAMERA, N_("Turn off while the window is minimised"))
    eco: bool = declare(False, _CAMERA, N_("Save battery: fewer pictures per second"))
    appearance: str = declare(
        "auto",
        _WINDOW,
        N_("Colours"),
        {"auto": N_("Same as system"), "light": N_("Light"), "dark": N_("Dark")},
    )
    language: str = declare(
        "auto",
        _WINDOW,
        N_("Language"),
        {"auto": N_("Same as system"), **LANGUAGES},
        note=N_("Takes effect at the next start."),
    )
    less_motion: bool = declare(False, _WINDOW, N_("Reduce motion"))

    @classmethod
    def declared(cls) -> tuple[Setting, ...]:
        """Returns the declarations of all settings, in the order of the dialog."""
        return tuple(replace(each.metadata["setting"], name=each.name) for each in fields(cls))

    @classmethod
    def offered(cls) -> tuple[Setting, ...]:
        """Returns the declarations of those that the dialog offers."""
        return tuple(setting for setting in cls.declared() if setting.label)


class SettingsStore:
    """The settings of one profile. Any thread may read `current`; one thread makes all the changes.

    The file holds only what differs from the defaults.
    """

    def __init__(self, profile_dir: Path, current: Settings | None = None) -> None:
        """Starts from given values, or from the defaults; `load` reads a profile's own."""
        self._profile_dir = profile_dir
        self._current = self._saved = current or Settings()
        self._listeners: list[tuple[frozenset[str], Callable[[Settings], object]]] = []
        self._report: Callable[[SettingsError], object] | None = None

    @property
    def profile_dir(self) -> Path:
        """The folder that the settings are kept in."""
        return self._profile_dir

    @property
    def current(self) -> Settings:
        """What holds now; never changes itself, so that a job can read it while the user changes settings."""
        return self._current

    @classmethod
    def load(cls, profile_dir: Path) -> SettingsStore:
        """Reads the settings of a profile; a profile without any has the defaults.

        Raises:
            NewerFileError: A newer FER Desktop wrote the file.
            SettingsError: The file cannot be read, is not JSON, or holds an unknown name or an invalid value.
        """
        path = profile_dir / FILE_NAME
        hint = _("Correct the file, or delete it to start with the defaults.")
        try:
            content = from_json(path.read_text(encoding="utf-8"), MIGRATIONS, path)
        except FileNotFoundError:
            return cls(profile_dir)
        except (OSError, ValueError) as error:
            raise SettingsError(
                _("Settings unreadable"),
                _("{path} cannot be read ({error}).").format(path=path, error=error),
                hint,
            ) from error
        declared = {setting.name: setting for setting in Settings.declared()}
        for name, value in content.items():
            if name not in declared:
                raise SettingsError(
                    _("Unknown setting"),
                    _('{path} names "{name}", which is not a setting.').format(path=path, name=name),
                    hint,
                )
            if not declared[name].allows(value):
                raise SettingsError(
                    _("Invalid setting"),
                    _('{path} sets "{name}" to {value!r}.').format(path=path, name=name, value=value),
                    hint,
                )
        return cls(profile_dir, Settings(**content))

    @staticmethod
    def set_aside(profile_dir: Path, broken: SettingsError) -> SettingsError:
        """Renames a file that `load` refused, so that the next change does not overwrite it.

        Args:
            profile_dir: Its folder.
            broken: The error from `load`.

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
            _("The settings were reset"),
            _("{message} The file is now called {name}, and the defaults apply.").format(
                message=broken.message, name=kept.name
            ),
            _("Correct it and rename it back to {name}, or choose again in Settings.").format(name=FILE_NAME),
        )

    def subscribe(self, listener: Callable[[Settings], object], *names: str) -> None:
        """Calls a listener after each change of at least one of the named settings.

        Args:
            listener: Gets the new settings, on the thread that changes them; must not raise.
            names: Attributes of `Settings`.

        Raises:
            ValueError: There is no setting of one of the names.
        """
        unknown = set(names) - {setting.name for setting in Settings.declared()}
        if unknown:
            raise ValueError(f"no setting: {', '.join(sorted(unknown))}")
        self._listeners.append((frozenset(names), listener))

    def follow(self, listener: Callable[[Settings], object], *names: str) -> None:
        """Calls a listener now, and from then on as `subscribe` does."""
        listener(self._current)
        self.subscribe(listener, *names)

    def report_failures_to(self, report: Callable[[SettingsError], object]) -> None:
        """Makes `update` hand its errors over, so that only one place has to show them."""
        self._report = report

    def update(self, **changes: object) -> None:
        """Changes settings, writes the file, and calls those that subscribed to what changed.

        A change that cannot be written is announced too, and holds until the app ends. The previous file
        stays until the new one is complete.

        Raises:
            SettingsError: The folder or the file cannot be written, and no one asked for the failures.
            TypeError: There is no setting of one of the names.
            ValueError: A value is not possible.
        """
        before, self._current = self._current, self._checked(changes)
        error = self._write()
        changed = {name for name in changes if getattr(before, name) != getattr(self._current, name)}
        for names, listener in self._listeners:
            if names & changed:
                listener(self._current)
        if error is None:
            return
        if self._report is None:
            raise error
        self._report(error)

    def _checked(self, changes: dict[str, object]) -> Settings:
        settings = replace(self._current, **changes)  # type: ignore[arg-type]  # the types are checked below
        for setting in settings.declared():
            value = getattr(settings, setting.name)
            if not setting.allows(value):
                raise ValueError(f"{setting.name} cannot be {value!r}")
        return settings

    def _write(self) -> SettingsError | None:
        settings = self._current
        if settings == self._saved:
            return None
        content = {
            setting.name: value
            for setting in settings.declared()
            if (value := getattr(settings, setting.name)) != setting.default
        }
        path = self._profile_dir / FILE_NAME
        try:
            write_whole(path, to_json(content, MIGRATIONS))
        except OSError as error:
            failure = SettingsError(
                _("Settings not saved"),
                _("{path} cannot be written ({reason}).").format(path=path, reason=error.strerror),
                _("Free some space or choose another folder with --profile-dir."),
            )
            failure.__cause__ = error
            return failure
        self._saved = settings
        return None
