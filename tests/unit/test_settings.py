"""Settings: sparse, whole after a crash, and clear about a file that someone broke."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from fer_desktop import settings as settings_module
from fer_desktop.errors import NewerFileError, SettingsError
from fer_desktop.settings import FILE_NAME, Settings

if TYPE_CHECKING:
    from pathlib import Path


def test_a_new_profile_has_the_defaults(tmp_path: Path) -> None:
    settings = Settings.load(tmp_path / "new")
    assert settings.source == "camera:default"
    assert not settings.privacy_accepted


def test_what_was_saved_is_loaded(tmp_path: Path) -> None:
    settings = Settings(tmp_path / "profile")
    settings.mirror = False
    settings.client_id = "abc"
    settings.save()
    assert Settings.load(tmp_path / "profile") == settings


def test_only_what_differs_from_the_defaults_is_written(tmp_path: Path) -> None:
    settings = Settings(tmp_path)
    settings.mirror = False
    settings.save()
    assert json.loads((tmp_path / FILE_NAME).read_text(encoding="utf-8")) == {"version": 1, "mirror": False}
    assert [path.name for path in tmp_path.iterdir()] == [FILE_NAME]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{", "cannot be read"),
        pytest.param("[" * 100_000, "cannot be read", id="deep"),
        ("[]", "not a list of names and values"),
        ('{"version": 0}', "the version 0"),
        ('{"version": true}', "the version True"),
        ('{"colour": "red"}', '"colour"'),
        ('{"mirror": "yes"}', '"mirror"'),
        ('{"profile_dir": "/"}', '"profile_dir"'),
        ('{"track_count": 4}', '"track_count" the value 4'),
        ('{"track_count": true}', '"track_count"'),
        ('{"redirect_port": 80}', '"redirect_port" the value 80'),
        ('{"token_store": "cloud"}', "'cloud'"),
        ('{"second_playlist": "no"}', "'no'"),
    ],
)
def test_a_broken_file_is_named_with_its_fault(tmp_path: Path, content: str, words: str) -> None:
    (tmp_path / FILE_NAME).write_text(content, encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        Settings.load(tmp_path)
    assert words in caught.value.message
    assert FILE_NAME in caught.value.message
    assert caught.value.hint


def test_an_older_file_is_brought_to_the_new_format(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / FILE_NAME).write_text('{"flipped": false, "track_count": 30}', encoding="utf-8")
    monkeypatch.setattr(
        settings_module,
        "_MIGRATIONS",
        (
            lambda content: content | {"upside_down": content.pop("flipped")},
            lambda content: content | {"mirror": content.pop("upside_down")},
        ),
    )

    settings = Settings.load(tmp_path)
    settings.save()

    assert (settings.mirror, settings.track_count) == (False, 30)
    assert json.loads((tmp_path / FILE_NAME).read_text(encoding="utf-8")) == {
        "version": 3,
        "mirror": False,
        "track_count": 30,
    }


def test_a_newer_file_is_refused_and_stays_as_it_is(tmp_path: Path) -> None:
    content = '{"version": 2, "hologram": true}'
    (tmp_path / FILE_NAME).write_text(content, encoding="utf-8")

    with pytest.raises(NewerFileError, match="Update FER Desktop") as caught:
        Settings.load(tmp_path)

    assert str(tmp_path / FILE_NAME) in caught.value.message
    assert (tmp_path / FILE_NAME).read_text(encoding="utf-8") == content


def test_a_profile_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        Settings(tmp_path / "file").save()
    assert "cannot be written" in caught.value.message


def test_a_broken_file_is_set_aside_and_told(tmp_path: Path) -> None:
    for number, content in enumerate(("{", "[" * 100_000), start=1):
        (tmp_path / FILE_NAME).write_text(content, encoding="utf-8")
        with pytest.raises(SettingsError) as caught:
            Settings.load(tmp_path)
        told = Settings.set_aside(tmp_path, caught.value)
        kept = tmp_path / f"settings-broken-{number}.json"
        assert kept.name in told.message
        assert FILE_NAME in told.hint
        assert kept.read_text(encoding="utf-8") == content
        assert Settings.load(tmp_path) == Settings(tmp_path)


def test_a_broken_file_that_cannot_be_renamed_is_told_all_the_same(tmp_path: Path) -> None:
    broken = SettingsError("Settings unreadable", "It cannot be read.", "Correct it.")
    assert Settings.set_aside(tmp_path / "nowhere", broken) is broken
