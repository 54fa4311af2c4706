"""From an emotion to a playlist plan: pure, no network."""

from __future__ import annotations

import random
import secrets
from dataclasses import dataclass
from itertools import cycle
from typing import TYPE_CHECKING

from fer_desktop.domain import Emotion, PlaylistPlan, SearchQuery

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from fer_desktop.domain import EmotionScores
    from fer_desktop.playlist.moods import Mood
    from fer_desktop.settings import Settings

MIN_TRACKS = 5
MAX_TRACKS = 100
DEFAULT_TRACKS = 20
_MAX_OFFSET = 20
"""Further down, the matches of one keyword in one genre fit the mood less and less."""

_MIN_SHARE = 0.2
"""An emotion that is less probable than this adds no keywords to a mixture."""


@dataclass(frozen=True, slots=True)
class Preferences:
    """What the user wants of every playlist.

    Attributes:
        track_count: 5 to 100.
        lift: Lead away from the mood instead of matching it.
        explicit: Include tracks with explicit lyrics.
        own_top_tracks: Mix in some of the tracks that the user plays most.
    """

    track_count: int = DEFAULT_TRACKS
    lift: bool = False
    explicit: bool = True
    own_top_tracks: bool = False

    @classmethod
    def of(cls, settings: Settings) -> Preferences:
        """Returns what the settings say."""
        return cls(
            settings.track_count, settings.lift_mood, settings.explicit_tracks, settings.own_top_tracks
        )


def plan_playlist(
    emotion: Emotion,
    moods: Mapping[Emotion, Mood],
    *,
    today: date,
    preferences: Preferences = Preferences(),
    scores: EmotionScores | None = None,
    seed: int | None = None,
) -> PlaylistPlan:
    """Plans a playlist for an emotion.

    Each stretch of the list has its searches. The first ones narrow each keyword to a genre and start at a
    random offset, so that two plans find different songs. The last ones are the keywords alone, from the best
    match onward, in case the genres find too little.

    Args:
        emotion: Names the playlist.
        moods: What to search for.
        today: Goes into the description.
        preferences: What the user wants of every playlist.
        scores: Of a face that shows a mixture: the other emotions then get a share of the keywords in
            proportion to their probability. Not used to lift the mood.
        seed: The same seed makes the same plan; None makes a different one each time.

    Raises:
        ValueError: The track count is out of range.
    """
    if not MIN_TRACKS <= preferences.track_count <= MAX_TRACKS:
        raise ValueError(f"track_count is {preferences.track_count}, not {MIN_TRACKS} to {MAX_TRACKS}")
    if seed is None:
        seed = secrets.randbits(32)
    chance = random.Random(seed)  # noqa: S311 - which songs come first is no secret
    if preferences.lift:
        stretches = [_narrowed(moods[each], chance) for each in moods[emotion].lift or (emotion,)]
    else:
        stretches = [_mixture(emotion, moods, scores, chance)]
    return PlaylistPlan(
        emotion=emotion,
        name=f"{emotion.title} Vibes Playlist",
        # One line: Spotify refuses descriptions with line breaks.
        description=f"Mood: {emotion}{', to lift it' if preferences.lift else ''}. "
        f"Picked by FER Desktop on {today.isoformat()}.",
        steps=tuple(_with_keywords_alone(queries) for queries in stretches),
        track_count=preferences.track_count,
        lift=preferences.lift,
        explicit=preferences.explicit,
        own_top_tracks=preferences.own_top_tracks,
        seed=seed,
    )


def _narrowed(mood: Mood, chance: random.Random) -> list[SearchQuery]:
    """One search per keyword, in random order, with the genres taking turns."""
    keywords = chance.sample(mood.keywords, len(mood.keywords))
    if not mood.genres:
        return [SearchQuery(keyword) for keyword in keywords]
    genres = cycle(chance.sample(mood.genres, len(mood.genres)))
    return [
        SearchQuery(keyword, genre, chance.randint(0, _MAX_OFFSET))
        for keyword, genre in zip(keywords, genres, strict=False)
    ]


def _mixture(
    emotion: Emotion, moods: Mapping[Emotion, Mood], scores: EmotionScores | None, chance: random.Random
) -> list[SearchQuery]:
    """The emotion's searches, and a share of those of each other probable emotion."""
    queries = _narrowed(moods[emotion], chance)
    if scores is None:
        return queries
    for other in sorted(set(Emotion) - {emotion}, key=lambda each: -scores[each]):
        if scores[other] >= _MIN_SHARE:
            share = round(len(moods[emotion].keywords) * min(1.0, scores[other] / scores[emotion]))
            queries += _narrowed(moods[other], chance)[:share]
    # A keyword that two emotions share is searched for once.
    return list({query.keyword.casefold(): query for query in reversed(queries)}.values())[::-1]


def _with_keywords_alone(queries: Iterable[SearchQuery]) -> tuple[SearchQuery, ...]:
    narrowed = [query for query in queries if query.genre]
    alone = [SearchQuery(query.keyword) for query in queries]
    return (*narrowed, *alone)
