"""Makes the .deb and the .tar.gz from dist/fer-desktop, next to it.

Both contain the same tree of files; the .tar.gz is for systems without dpkg and includes an install script.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
HERE = Path(__file__).resolve().parent
BUILD = ROOT / "build"
DIST = ROOT / "dist"
PROGRAM = DIST / "fer-desktop"
COMPONENT = "io.github.fer_desktop.FerDesktop"
DEBIAN_NAMES = {"x86_64": "amd64", "aarch64": "arm64"}

# Only needed at run time, so dpkg-shlibdeps cannot see them.
ALSO_NEEDED = ("xkb-data",)

XZ_LEVEL, GZIP_LEVEL = ("-z0", "-1") if "FER_PACK_FAST" in os.environ else ("-z2", "-6")
"""The tests ask for the fast ones: compression takes most of the time of a build."""

CONTROL = """\
Package: fer-desktop
Version: {version}
Architecture: {architecture}
Maintainer: FER Desktop contributors <contributors@fer-desktop.invalid>
Installed-Size: {kibibytes}
Depends: {depends}
Recommends: gnome-keyring | kwalletmanager | keepassxc
Section: sound
Priority: optional
Description: playlists for the expression on your face
 FER Desktop looks through the webcam, reads whether a face looks angry,
 happy, neutral or sad, and makes a Spotify playlist for it. The pictures stay
 on the computer.
"""


def main() -> None:
    """Makes both installers."""
    version = subprocess.check_output([PROGRAM / "fer-desktop", "--version"], text=True).split()[-1]
    tree = BUILD / "linux"
    shutil.rmtree(tree, ignore_errors=True)
    lay_out(tree / "usr", version)
    check(tree / "usr")
    make_deb(tree, version)
    make_tarball(tree, version)


def lay_out(usr: Path, version: str) -> None:
    """Puts every file where it is after installation, below `usr`."""
    shutil.copytree(PROGRAM, usr / "lib" / "fer-desktop", symlinks=True)
    (usr / "bin").mkdir()
    (usr / "bin" / "fer-desktop").symlink_to("../lib/fer-desktop/fer-desktop")
    share = usr / "share"
    day = datetime.fromtimestamp(built_at(), UTC).date().isoformat()
    for icon in (BUILD / "icons").iterdir():
        side = icon.stem.rpartition("-")[2]
        place = share / "icons" / "hicolor" / f"{side}x{side}" / "apps" / "fer-desktop.png"
        place.parent.mkdir(parents=True)
        shutil.copy(icon, place)
    for folder, name in (("applications", "fer-desktop.desktop"), ("metainfo", f"{COMPONENT}.metainfo.xml")):
        text = (HERE / name).read_text(encoding="utf-8").replace("@VERSION@", version).replace("@DATE@", day)
        place = share / folder / name
        place.parent.mkdir()
        place.write_text(text, encoding="utf-8")
    documents = share / "doc" / "fer-desktop"
    documents.mkdir(parents=True)
    shutil.copy(PROGRAM / "_internal" / "NOTICE.txt", documents / "copyright")
    for path in usr.rglob("*"):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)


def check(usr: Path) -> None:
    """Checks with the system's own tools what menus and software centres will read."""
    subprocess.run(
        ["desktop-file-validate", usr / "share" / "applications" / "fer-desktop.desktop"], check=True
    )
    appstream: list[str | Path] = [
        "appstreamcli",
        "validate",
        "--no-net",
        "--no-color",
        usr / "share" / "metainfo" / f"{COMPONENT}.metainfo.xml",
    ]
    checked = subprocess.run(appstream, capture_output=True, text=True, check=False)
    if checked.returncode:
        sys.exit(checked.stdout)


def make_deb(tree: Path, version: str) -> None:
    """Packs the tree as it is in the root of a Debian system."""
    (tree / "DEBIAN").mkdir()
    machine = platform.machine()
    size = sum(path.lstat().st_size for path in (tree / "usr").rglob("*"))
    control = CONTROL.format(
        version=version,
        architecture=DEBIAN_NAMES[machine],
        kibibytes=size // 1024,
        depends=", ".join((*dependencies(tree), *ALSO_NEEDED)),
    )
    (tree / "DEBIAN" / "control").write_text(control, encoding="utf-8")
    # xz, because gzip and zstd make it too large; at a low level, because higher ones take minutes.
    pack: list[str | Path] = ["dpkg-deb", "--root-owner-group", "-Zxz", XZ_LEVEL, "--build", tree]
    subprocess.run(
        [*pack, DIST / f"fer-desktop_{version}_{DEBIAN_NAMES[machine]}.deb"],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    shutil.rmtree(tree / "DEBIAN")


def dependencies(tree: Path) -> list[str]:
    """Returns the Debian packages, with versions, of the libraries that are needed but not inside."""
    source = BUILD / "shlibdeps" / "debian" / "control"
    source.parent.mkdir(parents=True, exist_ok=True)
    source.write_text("Source: fer-desktop\n\nPackage: fer-desktop\nArchitecture: any\n", encoding="utf-8")
    inside = tree / "usr" / "lib" / "fer-desktop"
    programs = [
        path for path in inside.rglob("*") if path.is_file() and not path.is_symlink() and _is_elf(path)
    ]
    options = {f"-l{path.parent}" for path in programs} | {f"-x{name}" for name in _packages_inside(programs)}
    command: list[str | Path] = [
        "dpkg-shlibdeps",
        "-O",
        "--ignore-missing-info",
        "--warnings=0",
        *sorted(options),
        *programs,
    ]
    found = subprocess.run(command, cwd=source.parent.parent, capture_output=True, text=True, check=False)
    if found.returncode:
        sys.exit(found.stderr)
    names: str = found.stdout
    return names.strip().partition("=")[2].split(", ")


def _packages_inside(programs: list[Path]) -> set[str]:
    """Returns the Debian packages whose libraries are inside and need not be installed."""
    patterns = [f"*/{path.name}" for path in programs if path.name.startswith("lib")]
    found = subprocess.run(
        ["dpkg", "--search", *patterns], capture_output=True, text=True, check=False
    ).stdout
    return {line.partition(":")[0] for line in found.splitlines()}


def _is_elf(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) == b"\x7fELF"


def make_tarball(tree: Path, version: str) -> None:
    """Packs the tree with its install script."""
    name = f"fer-desktop-{version}-linux-{platform.machine()}"
    shutil.copy(HERE / "install.sh", tree / "usr")
    (tree / "usr").rename(tree / name)
    pack: list[str | Path] = [
        "tar",
        "--create",
        "--sort=name",
        f"--mtime=@{built_at()}",
        "--owner=0",
        "--group=0",
        "--numeric-owner",
    ]
    output = DIST / f"{name}.tar.gz"
    subprocess.run(
        [
            *pack,
            f"--use-compress-program=gzip -n {GZIP_LEVEL}",
            f"--file={output}",
            f"--directory={tree}",
            name,
        ],
        check=True,
    )


def built_at() -> int:
    """Returns the time of the build, in seconds since 1970 (see packaging/build.py)."""
    return int(os.environ["SOURCE_DATE_EPOCH"])


if __name__ == "__main__":
    main()
