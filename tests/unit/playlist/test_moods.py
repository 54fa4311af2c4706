from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fer_desktop.domain import Emotion
from fer_desktop.errors import SettingsError
from fer_desktop.paths import resources_dir
from fer_desktop.playlist.moods import FILE_NAME, Mood, load_moods

if TYPE_CHECKING:
    from pathlib import Path

SHIPPED = resources_dir() / FILE_NAME


def test_shipped_moods() -> None:
    assert load_moods(SHIPPED) == {
        Emotion.ANGRY: Mood(
            ("Angry", "Annoyed", "Rage", "Aggressive"), ("rock", "metal"), (Emotion.NEUTRAL,)
        ),
        Emotion.HAPPY: Mood(("Happy", "Good", "Joy", "Pop"), ("pop", "dance")),
        Emotion.NEUTRAL: Mood(
            ("Calm", "Chilling", "Relaxed", "Ambiance"), ("ambient", "classical"), (Emotion.HAPPY,)
        ),
        Emotion.SAD: Mood(
            ("Sad", "Cry", "Tear", "Depression"), ("acoustic",), (Emotion.NEUTRAL, Emotion.HAPPY)
        ),
    }


@pytest.mark.parametrize(
    ("before", "after", "place"),
    [
        ('keywords = ["Sad", "Cry", "Tear", "Depression"]', "keywords = [", "line"),
        ("[sad]", "[gloomy]\n[odd]", "[gloomy]"),
        ('[sad]\nkeywords = ["Sad", "Cry", "Tear", "Depression"]\ngenres = ["acoustic"]', "", "[sad]"),
        ('keywords = ["Sad", "Cry", "Tear", "Depression"]', "", "[sad] keywords is missing"),
        ('keywords = ["Sad", "Cry", "Tear", "Depression"]', "keywords = []", "[sad] keywords is empty"),
        (
            'keywords = ["Sad", "Cry", "Tear", "Depression"]',
            'keywords = "Sad"',
            "[sad] keywords is not a list",
        ),
        ('"Tear"', "7", "[sad] keywords contains"),
        ('"Tear"', '" "', "[sad] keywords contains"),
        ('"Tear"', "'Te\"ar'", "[sad] keywords contains"),
        ('"Tear"', '"Te\\nar"', "[sad] keywords contains"),
        ('"Tear"', f'"{"x" * 61}"', "[sad] keywords contains"),
        ('"Tear"', '"cry"', "[sad] keywords lists a word twice"),
        ('genres = ["acoustic"]', 'genre = ["acoustic"]\nodd = 1', "[sad] genre is not known"),
        ('genres = ["acoustic"]', "", "[sad] genres is missing"),
        ('lift = ["neutral", "happy"]', 'lift = ["neutral", "gay", "odd"]', "[sad] lift names gay"),
        ('lift = ["neutral", "happy"]', 'lift = "happy"', "[sad] lift is not a list"),
    ],
)
def test_broken_file_says_what_is_wrong_and_where(
    tmp_path: Path, before: str, after: str, place: str
) -> None:
    path = tmp_path / FILE_NAME
    shipped = SHIPPED.read_text(encoding="utf-8")
    assert before in shipped
    path.write_text(shipped.replace(before, after), encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        load_moods(path)
    assert str(path) in caught.value.message
    assert place in caught.value.message
    assert caught.value.hint


def test_the_longest_word(tmp_path: Path) -> None:
    path = tmp_path / FILE_NAME
    path.write_text(SHIPPED.read_text(encoding="utf-8").replace("Tear", "x" * 60), encoding="utf-8")
    assert "x" * 60 in load_moods(path)[Emotion.SAD].keywords


def test_a_file_without_lift_is_still_valid(tmp_path: Path) -> None:
    path = tmp_path / FILE_NAME
    lines = SHIPPED.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join(line for line in lines if not line.startswith("lift")), encoding="utf-8")
    assert load_moods(path)[Emotion.SAD] == Mood(("Sad", "Cry", "Tear", "Depression"), ("acoustic",))


@pytest.mark.parametrize(
    "content", [None, b"\xff\xfe", b"angry = " + b"[" * 100_000], ids=["none", "no text", "deep"]
)
def test_unreadable_file(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / FILE_NAME
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SettingsError, match="Moods unreadable") as caught:
        load_moods(path)
    assert str(path) in caught.value.message
