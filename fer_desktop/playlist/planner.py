"""From an emotion to a playlist plan: pure, without network."""

from __future__ import annotations

import random
from itertools import cycle
from typing import TYPE_CHECKING

from fer_desktop.domain import PlaylistPlan, SearchQuery

if TYPE_CHECKING:
    from datetime import date

    from fer_desktop.domain import Emotion
    from fer_desktop.playlist.moods import Mood

MIN_TRACKS = 5
MAX_TRACKS = 100
DEFAULT_TRACKS = 20
_MAX_OFFSET = 20
"""Further down, Spotify's matches of one keyword in one genre fit the mood less and less."""


def plan_playlist(
    emotion: Emotion, mood: Mood, *, today: date, track_count: int = DEFAULT_TRACKS, seed: int | None = None
) -> PlaylistPlan:
    """Plans a playlist for an emotion.

    The plan's first queries narrow each keyword to a genre and begin at a random place, so that two plans
    find different songs. Its last queries are the keywords alone, from the best match on, for where genres
    find too little.

    Args:
        emotion: Names the playlist.
        mood: What to search for.
        today: Goes into the description.
        track_count: 5 to 100.
        seed: Makes the same plan again; None makes another one each time.

    Raises:
        ValueError: `track_count` is out of range.
    """
    if not MIN_TRACKS <= track_count <= MAX_TRACKS:
        raise ValueError(f"track_count is {track_count}, not {MIN_TRACKS} to {MAX_TRACKS}")
    chance = random.Random(seed)  # noqa: S311 - which songs come first is no secret
    keywords = chance.sample(mood.keywords, len(mood.keywords))
    genres = cycle(chance.sample(mood.genres, len(mood.genres)))
    narrowed = tuple(
        SearchQuery(f'{keyword} genre:"{genre}"', keyword, chance.randint(0, _MAX_OFFSET))
        for keyword, genre in zip(keywords, genres, strict=False)
    )
    alone = tuple(SearchQuery(keyword, keyword) for keyword in keywords)
    return PlaylistPlan(
        emotion=emotion,
        name=f"{emotion.title} Vibes Playlist",
        # One line: Spotify refuses descriptions with line breaks.
        description=f"Mood: {emotion}. Picked by FER Desktop on {today.isoformat()}.",
        queries=narrowed + alone,
        track_count=track_count,
    )
