"""The .deb, in a Debian that has neither Python nor anything else of ours: installed, used, removed.

Building it and making that system take minutes the first time; the system is kept in the user's cache.
"""

from __future__ import annotations

import faulthandler
import json
import os
import shutil
import subprocess
import sys
import time
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
    """The folder of another Linux system, in which commands run as its own user `person`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def command(self, *command: str, user: str = "person", display: str = "") -> list[str]:
        """Returns what runs a command in it, in namespaces of its own: nothing is mounted afterwards."""
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
        """Runs a command in it to its end."""
        result = subprocess.run(
            self.command(*command, user=user), capture_output=True, text=True, timeout=600, check=False
        )
        assert result.returncode == 0, f"{command}\n{result.stdout}\n{result.stderr}"
        return result


@pytest.fixture(scope="module")
def cache() -> Path:
    """Where what takes long to fetch is kept."""
    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "fer-desktop" / "roots"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="module")
def chroot_allowed() -> None:
    """Skips where another system cannot be entered, as in most containers."""
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
    """What `make package` makes of the tracked files."""
    faulthandler.cancel_dump_traceback_later()  # it waits for minutes without hanging
    sources = copy_of_tracked_files(checkout, tmp_path_factory.mktemp("sources"))
    commit = subprocess.check_output(
        ["git", "-c", "safe.directory=*", "log", "-1", "--format=%ct"], cwd=checkout, text=True
    )
    built = subprocess.run(
        [sys.executable, "packaging/environment.py", "package", "python", "packaging/build.py"],
        cwd=sources,
        env=os.environ | {"SOURCE_DATE_EPOCH": commit.strip()},
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
def bare_root(dist: Path, cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Root:
    """A Debian of its essential packages and apt; `dist` has brought debootstrap."""
    archive = cache / f"{SUITE}-minbase.tar"
    folder = tmp_path_factory.mktemp("root") / "root"
    if not archive.exists():
        made = ["debootstrap", "--variant=minbase", SUITE, str(folder), MIRROR]
        result = subprocess.run(made, capture_output=True, text=True, check=False)
        if result.returncode:
            pytest.skip(f"debootstrap cannot run here: {result.stdout[-500:]}{result.stderr[-500:]}")
        half = archive.with_suffix(f".{os.getpid()}")
        subprocess.run(["tar", "-cf", str(half), "-C", str(folder), "."], check=True)
        half.replace(archive)
    else:
        folder.mkdir()
        subprocess.run(["tar", "-xf", str(archive), "-C", str(folder)], check=True)
    shutil.copy("/etc/resolv.conf", folder / "etc" / "resolv.conf")
    root = Root(folder)
    root.run("useradd", "--create-home", "person", user="root")
    root.run("mkdir", "--mode=700", "/home/person/.run")
    assert not list(folder.glob("usr/bin/python*"))
    return root


@pytest.fixture(scope="module")
def root(bare_root: Root, deb: Path, cache: Path) -> Root:
    """The same with the .deb, and with what it says that it depends on."""
    archives = bare_root.folder / "var" / "cache" / "apt" / "archives"
    for kept in cache.glob("*.deb"):
        shutil.copy(kept, archives)
    shutil.copy(deb, bare_root.folder / "tmp")
    bare_root.run("apt-get", "update", user="root")
    install = ["apt-get", "install", "-y", "--no-install-recommends", f"/tmp/{deb.name}"]
    bare_root.run(*install, user="root")
    for fetched in archives.glob("*.deb"):
        shutil.copy(fetched, cache)
    return bare_root


@pytest.fixture
def demo(root: Root, xvfb_display: str) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """The demo with its window open, and the folder of its profile."""
    app = subprocess.Popen(
        root.command("fer-desktop", "--demo", "--source", SAMPLE, display=xvfb_display),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        logs = wait_until(lambda: list(root.folder.glob("tmp/fer-desktop-*/fer-desktop.log")), "no log")
        yield app, logs[0].parent
    finally:
        app.kill()
        app.communicate()


def wait_until(look: Callable[[], _Seen], complaint: str) -> _Seen:
    """Returns what `look` sees as soon as it is something."""
    deadline = time.monotonic() + PATIENCE_S
    while not (seen := look()):
        assert time.monotonic() < deadline, complaint
        time.sleep(0.1)
    return seen


def logged(profile: Path, words: str) -> None:
    """Waits until the app has logged something."""
    log = profile / "fer-desktop.log"
    wait_until(lambda: words in log.read_text(encoding="utf-8"), f"not logged: {words}")


def press(display: str, keys: str) -> None:
    """Presses keys in the app's window, as a keyboard does."""
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
    # What fontconfig keeps, it keeps for all programs.
    cached = [path.name for path in (root.folder / "home/person/.cache").glob("*")]
    assert cached in ([], ["fontconfig"])
