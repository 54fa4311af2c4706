"""Sets up what a make target needs, once, and runs a command in it.

    python3 packaging/environment.py app python -m fer_desktop
    python3 packaging/environment.py dev pytest
    python3 packaging/environment.py package python packaging/build.py
    python3 packaging/environment.py lock

Three profiles: `app` has the dependencies of the app, `package` what builds its installers too, `dev` the
dependencies of the training, the tests and the checks too. Each is a virtual environment in the user's cache
folder, named by the hash of all that it is made from: it is made anew when that changes, and checkouts that
agree share it. The project itself is not installed; it runs from the checkout. This file needs nothing but
the system's Python.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

if sys.version_info < (3, 11):  # noqa: UP036 - says so in words, whichever Python make finds
    sys.exit(
        f"FER Desktop needs Python 3.11 or newer; this one is {sys.version.split()[0]}. "
        "Install a newer one and name it: make PYTHON=python3.12 ..."
    )

import tomllib

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
CONSTRAINTS = ROOT / "packaging" / "constraints.txt"
EXTRAS = {"app": (), "package": ("package",), "dev": ("training", "dev")}
UNUSED_DAYS = 30


class SetUpError(Exception):
    """The set-up cannot go on; its text says what happened and what to do next."""


def python_packages(profile: str) -> list[str]:
    """Returns the requirements of a profile as pyproject.toml states them."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    return [*project["dependencies"], *(package for extra in EXTRAS[profile] for package in extras[extra])]


def debian_packages(profile: str) -> list[str]:
    """Returns the Debian packages that a profile needs beside Python."""
    listed = tomllib.loads((ROOT / "packaging" / "debian-packages.toml").read_text(encoding="utf-8"))
    return [*listed["app"], *(listed[profile] if profile != "app" else [])]


def environment_dir(profile: str) -> Path:
    """Returns where a profile's virtual environment lies, whether or not it is made yet."""
    made_from = [
        python_packages(profile),
        debian_packages(profile),
        CONSTRAINTS.read_text(encoding="utf-8"),
        sys.base_prefix,
        sys.version_info[:2],
    ]
    digest = hashlib.sha256(json.dumps(made_from).encode()).hexdigest()[:12]
    return _environments() / f"{profile}-{digest}"


def ensure_environment(profile: str) -> Path:
    """Returns a profile's virtual environment, made first where it is missing or half made.

    Raises:
        SetUpError: A step of the set-up failed.
    """
    environment = environment_dir(profile)
    complete = environment / "complete"
    if not complete.exists():
        with _one_at_a_time():
            if not complete.exists():
                _make_environment(profile, environment)
                complete.touch()
    os.utime(complete)
    return environment


def lock() -> None:
    """Writes the newest versions that pyproject.toml allows, of all that any profile has, to constraints.txt.

    Raises:
        SetUpError: No set of versions fits together, or the network is down.
    """
    with _one_at_a_time(), tempfile.TemporaryDirectory() as folder:
        environment = Path(folder) / "venv"
        report = Path(folder) / "report.json"
        _install_debian_packages("dev")
        wanted = {*python_packages("dev"), *python_packages("package")}
        _run([sys.executable, "-m", "venv", str(environment)])
        _pip(environment, "install", "--dry-run", "--report", str(report), *wanted)
        chosen = [
            package["metadata"] for package in json.loads(report.read_text(encoding="utf-8"))["install"]
        ]
    lines = sorted(f"{package['name'].lower()}=={package['version']}" for package in chosen)
    header = f"# Written by `make lock`, on Linux with Python 3.{sys.version_info.minor}."
    CONSTRAINTS.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    _say(f"{len(lines)} versions written to {CONSTRAINTS.relative_to(ROOT)}")


