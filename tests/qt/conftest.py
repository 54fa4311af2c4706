"""What the tests of the window share."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from fer_desktop import app as app_module
from tests.fakes.tiny_model import TINY_MODEL, tiny_card

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the tiny model and its card, which the app takes for the shipped ones."""
    folder = tmp_path / "models"
    folder.mkdir()
    model = TINY_MODEL.read_bytes()
    (folder / "emotion.onnx").write_bytes(model)
    (folder / "emotion.json").write_text(json.dumps(tiny_card(model)), encoding="utf-8")
    monkeypatch.setattr(app_module, "models_dir", lambda: folder)
    return folder
