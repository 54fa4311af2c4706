"""The shared values: boxes, scores, plans."""

from __future__ import annotations

import pytest

from fer_desktop.domain import Emotion, EmotionScores, FaceBox, FrameAnalysis, PlaylistPlan, SearchQuery
from tests.fakes.pipeline import reading_for, scores_of


@pytest.mark.parametrize(
    ("other", "overlap"),
    [
        (FaceBox(10, 20, 30, 40), 1.0),
        (FaceBox(25, 20, 30, 40), 1 / 3),  # half of each
        (FaceBox(10, 50, 30, 40), 1 / 7),  # a quarter of each
        (FaceBox(20, 30, 10, 10), 100 / 1200),  # inside
        (FaceBox(40, 20, 30, 40), 0.0),  # touching
        (FaceBox(100, 20, 30, 40), 0.0),
        (FaceBox(100, 200, 30, 40), 0.0),  # both distances are negative
    ],
)
def test_overlap_is_the_shared_part_of_two_boxes(other: FaceBox, overlap: float) -> None:
    box = FaceBox(10, 20, 30, 40)
    assert box.area == 1200
    assert box.overlap(other) == pytest.approx(overlap)
    assert other.overlap(box) == pytest.approx(overlap)


def test_scores_map_each_emotion_to_its_probability_in_the_models_order() -> None:
    scores = EmotionScores((0.1, 0.5, 0.2, 0.2))
    assert list(scores.items()) == list(zip(Emotion, (0.1, 0.5, 0.2, 0.2), strict=True))
    assert scores[Emotion.HAPPY] == 0.5
    assert len(scores) == 4
    assert scores == EmotionScores((0.1, 0.5, 0.2, 0.2)) != EmotionScores((0.2, 0.5, 0.1, 0.2))


@pytest.mark.parametrize("emotion", Emotion)
def test_the_dominant_emotion_has_the_highest_probability(emotion: Emotion) -> None:
    assert scores_of(**{"angry": 0.2, emotion: 0.5}).dominant is emotion


def test_the_first_of_equally_probable_emotions_is_dominant() -> None:
    assert scores_of(happy=0.5, sad=0.5).dominant is Emotion.HAPPY


@pytest.mark.parametrize("count", [len(Emotion) - 1, len(Emotion) + 1])
def test_scores_are_refused_if_they_do_not_fit_the_emotions(count: int) -> None:
    with pytest.raises(ValueError, match=f"{count} probabilities of {len(Emotion)} emotions"):
        EmotionScores((1 / count,) * count)


def test_you_are_the_first_face_if_there_is_one() -> None:
    you, other = reading_for(Emotion.SAD), reading_for(Emotion.HAPPY)
    assert FrameAnalysis((you, other), 0.0, 0.0).you is you
    assert FrameAnalysis((), 0.0, 0.0).you is None


def test_a_plan_names_each_keyword_once_in_order() -> None:
    joy, rage = SearchQuery("Joy"), SearchQuery("Rage", genre="rock", offset=3)
    plan = PlaylistPlan(Emotion.HAPPY, "Name", "", ((rage, joy), (joy,), (SearchQuery("Rage"),)), 20)
    assert plan.keywords == ("Rage", "Joy")
    assert Emotion.HAPPY.title == "Happy"
