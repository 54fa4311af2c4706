"""The personal reading: probabilities of whatever was shown and is read."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fer_desktop.domain import Emotion, EmotionScores
from fer_desktop.errors import ModelError, OtherModelError
from fer_desktop.personal.held_out import compare_held_out, reader_if_better
from fer_desktop.personal.population import Population
from fer_desktop.personal.profile import MAX_MOMENTS
from fer_desktop.personal.reader import PersonalReader
from tests.fakes.people import SHOWN_AT, calm_anger, population, profile
from tests.fakes.pipeline import scores_for

PEOPLE = population()
ANGRY_FACE = EmotionScores((0.28, 0.01, 0.62, 0.09))

any_scores = (
    st.lists(st.one_of(st.just(0.0), st.floats(0, 1)), min_size=len(Emotion), max_size=len(Emotion))
    .map(lambda values: [value / (sum(values) or 1) for value in values])
    .map(lambda values: EmotionScores(tuple(values)))
)
any_shown = st.dictionaries(st.sampled_from(Emotion), st.lists(any_scores, min_size=1, max_size=3))


@given(any_shown, any_scores)
def test_probabilities_sum_to_1_whatever_was_shown(
    shown: dict[Emotion, list[EmotionScores]], scores: EmotionScores
) -> None:
    read = PersonalReader(PEOPLE, profile(shown))(scores)
    assert sum(read.values()) == pytest.approx(1)
    assert all(0 <= value <= 1 for value in read.values())


@pytest.mark.parametrize(
    "probabilities",
    [
        (math.nan,) * 4, (0.0,) * 4, (math.nan, 0.0, 1.0, 0.0), (1.0, 0.0, 0.0, 0.0),
        (math.inf, 0.0, 0.0, 0.0), (1e-300, 1.0, 1e-300, 0.0),
    ],
)  # fmt: skip
def test_odd_numbers_and_readings_far_off_give_probabilities(probabilities: tuple[float, ...]) -> None:
    read = PersonalReader(PEOPLE, calm_anger())(EmotionScores(probabilities))
    assert sum(read.values()) == pytest.approx(1)
    assert all(math.isfinite(value) for value in read.values())


def test_a_face_that_the_model_misreads_is_read_as_it_was_shown() -> None:
    assert ANGRY_FACE.dominant is Emotion.NEUTRAL
    assert PersonalReader(PEOPLE, calm_anger())(ANGRY_FACE).dominant is Emotion.ANGRY


def test_without_moments_each_emotion_is_read_as_most_people_show_it() -> None:
    reader = PersonalReader(PEOPLE, profile({}))
    assert [reader(scores_for(emotion)).dominant for emotion in Emotion] == list(Emotion)


def test_emotions_that_were_not_shown_can_still_be_read() -> None:
    reader = PersonalReader(PEOPLE, calm_anger())
    for emotion in (Emotion.HAPPY, Emotion.SAD):
        assert reader(scores_for(emotion)).dominant is emotion


def test_the_order_of_moments_and_emotions_does_not_matter() -> None:
    moments = [scores_for(Emotion.SAD), ANGRY_FACE, scores_for(Emotion.ANGRY)]
    read = [
        PersonalReader(PEOPLE, profile({Emotion.ANGRY: order, Emotion.HAPPY: [ANGRY_FACE]}))(ANGRY_FACE)
        for order in permutations(moments)
    ]
    read.append(
        PersonalReader(PEOPLE, profile({Emotion.HAPPY: [ANGRY_FACE], Emotion.ANGRY: moments}))(ANGRY_FACE)
    )
    for each in read[1:]:
        assert each.probabilities == pytest.approx(read[0].probabilities)


def test_more_moments_draw_a_mean_nearer_to_them() -> None:
    sure = [
        PersonalReader(PEOPLE, calm_anger(count))(EmotionScores((0.3, 0.01, 0.6, 0.09)))[Emotion.ANGRY]
        for count in (1, 3, MAX_MOMENTS)
    ]
    assert sure == sorted(sure)


def test_of_more_moments_than_are_kept_the_newest_stay() -> None:
    made = profile({Emotion.ANGRY: [scores_for(Emotion.SAD)]})
    made = made.showing(Emotion.ANGRY, [ANGRY_FACE] * MAX_MOMENTS, SHOWN_AT)
    assert made.moments == MAX_MOMENTS
    assert made == profile({Emotion.ANGRY: [ANGRY_FACE] * MAX_MOMENTS})


def test_a_profile_of_another_model_is_refused() -> None:
    old = replace(calm_anger(), model_version="2025.01.01")
    for use in (PersonalReader, compare_held_out, reader_if_better):
        with pytest.raises(OtherModelError, match="again"):
            use(PEOPLE, old)


def test_a_profile_that_helps_is_used() -> None:
    comparison = compare_held_out(PEOPLE, calm_anger())
    assert comparison.moments == {Emotion.ANGRY: 2, Emotion.NEUTRAL: 2}
    assert comparison.personal == {Emotion.ANGRY: 2, Emotion.NEUTRAL: 2}
    assert comparison.general == {Emotion.ANGRY: 0, Emotion.NEUTRAL: 2}
    assert comparison.better
    assert comparison.advice == ""
    assert reader_if_better(PEOPLE, calm_anger()) is not None


def test_a_profile_that_misleads_is_not_used() -> None:
    happy, sad = scores_for(Emotion.HAPPY), scores_for(Emotion.SAD)
    mixed_up = profile({Emotion.HAPPY: [happy, sad], Emotion.SAD: [sad, happy]})
    comparison = compare_held_out(PEOPLE, mixed_up)
    assert sum(comparison.personal.values()) < sum(comparison.general.values())
    assert "stronger" in comparison.advice
    assert reader_if_better(PEOPLE, mixed_up) is None


def test_a_profile_of_faces_that_the_model_reads_anyway_is_not_used() -> None:
    plain = profile({emotion: [scores_for(emotion, 0.999)] for emotion in (Emotion.HAPPY, Emotion.SAD)})
    assert "already" in compare_held_out(PEOPLE, plain).advice
    assert reader_if_better(PEOPLE, plain) is None


def test_each_moment_is_read_without_itself() -> None:
    one = profile({Emotion.ANGRY: [ANGRY_FACE], Emotion.NEUTRAL: [scores_for(Emotion.NEUTRAL)]})
    assert [others.moments for _emotion, _vector, others in one.each_held_out()] == [1, 1]
    assert all(emotion not in others.shown for emotion, _vector, others in one.each_held_out())


def test_a_population_comes_back_from_the_card() -> None:
    read = Population.from_card("2026.11.23", PEOPLE.to_card())
    assert np.allclose(read.means, PEOPLE.means, atol=1e-4)
    face = PersonalReader(PEOPLE, calm_anger())(ANGRY_FACE)
    again = PersonalReader(read, calm_anger())(ANGRY_FACE)
    assert again.probabilities == pytest.approx(face.probabilities, abs=1e-3)


@pytest.mark.parametrize(
    "content",
    [
        None,
        {},
        {**PEOPLE.to_card(), "means": [[0.0]]},
        {**PEOPLE.to_card(), "within": (-PEOPLE.within).tolist()},
        {**PEOPLE.to_card(), "between": (math.nan * PEOPLE.between).tolist()},
        {**PEOPLE.to_card(), "tail": 0.0},
        {**PEOPLE.to_card(), "temperature": math.nan},
        {**PEOPLE.to_card(), "temperature": "warm"},
        "numbers",
    ],
)
def test_a_card_without_usable_numbers_is_refused(content: dict[str, object] | None) -> None:
    with pytest.raises(ModelError):
        Population.from_card("2026.11.23", content)
