"""Recipes and what can be wrong with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from training.config import RECIPES_DIR, Recipe, parse_change
from training.errors import TrainingError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.mark.parametrize("name", [path.stem for path in RECIPES_DIR.glob("*.toml")])
def test_our_recipes_can_be_read(name: str) -> None:
    assert Recipe.load(name).name == name


REPORT = {
    "baseline": {
        "architecture": "baseline_cnn",
        "optimizer": "adam",
        "learning_rate": 1e-3,
        "class_weights": True,
        "batch_size": 32,
        "epochs": 20,
        "early_stopping": 3,
    },
    "initial": {
        "architecture": "resnet18_cbam",
        "cbam": True,
        "image_size": 224,
        "batch_size": 32,
        "epochs": 30,
        "optimizer": "adam",
        "learning_rate": 1e-3,
        "schedule": "step",
        "step_epochs": 5,
        "step_factor": 0.1,
        "focal_gamma": 2.0,
        "class_weights": True,
        "early_stopping": 5,
        "mirror": True,
        "rotation_degrees": 10.0,
        "shift": 0.05,
        "erasing_probability": 0.3,
    },
    "refined": {
        "weights": "imagenet",
        "continues": "initial",
        "image_size": 224,
        "epochs": 30,
        "early_stopping": 5,
        "optimizer": "adam",
        "learning_rate": 5e-5,
        "weight_decay": 1e-2,
        "schedule": "cosine",
        "cosine_epochs": 15,
        "label_smoothing": 0.1,
        "dropout": 0.7,
    },
}


@pytest.mark.parametrize("name", REPORT)
def test_the_reports_recipes_have_its_values(name: str) -> None:
    assert REPORT[name].items() <= Recipe.load(name).to_json().items()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda text: text.replace("epochs = 24", ""), "epochs is missing"),
        (lambda text: text + "colour = 3\n", "colour is not known"),
        (lambda text: text + "options = {cbam = true}\n", "options is not known"),
        (
            lambda text: text.replace('"resnet18_cbam"', '["resnet18_cbam"]'),
            "architecture must be one of",
        ),
        (lambda text: text + "]", "Recipe unreadable"),
        (lambda text: text.replace("epochs = 24", 'epochs = "many"'), "epochs: .*integer"),
        (lambda text: text.replace("epochs = 24", "epochs = 0"), "epochs: .*greater"),
        (lambda text: text.replace('targets = "ferplus"', 'targets = "smiles"'), "targets: .*'fer2013'"),
        (lambda text: text.replace("small_image_size = 32", ""), "small_epochs needs small_image_size"),
        (lambda text: text.replace("[0.7, 1.3]", "[1.3, 0.7]"), "crop_scale must have the tightest"),
        (lambda text: text.replace("last_stride = 1", "last_stride = 3"), "last_stride: .*1 or 2"),
        (
            lambda text: text.replace("resnet18_cbam", "mobilenet"),
            "stem_pooling is not an option of mobilenet",
        ),
        (lambda text: text.replace("resnet18_cbam", "vgg"), "architecture must be one of baseline_cnn, mob"),
        (lambda text: text + 'weights = "vggface2"\n', 'weights "vggface2" do not fit resnet18_cbam'),
        (lambda text: text + "validation_too = true\n", "leaves nothing to choose by"),
    ],
)
def test_a_wrong_recipe_names_the_value(tmp_path: Path, change: Callable[[str], str], words: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(change((RECIPES_DIR / "quick.toml").read_text()))
    with pytest.raises(TrainingError, match=words):
        Recipe.load(path)


def test_an_unknown_recipe_lists_those_that_exist() -> None:
    with pytest.raises(
        TrainingError,
        match="annealed, baseline, faces, initial, long, own_distilled, own_faces, own_final, own_labels",
    ):
        Recipe.load("slow")


def test_the_recipe_that_learns_the_validation_faces_too_has_the_values_chosen_on_them() -> None:
    changes = {"name": "own_final", "validation_too": True}
    assert Recipe.load("own_faces", changes) == Recipe.load("own_final")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"small_epochs": 1, "small_image_size": 24}, "baseline_cnn sees one size only"),
        ({"weights": "quick"}, "baseline_cnn starts from random weights"),
        ({"cbam": False}, "cbam is not an option of baseline_cnn"),
        ({"cbam": True}, "cbam is not an option of baseline_cnn"),  # though it is the default
    ],
)
def test_what_a_network_cannot_do_is_refused(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(TrainingError, match=words):
        Recipe.load("baseline", changes)


def test_recipes_of_earlier_versions_runs_can_be_read(tmp_path: Path) -> None:
    """They kept the options of all networks with every run."""
    path = tmp_path / "faces.toml"
    kept = "cbam = true\nstem_pooling = true\nlast_stride = 2\n"
    path.write_text((RECIPES_DIR / "faces.toml").read_text() + kept)
    assert Recipe.load(path) == Recipe.load("faces")
    assert "cbam" not in Recipe.load(path).to_json()


DIGESTS = {"annealed": "3631516b", "webcam": "a8cf31e7", "own_faces": "5b94328e", "baseline": "ecfcbec1"}


@pytest.mark.parametrize("name", DIGESTS)
def test_the_digests_in_the_names_of_runs_do_not_change(name: str) -> None:
    assert Recipe.load(name).digest == DIGESTS[name]


def test_the_digest_follows_the_values(tmp_path: Path) -> None:
    path = tmp_path / "quick.toml"
    text = (RECIPES_DIR / "quick.toml").read_text()
    path.write_text("# a comment\n" + text)
    assert Recipe.load(path).digest == Recipe.load("quick").digest
    assert Recipe.load("quick", {"seed": 2}).digest != Recipe.load("quick").digest
    assert Recipe.load("quick", {"cbam": True}).digest == Recipe.load("quick").digest


@pytest.mark.parametrize("name", ["quick", "refined"])
def test_a_run_keeps_the_same_recipe(tmp_path: Path, name: str) -> None:
    recipe = Recipe.load(name)
    path = tmp_path / "recipe.toml"
    path.write_text(recipe.to_toml())
    assert Recipe.load(path) == recipe


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("epochs=3", "epochs", 3),
        ("cbam=false", "cbam", False),
        ("crop_scale=[0.8, 1.2]", "crop_scale", [0.8, 1.2]),
        ("targets=fer2013", "targets", "fer2013"),
        ('targets = "fer2013"', "targets", "fer2013"),
        ("weights=/a=b/c.ckpt", "weights", "/a=b/c.ckpt"),
    ],
)
def test_a_change_is_a_name_and_a_value(text: str, name: str, value: Any) -> None:  # noqa: ANN401  # of any kind
    assert parse_change(text) == (name, value)


@pytest.mark.parametrize("text", ["epochs", "=3", ""])
def test_a_change_without_name_or_value_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="NAME=VALUE"):
        parse_change(text)


def test_a_changed_value_is_checked_like_those_in_files() -> None:
    assert Recipe.load("quick", {"epochs": 3}).epochs == 3
    with pytest.raises(TrainingError, match=r"epoch is not known.*--set"):
        Recipe.load("quick", {"epoch": 3})
