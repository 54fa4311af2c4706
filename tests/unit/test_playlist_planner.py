from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fer_desktop.domain import Emotion
from fer_desktop.playlist.moods import Mood
from fer_desktop.playlist.planner import MAX_TRACKS, MIN_TRACKS, plan_playlist

TODAY = date(2026, 11, 23)
HAPPY = Mood(("Happy", "Good", "Joy", "Pop"), ("pop", "dance"))

words = st.lists(st.text("abcdefgh ", min_size=1, max_size=8), min_size=1, max_size=6, unique=True)
moods = st.builds(
    Mood, words.map(tuple), st.lists(st.sampled_from(["pop", "rock", "jazz"]), unique=True).map(tuple)
)


def test_name_and_description() -> None:
    plan = plan_playlist(Emotion.HAPPY, HAPPY, today=TODAY)
    assert plan.name == "Happy Vibes Playlist"
    assert "2026-11-23" in plan.description
    assert plan.track_count == 20


@given(st.sampled_from(Emotion), moods, st.integers(MIN_TRACKS, MAX_TRACKS), st.integers())
def test_every_plan(emotion: Emotion, mood: Mood, track_count: int, seed: int) -> None:
    plan = plan_playlist(emotion, mood, today=TODAY, track_count=track_count, seed=seed)
    assert plan == plan_playlist(emotion, mood, today=TODAY, track_count=track_count, seed=seed)
    narrowed = [query for query in plan.queries if "genre:" in query.text]
    alone = [query for query in plan.queries if "genre:" not in query.text]
    assert plan.queries == (*narrowed, *alone)
    assert sorted(query.keyword for query in alone) == sorted(mood.keywords)
    assert all(query.text == query.keyword and query.offset == 0 for query in alone)
    if mood.genres:
        assert sorted(query.keyword for query in narrowed) == sorted(mood.keywords)
        used = [query.text.split('"')[1] for query in narrowed]
        assert set(used) <= set(mood.genres)
        assert max(map(used.count, used)) - min(used.count(each) for each in mood.genres) <= 1
    assert "\n" not in plan.description
    assert len(plan.description) <= 300


def test_another_seed_searches_elsewhere() -> None:
    plans = {plan_playlist(Emotion.HAPPY, HAPPY, today=TODAY, seed=seed).queries for seed in range(20)}
    assert len(plans) == 20


@pytest.mark.parametrize("track_count", [MIN_TRACKS - 1, MAX_TRACKS + 1])
def test_track_count_out_of_range(track_count: int) -> None:
    with pytest.raises(ValueError, match="track_count"):
        plan_playlist(Emotion.HAPPY, HAPPY, today=TODAY, track_count=track_count)
