"""Recipes and what is wrong with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from training.config import RECIPES_DIR, Recipe
from training.errors import TrainingError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("name", [path.stem for path in RECIPES_DIR.glob("*.toml")])
def test_our_recipes_can_be_read(name: str) -> None:
    assert Recipe.load(name).name == name


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda text: text.replace("epochs = 24", "epoch = 24"), "lacks: epochs"),
        (lambda text: text + "colour = 3\n", "has unknown: colour"),
        (lambda text: text + "]", "Recipe unreadable"),
    ],
)
def test_a_wrong_recipe_names_the_value(tmp_path: Path, change: object, words: str) -> None:
    assert callable(change)
    path = tmp_path / "mine.toml"
    path.write_text(change((RECIPES_DIR / "quick.toml").read_text()))
    with pytest.raises(TrainingError, match=words):
        Recipe.load(str(path))


def test_an_unknown_recipe_lists_those_that_exist() -> None:
    with pytest.raises(TrainingError, match="quick"):
        Recipe.load("slow")


def test_the_digest_follows_the_values(tmp_path: Path) -> None:
    path = tmp_path / "quick.toml"
    text = (RECIPES_DIR / "quick.toml").read_text()
    path.write_text("# a comment\n" + text)
    assert Recipe.load(str(path)).digest == Recipe.load("quick").digest
    path.write_text(text.replace("seed = 1", "seed = 2"))
    assert Recipe.load(str(path)).digest != Recipe.load("quick").digest
