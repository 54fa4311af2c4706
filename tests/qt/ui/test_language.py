"""The language of the window: the system's or the chosen one, for the app's strings and Qt's own."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from PySide6.QtGui import QKeySequence

from fer_desktop.translation import _
from fer_desktop.ui.language import speak

if TYPE_CHECKING:
    from pathlib import Path

    from PySide6.QtWidgets import QApplication

_SAY = """
from PySide6.QtWidgets import QApplication
from fer_desktop.translation import _
from fer_desktop.ui.language import speak
app = QApplication([])
speak(app, "auto")
print(_("Settings"))
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere no variable sets the language")
@pytest.mark.parametrize(
    ("system", "words"),
    [("de_DE", "Einstellungen"), ("zh_CN", "设置"), ("zh_TW", "Settings"), ("fr_FR", "Settings")],
)
def test_the_systems_language_is_used(checkout: Path, system: str, words: str) -> None:
    said = subprocess.run(
        [sys.executable, "-X", "utf8", "-c", _SAY],
        cwd=checkout,
        env=os.environ | {"LC_ALL": f"{system}.UTF-8", "LANGUAGE": ""},
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    assert said.stdout.strip() == words


def test_qts_own_strings_change_too_and_back(qapp: QApplication) -> None:
    speak(qapp, "de")
    assert _("Settings") == "Einstellungen"
    assert QKeySequence("Ctrl+D").toString(QKeySequence.SequenceFormat.NativeText) == "Strg+D"
    speak(qapp, "en")
    assert _("Settings") == "Settings"
    assert QKeySequence("Ctrl+D").toString(QKeySequence.SequenceFormat.NativeText) == "Ctrl+D"
