"""Where pictures are: in a folder, or in a zip."""

from __future__ import annotations

import hashlib
import os
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Protocol

from training.data.pictures import SUFFIXES
from training.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator


class PictureContainer(Protocol):
    """Pictures by their paths inside a folder or zip.

    Attributes:
        path: The folder or zip.
        names: Their paths with "/", sorted.
    """

    path: Path
    names: list[str]

    def read(self, name: str) -> bytes:
        """Returns a picture file's content."""

    def size(self, name: str) -> int:
        """Returns the size of a picture file in bytes."""

    def place(self, name: str) -> str:
        """Returns how an error names a picture."""

    def sha256(self) -> str:
        """Returns the digest of everything that matters, in hex."""

    def close(self) -> None:
        """Closes what is open."""


class PictureFolder:
    """The pictures below a folder."""

    def __init__(self, path: Path) -> None:
        """Lists them.

        Raises:
            DataError: A folder cannot be read.
        """
        self.path = path
        self.names = sorted(walk_pictures(path))

    def read(self, name: str) -> bytes:
        """Returns a picture file's content.

        Raises:
            DataError: It cannot be read.
        """
        try:
            return (self.path / name).read_bytes()
        except OSError as error:
            raise unreadable(self.path / name, error) from error

    def size(self, name: str) -> int:
        """Returns the size of a picture file in bytes.

        Raises:
            DataError: It cannot be read.
        """
        try:
            return (self.path / name).stat().st_size
        except OSError as error:
            raise unreadable(self.path / name, error) from error

    def place(self, name: str) -> str:
        """Returns its full path."""
        return str(self.path / name)

    def sha256(self) -> str:
        """Returns the digest of names, sizes and contents.

        Raises:
            DataError: A picture cannot be read.
        """
        digest = hashlib.sha256()
        for name in self.names:
            content = self.read(name)
            digest.update(f"{name}\0{len(content)}\0".encode(errors="surrogateescape"))
            digest.update(content)
        return digest.hexdigest()

    def close(self) -> None:
        """Does nothing: no file stays open."""


class PictureZip:
    """The pictures in a zip."""

    def __init__(self, path: Path) -> None:
        """Opens and lists it.

        Raises:
            DataError: It cannot be read, or is not an intact zip.
        """
        self.path = path
        try:
            self._zip = zipfile.ZipFile(path)
        except OSError as error:
            raise unreadable(path, error) from error
        except zipfile.BadZipFile as error:
            raise self._damaged(error) from error
        self.names = sorted(name for name in self._zip.namelist() if is_picture(name))

    def read(self, name: str) -> bytes:
        """Returns a picture file's content.

        Raises:
            DataError: The zip is damaged there, or password-protected.
        """
        try:
            return self._zip.read(name)
        except OSError as error:
            raise unreadable(self.path, error) from error
        except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError) as error:
            raise self._damaged(error) from error

    def size(self, name: str) -> int:
        """Returns the uncompressed size of a picture file in bytes."""
        return self._zip.getinfo(name).file_size

    def place(self, name: str) -> str:
        """Returns the path of the zip and the name inside it."""
        return f"{self.path}: {name}"

    def sha256(self) -> str:
        """Returns the digest of the whole zip.

        Raises:
            DataError: It cannot be read.
        """
        return file_sha256(self.path)

    def close(self) -> None:
        """Closes the zip."""
        self._zip.close()

    def _damaged(self, error: Exception) -> DataError:
        return DataError(
            "Data damaged", f"{self.path} is not a zip, or not an intact one ({error}).", "Download it again."
        )


def walk_pictures(folder: Path) -> Iterator[str]:
    """Yields the paths of the pictures below a folder, relative to it, with "/"; follows links.

    Raises:
        DataError: A folder cannot be read.
    """

    def fail(error: OSError) -> None:
        raise unreadable(Path(error.filename), error) from error

    for parent, _, files in os.walk(folder, onerror=fail, followlinks=True):
        inside = Path(parent).relative_to(folder)
        for file in files:
            name = (inside / file).as_posix()
            if is_picture(name):
                yield name


def is_picture(name: str) -> bool:
    """Returns whether a path names a picture that macOS does not hide."""
    path = PurePosixPath(name)
    hidden = any(part.startswith(".") or part == "__MACOSX" for part in path.parts)
    return path.suffix.lower() in SUFFIXES and not hidden


def file_sha256(path: Path) -> str:
    """Returns a file's digest in hex.

    Raises:
        DataError: It cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise unreadable(path, error) from error


def unreadable(path: Path, error: OSError) -> DataError:
    """Returns the error for a file or folder that cannot be read."""
    return DataError(
        "Data unreadable", f"{path} cannot be read ({error.strerror}).", "Check its permissions and the disk."
    )
