"""The unit tests need no Qt: all can be collected where it is not installed."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path


def test_unit_tests_are_collected_without_qt(checkout: Path, pytestconfig: pytest.Config) -> None:
    if not pytestconfig.pluginmanager.hasplugin("pytest-qt"):
        pytest.skip("this run proves it: it is without Qt")
    command = [sys.executable, "-m", "pytest", "-p", "no:pytest-qt", "-p", "no:cacheprovider"]
    collected = subprocess.run(
        [*command, "--collect-only", "-q", "tests/unit"],
        cwd=checkout,
        capture_output=True,
        text=True,
        check=False,
    )
    assert collected.returncode == 0, collected.stdout
