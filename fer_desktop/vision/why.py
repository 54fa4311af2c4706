"""Which parts of a face a reading relied on: each is covered in turn."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from fer_desktop.domain import OcclusionMap
from fer_desktop.vision.crop import crop_box, crop_face, to_gray
from fer_desktop.vision.media import fit_within

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from fer_desktop.domain import EmotionScores, FaceReading, Frame, Image

_SIDE = 96
"""Pixels of the crop whose parts are covered; the model sees fewer."""

_COVERED = 36
"""Pixels of the square that covers a part: an eye with its brow, or the mouth. Less has no effect."""

_PLACES = 7
"""In each direction; they overlap."""

_LEAST_DROP = 0.02
"""If covering no part lowers the probability by this much, none of them counts."""


def occlusion_map(
    predict: Callable[[Sequence[Image]], Sequence[EmotionScores]],
    frame: Frame,
    reading: FaceReading,
    margin: float,
) -> OcclusionMap:
    """Covers the parts of a face one by one, and notes how far that lowers the emotion that was read.

    The covering square is gray, as in Zeiler and Fergus (2014), section 4.2.

    Args:
        predict: Reads crops as the face was read: by the model, and by the person's profile if there is one.
        frame: The picture.
        reading: A face in it.
        margin: The model card's `crop_margin`.
    """
    crop = fit_within(crop_face(to_gray(frame.image), reading.box, margin), _SIDE)
    side = crop.shape[0]
    half = side * _COVERED / _SIDE / 2
    covered = np.stack([crop] * _PLACES**2)
    centres = (np.arange(_PLACES) + 0.5) * side / _PLACES
    for picture, (y, x) in zip(covered, product(centres.tolist(), repeat=2), strict=True):
        top, left = max(0, round(y - half)), max(0, round(x - half))
        picture[top : round(y + half), left : round(x + half)] = round(float(crop.mean()))
    emotion = reading.scores.dominant
    whole, *left_over = (scores[emotion] for scores in predict([crop, *covered]))
    drops = np.maximum(0, whole - np.array(left_over, np.float32)).reshape(_PLACES, _PLACES)
    drop = float(drops.max())
    if drop < _LEAST_DROP:
        return OcclusionMap(crop_box(reading.box, margin), np.zeros_like(drops), emotion, 0.0)
    return OcclusionMap(crop_box(reading.box, margin), drops / drop, emotion, drop)
