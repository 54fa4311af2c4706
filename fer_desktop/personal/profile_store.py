"""Face profiles on disk: one file of numbers each, in the profile folder."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from typing import TYPE_CHECKING

from fer_desktop.errors import FaceProfileError
from fer_desktop.files import erase, from_json, to_json, write_whole
from fer_desktop.personal.profile import FaceProfile
from fer_desktop.translation import _

if TYPE_CHECKING:
    from pathlib import Path

    from fer_desktop.files import Migration

FOLDER_NAME = "faces"
DEFAULT_NAME = "you"

_MIGRATIONS: tuple[Migration, ...] = ()
_NAME = re.compile(r"\w(?:[\w .-]{0,38}\w)?")
_PREFIX = "face-"
"""Windows has names of devices, such as con.json, that no file may have."""


class ProfileStore:
    """The face profiles of one profile folder.

    Args:
        profile_dir: The folder; profiles are in its subfolder "faces".
    """

    def __init__(self, profile_dir: Path) -> None:
        self._folder = profile_dir / FOLDER_NAME

    def names(self) -> tuple[str, ...]:
        """Returns the names of all profiles, sorted."""
        files = self._folder.glob(f"{_PREFIX}*.json")
        return tuple(sorted(unicodedata.normalize("NFC", file.stem.removeprefix(_PREFIX)) for file in files))

    def load(self, name: str) -> FaceProfile:
        """Returns a profile.

        Raises:
            FaceProfileError: There is none of this name, it cannot be read, or it was damaged, and set aside.
            NewerFileError: A newer FER Desktop wrote it.
        """
        path = self.path(name)
        try:
            content = from_json(path.read_text(encoding="utf-8"), _MIGRATIONS, path)
            return replace(FaceProfile.from_content(content), name=name)  # of a copy, the file's name counts
        except FileNotFoundError:
            raise FaceProfileError(
                _("No such face profile"),
                _('There is no face profile "{name}".').format(name=name),
                _("`fer-desktop face list` lists them all."),
            ) from None
        except OSError as error:
            raise FaceProfileError(
                _("Face profile unreadable"),
                _("{path} cannot be read ({reason}).").format(path=path, reason=error.strerror),
                _("Check its permissions."),
            ) from error
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            kept = path.with_name(f"{path.name}.broken")
            try:
                path.replace(kept)
            except OSError:
                kept = path
            raise FaceProfileError(
                _("The face profile was damaged"),
                _("It is kept as {path}.").format(path=kept),
                _("Show it your faces again."),
            ) from error

    def save(self, profile: FaceProfile) -> None:
        """Writes a profile; it replaces the one of its name.

        Raises:
            FaceProfileError: Its name cannot be one, or it cannot be written.
        """
        path = self.path(profile.name)
        try:
            write_whole(path, to_json(profile.to_content(), _MIGRATIONS))
        except OSError as error:
            raise FaceProfileError(
                _("Face profile not saved"),
                _("{path} cannot be written ({reason}).").format(path=path, reason=error.strerror),
                _("Free some space or choose another folder with --profile-dir."),
            ) from error

    def forget(self, name: str) -> None:
        """Erases a profile, and what was set aside of it, from the disk.

        Raises:
            FaceProfileError: There is none of this name, or it cannot be deleted.
        """
        path = self.path(name)
        kept = path.with_name(f"{path.name}.broken")
        if not (path.exists() or kept.exists()):
            self.load(name)  # says so
        try:
            erase(path)
            erase(kept)
        except OSError as error:
            raise _not_forgotten(path, error) from error

    def forget_all(self) -> None:
        """Erases all profiles from the disk.

        Raises:
            FaceProfileError: One cannot be deleted.
        """
        try:
            for path in self._folder.glob(f"{_PREFIX}*"):
                path.unlink(missing_ok=True)
        except OSError as error:
            raise _not_forgotten(self._folder, error) from error

    def path(self, name: str) -> Path:
        """Returns where the profile of a name is kept, if there is one.

        Raises:
            FaceProfileError: A profile cannot have this name.
        """
        normal = unicodedata.normalize("NFC", name)
        if not _NAME.fullmatch(normal):
            raise FaceProfileError(
                _("Invalid name"),
                _('A face profile cannot be called "{name}".').format(name=name),
                _("Use up to 40 letters, digits, spaces, dots or hyphens, a letter or digit first and last."),
            )
        return self._folder / f"{_PREFIX}{normal}.json"


def _not_forgotten(path: Path, error: OSError) -> FaceProfileError:
    return FaceProfileError(
        _("Face profile not erased"),
        _("{path} cannot be deleted ({reason}).").format(path=path, reason=error.strerror),
        _("Check its permissions, or delete it yourself."),
    )
