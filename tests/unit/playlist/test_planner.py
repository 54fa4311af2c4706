from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fer_desktop.domain import Emotion, EmotionScores
from fer_desktop.playlist.moods import Mood
from fer_desktop.playlist.planner import MAX_TRACKS, MIN_TRACKS, Preferences, plan_playlist
from fer_desktop.settings import Settings
from tests.fakes.pipeline import scores_of

TODAY = date(2026, 11, 23)
MOODS = {
    Emotion.ANGRY: Mood(("Angry", "Rage"), ("rock", "metal"), (Emotion.NEUTRAL,)),
    Emotion.HAPPY: Mood(("Happy", "Good", "Joy", "Pop"), ("pop", "dance")),
    Emotion.NEUTRAL: Mood(("Calm", "Relaxed"), ()),
    Emotion.SAD: Mood(("Sad", "Cry", "Tear", "Relaxed"), ("acoustic",), (Emotion.NEUTRAL, Emotion.HAPPY)),
}

words = st.lists(st.text("abcdefgh ", min_size=1, max_size=8), min_size=1, max_size=6, unique=True)
moods = st.builds(
    Mood,
    words.map(tuple),
    st.lists(st.sampled_from(["pop", "rock", "jazz"]), unique=True).map(tuple),
    st.lists(st.sampled_from(Emotion), max_size=3).map(tuple),
)
mood_books = st.fixed_dictionaries(dict.fromkeys(Emotion, moods))
preferences = st.builds(
    Preferences, st.integers(MIN_TRACKS, MAX_TRACKS), st.booleans(), st.booleans(), st.booleans()
)
scores = st.lists(st.floats(0.01, 1), min_size=len(Emotion), max_size=len(Emotion)).map(
    lambda values: EmotionScores(tuple(value / sum(values) for value in values))
)


def test_name_and_description() -> None:
    plan = plan_playlist(Emotion.HAPPY, MOODS, today=TODAY)
    assert plan.name == "Happy Vibes Playlist"
    assert "2026-11-23" in plan.description
    assert plan.track_count == 20


@given(st.sampled_from(Emotion), mood_books, preferences, st.none() | scores, st.integers())
def test_every_plan(
    emotion: Emotion,
    moods: dict[Emotion, Mood],
    preferences: Preferences,
    scores: EmotionScores | None,
    seed: int,
) -> None:
    plan = plan_playlist(emotion, moods, today=TODAY, preferences=preferences, scores=scores, seed=seed)
    assert plan == plan_playlist(
        emotion, moods, today=TODAY, preferences=preferences, scores=scores, seed=seed
    )
    assert (plan.track_count, plan.lift, plan.explicit, plan.own_top_tracks) == (
        preferences.track_count,
        preferences.lift,
        preferences.explicit,
        preferences.own_top_tracks,
    )
    assert "\n" not in plan.description
    assert ("to lift it" in plan.description) is preferences.lift
    assert len(plan.description) <= 290  # Spotify takes 300, and a mark is added
    assert plan.steps
    for step in plan.steps:
        narrowed = [query for query in step if query.genre]
        alone = [query for query in step if not query.genre]
        assert step == (*narrowed, *alone)
        assert all(query.offset == 0 for query in alone)
        keywords = [query.keyword.casefold() for query in alone]
        assert len(set(keywords)) == len(keywords)
        assert {query.keyword for query in narrowed} <= {query.keyword for query in alone}
    if not preferences.lift:
        assert set(moods[emotion].keywords) <= set(plan.keywords)


@given(st.sampled_from(Emotion), mood_books, st.integers())
def test_genres_take_turns(emotion: Emotion, moods: dict[Emotion, Mood], seed: int) -> None:
    (step,) = plan_playlist(emotion, moods, today=TODAY, seed=seed).steps
    used = [query.genre for query in step if query.genre]
    genres = moods[emotion].genres
    assert len(used) == (len(moods[emotion].keywords) if genres else 0)
    if genres:
        assert max(map(used.count, used)) - min(used.count(each) for each in genres) <= 1


