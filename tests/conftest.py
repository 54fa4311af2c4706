"""Rules for every test, with or without Qt: an empty home, no network, no thread left, no warning."""

from __future__ import annotations

import ipaddress
import logging
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import keyring
import pytest

import fer_desktop.vision  # noqa: F401  # configures OpenCV before a test imports it
from fer_desktop.spotify.factory import sandbox_session
from fer_desktop.spotify.sandbox import Sandbox
from tests.fakes.system_keyring import DictKeyring
from tests.fakes.warnings import LoggedWarnings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fer_desktop.spotify.session import SpotifySession

# Set before any test creates a QApplication or uses a keyring; child processes inherit all.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
# Child processes keep the bytecode of our modules, so that each does not compile them again.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"
os.environ.setdefault("OMP_NUM_THREADS", "1")  # torch's threads would wait for each other, not compute
os.environ |= {"LC_ALL": "C.UTF-8", "LANGUAGE": ""}  # the tests read English

THREAD_GRACE_S = 5.0


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    """Without pytest-qt (`-p no:pytest-qt`), Qt counts as not installed; the unit tests still run."""
    if not pluginmanager.hasplugin("pytest-qt"):
        sys.modules |= dict.fromkeys(("PySide6", "shiboken6"))  # type: ignore[arg-type]  # None forbids the import
        for option in ("qt_api", "qt_log_level_fail", "qt_log_ignore"):
            parser.addini(option, "read by pytest-qt")


def pytest_configure() -> None:
    """Blocks the network for the whole run; an audit hook sees the calls of every library."""
    sys.addaudithook(_refuse_network)


def _refuse_network(event: str, args: tuple[object, ...]) -> None:
    if event in {"socket.connect", "socket.sendto"}:
        address = args[1]
        host = address[0] if isinstance(address, tuple) else None  # a str is a Unix socket
    elif event == "socket.getaddrinfo":
        host = args[0]
    else:
        return
    if host is not None and not _is_local(host):
        raise AssertionError(f"a test tried to reach {host!r}; only loopback is allowed")


def _is_local(host: object) -> bool:
    name = host.decode() if isinstance(host, bytes) else str(host)
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return name in {"", "localhost"}
    return address.is_loopback or address.is_unspecified


@pytest.fixture(autouse=True)
def _own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Gives the test and the processes that it starts an empty home."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USERPROFILE", str(home))
    for variable, folder in {
        "XDG_CONFIG_HOME": ".config",
        "XDG_CACHE_HOME": ".cache",
        "XDG_DATA_HOME": ".local/share",
        "XDG_STATE_HOME": ".local/state",
        "XDG_RUNTIME_DIR": ".run",
        "APPDATA": "AppData/Roaming",
        "LOCALAPPDATA": "AppData/Local",
    }.items():
        monkeypatch.setenv(variable, str(home / folder))
    (home / ".run").mkdir(mode=0o700)  # Qt warns if it is missing


@pytest.fixture(autouse=True)
def _no_thread_left() -> Iterator[None]:
    """Fails a test that leaves a thread running.

    Daemon threads are allowed: the app leaves one behind if a camera's driver blocks.
    """
    threads_before = set(threading.enumerate())
    yield
    left = [
        thread.name
        for thread in threading.enumerate()
        if thread not in threads_before and not thread.daemon and not _joined(thread)
    ]
    assert not left, f"still running after the test: {', '.join(left)}"


@pytest.fixture(autouse=True)
def _no_pause_before_a_retry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retries failed requests without a pause."""
    monkeypatch.setattr("fer_desktop.spotify.client.RETRY_PAUSES_S", (0.0, 0.0))
    monkeypatch.setattr("fer_desktop.spotify.limits.LONGEST_WAIT_S", 0.0)


def _joined(thread: threading.Thread) -> bool:
    thread.join(THREAD_GRACE_S)
    return not thread.is_alive()


@pytest.fixture(autouse=True)
def _no_unexpected_warning(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fails a test if the app logs a warning, unless the test reads it from `caplog`."""
    logged = LoggedWarnings()
    logger = logging.getLogger("fer_desktop")
    logger.addHandler(logged)
    yield
    logger.removeHandler(logged)
    if "caplog" not in request.fixturenames:
        assert not logged.lines, "the app logged: " + "; ".join(logged.lines)


@pytest.fixture(scope="session")
def xvfb_display(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The name (":99") of our own X server, for child processes that show a real window."""
    program = shutil.which("Xvfb")
    if program is None:
        pytest.skip("Xvfb is not installed")
    read_end, write_end = os.pipe()
    log = tmp_path_factory.mktemp("xvfb") / "log"
    with log.open("wb") as log_file:
        server = subprocess.Popen(
            [program, "-displayfd", str(write_end), "-screen", "0", "1400x1000x24", "-nolisten", "tcp"],
            pass_fds=[write_end],
            stdout=log_file,
            stderr=log_file,
        )
    os.close(write_end)
    with os.fdopen(read_end) as answer:
        number = answer.readline().strip()
    assert number, f"Xvfb did not start: {log.read_text(errors='replace')}"
    yield f":{number}"
    server.terminate()
    server.wait(timeout=10)


@pytest.fixture
def windowed_environment(xvfb_display: str) -> dict[str, str]:
    """The environment of a child process that shows a real window."""
    return os.environ | {"DISPLAY": xvfb_display, "QT_QPA_PLATFORM": "xcb"}


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """Stands in for Spotify."""
    with Sandbox() as running:
        yield running


@pytest.fixture
def session(sandbox: Sandbox) -> SpotifySession:
    """Connected to the sandbox, with every permission; only later requests are remembered."""
    session = sandbox_session(sandbox, own_top_tracks=True, cover=True)
    session.connect(threading.Event())
    sandbox.requests.clear()
    return session


@pytest.fixture
def system_keyring() -> Iterator[DictKeyring]:
    """A keyring that works, in place of the system's."""
    before = keyring.get_keyring()
    own = DictKeyring()
    keyring.set_keyring(own)
    yield own
    keyring.set_keyring(before)


@pytest.fixture(scope="session")
def checkout() -> Path:
    """The folder that holds pyproject.toml."""
    return Path(__file__).resolve().parent.parent
