"""Builds the app with Python inside, and the installers for the system that this runs on, in dist/.

    python3 packaging/environment.py package python packaging/build.py

Linux: a .deb and a .tar.gz; Windows: a setup program (Inno Setup); macOS: a .dmg. Building the same commit
again in the same environment gives the same files.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"
DIST = ROOT / "dist"
PACKAGING = ROOT / "packaging"


def main() -> None:
    """Builds everything from scratch."""
    for folder in (BUILD, DIST):
        shutil.rmtree(folder, ignore_errors=True)
    fix_what_differs_between_builds()
    run(sys.executable, PACKAGING / "icon.py", BUILD / "icons")
    run(
        sys.executable, "-m", "PyInstaller", "--noconfirm", "--log-level", "WARN",
        "--distpath", DIST, "--workpath", BUILD, PACKAGING / "fer-desktop.spec",
    )  # fmt: skip
    if sys.platform == "linux":
        strip_python()
        run(sys.executable, PACKAGING / "linux" / "installers.py")
    elif sys.platform == "win32":
        run("iscc", "/Qp", f"/DAppVersion={version()}", PACKAGING / "windows" / "fer-desktop.iss")
    else:
        run(PACKAGING / "macos" / "make-dmg.sh", version())
    write_sums()


def fix_what_differs_between_builds() -> None:
    """Uses the commit's time as the time of the build, and one order of sets for all builds."""
    os.environ["PYTHONHASHSEED"] = "0"
    if "SOURCE_DATE_EPOCH" not in os.environ:
        commit = ["git", "-c", "safe.directory=*", "log", "-1", "--format=%ct"]
        os.environ["SOURCE_DATE_EPOCH"] = subprocess.check_output(commit, cwd=ROOT, text=True).strip()


def strip_python() -> None:
    """Removes debugger symbols from Python, if its build left them inside (24 MB).

    Nothing else is stripped: libraries from wheels do not survive it.
    """
    inside = DIST / "fer-desktop" / "_internal"
    for library in (*inside.glob("libpython*.so*"), *inside.glob("python3*/lib-dynload/*.so")):
        run("strip", "--strip-debug", library)


def version() -> str:
    """Returns the version as fer_desktop/__init__.py has it."""
    code = "import fer_desktop; print(fer_desktop.__version__)"
    return subprocess.check_output([sys.executable, "-c", code], cwd=ROOT, text=True).strip()


def write_sums() -> None:
    """Writes the SHA-256 sums of the installers next to them."""
    installers = sorted(path for path in DIST.iterdir() if path.is_file())
    lines = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in installers]
    (DIST / "SHA256SUMS").write_text("".join(lines), encoding="utf-8", newline="\n")
    print("".join(lines), end="")


def run(*command: str | Path) -> None:
    """Runs a step; exits if it fails."""
    status = subprocess.run([str(part) for part in command], cwd=ROOT, check=False).returncode
    if status:
        sys.exit(f"{command[0]} ended with status {status}")


if __name__ == "__main__":
    main()