def _environments() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "fer-desktop" / "venvs"


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Keeps a second set-up waiting until the first is done."""
    _environments().mkdir(parents=True, exist_ok=True)
    with (_environments() / "lock").open("w") as lock_file:
        fcntl.flock(lock_file, fcntl.LOCK_EX)
        yield


def _make_environment(profile: str, environment: Path) -> None:
    begun = time.monotonic()
    _say(f"Setting up FER Desktop's environment ({profile}), once; this takes a few minutes.")
    _install_debian_packages(profile)
    _remove_unused()
    _say(f"  Python packages, in {environment}")
    _run([sys.executable, "-m", "venv", "--clear", str(environment)])
    try:
        _pip(environment, "install", "--constraint", str(CONSTRAINTS), *python_packages(profile))
    except SetUpError:
        shutil.rmtree(environment)
        raise
    _say(f"  Done in {time.monotonic() - begun:.0f} s.")


def _install_debian_packages(profile: str) -> None:
    """Installs the system packages that are missing; nothing to do where there is no dpkg."""
    if shutil.which("dpkg-query") is None:
        return
    needed = debian_packages(profile)
    if importlib.util.find_spec("ensurepip") is None and sys.base_prefix == "/usr":
        needed.append(f"python3.{sys.version_info.minor}-venv")
    if profile == "package" and sys.base_prefix == "/usr":
        needed.append(
            f"libpython3.{sys.version_info.minor}"
        )  # Debian's python3 has it inside; PyInstaller needs it
    # Newer releases have some packages under another name that provides this one (libglib2.0-0t64).
    known = subprocess.run(
        ["dpkg-query", "--show", "--showformat", "${db:Status-Status}, ${Package}, ${Provides}\\n"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    present = {
        name.split()[0]
        for status, *names in (line.split(",") for line in known.splitlines())
        for name in names
        if status == "installed" and name.strip()
    }
    missing = [package for package in needed if package not in present]
    if not missing:
        return
    install = ["apt-get", "install", "-y", "--no-install-recommends", *missing]
    if os.geteuid() != 0:
        raise SetUpError(
            "Some system packages are missing. Install them with this command, then run make again:\n"
            f"  sudo apt-get update && sudo {shlex.join(install)}"
        )
    _say(f"  System packages: {' '.join(missing)}")
    os.environ["DEBIAN_FRONTEND"] = "noninteractive"
    _run(["apt-get", "update"])
    _run(install)


def _pip(environment: Path, *arguments: str) -> None:
    _run([str(environment / "bin" / "python"), "-m", "pip", "--no-input", *arguments])


def _run(command: list[str]) -> None:
    """Runs a step of the set-up; its output goes to the log.

    Raises:
        SetUpError: It failed.
    """
    with _log().open("w", encoding="utf-8") as output:
        status = subprocess.run(command, stdout=output, stderr=subprocess.STDOUT, check=False).returncode
    if status:
        lines = _log().read_text(encoding="utf-8", errors="replace").splitlines()
        errors = [line for line in lines if line.startswith(("ERROR", "Error", "E:"))]
        reason = (errors or lines[-1:] or [f"{shlex.join(command)} ended with status {status}"])[0]
        raise SetUpError(
            f"The set-up stopped: {reason}\n"
            f"Check the network and the free disk space, then run make again. The whole output is in {_log()}"
        )


def _log() -> Path:
    return _environments() / "set-up.log"


def _remove_unused() -> None:
    """Removes the environments in which nothing has run for a month."""
    oldest = time.time() - UNUSED_DAYS * 24 * 3600
    for complete in _environments().glob("*/complete"):
        if complete.stat().st_mtime < oldest:
            shutil.rmtree(complete.parent)


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def main(arguments: list[str]) -> NoReturn:
    """Writes the constraints anew, or becomes the command that follows the profile's name."""
    if arguments != ["lock"] and (len(arguments) < 2 or arguments[0] not in EXTRAS):
        _say("usage: environment.py lock | {app,dev} COMMAND [ARGUMENT ...]")
        sys.exit(2)
    try:
        if arguments == ["lock"]:
            lock()
            sys.exit()
        binaries = ensure_environment(arguments[0]) / "bin"
    except (SetUpError, OSError) as error:
        _say(str(error))
        sys.exit(2)
    except KeyboardInterrupt:
        _say("Stopped. The next run begins the set-up anew.")
        sys.exit(130)
    os.environ["PATH"] = f"{binaries}{os.pathsep}{os.environ['PATH']}"
    os.execvp(arguments[1], arguments[1:])  # noqa: S606 - the command stands in the Makefile


if __name__ == "__main__":
    main(sys.argv[1:])
