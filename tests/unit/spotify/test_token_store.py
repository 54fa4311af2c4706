from __future__ import annotations

import stat
import sys
from typing import TYPE_CHECKING, ClassVar

import keyring
import pytest
from keyring.backends.fail import Keyring as NoKeyring

from fer_desktop.errors import NewerFileError, SettingsError
from fer_desktop.spotify.token_store import (
    FILE_NAME,
    FileTokenStore,
    KeyringTokenStore,
    MemoryTokenStore,
    Token,
    TokenStore,
    open_token_store,
)
from tests.fakes.system_keyring import DictKeyring

if TYPE_CHECKING:
    from pathlib import Path

    from keyring.backend import KeyringBackend

CLIENT_ID = "0123456789abcdef0123456789abcdef"
TOKEN = Token("access-secret", "refresh-secret", 2_000_000_000.5, 1_999_990_000.0, ("a", "b"))


class PlainTextKeyring(DictKeyring):
    priority: ClassVar[float] = 0.5


class EmptyChain(DictKeyring):
    backends = ()


@pytest.fixture(params=["memory", "file", "keyring"])
def store(request: pytest.FixtureRequest, tmp_path: Path, system_keyring: DictKeyring) -> TokenStore:
    stores: dict[str, TokenStore] = {
        "memory": MemoryTokenStore(),
        "file": FileTokenStore(tmp_path / "profile", CLIENT_ID),
        "keyring": KeyringTokenStore(CLIENT_ID),
    }
    return stores[request.param]


def test_save_load_clear(store: TokenStore) -> None:
    assert store.load() is None
    store.clear()
    store.save(TOKEN)
    assert store.load() == TOKEN
    store.clear()
    assert store.load() is None


def test_no_repr_shows_secrets() -> None:
    assert "secret" not in repr(TOKEN)
    assert "secret" not in str([TOKEN])


@pytest.mark.usefixtures("system_keyring")
def test_bound_to_the_client_id(tmp_path: Path) -> None:
    FileTokenStore(tmp_path, CLIENT_ID).save(TOKEN)
    assert FileTokenStore(tmp_path, "f" * 32).load() is None
    KeyringTokenStore(CLIENT_ID).save(TOKEN)
    assert KeyringTokenStore("f" * 32).load() is None


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such permissions")
def test_only_the_owner_can_read_the_file(tmp_path: Path) -> None:
    FileTokenStore(tmp_path, CLIENT_ID).save(TOKEN)
    assert stat.S_IMODE((tmp_path / FILE_NAME).stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [FILE_NAME]


def test_erasing_includes_what_a_kill_left_half_written(tmp_path: Path) -> None:
    (tmp_path / f"{FILE_NAME}.0a1b2c3d").write_text('{"refresh_token": "half')
    (tmp_path / f"{FILE_NAME}.mine").write_text("{}")
    store = FileTokenStore(tmp_path, CLIENT_ID)
    store.save(TOKEN)
    store.clear()
    assert [path.name for path in tmp_path.iterdir()] == [f"{FILE_NAME}.mine"]


def test_file_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    content = '{"version": 2, "passport": "secret"}'
    (tmp_path / FILE_NAME).write_text(content)
    with pytest.raises(NewerFileError, match="Update FER Desktop"):
        FileTokenStore(tmp_path, CLIENT_ID).load()
    assert (tmp_path / FILE_NAME).read_text() == content


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"client_id": "' + CLIENT_ID + '"}', "null"])
def test_damaged_file_counts_as_no_login(
    tmp_path: Path, content: str, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / FILE_NAME).write_text(content)
    store = FileTokenStore(tmp_path, CLIENT_ID)
    assert store.load() is None
    store.save(TOKEN)
    assert store.load() == TOKEN


def test_unwritable_and_unreadable_files_are_named(tmp_path: Path) -> None:
    in_the_way = tmp_path / "profile"
    in_the_way.write_text("a file, where a folder has to be")
    with pytest.raises(SettingsError, match="profile"):
        FileTokenStore(in_the_way, CLIENT_ID).save(TOKEN)
    (tmp_path / FILE_NAME).mkdir()
    with pytest.raises(SettingsError, match=FILE_NAME):
        FileTokenStore(tmp_path, CLIENT_ID).load()
    with pytest.raises(SettingsError, match=FILE_NAME):
        FileTokenStore(tmp_path, CLIENT_ID).clear()


def test_keyring_is_used_if_it_works(tmp_path: Path, system_keyring: DictKeyring) -> None:
    store = open_token_store("keyring", tmp_path, CLIENT_ID)
    assert isinstance(store, KeyringTokenStore)
    assert store.note == ""
    assert not system_keyring.passwords  # the probe leaves nothing
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("unusable", "words"),
    [
        (NoKeyring(), "no secure keyring"),  # type: ignore[no-untyped-call]
        (PlainTextKeyring(), "no secure keyring"),
        (EmptyChain(), "no secure keyring"),
        (DictKeyring(locked=True), "is locked"),
        (DictKeyring(forgets=True), "does not return"),
    ],
)
@pytest.mark.usefixtures("system_keyring")
def test_an_unusable_keyring_means_memory_and_says_so(
    tmp_path: Path, unusable: KeyringBackend, words: str
) -> None:
    keyring.set_keyring(unusable)
    store = open_token_store("keyring", tmp_path, CLIENT_ID)
    assert isinstance(store, MemoryTokenStore)
    assert words in store.note
    assert "until FER Desktop is closed" in store.note
    assert not list(tmp_path.iterdir())


def test_keyring_that_locks_later_is_an_error(system_keyring: DictKeyring) -> None:
    store = KeyringTokenStore(CLIENT_ID)
    system_keyring.locked = True
    for call in (store.load, lambda: store.save(TOKEN), store.clear):
        with pytest.raises(SettingsError, match="keyring"):
            call()


@pytest.mark.usefixtures("system_keyring")
def test_file_only_if_chosen(tmp_path: Path) -> None:
    assert isinstance(open_token_store("file", tmp_path, CLIENT_ID), FileTokenStore)
