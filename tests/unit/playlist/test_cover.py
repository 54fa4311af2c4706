from __future__ import annotations

import cv2
import numpy as np
import pytest

from fer_desktop.domain import Emotion
from fer_desktop.playlist.cover import SIDE, draw_cover


def test_each_emotion_has_a_picture_of_its_own() -> None:
    assert len({draw_cover(emotion) for emotion in Emotion}) == len(Emotion)


@pytest.mark.parametrize(("emotion", "strongest"), [(Emotion.SAD, 0), (Emotion.ANGRY, 2), (Emotion.HAPPY, 2)])
def test_covers_are_small_square_jpegs_in_the_emotions_colour(emotion: Emotion, strongest: int) -> None:
    content = draw_cover(emotion)
    assert content.startswith(b"\xff\xd8")
    assert len(content) < 190_000
    picture = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    assert picture.shape == (SIDE, SIDE, 3)
    assert int(picture[20, 20].argmax()) == strongest  # blue, green, red
