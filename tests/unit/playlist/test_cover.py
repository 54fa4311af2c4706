"""The cover: small enough for Spotify, in the emotion's colours, with its face in white."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from fer_desktop.domain import Emotion
from fer_desktop.emotions import EMOTIONS
from fer_desktop.playlist.cover import SIDE, draw_cover

if TYPE_CHECKING:
    from fer_desktop.emotions import Point

UNIT = SIDE * 0.03  # a tenth of the face's radius, in pixels


def test_each_emotion_has_its_own_picture() -> None:
    assert len({draw_cover(emotion) for emotion in Emotion}) == len(Emotion)


@pytest.fixture(params=Emotion)
def emotion(request: pytest.FixtureRequest) -> Emotion:
    return Emotion(request.param)


@pytest.fixture
def picture(emotion: Emotion) -> np.ndarray:
    content = draw_cover(emotion)
    assert content.startswith(b"\xff\xd8")  # a JPEG
    assert len(content) < 190_000
    decoded = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
    assert decoded is not None
    assert decoded.shape == (SIDE, SIDE, 3)
    return decoded.astype(int)


def test_the_ground_runs_from_the_top_colour_to_the_bottom_colour(
    emotion: Emotion, picture: np.ndarray
) -> None:
    top, bottom = (np.array(list(bytes.fromhex(color[1:])))[::-1] for color in EMOTIONS[emotion].cover)
    for row, color in ((2, top), (SIDE // 2, (top + bottom) / 2), (SIDE - 3, bottom)):
        for column in (2, SIDE - 3):
            assert picture[row, column] == pytest.approx(color, abs=6)


def _is_white(picture: np.ndarray, point: Point) -> bool:
    x, y = (round(SIDE / 2 + UNIT * each) for each in point)
    return bool(picture[y, x].min() > 240)


def test_the_face_is_that_of_the_icon_in_white(emotion: Emotion, picture: np.ndarray) -> None:
    face = EMOTIONS[emotion].face
    for distance, white in ((9.2, False), (9.5, True), (10, True), (10.5, True), (10.8, False)):
        for point in ((distance, 0), (-distance, 0), (0, distance), (0, -distance)):
            assert _is_white(picture, point) is white, point
    for x, y in face.eyes:
        for reach, white in ((0, True), (1.2, True), (1.5, False)):
            for edge in ((x + reach, y), (x - reach, y), (x, y + reach), (x, y - reach)):
                assert _is_white(picture, edge) is white, edge
    for (left, start), (_x, control), (right, end) in face.lines:
        half_way = (left + right) / 2, start / 4 + control / 2 + end / 4
        for on_line in ((left, start), half_way, (right, end)):
            assert _is_white(picture, on_line), on_line
        for beyond in (-1.1, 1.1):
            assert not _is_white(picture, (half_way[0], half_way[1] + beyond))
