"""A fifth emotion, made up: what one row is enough for, and what fails loudly if more is missing."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path

MEMBER = ('    HAPPY = "happy"\n', '    SURPRISED = "surprised"\n')
ROW = (
    "EMOTIONS = {\n",
    """    Emotion.SURPRISED: EmotionRow(
        word=lambda: pgettext("how a face looks", "surprised"),
        light="#7A3AA8",
        dark="#C9A0F0",
        cover=("#A66BD4", "#3F1A66"),
        face=DrawnFace((_mouth(3.0, 8.0), _mouth(3.0, -1.0))),
        fer2013="surprise",
        ferplus="surprise",
    ),
""",
)
MOOD = '\n[surprised]\nkeywords = ["Surprise", "Wow"]\ngenres = ["funk"]\nlift = ["happy"]\n'

PROBE = """
import json, sys
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import numpy as np
from PySide6.QtCore import QSize
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from fer_desktop.domain import Emotion, EmotionScores
from fer_desktop.playlist.cover import draw_cover
from fer_desktop.playlist.moods import load_moods
from fer_desktop.playlist.planner import plan_playlist
from fer_desktop.ui import theme
from fer_desktop.ui.emotion_icon import emotion_icon
from fer_desktop.ui.emotion_panel import EmotionPanel
from fer_desktop.ui.wording import any_emotion
from fer_desktop.vision.model_card import ModelCard
from training.data.class_names import load_class_names
from training.data.face_set import FER_CLASSES, VOTE_COLUMNS, FaceSet
from training.targets import training_targets

def error_of(call, *arguments):
    try:
        call(*arguments)
    except Exception as error:
        return str(error)

app = QApplication([])
resources, card, full_moods = map(Path, sys.argv[1:])
five = Emotion("surprised")
votes = np.zeros((2, len(VOTE_COLUMNS)), np.uint8)
votes[0, VOTE_COLUMNS.index("surprise")] = votes[1, VOTE_COLUMNS.index("fear")] = 9
labels = np.array([load_class_names(None)[name] for name in ("surprised", "fear")])
data = FaceSet(np.zeros((2, 48, 48), np.uint8), labels, votes, np.zeros(2, np.uint8), {"name": "made up"})
targets = [
    training_targets(SimpleNamespace(targets=kind, other_emotions=False, validation_too=False), data)
    for kind in ("fer2013", "ferplus")
]
plan = plan_playlist(five, load_moods(full_moods), today=date(2026, 11, 30))
icons = [emotion_icon(each).pixmap(QSize(64, 64)).toImage() for each in Emotion]
print(json.dumps({
    "order": list(Emotion),
    "icons": len({bytes(icon.constBits()) for icon in icons}),
    "covers": len({draw_cover(each) for each in Emotion}),
    "light": theme.LIGHT.emotions[five],
    "panel": list(EmotionPanel().bars),
    "words": any_emotion(),
    "plan": [plan.name, sorted(plan.keywords)],
    "own": [Emotion(list(Emotion)[i]) if i >= 0 else None for i in data.own_emotions],
    "ferplus": [Emotion(list(Emotion)[i]) if i >= 0 else None for i in data.ferplus_emotions],
    "targets": [[list(Emotion)[each.groups[0]], len(each.groups)] for each in targets],
    "moods": error_of(load_moods, resources / "moods.toml"),
    "card": error_of(ModelCard.load, card),
    "scores": error_of(EmotionScores, (0.25,) * 4),
}))
"""


def _add(path: Path, after: str, text: str) -> None:
    content = path.read_text(encoding="utf-8")
    assert after in content
    path.write_text(content.replace(after, after + text), encoding="utf-8")


@pytest.fixture
def tree(checkout: Path, tmp_path: Path) -> Path:
    """The app's and the training's code, with a fifth emotion that has no row yet."""
    for package in ("fer_desktop", "training"):
        shutil.copytree(checkout / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    _add(tmp_path / "fer_desktop" / "domain.py", *MEMBER)
    return tmp_path


def _run(tree: Path, code: str, *arguments: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.run(command, cwd=tree, capture_output=True, text=True, check=False, timeout=120)


def test_an_emotion_without_a_row_is_named(tree: Path) -> None:
    assert "emotions.py has no row for surprised" in _run(tree, "import fer_desktop.emotions").stderr


@pytest.mark.parametrize("label", ["fer2013", "ferplus"])
def test_a_label_that_no_data_set_has_is_named(tree: Path, label: str) -> None:
    after, row = ROW
    _add(tree / "fer_desktop" / "emotions.py", after, row.replace(f'{label}="surprise"', f'{label}="awe"'))
    assert "'awe'" in _run(tree, "import training.data.face_set").stderr


@pytest.mark.parametrize(("label", "taken"), [("fer2013", "happy"), ("ferplus", "happiness")])
def test_a_label_in_two_rows_is_named_with_both(tree: Path, label: str, taken: str) -> None:
    after, row = ROW
    _add(
        tree / "fer_desktop" / "emotions.py", after, row.replace(f'{label}="surprise"', f'{label}="{taken}"')
    )
    said = _run(tree, "import training.data.face_set").stderr
    assert f"the rows of surprised and happy both have {label}='{taken}'" in said


def test_a_row_is_enough_for_all_but_moods_and_model_which_name_what_they_miss(
    tree: Path, checkout: Path
) -> None:
    _add(tree / "fer_desktop" / "emotions.py", *ROW)
    moods = tree / "moods.toml"
    resources = checkout / "resources"
    moods.write_text((resources / "moods.toml").read_text(encoding="utf-8") + MOOD, encoding="utf-8")
    finished = _run(tree, PROBE, resources, checkout / "models" / "emotion.json", moods)
    assert finished.returncode == 0, finished.stderr
    said: dict[str, Any] = json.loads(finished.stdout)
    assert said["order"] == ["angry", "happy", "surprised", "neutral", "sad"]
    assert said["icons"] == said["covers"] == 5
    assert said["light"] == "#7A3AA8"
    assert said["panel"][0] == "surprised"
    assert said["words"] == "angry, happy, surprised, neutral or sad"
    assert said["plan"] == ["Surprised Vibes Playlist", ["Surprise", "Wow"]]
    assert said["own"] == said["ferplus"] == ["surprised", None]
    assert said["targets"] == [["surprised", 1], ["surprised", 1]]
    assert "[surprised] is missing" in said["moods"]
    assert "expected angry, happy, surprised" in said["card"]
    assert said["scores"] == "4 probabilities of 5 emotions"
