"""Sets up what a make target needs, once, and runs a command in it.

    python3 packaging/environment.py {app,package,dev} COMMAND [ARGUMENT ...]
    python3 packaging/environment.py lock

`app` has the dependencies of the app, `package` also what builds its installers, and `dev` also those of the
training, the tests and the checks. Each is a virtual environment in the user's cache folder, named by the
hash of everything that it is made from: checkouts that agree share it, and a change makes a new one. The
project itself is not installed; it runs from the checkout. This file needs nothing but the system's Python.
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
from pathlib import Path
from typing import NoReturn

if sys.version_info < (3, 11):  # noqa: UP036 - says so in plain words, whichever Python make finds
    sys.exit(
        f"FER Desktop needs Python 3.11 or newer; this one is {sys.version.split()[0]}. "
        "Install a newer one and name it: make PYTHON=python3.12 ..."
    )

import tomllib

ROOT = Path(__file__).resolve().parent.parent
CONSTRAINTS = ROOT / "packaging" / "constraints.txt"
EXTRAS = {"app": (), "package": ("package",), "dev": ("training", "dev")}
UNUSED_DAYS = 30


class SetUpError(Exception):
    """The set-up cannot continue; its text says what happened and what to do next."""


def python_packages(profile: str) -> list[str]:
    """Returns the requirements of a profile as pyproject.toml states them."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    return [*project["dependencies"], *(package for extra in EXTRAS[profile] for package in extras[extra])]


def debian_packages(profile: str) -> list[str]:
    """Returns the Debian packages that a profile needs in addition to Python."""
    listed = tomllib.loads((ROOT / "packaging" / "debian-packages.toml").read_text(encoding="utf-8"))
    return list(dict.fromkeys([*listed["app"], *listed[profile]]))


def environment_dir(profile: str) -> Path:
    """Returns where a profile's virtual environment is, whether or not it exists yet."""
    constraints = CONSTRAINTS.read_text(encoding="utf-8")
    system = sys.base_prefix, sys.version_info[:2]
    made_from = [python_packages(profile), debian_packages(profile), constraints, *system]
    return _cache() / f"{profile}-{hashlib.sha256(json.dumps(made_from).encode()).hexdigest()[:12]}"


def ensure_environment(profile: str) -> Path:
    """Returns a profile's virtual environment, and makes it first if it is missing or incomplete.

    Raises:
        SetUpError: A step of the set-up failed.
    """
    environment = environment_dir(profile)
    complete = environment / "complete"
    if not complete.exists():
        with (_cache() / "lock").open("w") as lock_file:
            fcntl.flock(lock_file, fcntl.LOCK_EX)  # a second set-up waits until the first is done
            if not complete.exists():
                _make_environment(profile, environment)
                complete.touch()
    os.utime(complete)
    return environment


def install_debian_packages(profile: str) -> None:
    """Installs the system packages that are missing; does nothing on systems without dpkg.

    Raises:
        SetUpError: Installing failed, or the user is not root and has to do it.
    """
    if shutil.which("dpkg-query") is None:
        return
    needed = debian_packages(profile)
    if sys.base_prefix == "/usr":  # Debian's own Python comes in parts
        python = f"python3.{sys.version_info.minor}"
        needed += [f"{python}-venv"] if importlib.util.find_spec("ensurepip") is None else []
        needed += [f"lib{python}"] if profile == "package" else []  # for PyInstaller
    # Newer releases have some packages under another name that provides this one (libglib2.0-0t64).
    form = "${db:Status-Status}, ${Package}, ${Provides}\\n"
    known = subprocess.check_output(["dpkg-query", "--show", "--showformat", form], text=True)
    installed = (line.split(",")[1:] for line in known.splitlines() if line.startswith("installed,"))
    present = {name.split()[0] for names in installed for name in names if name.strip()}
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
    _run("apt-get", "update")
    _run(*install)


def lock() -> None:
    """Writes the versions of everything that any profile installs on any system to constraints.txt.

    Versions that still fit are kept.

    Raises:
        SetUpError: No set of versions fits together, or the network is down.
    """
    install_debian_packages("app")
    with tempfile.TemporaryDirectory() as folder:
        _run(sys.executable, "-m", "venv", folder)
        _run(f"{folder}/bin/pip", "install", "uv")
        _run(
            f"{folder}/bin/uv", "pip", "compile", "--universal", "--python-version=3.11", "--all-extras",
            "--no-annotate", "--custom-compile-command=make lock", f"--output-file={CONSTRAINTS}",
            str(ROOT / "pyproject.toml"),
        )  # fmt: skip


def _make_environment(profile: str, environment: Path) -> None:
    started = time.monotonic()
    _say(f"Setting up FER Desktop's environment ({profile}), once; this takes a few minutes.")
    install_debian_packages(profile)
    for unused in _cache().glob("*/complete"):
        if unused.stat().st_mtime < time.time() - UNUSED_DAYS * 24 * 3600:
            shutil.rmtree(unused.parent)
    _say(f"  Python packages, in {environment}")
    _run(sys.executable, "-m", "venv", "--clear", str(environment))
    try:
        pip = str(environment / "bin" / "python"), "-m", "pip", "--no-input"
        _run(*pip, "install", "--constraint", str(CONSTRAINTS), *python_packages(profile))
    except SetUpError:
        shutil.rmtree(environment)
        raise
    _say(f"  Done in {time.monotonic() - started:.0f} s.")


def _run(*command: str) -> None:
    """Runs a step of the set-up; its output goes to a log.

    Raises:
        SetUpError: It failed.
    """
    log = _cache() / "set-up.log"
    with log.open("w", encoding="utf-8") as output:
        status = subprocess.run(command, stdout=output, stderr=subprocess.STDOUT, check=False).returncode
    if status:
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
        errors = [line for line in lines if line.startswith(("ERROR", "Error", "E:"))]
        reason = (errors or lines[-1:] or [f"{shlex.join(command)} ended with status {status}"])[0]
        raise SetUpError(
            f"The set-up stopped: {reason}\n"
            f"Check the network and the free disk space, then run make again. The full output is in {log}"
        )


def _cache() -> Path:
    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "fer-desktop" / "venvs"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def main(arguments: list[str]) -> NoReturn:
    """Writes the constraints, or becomes the command that follows the profile's name."""
    if arguments != ["lock"] and (len(arguments) < 2 or arguments[0] not in EXTRAS):
        _say(f"usage: environment.py lock | {{{','.join(EXTRAS)}}} COMMAND [ARGUMENT ...]")
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
        _say("Stopped. The next run starts the set-up again.")
        sys.exit(130)
    os.environ["PATH"] = f"{binaries}{os.pathsep}{os.environ['PATH']}"
    os.execvp(arguments[1], arguments[1:])  # noqa: S606 - the command is in the Makefile


if __name__ == "__main__":
    main(sys.argv[1:])
