"""Draws the app's icon into PNG files: python packaging/icon.py FOLDER."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from PySide6.QtGui import QGuiApplication

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from fer_desktop.ui.app_icon import app_pixmap

SIDES = (16, 24, 32, 48, 64, 128, 256, 512)


def main(folder: Path) -> None:
    """Writes fer-desktop-16.png and so on, in all the usual sizes."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    application = QGuiApplication([])
    folder.mkdir(parents=True, exist_ok=True)
    for side in SIDES:
        if not app_pixmap(side).save(str(folder / f"fer-desktop-{side}.png")):
            sys.exit(f"{folder} cannot be written")
    del application


if __name__ == "__main__":
    main(Path(sys.argv[1]))
