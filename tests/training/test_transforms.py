"""Pictures on their way into the network."""

from __future__ import annotations

import pytest
import torch

from training.config import Recipe
from training.transforms import MEAN, STD, augment, mixup, to_input


@pytest.fixture
def recipe() -> Recipe:
    return Recipe.load("quick")


@pytest.fixture
def faces() -> torch.Tensor:
    return torch.randint(
        0, 256, (64, 1, 48, 48), dtype=torch.uint8, generator=torch.Generator().manual_seed(0)
    )


def test_a_face_of_the_right_size_is_only_normalized(faces: torch.Tensor) -> None:
    assert torch.allclose(to_input(faces, 48), (faces / 255 - MEAN) / STD, atol=1e-6)


def test_shrinking_averages_what_falls_together() -> None:
    stripes = torch.tensor([0, 255], dtype=torch.uint8).repeat(48).expand(1, 1, 96, 96)
    gray = to_input(stripes, 24) * STD + MEAN
    assert gray[..., 4:-4].sub(0.5).abs().max() < 0.02


def test_detail_that_no_training_face_has_is_dropped(faces: torch.Tensor) -> None:
    stripes = torch.tensor([0, 255], dtype=torch.uint8).repeat(48).expand(1, 1, 96, 96)
    gray = to_input(stripes, 96, 48) * STD + MEAN
    assert gray.shape == (1, 1, 96, 96)
    assert gray[..., 4:-4].sub(0.5).abs().max() < 0.02
    assert torch.equal(to_input(faces, 96, 48), to_input(faces, 96))


def test_augmented_faces_have_the_size_and_range_of_the_others(faces: torch.Tensor, recipe: Recipe) -> None:
    changed = augment(faces, 32, recipe)
    gray = changed * STD + MEAN
    assert changed.shape == (64, 1, 32, 32)
    assert gray.min() >= -1e-4
    assert gray.max() <= 1 + 1e-4


def test_the_same_seed_changes_faces_in_the_same_way(faces: torch.Tensor, recipe: Recipe) -> None:
    first, second, third = (_augmented(seed, faces, recipe) for seed in (1, 1, 2))
    assert torch.equal(first, second)
    assert not torch.equal(first, third)


def _augmented(seed: int, faces: torch.Tensor, recipe: Recipe, side: int = 48) -> torch.Tensor:
    torch.manual_seed(seed)
    return augment(faces, side, recipe)


def test_with_all_strengths_at_zero_only_mirroring_is_left(faces: torch.Tensor) -> None:
    changed, plain = augment(faces, 48, Recipe.load("baseline", {"mirror": True})), to_input(faces, 48)
    mirrored = plain.flip(3)
    as_it_was = (changed - plain).abs().amax((1, 2, 3)) < 1e-3
    as_in_a_mirror = (changed - mirrored).abs().amax((1, 2, 3)) < 1e-3
    assert (as_it_was ^ as_in_a_mirror).all()
    assert 10 < as_in_a_mirror.sum() < 54


def test_a_recipe_without_augmentation_changes_nothing(faces: torch.Tensor) -> None:
    assert torch.allclose(augment(faces, 48, Recipe.load("baseline")), to_input(faces, 48), atol=1e-4)


@pytest.mark.parametrize("side", [24, 48, 96])
def test_faces_are_placed_in_the_same_way_at_every_size(faces: torch.Tensor, side: int) -> None:
    smooth = torch.nn.functional.avg_pool2d(faces.float(), 9, 1, 4).to(torch.uint8)
    recipe = Recipe.load("baseline", {"rotation_degrees": 15.0, "shift": 0.1, "mirror": True})
    at_this_size, at_own_size = _augmented(1, smooth, recipe, side), _augmented(1, smooth, recipe, 48)
    difference = torch.nn.functional.interpolate(at_this_size, (48, 48), mode="bilinear") - at_own_size
    assert difference[..., 2:-2, 2:-2].abs().mean() < 0.05


def test_gain_multiplies_values_up_and_down_and_clips_at_white() -> None:
    torch.manual_seed(0)
    gray = augment(
        torch.full((256, 1, 48, 48), 153, dtype=torch.uint8), 48, Recipe.load("baseline", {"gain": 2.0})
    )
    values = (gray * STD + MEAN).amax((1, 2, 3))
    assert values.min() == pytest.approx(0.3, abs=0.02)
    assert values.max() == pytest.approx(1.0, abs=1e-4)
    assert ((values > 0.5) & (values < 0.7)).float().mean() > 0.4


def test_blurred_faces_gain_at_most_the_recipes_noise() -> None:
    torch.manual_seed(0)
    flat = torch.full((256, 1, 48, 48), 128, dtype=torch.uint8)
    loud = augment(flat, 48, Recipe.load("baseline", {"blur_probability": 1.0, "noise": 0.1}))
    assert (loud * STD).std((1, 2, 3)).max() == pytest.approx(0.1, abs=0.01)
    assert torch.allclose(
        augment(flat, 48, Recipe.load("baseline", {"blur_probability": 1.0, "noise": 0.0})),
        to_input(flat, 48),
        atol=1e-4,
    )


def test_detail_and_noise_have_the_size_of_the_faces_before_they_were_enlarged() -> None:
    stripes = torch.tensor([0, 255], dtype=torch.uint8).repeat(24).expand(32, 1, 48, 48)
    recipe = Recipe.load("baseline", {"blur_probability": 1.0, "noise": 0.0})
    contrast = [float(_augmented(seed, stripes, recipe, 96).std()) for seed in range(12)]
    assert min(contrast) < 0.2 * float(to_input(stripes, 96).std())
    flat = torch.full((32, 1, 48, 48), 128, dtype=torch.uint8)
    noise = _augmented(1, flat, Recipe.load("baseline", {"blur_probability": 1.0, "noise": 0.1}), 96)
    noise = noise - noise.mean()
    assert (noise[..., 1:] * noise[..., :-1]).mean() > 0.6 * noise.square().mean()


def test_mixup_mixes_faces_and_targets_in_the_same_way() -> None:
    faces, targets = torch.eye(4).view(4, 1, 2, 2), torch.eye(4)
    torch.manual_seed(3)
    mixed, blended = mixup(faces, targets, 1.0)
    assert torch.equal(mixed.flatten(1), blended)
    assert torch.allclose(blended.sum(1), torch.ones(4))
    assert 0 < blended.max() < 1
