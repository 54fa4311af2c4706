"""One window for a profile: a later start hands over to the first."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from fer_desktop.controllers.single_instance import LOCK_NAME, SingleInstance

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytestqt.qtbot import QtBot

_SECOND_START = """
import sys
from pathlib import Path
from PySide6.QtCore import QCoreApplication
from fer_desktop.controllers.single_instance import SingleInstance
application = QCoreApplication([])
instance = SingleInstance(Path(sys.argv[1]))
print(instance.is_first, not instance.is_first and instance.hand_over(sys.argv[2]))
"""


@pytest.fixture
def first(qapp: object, tmp_path: Path) -> Iterator[SingleInstance]:
    instance = SingleInstance(tmp_path)
    yield instance
    instance.close()


def start_again(checkout: Path, profile: Path, source: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", _SECOND_START, str(profile), source]
    return subprocess.Popen(command, cwd=checkout, stdout=subprocess.PIPE, text=True)


def test_a_second_start_hands_over_its_source(
    first: SingleInstance, qtbot: QtBot, checkout: Path, tmp_path: Path
) -> None:
    with qtbot.waitSignal(first.asked_again, timeout=30_000) as asked:
        second = start_again(checkout, tmp_path, "/photos/me.jpg")

    assert first.is_first
    assert asked.args == ["/photos/me.jpg"]
    assert second.communicate(timeout=30)[0] == "False True\n"


def test_another_profile_has_a_window_of_its_own(
    first: SingleInstance, checkout: Path, tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()

    second = start_again(checkout, tmp_path / "other", "")

    assert second.communicate(timeout=30)[0] == "True False\n"


def test_a_window_that_hangs_is_not_waited_for_long(
    first: SingleInstance, checkout: Path, tmp_path: Path
) -> None:
    second = start_again(checkout, tmp_path, "")  # and no event loop runs here that could answer

    assert second.communicate(timeout=30)[0] == "False False\n"


def test_after_a_crash_the_next_start_is_the_first(qapp: object, checkout: Path, tmp_path: Path) -> None:
    code = _SECOND_START + "print('up', flush=True)\nsys.stdin.read()\n"
    crashing = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path), ""],
        cwd=checkout,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert crashing.stdout is not None
    assert [crashing.stdout.readline() for _ in range(2)] == ["True False\n", "up\n"]
    crashing.kill()
    crashing.communicate()
    assert (tmp_path / LOCK_NAME).exists()

    instance = SingleInstance(tmp_path)

    assert instance.is_first
    instance.close()