def test_another_seed_searches_elsewhere() -> None:
    plans = {plan_playlist(Emotion.HAPPY, MOODS, today=TODAY, seed=seed).steps for seed in range(200)}
    assert len(plans) == 200
    offsets = {query.offset for (step,) in plans for query in step if query.genre}
    assert offsets == set(range(21))


def test_without_a_seed_two_plans_differ() -> None:
    seeds = {plan_playlist(Emotion.HAPPY, MOODS, today=TODAY).seed for _ in range(64)}
    assert len(seeds) == 64
    assert max(seeds).bit_length() == 32


@pytest.mark.parametrize(
    ("emotion", "way"),
    [
        (Emotion.SAD, [Emotion.NEUTRAL, Emotion.HAPPY]),
        (Emotion.ANGRY, [Emotion.NEUTRAL]),
        (Emotion.HAPPY, [Emotion.HAPPY]),
    ],
)
def test_lifting_leads_from_gentle_to_bright(emotion: Emotion, way: list[Emotion]) -> None:
    plan = plan_playlist(emotion, MOODS, today=TODAY, preferences=Preferences(lift=True))
    assert [{query.keyword for query in step} for step in plan.steps] == [
        set(MOODS[each].keywords) for each in way
    ]
    assert plan.name == f"{emotion.title} Vibes Playlist"


@pytest.mark.parametrize(
    ("shown", "others"),
    [
        (scores_of(happy=1.0), 0),
        (scores_of(angry=0.19, happy=0.62, neutral=0.19), 0),
        (scores_of(angry=0.3, happy=0.6, neutral=0.05, sad=0.05), 2),
        (scores_of(happy=0.4, neutral=0.2, sad=0.4), 5),
        (scores_of(happy=0.6, neutral=0.1, sad=0.3), 2),
    ],
)
def test_a_mixture_gives_each_probable_emotion_its_share(shown: EmotionScores, others: int) -> None:
    plan = plan_playlist(Emotion.HAPPY, MOODS, today=TODAY, scores=shown)
    added = set(plan.keywords) - set(MOODS[Emotion.HAPPY].keywords)
    assert len(added) == others  # "Relaxed", which two emotions share, counts once


def test_the_more_probable_an_emotion_the_earlier_its_keywords() -> None:
    shown = scores_of(angry=0.28, happy=0.4, sad=0.32)
    keywords = plan_playlist(Emotion.HAPPY, MOODS, today=TODAY, scores=shown).keywords
    assert set(keywords[:4]) == set(MOODS[Emotion.HAPPY].keywords)
    assert set(keywords[4:7]) < set(MOODS[Emotion.SAD].keywords)
    assert set(keywords[7:]) == set(MOODS[Emotion.ANGRY].keywords)


def test_no_other_emotion_gets_more_keywords_than_the_playlists_own() -> None:
    shown = scores_of(angry=0.2, happy=0.8)
    plan = plan_playlist(Emotion.ANGRY, MOODS, today=TODAY, scores=shown)
    assert len(set(plan.keywords) - set(MOODS[Emotion.ANGRY].keywords)) == len(MOODS[Emotion.ANGRY].keywords)


def test_preferences_of_the_settings() -> None:
    settings = Settings(track_count=7, lift_mood=True, explicit_tracks=False, own_top_tracks=True)
    assert Preferences.of(settings) == Preferences(7, lift=True, explicit=False, own_top_tracks=True)
    defaults = Preferences(20, lift=False, explicit=True, own_top_tracks=False)
    assert Preferences.of(Settings()) == Preferences() == defaults


@pytest.mark.parametrize(("allowed", "refused"), [(5, 4), (100, 101)])
def test_track_count_out_of_range(allowed: int, refused: int) -> None:
    plan = plan_playlist(Emotion.HAPPY, MOODS, today=TODAY, preferences=Preferences(allowed))
    assert plan.track_count == allowed
    with pytest.raises(ValueError, match="track_count"):
        plan_playlist(Emotion.HAPPY, MOODS, today=TODAY, preferences=Preferences(refused))
