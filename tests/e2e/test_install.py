"""An installed FER Desktop runs without the checkout: from a wheel, and as an editable installation."""

from __future__ import annotations

import json
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from tests.e2e.checkout import copy_of_tracked_files


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory, checkout: Path) -> Path:
    return copy_of_tracked_files(checkout, tmp_path_factory.mktemp("sources"))


@pytest.fixture(scope="module")
def wheel(sources: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    dist = tmp_path_factory.mktemp("dist")
    run([sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(dist)], cwd=sources)
    (built,) = dist.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `bin` folder of a virtual environment with the wheel."""
    programs = clean_venv(tmp_path_factory.mktemp("installed") / "venv")
    install(programs, str(wheel))
    return programs


@pytest.fixture
def empty_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "empty"
    folder.mkdir()
    return folder


def run(command: list[str], cwd: Path) -> subprocess.CompletedProcess[str]:
    result = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert result.returncode == 0, f"{command}\n{result.stdout}\n{result.stderr}"
    return result


def clean_venv(folder: Path) -> Path:
    """Makes a virtual environment that sees the packages of this one; returns its `bin` folder."""
    run([sys.executable, "-m", "venv", "--without-pip", str(folder)], cwd=folder.parent)
    library = Path(sysconfig.get_path("purelib", "venv", {"base": str(folder), "platbase": str(folder)}))
    (library / "dependencies.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    return folder / ("Scripts" if sys.platform == "win32" else "bin")


def install(programs: Path, *arguments: str) -> None:
    pip = [
        sys.executable,
        "-m",
        "pip",
        "--python",
        str(programs / "python"),
        "install",
        "--no-deps",
        "--no-index",
    ]
    run([*pip, *arguments], cwd=programs)


def test_wheel_holds_resources_and_models_and_no_tests(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()

    assert {
        "fer_desktop/_resources/haarcascade_frontalface_default.xml",
        "fer_desktop/_resources/moods.toml",
        "fer_desktop/_models/emotion.onnx",
        "fer_desktop/_models/emotion.json",
    } <= set(names)
    assert not [name for name in names if name.startswith(("tests/", "packaging/"))]


def test_wheel_runs_without_the_checkout(installed: Path, empty_folder: Path) -> None:
    tested = run([str(installed / "fer-desktop"), "--self-test"], cwd=empty_folder)
    helped = run([str(installed / "fer-desktop"), "--help"], cwd=empty_folder)

    (line,) = tested.stdout.splitlines()
    assert json.loads(line)["ok"] is True
    assert "--demo" in helped.stdout
    assert tested.stderr == helped.stderr == ""


def test_running_leaves_no_trace_of_telemetry(
    installed: Path, empty_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CI", raising=False)  # onnxruntime sends no telemetry from there anyway

    run([str(installed / "fer-desktop"), "--self-test"], cwd=empty_folder)

    assert [path for path in Path.home().rglob("*") if "microsoft" in path.name.lower()] == []


def test_app_loads_neither_torch_nor_training(installed: Path, empty_folder: Path) -> None:
    code = "import sys, fer_desktop.startup; print({'torch', 'training'} & set(sys.modules))"
    loaded = run([str(installed / "python"), "-c", code], cwd=empty_folder).stdout

    assert loaded.strip() == "set()"


def test_the_window_does_not_wait_for_what_only_spotify_needs(installed: Path, empty_folder: Path) -> None:
    imports = "import sys, fer_desktop.__main__, fer_desktop.startup"
    code = f"{imports}; print({{'keyring', 'requests', 'spotipy'}} & set(sys.modules))"
    loaded = run([str(installed / "python"), "-c", code], cwd=empty_folder).stdout

    assert loaded.strip() == "set()"


def test_editable_installation_runs(sources: Path, tmp_path: Path, empty_folder: Path) -> None:
    programs = clean_venv(tmp_path / "venv")
    install(programs, "--no-build-isolation", "--editable", str(sources))

    tested = run([str(programs / "fer-desktop"), "--self-test"], cwd=empty_folder)
    code = "import fer_desktop.paths as paths; print(paths.resources_dir())"
    resources = run([str(programs / "python"), "-c", code], cwd=empty_folder).stdout.strip()

    assert json.loads(tested.stdout)["ok"] is True
    assert resources == str(sources / "resources")
