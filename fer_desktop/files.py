"""Writing the small files of the profile."""

from __future__ import annotations

import os
import secrets
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def write_whole(path: Path, text: str) -> None:
    """Writes a file that only its owner can read, whole or not at all; makes its folder where it is missing.

    The file before stays until the new one is complete, whatever ends the app meanwhile.

    Raises:
        OSError: The folder or the file cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def erase(path: Path) -> None:
    """Deletes a file that `write_whole` wrote, and what a kill in the middle of writing left beside it.

    Raises:
        OSError: One of them cannot be deleted.
    """
    for each in (path, *path.parent.glob(f"{path.name}.{'[0-9a-f]' * 8}")):
        each.unlink(missing_ok=True)
