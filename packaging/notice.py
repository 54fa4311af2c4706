"""Writes NOTICE.txt: whose work the app that PyInstaller builds contains, and under which licence.

It starts from the files that go in, so it names everything that is inside.
"""

from __future__ import annotations

import re
import subprocess
import sys
import sysconfig
from importlib.metadata import Distribution, distribution, distributions
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_LICENCE_FILE = re.compile(r"licen[cs]e|copying|notice", re.IGNORECASE)
_COMMON_LICENCE = re.compile(r"/usr/share/common-licenses/[\w.-]*\w")
_TEXTS = Path(__file__).parent / "licenses"

# What a package calls its licence, for wheels without the text.
_WITHOUT_TEXT = {
    "Apache 2.0": ("Apache-2.0.txt",),
    "LGPL-3.0-only OR GPL-2.0-only OR GPL-3.0-only": ("LGPL-3.0.txt", "GPL-3.0.txt"),
}


class NoLicenceError(Exception):
    """Something would go into the app whose owner or licence is unknown."""


def write_notice(files: Iterable[Sequence[str]], checkout: Path, path: Path) -> None:
    """Writes the licences of everything that goes in.

    Args:
        files: What goes into the app: PyInstaller's tuples, which start with the name inside and the path
            outside.
        checkout: The folder with our own files.
        path: Where to write them.

    Raises:
        NoLicenceError: The owner or the licence of a file is unknown.
    """
    owners = {
        Path(str(package.locate_file(file))).resolve(): package
        for package in distributions()
        for file in package.files or ()
    }
    packages = {"pyinstaller": distribution("pyinstaller")}  # its loader is the program
    others: set[Path] = set()
    for _, source, *_ in files:
        place = Path(source).resolve()
        if place in owners:
            packages[owners[place].name] = owners[place]
        elif Path(source).is_absolute() and place.is_file() and not place.is_relative_to(checkout):
            others.add(place)  # neither a link within the app nor a module without a file
    cascade = (checkout / "resources" / "haarcascade_frontalface_default.xml").read_text(encoding="utf-8")
    sections = {
        "FER Desktop": (checkout / "LICENSE").read_text(encoding="utf-8"),
        "Face cascade": cascade.partition("<!--")[2].partition("-->")[0],
        "Sample photos": (checkout / "resources" / "samples" / "README.md").read_text(encoding="utf-8"),
        f"Python {sys.version.split()[0]}": _licence_of_python(),
        **{
            f"{package.name} {package.version}": _licence_of(package)
            for package in sorted(packages.values(), key=lambda package: package.name.lower())
        },
        **_licences_of_debian(others),
    }
    mentioned = {each for text in sections.values() for each in _COMMON_LICENCE.findall(text)}
    sections |= {each: Path(each).read_text(encoding="utf-8") for each in sorted(mentioned)}
    path.write_text(_formatted(sections), encoding="utf-8")


def _formatted(sections: dict[str, str]) -> str:
    titles: dict[str, list[str]] = {}
    for title, text in sections.items():
        titles.setdefault(text.strip(), []).append(title)
    line = "=" * 78
    return (
        "FER Desktop contains the work of many people. Below is whose, and under which licence.\n"
        + "".join(f"\n{line}\n{', '.join(each)}\n{line}\n\n{text}\n" for text, each in titles.items())
    )


def _licence_of(package: Distribution) -> str:
    texts = [
        Path(str(package.locate_file(file))).read_text(encoding="utf-8", errors="replace")
        for file in package.files or ()
        if _LICENCE_FILE.search(file.name) and file.suffix not in {".py", ".pyc"}
    ]
    if not texts:
        licence = package.metadata["License-Expression"] or package.metadata["License"]
        if licence not in _WITHOUT_TEXT:
            raise NoLicenceError(f"{package.name} contains no licence text ({licence}); add it to {__file__}")
        texts = [licence, *((_TEXTS / name).read_text(encoding="utf-8") for name in _WITHOUT_TEXT[licence])]
    return "\n\n".join(texts)


def _licence_of_python() -> str:
    for folder in (Path(sysconfig.get_path("stdlib")), Path(sys.base_prefix)):
        if (folder / "LICENSE.txt").exists():
            return (folder / "LICENSE.txt").read_text(encoding="utf-8")
    return _copyright_of(f"python3.{sys.version_info.minor}")  # Debian's own


def _licences_of_debian(files: set[Path]) -> dict[str, str]:
    """Returns the licences of libraries from the build system, except those of Python itself."""
    packages = {_debian_package(file) for file in files if not _is_python(file)}
    return {f"{name} (Debian)": _copyright_of(name) for name in sorted(packages)}


def _is_python(file: Path) -> bool:
    # The prefix of a system's own Python contains the whole system.
    home = sysconfig.get_path("stdlib") if sys.base_prefix == "/usr" else sys.base_prefix
    return file.is_relative_to(Path(home).resolve())


def _debian_package(file: Path) -> str:
    # Since /lib became a link to /usr/lib, Debian's database has one path or the other.
    places = [str(file), str(file).removeprefix("/usr")]
    found = subprocess.run(["dpkg", "--search", *places], capture_output=True, text=True, check=False).stdout
    if not found:
        raise NoLicenceError(f"{file} belongs to no package")
    return found.partition(":")[0]


def _copyright_of(package: str) -> str:
    return Path(f"/usr/share/doc/{package}/copyright").read_text(encoding="utf-8")
