"""The command line: which command runs, with what, and how failures end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fer_desktop.cli import commands
from fer_desktop.errors import AppError

if TYPE_CHECKING:
    from pathlib import Path


def run(*argv: str) -> tuple[int, list[commands.WindowOptions]]:
    opened: list[commands.WindowOptions] = []

    def open_window(options: commands.WindowOptions) -> int:
        opened.append(options)
        return 0

    return commands.run(argv, open_window=open_window, qt_version=lambda: "6"), opened


def test_without_a_command_the_window_opens(tmp_path: Path) -> None:
    exit_code, opened = run("--demo", "--source", "camera:1", "--profile-dir", str(tmp_path))
    assert exit_code == 0
    (options,) = opened
    assert options.demo
    assert options.source == "camera:1"
    assert options.profile_dir == tmp_path


@pytest.mark.parametrize("behind", [False, True], ids=["before", "behind"])
def test_the_profile_may_come_before_or_after_the_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], *, behind: bool
) -> None:
    profile = ["--profile-dir", str(tmp_path / "profile")]
    command = ["playlist", "--emotion", "happy"]
    exit_code, opened = run(*(command + profile if behind else profile + command))
    assert exit_code in (2, 3)
    assert opened == []
    assert capsys.readouterr().err.startswith("fer-desktop: ")


def test_a_failure_of_the_window_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    def open_window(_options: commands.WindowOptions) -> int:
        raise AppError("No display", "There is none.", "Try --demo.")

    assert commands.run([], open_window=open_window, qt_version=lambda: "6") == 2
    assert capsys.readouterr().err == "fer-desktop: No display: There is none. Try --demo.\n"


def test_an_unknown_option_ends_with_the_usage(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        run("--nonsense")
    assert stopped.value.code == 2
    assert "usage: fer-desktop" in capsys.readouterr().err
