from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date
from functools import partial
from typing import TYPE_CHECKING

import pytest

from fer_desktop.domain import Emotion, PlaylistPlan, Track
from fer_desktop.errors import SettingsError
from fer_desktop.playlist.draft import FILE_NAME, DraftStore, PlaylistDraft, Stage

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

TRACK = Track(
    id="1",
    uri="spotify:track:1",
    title="Ümläut",
    artists=("Ada", "Bob"),
    duration_ms=1000,
    url="https://open.spotify.com/track/1",
    isrc="QZ1",
    reason="keyword Sad",
    cover_url="https://i.scdn.co/image/1",
    explicit=True,
)


def _draft(emotion: Emotion = Emotion.SAD, stage: Stage = Stage.PLANNED) -> PlaylistDraft:
    plan = PlaylistPlan(emotion, f"{emotion.title} Vibes Playlist", "words", (), 20)
    return replace(PlaylistDraft.of(plan, [TRACK], date(2026, 11, 24), "sandbox"), stage=stage)


def test_marks_differ_and_go_into_the_description() -> None:
    one, other = _draft(), _draft()
    assert one.mark != other.mark
    assert re.fullmatch("[0-9a-f]{6}", one.mark)
    assert one.description == f"words [{one.mark}]"


def test_a_new_profile_has_none(tmp_path: Path) -> None:
    drafts = DraftStore(tmp_path / "new")
    assert drafts.load(Emotion.SAD) is None
    assert drafts.unfinished("sandbox") is None
    drafts.clear()


def test_the_newest_of_each_emotion_is_kept(tmp_path: Path) -> None:
    drafts = DraftStore(tmp_path / "profile")
    drafts.keep(_draft(Emotion.SAD))
    newest, happy = _draft(Emotion.SAD, Stage.DONE), _draft(Emotion.HAPPY)
    drafts.keep(newest)
    drafts.keep(happy)
    assert DraftStore(tmp_path / "profile").load(Emotion.SAD) == newest
    assert DraftStore(tmp_path / "profile").load(Emotion.HAPPY) == happy
    assert [path.name for path in (tmp_path / "profile").iterdir()] == [FILE_NAME]
    drafts.forget(happy)
    drafts.forget(happy)
    assert drafts.load(Emotion.HAPPY) is None
    drafts.clear()
    assert not (tmp_path / "profile" / FILE_NAME).exists()


@pytest.mark.parametrize(
    ("stage", "left"), [(Stage.PLANNED, False), (Stage.SENT, True), (Stage.MADE, True), (Stage.DONE, False)]
)
def test_only_what_may_exist_without_its_songs_is_unfinished(
    tmp_path: Path, stage: Stage, *, left: bool
) -> None:
    DraftStore(tmp_path).keep(_draft(stage=stage))
    assert (DraftStore(tmp_path).unfinished("sandbox") is not None) is left
    assert _draft(stage=stage).finished is (stage is Stage.DONE)
    assert DraftStore(tmp_path).unfinished("spotify") is None


def test_other_songs_for_a_finished_playlist_have_to_be_sent() -> None:
    assert _draft(stage=Stage.DONE).with_tracks([]).stage is Stage.SENT
    assert _draft(stage=Stage.MADE).with_tracks([]).stage is Stage.MADE
    other = _draft(stage=Stage.PLANNED).with_tracks([TRACK, TRACK])
    assert (other.tracks, other.track_count, other.lift) == ((TRACK, TRACK), 20, False)
    plan = PlaylistPlan(Emotion.SAD, "Sad Vibes Playlist", "words", (), 7, lift=True)
    assert other.with_tracks([TRACK], plan) == replace(other, tracks=(TRACK,), track_count=7, lift=True)


@pytest.mark.parametrize(
    ("content", "problem", "hint"),
    [
        *(
            (content, "is damaged", "Delete the file")
            for content in (
                "",
                "[]",
                "{}",
                '{"version": 1}',
                '{"version": 1, "drafts": [{}]}',
                '{"version": 1, "drafts": [null]}',
                '{"version": 1, "drafts": ["sad"]}',
                '{"version": 1, "drafts": {"sad": {}}}',
                '{"version": 1, "drafts": [{"begun_on": "2026-11-01", "tracks": [], "description": 5}]}',
                '{"version": 1, "drafts": [{"emotion": "bored"}]}',
                '{"version": 2, "drafts": [{}]}',
            )
        ),
        ('{"version": 3, "drafts": "elsewhere"}', "newer version", "Update FER Desktop"),
    ],
)
def test_a_file_that_cannot_be_used_is_named_and_left_alone(
    tmp_path: Path, content: str, problem: str, hint: str
) -> None:
    path = tmp_path / FILE_NAME
    path.write_text(content, encoding="utf-8")
    drafts = DraftStore(tmp_path)
    attempts: list[Callable[[], object]] = [
        partial(drafts.unfinished, "sandbox"),
        partial(drafts.load, Emotion.SAD),
        partial(drafts.keep, _draft()),
    ]
    for attempt in attempts:
        with pytest.raises(SettingsError, match=problem) as caught:
            attempt()
        assert str(path) in caught.value.message
        assert hint in caught.value.hint
    assert path.read_text(encoding="utf-8") == content


@pytest.mark.parametrize("lift", [False, True])
def test_a_file_of_version_1_is_spotifys(tmp_path: Path, *, lift: bool) -> None:
    words = f"Mood: sad{', to lift it' if lift else ''}. Picked by FER Desktop."
    draft = replace(_draft(), description=f"{words} [ab12cd]", service="spotify", track_count=1, lift=lift)
    DraftStore(tmp_path).keep(draft)
    content = json.loads((tmp_path / FILE_NAME).read_text(encoding="utf-8"))
    (kept,) = content["drafts"]
    kept["begun_on"] = kept.pop("started_on")
    for name in ("service", "track_count", "lift"):
        del kept[name]
    (tmp_path / FILE_NAME).write_text(json.dumps(content | {"version": 1}), encoding="utf-8")
    assert DraftStore(tmp_path).load(Emotion.SAD) == draft


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    with pytest.raises(SettingsError, match="file"):
        DraftStore(tmp_path / "file").keep(_draft())
    (tmp_path / FILE_NAME).mkdir()
    with pytest.raises(SettingsError, match=FILE_NAME):
        DraftStore(tmp_path).clear()


def test_a_write_that_fails_leaves_the_file_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drafts = DraftStore(tmp_path)
    before = _draft()
    drafts.keep(before)

    def disk_full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", disk_full)
    with pytest.raises(SettingsError, match="No space left"):
        drafts.keep(_draft(stage=Stage.DONE))
    assert drafts.load(Emotion.SAD) == before
    assert [path.name for path in tmp_path.iterdir()] == [FILE_NAME]


def test_the_file_holds_no_secret(tmp_path: Path) -> None:
    DraftStore(tmp_path).keep(_draft())
    content = json.loads((tmp_path / FILE_NAME).read_text(encoding="utf-8"))
    assert content["version"] == 2
    assert set(content["drafts"][0]) == {
        "emotion",
        "name",
        "description",
        "mark",
        "started_on",
        "service",
        "track_count",
        "lift",
        "tracks",
        "stage",
        "playlist_id",
        "url",
    }
