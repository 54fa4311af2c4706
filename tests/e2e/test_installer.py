"""Installs, uses and removes the .deb in a Debian without Python.

Creating that system takes minutes the first time; it is kept in the user's cache.
"""

from __future__ import annotations

import faulthandler
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import pytest

from tests.e2e.checkout import copy_of_tracked_files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SUITE = "bookworm"
MIRROR = "http://deb.debian.org/debian"
SAMPLE = "/usr/lib/fer-desktop/_internal/resources/samples/happy-baby.jpeg"
LARGEST_DEB = 130e6
LARGEST_FOLDER = 350 * 2**20
PATIENCE_S = 90.0

_Seen = TypeVar("_Seen")

pytestmark = [
    pytest.mark.timeout(1200),  # a debootstrap and a build, on a busy computer
    pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="chroot needs root"),
]


class Root:
    """The folder of another Linux system, in which commands run as its user `person`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def command(self, *command: str, user: str = "person", display: str = "") -> list[str]:
        """Returns a command line that runs a command in it, in separate namespaces: no mount remains."""
        home = "/root" if user == "root" else f"/home/{user}"
        variables = {
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME": home,
            "LANG": "C.UTF-8",
            "XDG_RUNTIME_DIR": f"{home}/.run",
            "DEBIAN_FRONTEND": "noninteractive",
        }
        if display:
            variables["DISPLAY"] = display
        mounts = 'mount -t proc proc "$0/proc"; mount -t tmpfs -o mode=1777 tmpfs "$0/dev/shm"; exec "$@"'
        enter = ["chroot", f"--userspec={user}", str(self.folder), "env", "-i"]
        return [
            *("unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-ec", mounts, str(self.folder)),
            *enter,
            *(f"{name}={value}" for name, value in variables.items()),
            *command,
        ]

    def run(self, *command: str, user: str = "person") -> subprocess.CompletedProcess[str]:
        """Runs a command in it and waits for its end."""
        result = subprocess.run(
            self.command(*command, user=user), capture_output=True, text=True, timeout=600, check=False
        )
        assert result.returncode == 0, f"{command}\n{result.stdout}\n{result.stderr}"
        return result


@pytest.fixture(scope="module")
def cache() -> Path:
    """The folder of systems that take long to make."""
    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "fer-desktop" / "roots"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="module")
def chroot_allowed() -> None:
    """Skips the tests if another system cannot be entered, as in most containers."""
    for program in ("dpkg-deb", "unshare", "chroot"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")
    tried = subprocess.run(
        ["unshare", "--mount", "--pid", "--fork", "true"], capture_output=True, text=True, check=False
    )
    if tried.returncode:
        pytest.skip(f"no other system can be entered here: {tried.stderr.strip()}")


@pytest.fixture(scope="module")
def dist(chroot_allowed: None, checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The output of `make package` from the tracked files, but packed faster and so a little larger."""
    faulthandler.cancel_dump_traceback_later()  # this takes minutes without hanging
    sources = copy_of_tracked_files(checkout, tmp_path_factory.mktemp("sources"))
    commit = subprocess.check_output(
        ["git", "-c", "safe.directory=*", "log", "-1", "--format=%ct"], cwd=checkout, text=True
    )
    built = subprocess.run(
        [sys.executable, "packaging/environment.py", "package", "python", "packaging/build.py"],
        cwd=sources,
        env=os.environ | {"SOURCE_DATE_EPOCH": commit.strip(), "FER_PACK_FAST": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stdout[-4000:] + built.stderr[-4000:]
    return sources / "dist"


@pytest.fixture(scope="module")
def deb(dist: Path) -> Path:
    return next(dist.glob("*.deb"))


@pytest.fixture(scope="module")
def debian(deb: Path, cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of a Debian with its essential packages, apt, and the dependencies that the .deb names."""
    depends = subprocess.check_output(["dpkg-deb", "--field", deb, "Depends"], text=True).strip()
    archive = cache / f"{SUITE}-{hashlib.sha256(depends.encode()).hexdigest()[:12]}.tar"
    if archive.exists():
        return archive
    folder = tmp_path_factory.mktemp("debian") / "root"
    made = ["debootstrap", "--variant=minbase", SUITE, str(folder), MIRROR]  # `dist` has installed it
    result = subprocess.run(made, capture_output=True, text=True, check=False)
    if result.returncode:
        pytest.skip(f"debootstrap cannot run here: {result.stdout[-500:]}{result.stderr[-500:]}")
    shutil.copy("/etc/resolv.conf", folder / "etc" / "resolv.conf")
    root = Root(folder)
    root.run("apt-get", "update", user="root")
    root.run("apt-get", "satisfy", "-y", "--no-install-recommends", depends, user="root")
    root.run("apt-get", "clean", user="root")
    root.run("useradd", "--create-home", "person", user="root")
    root.run("mkdir", "--mode=700", "/home/person/.run")
    half = archive.with_suffix(f".{os.getpid()}")
    subprocess.run(["tar", "-cf", str(half), "-C", str(folder), "."], check=True)
    shutil.rmtree(folder)
    half.replace(archive)
    return archive


@pytest.fixture(scope="module")
def root(debian: Path, deb: Path, tmp_path_factory: pytest.TempPathFactory) -> Root:
    """That Debian with the .deb installed; dpkg fails if a dependency is missing."""
    root = Root(tmp_path_factory.mktemp("root"))
    subprocess.run(["tar", "-xf", str(debian), "-C", str(root.folder)], check=True)
    assert not list(root.folder.glob("usr/bin/python*"))
    shutil.copy(deb, root.folder / "tmp")
    root.run("dpkg", "--install", f"/tmp/{deb.name}", user="root")
    return root


@pytest.fixture
def demo(root: Root, xvfb_display: str) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """The demo with its window open, and its profile folder."""
    app = subprocess.Popen(
        root.command("fer-desktop", "--demo", "--source", SAMPLE, display=xvfb_display),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        logs = wait_until(lambda: list(root.folder.glob("tmp/fer-desktop-*/fer-desktop.log")), "no log")
        yield app, logs[0].parent
    finally:
        with suppress(ProcessLookupError):  # it has ended
            os.killpg(app.pid, signal.SIGKILL)  # unshare's end alone would leave the app running
        app.communicate()


def wait_until(look: Callable[[], _Seen], complaint: str) -> _Seen:
    """Returns the first true result of `look`."""
    deadline = time.monotonic() + PATIENCE_S
    while not (seen := look()):
        assert time.monotonic() < deadline, complaint
        time.sleep(0.1)
    return seen


def logged(profile: Path, words: str) -> None:
    """Waits until the app has logged this."""
    log = profile / "fer-desktop.log"
    wait_until(lambda: words in log.read_text(encoding="utf-8"), f"not logged: {words}")


def press(display: str, keys: str) -> None:
    """Presses keys in the app's window."""
    found = xdotool(display, "search", "--onlyvisible", "--name", "FER Desktop").split()
    xdotool(display, "windowfocus", found[0], "key", "--clearmodifiers", keys)


def xdotool(display: str, *command: str) -> str:
    return subprocess.run(
        ["xdotool", *command],
        env=os.environ | {"DISPLAY": display},
        capture_output=True,
        text=True,
        timeout=20,
        check=True,
    ).stdout


def test_it_is_small_enough(deb: Path) -> None:
    folder = deb.parent / "fer-desktop"
    size = sum(path.lstat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink())

    assert deb.stat().st_size <= LARGEST_DEB
    assert size <= LARGEST_FOLDER


def test_sums_are_right(deb: Path) -> None:
    checked = subprocess.run(
        ["sha256sum", "--check", "SHA256SUMS"], cwd=deb.parent, capture_output=True, text=True, check=False
    )

    assert checked.stdout.splitlines() == [
        f"{path.name}: OK" for path in sorted(deb.parent.iterdir()) if path.suffix in {".deb", ".gz"}
    ]


def test_self_test_succeeds(root: Root) -> None:
    tested = root.run("fer-desktop", "--self-test")

    assert json.loads(tested.stdout)["ok"] is True
    assert tested.stderr == ""


def test_a_face_becomes_a_playlist_in_the_window(
    demo: tuple[subprocess.Popen[str], Path], xvfb_display: str
) -> None:
    app, profile = demo
    logged(profile, "first analysis")
    press(xvfb_display, "ctrl+Return")
    logged(profile, "captured")
    press(xvfb_display, "ctrl+Return")
    logged(profile, "playlist made")

    (draft,) = json.loads((profile / "playlists.json").read_text(encoding="utf-8"))["drafts"]
    assert draft["name"] == "Happy Vibes Playlist"
    assert draft["stage"] == "done"
    assert len(draft["tracks"]) == 20
    press(xvfb_display, "ctrl+q")
    output, errors = app.communicate(timeout=PATIENCE_S)
    assert app.returncode == 0
    assert (output, errors) == ("", "")
    assert not profile.exists()


def test_tarball_installs_for_one_user_and_leaves_nothing(root: Root, dist: Path) -> None:
    shutil.copy(next(dist.glob("*.tar.gz")), root.folder / "tmp" / "app.tar.gz")
    root.run("sh", "-c", "mkdir ~/unpacked; tar -xzf /tmp/app.tar.gz -C ~/unpacked --strip-components=1")

    root.run("/home/person/unpacked/install.sh")
    tested = root.run("/home/person/.local/bin/fer-desktop", "--self-test")
    root.run("/home/person/unpacked/install.sh", "--uninstall")
    root.run("rm", "-r", "/home/person/unpacked")

    assert json.loads(tested.stdout)["ok"] is True
    assert [path for path in (root.folder / "home/person/.local").rglob("*") if not path.is_dir()] == []


def test_removal_leaves_the_profile_and_nothing_else(root: Root) -> None:
    listed = root.run("dpkg", "--listfiles", "fer-desktop").stdout.splitlines()
    profile = root.folder / "home/person/.local/share/fer-desktop"
    profile.mkdir(parents=True, exist_ok=True)
    (profile / "settings.json").write_text("{}", encoding="utf-8")

    root.run("dpkg", "--purge", "fer-desktop", user="root")

    found = root.run(
        "find", "/", "-xdev", "-name", "*fer*desktop*", "-not", "-path", "/tmp/*", user="root"
    ).stdout
    left = [path for path in listed if not (root.folder / path.lstrip("/")).is_dir()]
    assert [path for path in left if (root.folder / path.lstrip("/")).exists()] == []
    assert found.splitlines() == ["/home/person/.local/share/fer-desktop"]
    # fontconfig's cache serves all programs.
    cached = [path.name for path in (root.folder / "home/person/.cache").glob("*")]
    assert cached in ([], ["fontconfig"])
