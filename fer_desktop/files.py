"""Reading and writing the small files of the profile."""

from __future__ import annotations

import json
import os
import secrets
from typing import TYPE_CHECKING, Any

from fer_desktop.errors import NewerFileError
from fer_desktop.translation import _

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    Migration = Callable[[dict[str, Any]], dict[str, Any]]


def to_json(content: dict[str, Any], migrations: Sequence[Migration]) -> str:
    """Returns the text of a file, including the version of its format.

    Args:
        content: Names and values; "version" is not among them.
        migrations: As for `from_json`.
    """
    return json.dumps({"version": len(migrations) + 1} | content, indent=1) + "\n"


def from_json(text: str, migrations: Sequence[Migration], name: object) -> dict[str, Any]:
    """Returns the content of a text made by `to_json`, migrated to the current format.

    Args:
        text: Without a version it counts as version 1.
        migrations: One for each change of the format: the first turns version 1 into 2, and so on.
        name: Where the text is from, for the error.

    Raises:
        ValueError: It is not JSON, not a list of names and values, or its version is not a number.
        NewerFileError: A newer FER Desktop wrote it.
    """
    try:
        content = json.loads(text)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    if not isinstance(content, dict):
        raise ValueError("not a list of names and values")  # noqa: TRY004 - it is the file that is wrong
    version = content.pop("version", 1)
    if type(version) is not int or version < 1:
        raise ValueError(f"the version {version!r}")
    if version > len(migrations) + 1:
        raise NewerFileError(
            _("Written by a newer version"),
            _("{name} was written by a newer version of FER Desktop than this one.").format(name=name),
            _("Update FER Desktop, or start it on another folder with --profile-dir. Nothing was changed."),
        )
    read: dict[str, Any] = content
    for migrate in migrations[version - 1 :]:
        read = migrate(read)
    return read


def write_whole(path: Path, text: str, *, private: bool = True) -> None:
    """Writes a file atomically; creates its folder if needed.

    The previous file stays until the new one is complete, even if the app is killed meanwhile.

    Args:
        path: The file.
        text: Its content.
        private: Whether only its owner may read it.

    Raises:
        OSError: The folder or the file cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600 if private else 0o666)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def erase(path: Path) -> None:
    """Deletes a file that `write_whole` wrote, and what a kill during writing left next to it.

    Raises:
        OSError: One of them cannot be deleted.
    """
    for each in (path, *path.parent.glob(f"{path.name}.{'[0-9a-f]' * 8}")):
        each.unlink(missing_ok=True)
