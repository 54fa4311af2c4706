"""What an earlier playlist means for the next one: every stage, day, setting and wish."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from fer_desktop.domain import Emotion, PlaylistPlan
from fer_desktop.playlist.draft import PlaylistDraft, Stage
from fer_desktop.playlist.resume import Ask, BeginNew, Continue, Decision, Update, Wish, decide

TODAY = date(2026, 11, 30)
DRAFT = PlaylistDraft.of(PlaylistPlan(Emotion.SAD, "Sad", "", (), 20, lift=True), (), TODAY, "spotify")

BY_SETTING = {"ask": Ask, "update": Update, "new": BeginNew}
WISHES_FOR_ITS_SONGS = [
    Wish("ask", track_count=count, lift=lift) for count in (None, 20) for lift in (None, True)
]
WISHES_FOR_OTHERS = [
    *(Wish("ask", track_count=count, lift=lift) for count in (19, 21) for lift in (None, True)),
    *(Wish("ask", track_count=count, lift=False) for count in (None, 20, 21)),
    *(replace(wish, fresh=True) for wish in WISHES_FOR_ITS_SONGS),
]


@pytest.mark.parametrize("second", BY_SETTING)
@pytest.mark.parametrize(
    ("stage", "days_ago", "its_songs", "others"),
    [
        (Stage.PLANNED, 0, Continue, BeginNew),
        *((Stage.PLANNED, days, BeginNew, BeginNew) for days in (-1, 1, 30)),
        *((stage, days, Continue, Update) for stage in (Stage.SENT, Stage.MADE) for days in (-1, 0, 1, 30)),
        (Stage.DONE, 0, BY_SETTING, BY_SETTING),
        *((Stage.DONE, days, BeginNew, BeginNew) for days in (-1, 1, 30)),
    ],
)
def test_each_stage_and_day(
    stage: Stage,
    days_ago: int,
    its_songs: type[Decision] | dict[str, type[Decision]],
    others: type[Decision] | dict[str, type[Decision]],
    second: str,
) -> None:
    before = replace(DRAFT, stage=stage, started_on=TODAY - timedelta(days=days_ago))
    for wishes, outcome in ((WISHES_FOR_ITS_SONGS, its_songs), (WISHES_FOR_OTHERS, others)):
        expected = outcome[second] if isinstance(outcome, dict) else outcome
        for wish in wishes:
            decision = decide(before, service="spotify", today=TODAY, wish=replace(wish, second=second))
            assert type(decision) is expected, wish
            assert isinstance(decision, BeginNew) or decision.draft is before


@pytest.mark.parametrize("second", BY_SETTING)
@pytest.mark.parametrize("stage", Stage)
def test_what_always_starts_a_new_playlist(stage: Stage, second: str) -> None:
    before = replace(DRAFT, stage=stage)
    for wish in (*WISHES_FOR_ITS_SONGS, *WISHES_FOR_OTHERS):
        wish = replace(wish, second=second)
        assert decide(None, service="spotify", today=TODAY, wish=wish) == BeginNew()
        assert decide(before, service="another", today=TODAY, wish=wish) == BeginNew()
        new = replace(wish, new=True)
        assert decide(before, service="spotify", today=TODAY, wish=new) == BeginNew()
