"""Pictures on their way into the network: whole batches, on the device."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import torch
from torch import Tensor
from torch.nn import functional

if TYPE_CHECKING:
    from training.config import Recipe

MEAN, STD = 0.4927, 0.2533
"""Of the four classes' training faces, of pixel values in 0..1."""


def resize(faces: Tensor, side: int) -> Tensor:
    """Resizes float faces [n, 1, h, w] to [n, 1, side, side], bilinear, antialiased when they shrink."""
    return functional.interpolate(faces, (side, side), mode="bilinear", antialias=True, align_corners=False)


def to_input(faces: Tensor, side: int, detail: int | None = None) -> Tensor:
    """Returns uint8 faces as the network takes them, float32, [n, 1, side, side].

    The exported model does the same inside its graph.

    Args:
        faces: Of any size, [n, 1, h, w].
        side: Of what the network sees.
        detail: Side of the faces that it was trained on. If that is smaller, detail that no training face
            has is dropped first. None drops nothing.
    """
    pixels = faces.float() / 255
    if detail is not None and detail < side:
        pixels = resize(pixels, detail)
    return normalize(resize(pixels, side))


def normalize(faces: Tensor) -> Tensor:
    """Normalizes faces in 0..1 to mean 0 and standard deviation 1 over the training faces."""
    return (faces - MEAN) / STD


def augment(faces: Tensor, side: int, recipe: Recipe) -> Tensor:
    """Returns uint8 faces [n, 1, h, w], randomly changed, in the form that `to_input` returns.

    What the recipe does not ask for costs nothing. Draws from torch's global random generator.
    """
    detail = faces.shape[-1]
    faces = _place(faces.float() / 255, side, recipe)
    if recipe.blur_probability:
        faces = _lose_detail(faces, detail, recipe.blur_probability, recipe.noise)
    if recipe.gain > 1:
        faces = _multiply(faces, recipe.gain)
    if recipe.lighting:
        faces = _light(faces, recipe.lighting)
    if recipe.erasing_probability:
        faces = _erase(faces, recipe.erasing_probability)
    return normalize(resize(faces, side))


def mixup(faces: Tensor, targets: Tensor, parameter: float) -> tuple[Tensor, Tensor]:
    """Blends each face, and its target, with another of the batch (Zhang et al., 2018)."""
    share = torch.distributions.Beta(parameter, parameter).sample().to(faces)
    return torch.lerp(faces.roll(1, 0), faces, share), torch.lerp(targets.roll(1, 0), targets, share)


def _uniform(count: int, low: float, high: float, like: Tensor) -> Tensor:
    return torch.empty(count, 1, 1, 1, device=like.device).uniform_(low, high)


def _place(faces: Tensor, side: int, recipe: Recipe) -> Tensor:
    """Crops, rotates, shifts and mirrors; beyond the edge the outermost pixels are repeated.

    The result has the larger of the faces' side and `side`: enlarging is part of the same step.
    """
    count = len(faces)
    tight, loose = recipe.crop_scale
    scale = torch.exp(_uniform(count, math.log(tight), math.log(loose), faces)).flatten()
    angle = torch.deg2rad(_uniform(count, -1, 1, faces).flatten() * recipe.rotation_degrees)
    shift = torch.empty(count, 2, device=faces.device).uniform_(-2 * recipe.shift, 2 * recipe.shift)
    mirror = torch.randint(0, 2, (count,), device=faces.device) * 2 - 1 if recipe.mirror else 1
    cos, sin = scale * angle.cos(), scale * angle.sin()
    matrix = torch.stack((cos * mirror, -sin, shift[:, 0], sin * mirror, cos, shift[:, 1]), dim=1).view(
        -1, 2, 3
    )
    larger = max(side, faces.shape[-1])
    grid = functional.affine_grid(matrix, [count, 1, larger, larger], align_corners=False)
    return functional.grid_sample(faces, grid, padding_mode="border", align_corners=False)


def _lose_detail(faces: Tensor, detail: int, probability: float, most_noise: float) -> Tensor:
    """Shrinks some faces to between half and all of their detail and back, and adds noise to them.

    Args:
        faces: Enlarged already.
        detail: Their side in pixels before that; a camera's noise has that resolution too.
        probability: Of a face to be chosen.
        most_noise: Largest standard deviation.
    """
    count, side = len(faces), faces.shape[-1]
    chosen = torch.rand(count, 1, 1, 1, device=faces.device) < probability
    small = int(torch.randint(detail // 2, detail, (1,)))
    noise = torch.randn(count, 1, detail, detail, device=faces.device) * _uniform(count, 0, most_noise, faces)
    return torch.where(chosen, (resize(resize(faces, small), side) + resize(noise, side)).clamp(0, 1), faces)


def _multiply(faces: Tensor, gain: float) -> Tensor:
    """Multiplies the values by a factor between 1 / `gain` and `gain`, most often about 1."""
    draw = _uniform(len(faces), -1, 1, faces)
    return (faces * torch.exp(draw * draw.abs() * math.log(gain))).clamp(max=1)


def _light(faces: Tensor, strength: float) -> Tensor:
    """Changes gamma, contrast and brightness, and adds light from one side."""
    count, side = len(faces), faces.shape[-1]
    faces = faces.clamp(min=1e-4) ** torch.exp(_uniform(count, -2 * strength, 2 * strength, faces))
    mean = faces.mean(dim=(2, 3), keepdim=True)
    faces = mean + (faces - mean) * torch.exp(_uniform(count, -1.5 * strength, strength, faces))
    angle = _uniform(count, -math.pi, math.pi, faces)
    across = torch.linspace(-1, 1, side, device=faces.device)
    ramp = angle.cos() * across.view(1, 1, 1, -1) + angle.sin() * across.view(1, 1, -1, 1)
    slope = _uniform(count, -1, 1, faces) ** 3 * strength
    return (faces + ramp * slope + _uniform(count, -0.7, 0.7, faces) * strength).clamp(0, 1)


def _erase(faces: Tensor, probability: float) -> Tensor:
    """Paints a gray rectangle of up to two fifths of either side over some faces (Zhong et al., 2020)."""
    count, side = len(faces), faces.shape[-1]
    chosen = torch.rand(count, 1, 1, 1, device=faces.device) < probability
    along = torch.arange(side, device=faces.device)
    inside = torch.ones_like(faces, dtype=torch.bool)
    for shape in ((1, 1, 1, -1), (1, 1, -1, 1)):
        length = _uniform(count, 0.1, 0.4, faces) * side
        start = _uniform(count, 0, 1, faces) * (side - length)
        place = along.view(shape)
        inside = inside & (place >= start) & (place < start + length)
    return torch.where(chosen & inside, _uniform(count, 0, 1, faces), faces)
