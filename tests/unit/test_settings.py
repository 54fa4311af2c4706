"""Settings: sparse on disk, whole after a crash, announced to subscribers, clear about a broken file."""

from __future__ import annotations

import json
from dataclasses import FrozenInstanceError, asdict
from typing import TYPE_CHECKING

import pytest

from fer_desktop import settings as settings_module
from fer_desktop.errors import NewerFileError, SettingsError
from fer_desktop.settings import FILE_NAME, Settings, SettingsStore

if TYPE_CHECKING:
    from pathlib import Path


def test_a_new_profile_has_the_defaults(tmp_path: Path) -> None:
    settings = SettingsStore.load(tmp_path / "new").current
    # Files hold only what differs from these: another default would change what existing files mean.
    assert asdict(settings) == {
        "source": "camera:default",
        "mirror": True,
        "privacy_accepted": False,
        "client_id": "",
        "lift_mood": False,
        "token_store": "keyring",
        "redirect_port": 0,
        "track_count": 20,
        "second_playlist": "ask",
        "explicit_tracks": True,
        "own_top_tracks": False,
        "cover": False,
        "release_camera": True,
        "eco": False,
        "appearance": "auto",
        "language": "auto",
        "less_motion": False,
    }
    with pytest.raises(FrozenInstanceError):
        settings.eco = True  # type: ignore[misc]  # that is the point


def test_a_setting_says_what_its_change_entails() -> None:
    entailed = {
        need: {setting.name for setting in Settings.declared() if getattr(setting, need)}
        for need in ("needs_login", "needs_reopen", "needs_plan")
    }
    assert entailed == {
        "needs_login": {"client_id", "token_store", "redirect_port", "own_top_tracks", "cover"},
        "needs_reopen": set(),
        "needs_plan": {"lift_mood", "track_count", "explicit_tracks", "own_top_tracks"},
    }


def test_what_was_changed_is_loaded(tmp_path: Path) -> None:
    store = SettingsStore(tmp_path / "profile")
    before = store.current
    store.update(mirror=False, client_id="abc")
    assert SettingsStore.load(tmp_path / "profile").current == store.current
    assert store.current == Settings(mirror=False, client_id="abc")
    assert before == Settings()


def test_only_what_differs_from_the_defaults_is_written(tmp_path: Path) -> None:
    store = SettingsStore(tmp_path)
    store.update(mirror=False, eco=True)
    store.update(eco=False)
    assert json.loads((tmp_path / FILE_NAME).read_text(encoding="utf-8")) == {"version": 1, "mirror": False}
    assert [path.name for path in tmp_path.iterdir()] == [FILE_NAME]


def test_a_change_is_announced_once_to_each_subscriber(tmp_path: Path) -> None:
    store = SettingsStore(tmp_path)
    heard: list[tuple[str, Settings]] = []
    store.subscribe(lambda now: heard.append(("both", now)), "eco", "mirror")
    store.subscribe(lambda now: heard.append(("one", now)), "mirror")
    store.follow(lambda now: heard.append(("language", now)), "language")
    assert heard == [("language", Settings())]
    heard.clear()

    changed = Settings(mirror=False, eco=True)
    store.update(mirror=False, eco=True, language="auto")
    assert heard == [("both", changed), ("one", changed)]
    store.update(mirror=False, eco=False)
    assert [name for name, _ in heard] == ["both", "one", "both"]


def test_later_listeners_see_what_an_earlier_one_changed(tmp_path: Path) -> None:
    store = SettingsStore(tmp_path)
    heard: list[bool] = []
    store.subscribe(lambda _: store.update(mirror=False), "eco")
    store.subscribe(lambda now: heard.append(now.mirror), "eco")
    store.update(eco=True)
    assert heard == [False]
    assert SettingsStore.load(tmp_path).current == Settings(eco=True, mirror=False)


@pytest.mark.parametrize(
    ("name", "allowed", "refused"),
    [
        ("track_count", (5, 100), (4, 101)),
        ("redirect_port", (0, 1024, 65_535), (-1, 1, 1023, 65_536)),
    ],
)
def test_numbers_have_bounds(
    tmp_path: Path, name: str, allowed: tuple[int, ...], refused: tuple[int, ...]
) -> None:
    store = SettingsStore(tmp_path)
    for number in allowed:
        store.update(**{name: number})
        assert getattr(SettingsStore.load(tmp_path).current, name) == number
    for number in refused:
        with pytest.raises(ValueError, match=f"{name} cannot be {number}"):
            store.update(**{name: number})


