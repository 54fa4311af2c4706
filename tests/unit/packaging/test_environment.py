"""The set-up behind `make`: in a project of its own whose one dependency is a wheel on the disk."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="make is for Linux and macOS")


@pytest.fixture
def project(tmp_path: Path, checkout: Path) -> Path:
    """A project that needs one package, which has one module, `sample`."""
    root = tmp_path / "project"
    (root / "packaging").mkdir(parents=True)
    (root / "packaging" / "constraints.txt").touch()
    (root / "packaging" / "debian-packages.toml").write_text('app = ["libone0"]\ndev = ["libtwo0"]\n')
    (root / "packaging" / "environment.py").write_text(
        (checkout / "packaging" / "environment.py").read_text()
    )
    wheel = tmp_path / "sample-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("sample.py", "")
        archive.writestr(
            "sample-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: sample\nVersion: 1.0\n"
        )
        archive.writestr(
            "sample-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr("sample-1.0.dist-info/RECORD", "")
    depend_on(root, wheel)
    return root


@pytest.fixture
def apt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A Debian system that lacks libtwo0; its apt-get writes its arguments to the file that is returned."""
    calls = tmp_path / "apt-calls"
    calls.touch()
    programs = tmp_path / "programs"
    write_program(programs / "dpkg-query", "echo 'installed, libone0t64, libone0 (= 1.2)'")
    write_program(programs / "apt-get", f'echo "$@" >> {calls}')
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    return calls


def write_program(path: Path, line: str) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{line}\n")
    path.chmod(0o755)


def depend_on(project: Path, wheel: Path) -> None:
    (project / "pyproject.toml").write_text(
        f'[project]\ndependencies = ["sample @ {wheel.as_uri()}"]\n'
        "[project.optional-dependencies]\ntraining = []\ndev = []\n"
    )


def run(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "packaging/environment.py", *arguments],
        cwd=project,
        capture_output=True,
        text=True,
        check=False,
    )


def import_sample(project: Path) -> subprocess.CompletedProcess[str]:
    return run(project, "app", "python", "-c", "import sample; print(sample.__file__)")


def load(project: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("environment", project / "packaging" / "environment.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_first_run_sets_up_and_the_second_says_nothing(project: Path, apt: Path) -> None:
    first = import_sample(project)
    second = import_sample(project)

    assert first.returncode == 0, first.stderr
    assert "Setting up" in first.stderr
    assert second.returncode == 0
    assert second.stderr == ""
    assert first.stdout == second.stdout
    assert run(project, "app", "python", "-c", "raise SystemExit(7)").returncode == 7
    assert apt.read_text() == ""


def test_incomplete_environment_is_made_again(project: Path, apt: Path) -> None:
    environment = load(project).environment_dir("app")
    (environment / "bin").mkdir(parents=True)
    (environment / "bin" / "python").write_text("cut off in the mid")

    assert import_sample(project).returncode == 0


def test_changed_constraints_make_another_environment(project: Path) -> None:
    environment = load(project)
    before = environment.environment_dir("app")
    (project / "packaging" / "constraints.txt").write_text("sample==1.0\n")

    assert environment.environment_dir("app") != before


def test_environment_unused_for_a_month_is_removed(project: Path, apt: Path) -> None:
    old, recent = (load(project).environment_dir("app").with_name(name) for name in ("app-old", "app-recent"))
    for environment in (old, recent):
        environment.mkdir(parents=True)
        (environment / "complete").touch()
    os.utime(old / "complete", (0, 0))

    assert import_sample(project).returncode == 0
    assert not old.exists()
    assert recent.exists()


def test_failed_installation_ends_in_a_clear_line_and_leaves_nothing(project: Path, apt: Path) -> None:
    depend_on(project, project / "missing-1.0-py3-none-any.whl")

    result = import_sample(project)

    assert result.returncode == 2
    assert "The set-up stopped: ERROR: " in result.stderr
    assert "Traceback" not in result.stderr
    assert not load(project).environment_dir("app").exists()


def test_root_gets_the_missing_debian_packages(
    project: Path, apt: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    environment = load(project)

    environment.install_debian_packages("dev")

    assert apt.read_text().splitlines() == ["update", "install -y --no-install-recommends libtwo0"]


def test_others_are_told_the_command(project: Path, apt: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    environment = load(project)

    with pytest.raises(
        environment.SetUpError, match="sudo apt-get install -y --no-install-recommends libtwo0"
    ):
        environment.install_debian_packages("dev")

    assert apt.read_text() == ""


def test_app_needs_no_torch(checkout: Path) -> None:
    environment = load(checkout)

    assert not [package for package in environment.python_packages("app") if "torch" in package]
    assert [package for package in environment.python_packages("dev") if package.startswith("torch>")]


def test_constraints_fit_every_dependency(checkout: Path) -> None:
    lines = (checkout / "packaging" / "constraints.txt").read_text().splitlines()
    pins = [Requirement(line) for line in lines if not line.startswith("#")]
    pinned = {
        canonicalize_name(pin.name): next(iter(pin.specifier)).version
        for pin in pins
        if pin.marker is None or pin.marker.evaluate()
    }
    environment = load(checkout)
    needed = [
        Requirement(package)
        for profile in environment.EXTRAS
        for package in environment.python_packages(profile)
    ]

    assert [
        str(one) for one in needed if pinned.get(canonicalize_name(one.name), "0") not in one.specifier
    ] == [], "run `make lock`"
