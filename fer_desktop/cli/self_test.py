"""`fer-desktop --self-test`: does this installation have everything that it needs?"""

from __future__ import annotations

import json
import sys
from time import monotonic
from typing import TYPE_CHECKING

from fer_desktop import __version__
from fer_desktop.domain import Frame
from fer_desktop.errors import AppError
from fer_desktop.paths import models_dir, resources_dir
from fer_desktop.vision.media import read_photo
from fer_desktop.vision.pipeline import FramePipeline

if TYPE_CHECKING:
    from collections.abc import Callable

_PHOTO = "happy-baby.jpeg"

_EXIT_UNUSABLE = 2


def run(qt_version: Callable[[], str]) -> int:
    """Loads model, cascade and Qt, and analyses a bundled photo; prints one JSON line.

    Args:
        qt_version: Loads Qt and returns its version; raises ImportError if it cannot.

    Returns:
        0; or 2, with one line on stderr that says what is broken.
    """
    try:
        pipeline = FramePipeline.load(models_dir(), resources_dir())
        photo = read_photo(resources_dir() / "samples" / _PHOTO)
        reading = pipeline.capture(Frame(photo, 0, monotonic()))
        qt = qt_version()
    except (AppError, ImportError) as error:
        print(f"fer-desktop: self-test failed: {error}", file=sys.stderr)
        return _EXIT_UNUSABLE
    result = {
        "ok": True,
        "version": __version__,
        "model": pipeline.card.version,
        "photo": _PHOTO,
        "emotion": reading.scores.dominant,
        "probability": round(reading.scores[reading.scores.dominant], 4),
        "qt": qt,
    }
    print(json.dumps(result))
    return 0