def test_an_unknown_name_and_an_impossible_value_are_refused(tmp_path: Path) -> None:
    store = SettingsStore(tmp_path)
    with pytest.raises(ValueError, match="colour"):
        store.subscribe(print, "colour")
    with pytest.raises(ValueError, match="mirror cannot be 'yes'"):
        store.update(mirror="yes")
    with pytest.raises(TypeError):
        store.update(colour="red")
    assert store.current == Settings()
    assert not list(tmp_path.iterdir())


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
        ('{"track_count": 4}', '"track_count" to 4'),
        ('{"track_count": true}', '"track_count"'),
        ('{"redirect_port": 80}', '"redirect_port" to 80'),
        ('{"token_store": "cloud"}', "'cloud'"),
        ('{"second_playlist": "no"}', "'no'"),
    ],
)
def test_a_broken_file_is_named_with_its_error(tmp_path: Path, content: str, words: str) -> None:
    (tmp_path / FILE_NAME).write_text(content, encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        SettingsStore.load(tmp_path)
    assert words in caught.value.message
    assert FILE_NAME in caught.value.message
    assert caught.value.hint


def test_an_older_file_is_migrated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / FILE_NAME).write_text('{"flipped": false, "track_count": 30}', encoding="utf-8")
    monkeypatch.setattr(
        settings_module,
        "MIGRATIONS",
        (
            lambda content: content | {"upside_down": content.pop("flipped")},
            lambda content: content | {"mirror": content.pop("upside_down")},
        ),
    )

    store = SettingsStore.load(tmp_path)
    store.update(eco=True)

    assert json.loads((tmp_path / FILE_NAME).read_text(encoding="utf-8")) == {
        "version": 3,
        "mirror": False,
        "track_count": 30,
        "eco": True,
    }


def test_a_newer_file_is_refused_and_left_unchanged(tmp_path: Path) -> None:
    content = '{"version": 2, "hologram": true}'
    (tmp_path / FILE_NAME).write_text(content, encoding="utf-8")

    with pytest.raises(NewerFileError, match="Update FER Desktop") as caught:
        SettingsStore.load(tmp_path)

    assert str(tmp_path / FILE_NAME) in caught.value.message
    assert (tmp_path / FILE_NAME).read_text(encoding="utf-8") == content


def test_an_unwritten_change_applies_is_reported_and_is_written_later(tmp_path: Path) -> None:
    profile = tmp_path / "profile"
    profile.write_text("in the way", encoding="utf-8")
    store = SettingsStore(profile)
    heard: list[bool] = []
    store.subscribe(lambda now: heard.append(now.eco), "eco")
    with pytest.raises(SettingsError, match="cannot be written"):
        store.update(eco=True)
    reported: list[SettingsError] = []
    store.report_failures_to(reported.append)
    store.update(eco=False)
    store.update(eco=True)
    assert heard == [True, False, True]
    assert "cannot be written" in reported[0].message

    profile.unlink()
    store.update(eco=True)
    assert SettingsStore.load(profile).current == Settings(eco=True)


def test_a_broken_file_is_set_aside_and_reported(tmp_path: Path) -> None:
    for number, content in enumerate(("{", "[" * 100_000), start=1):
        (tmp_path / FILE_NAME).write_text(content, encoding="utf-8")
        with pytest.raises(SettingsError) as caught:
            SettingsStore.load(tmp_path)
        told = SettingsStore.set_aside(tmp_path, caught.value)
        kept = tmp_path / f"settings-broken-{number}.json"
        assert kept.name in told.message
        assert FILE_NAME in told.hint
        assert kept.read_text(encoding="utf-8") == content
        assert SettingsStore.load(tmp_path).current == Settings()


def test_a_broken_file_that_cannot_be_renamed_is_still_reported(tmp_path: Path) -> None:
    broken = SettingsError("Settings unreadable", "It cannot be read.", "Correct it.")
    assert SettingsStore.set_aside(tmp_path / "nowhere", broken) is broken
