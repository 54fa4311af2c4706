"""Face profiles on disk: numbers, for their owner alone, until they are forgotten."""

from __future__ import annotations

import json
import os
import stat
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from fer_desktop.domain import Emotion
from fer_desktop.errors import FaceProfileError, NewerFileError
from fer_desktop.personal.profile_store import ProfileStore
from tests.fakes.people import calm_anger

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def store(tmp_path: Path) -> ProfileStore:
    return ProfileStore(tmp_path)


def test_a_profile_comes_back_as_it_was_kept(store: ProfileStore) -> None:
    store.save(calm_anger())
    assert store.load("you") == calm_anger()


def test_several_profiles_are_kept_apart(store: ProfileStore) -> None:
    assert store.names() == ()
    ann = replace(calm_anger(3), name="Ann")
    store.save(calm_anger())
    store.save(ann)
    assert store.names() == ("Ann", "you")
    assert store.load("Ann") == ann
    store.forget("you")
    assert store.names() == ("Ann",)


@pytest.mark.skipif(os.name == "nt", reason="Windows has other permissions")
def test_only_the_owner_can_read_it(store: ProfileStore) -> None:
    store.save(calm_anger())
    assert stat.S_IMODE(store.path("you").stat().st_mode) == 0o600


def test_it_holds_numbers_and_a_version(store: ProfileStore) -> None:
    store.save(calm_anger())
    content = json.loads(store.path("you").read_text())
    assert set(content) == {"version", "name", "model_version", "shown"}
    for shown in content["shown"].values():
        assert all(isinstance(value, float) for moment in shown["moments"] for value in moment)


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("model_version",), None),
        (("shown",), []),
        (("shown", "angry", "moments"), []),
        (("shown", "angry", "moments"), [[1.0, 2.0]]),
        (("shown", "angry", "moments"), [[float("nan")] * 4]),
        (("shown", "angry", "moments"), [[1e300] * 4]),
        (("shown", "angry", "shown_at"), "yesterday"),
        (("shown",), {"bored": {"shown_at": "2026-11-30T12:00:00+00:00", "moments": [[0.0] * 4]}}),
    ],
)
def test_a_broken_file_is_set_aside(store: ProfileStore, place: tuple[str, ...], value: object) -> None:
    store.save(calm_anger())
    path = store.path("you")
    content = json.loads(path.read_text())
    inner = content
    for name in place[:-1]:
        inner = inner[name]
    if value is None:
        del inner[place[-1]]
    else:
        inner[place[-1]] = value
    path.write_text(json.dumps(content))
    with pytest.raises(FaceProfileError, match=r"kept as .*\.broken"):
        store.load("you")
    assert store.names() == ()
    assert len(list(path.parent.iterdir())) == 1
    store.save(calm_anger())
    assert store.load("you") == calm_anger()


def test_what_is_no_json_is_set_aside_and_forgotten_with_the_rest(store: ProfileStore) -> None:
    store.save(calm_anger())
    store.path("you").write_bytes(b"\xff not json")
    with pytest.raises(FaceProfileError, match="damaged"):
        store.load("you")
    store.forget("you")
    assert list(store.path("you").parent.iterdir()) == []


def test_a_file_of_a_newer_version_stays_as_it_is(store: ProfileStore) -> None:
    store.save(calm_anger())
    path = store.path("you")
    newer = json.dumps(json.loads(path.read_text()) | {"version": 99})
    path.write_text(newer)
    with pytest.raises(NewerFileError):
        store.load("you")
    assert path.read_text() == newer


def test_a_copied_file_is_a_profile_of_its_own(store: ProfileStore) -> None:
    store.save(calm_anger())
    store.path("Ann").write_bytes(store.path("you").read_bytes())
    assert store.load("Ann") == replace(calm_anger(), name="Ann")


def test_forgetting_leaves_nothing_on_disk(store: ProfileStore) -> None:
    store.save(calm_anger())
    store.save(replace(calm_anger(), name="Ann"))
    store.path("you").with_name("face-you.json.0123abcd").write_text("left by a kill")
    store.forget("you")
    assert [each.name for each in store.path("you").parent.iterdir()] == ["face-Ann.json"]
    store.forget_all()
    assert list(store.path("you").parent.iterdir()) == []
    store.forget_all()


def test_what_is_not_there_cannot_be_loaded_or_forgotten(store: ProfileStore) -> None:
    for attempt in (store.load, store.forget):
        with pytest.raises(FaceProfileError, match="no face profile"):
            attempt("you")


@pytest.mark.parametrize(
    "name", ["", " ", "..", "a/b", "a\\b", "../x", "x\0", ".hidden", "a ", "x" * 41, "a:b"]
)
def test_names_that_are_no_file_names_are_refused(store: ProfileStore, name: str) -> None:
    with pytest.raises(FaceProfileError, match="cannot be"):
        store.save(replace(calm_anger(), name=name))


@pytest.mark.parametrize("name", ["you", "Zoë", "李雷", "Ann-Marie 2", "con", "x", "x" * 40])
def test_other_names_are_kept(store: ProfileStore, name: str) -> None:
    store.save(replace(calm_anger(), name=name))
    assert store.names() == (name,)
    assert store.load(name).shown.keys() == {Emotion.ANGRY, Emotion.NEUTRAL}


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "faces").write_text("a file in its place")
    with pytest.raises(FaceProfileError, match="cannot be written"):
        ProfileStore(tmp_path).save(calm_anger())
