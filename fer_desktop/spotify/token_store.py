"""Where a login is kept between starts: the system's keyring, a private file, or nowhere."""

from __future__ import annotations

import logging
import secrets
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from fer_desktop.errors import SettingsError
from fer_desktop.files import erase, from_json, to_json, write_whole
from fer_desktop.translation import _

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from fer_desktop.files import Migration

FILE_NAME = "spotify-login.json"
_SERVICE = "fer-desktop"
_MIGRATIONS: tuple[Migration, ...] = ()

_T = TypeVar("_T")

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Token:
    """A user's permission. Its repr shows no secret, so that none gets into a log.

    Attributes:
        access_token: Sent with every request; valid for an hour.
        refresh_token: Gets the next access token; valid for six months from `authorized_at`.
        expires_at: When the access token expires, in seconds since 1970.
        authorized_at: When the user consented, in seconds since 1970.
        scopes: What Spotify granted.
    """

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_at: float
    authorized_at: float
    scopes: tuple[str, ...]


class TokenStore(Protocol):
    """Keeps the token of one Client ID."""

    @property
    def note(self) -> str:
        """What the user should know about where the login is kept; "" if it is kept where they chose."""

    @property
    def place(self) -> str:
        """Identifies the store: two with the same place are the same store."""

    def load(self) -> Token | None:
        """Returns the token, None if there is none for this Client ID.

        Raises:
            SettingsError: The store cannot be read.
        """

    def save(self, token: Token) -> None:
        """Keeps the token; it replaces the one before.

        Raises:
            SettingsError: The store cannot be written.
        """

    def clear(self) -> None:
        """Erases the token, if there is one.

        Raises:
            SettingsError: The store cannot be written.
        """


class MemoryTokenStore:
    """Forgets the login when the app ends."""

    def __init__(self, note: str = "") -> None:
        self.note = note
        self.place = f"memory {id(self)}"
        self._token: Token | None = None

    def load(self) -> Token | None:
        """Returns the token, None if there is none."""
        return self._token

    def save(self, token: Token) -> None:
        """Keeps the token until the app ends."""
        self._token = token

    def clear(self) -> None:
        """Erases the token."""
        self._token = None


class FileTokenStore:
    """A file that only its owner can read, for users who choose it."""

    note = ""

    def __init__(self, profile_dir: Path, client_id: str) -> None:
        self._path = profile_dir / FILE_NAME
        self._client_id = client_id
        self.place = f"file {self._path} {client_id}"

    def load(self) -> Token | None:
        """Returns the file's token, None if it has none for this Client ID."""
        try:
            text = self._path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError(
                _("Login unreadable"),
                _("{path} cannot be read.").format(path=self._path),
                _("Delete the file and connect to Spotify again."),
            ) from error
        return _parsed(text, self._client_id)

    def save(self, token: Token) -> None:
        """Writes the file completely or not at all; no one else can read it at any moment."""
        try:
            write_whole(self._path, _formatted(token, self._client_id))
        except OSError as error:
            raise self._not_written(error) from error

    def clear(self) -> None:
        """Deletes the file."""
        try:
            erase(self._path)
        except OSError as error:
            raise self._not_written(error) from error

    def _not_written(self, error: OSError) -> SettingsError:
        return SettingsError(
            _("Login not saved"),
            _("{path} cannot be written ({reason}).").format(path=self._path, reason=error.strerror),
            _("Free some space or choose another folder with --profile-dir."),
        )


class KeyringTokenStore:
    """The system's keyring: Credential Manager, Keychain, Secret Service."""

    note = ""

    def __init__(self, client_id: str) -> None:
        self._client_id = client_id
        self._name = f"spotify:{client_id}"
        self.place = f"keyring {self._name}"

    def load(self) -> Token | None:
        """Returns the keyring's token, None if it has none."""
        text = _ask_keyring(lambda keyring: keyring.get_password(_SERVICE, self._name))
        return None if text is None else _parsed(text, self._client_id)

    def save(self, token: Token) -> None:
        """Puts the token into the keyring."""
        text = _formatted(token, self._client_id)
        _ask_keyring(lambda keyring: keyring.set_password(_SERVICE, self._name, text))

    def clear(self) -> None:
        """Removes the token from the keyring."""
        if _ask_keyring(lambda keyring: keyring.get_password(_SERVICE, self._name)) is not None:
            _ask_keyring(lambda keyring: keyring.delete_password(_SERVICE, self._name))


def open_token_store(kind: str, profile_dir: Path, client_id: str) -> TokenStore:
    """Returns the store that the user chose; memory, with a note, if there is no usable keyring.

    May wait for the user: some systems ask them to unlock the keyring.

    Args:
        kind: "keyring" or "file".
        profile_dir: The folder of the file.
        client_id: The Client ID that the login belongs to.
    """
    if kind == "file":
        return FileTokenStore(profile_dir, client_id)
    problem = _keyring_problem()
    if problem:
        return MemoryTokenStore(
            _("{problem} You stay connected only until FER Desktop is closed.").format(problem=problem)
        )
    return KeyringTokenStore(client_id)


def _keyring_problem() -> str:
    """Returns why the keyring cannot be used, "" if it can: some claim to work and then fail."""
    secret = secrets.token_urlsafe(16)
    try:
        backend = _ask_keyring(lambda keyring: keyring.get_keyring())
        chained = getattr(backend, "backends", [backend])
        # keyring recommends no backend below 1: those are plain-text files, and the one that always fails.
        if min((each.priority for each in chained), default=0) < 1:
            return _("This computer has no secure keyring.")
        _ask_keyring(lambda keyring: keyring.set_password(_SERVICE, "probe", secret))
        answer = _ask_keyring(lambda keyring: keyring.get_password(_SERVICE, "probe"))
        _ask_keyring(lambda keyring: keyring.delete_password(_SERVICE, "probe"))
    except SettingsError as error:
        return error.message
    if answer != secret:
        return _("This computer's keyring does not return what is put into it.")
    return ""


def _ask_keyring(question: Callable[[Any], _T]) -> _T:
    import keyring  # here, because it would delay the start of the window

    try:
        return question(keyring)
    except Exception as error:
        # Each system's keyring raises its own kinds of errors, without a common base.
        _log.info("keyring: %s", type(error).__name__)
        raise SettingsError(
            _("Keyring unusable"),
            _("This computer's keyring does not work or is locked."),
            _("Unlock it, or choose to save the login in a file."),
        ) from error


def _formatted(token: Token, client_id: str) -> str:
    return to_json({"client_id": client_id} | asdict(token), _MIGRATIONS)


def _parsed(text: str, client_id: str) -> Token | None:
    try:
        content = from_json(text, _MIGRATIONS, _("The saved login"))
        if content["client_id"] != client_id:
            return None
        return Token(
            access_token=str(content["access_token"]),
            refresh_token=str(content["refresh_token"]),
            expires_at=float(content["expires_at"]),
            authorized_at=float(content["authorized_at"]),
            scopes=tuple(str(scope) for scope in content["scopes"]),
        )
    except (ValueError, KeyError, TypeError):
        # The same as no login: connecting again replaces it.
        _log.warning("the kept login is damaged")
        return None
