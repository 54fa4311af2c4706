"""Where a login is kept between two starts: the system's keyring, a private file, or nowhere."""

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
    """A user's permission. Its secrets are in no repr, so that none gets into a log.

    Attributes:
        access_token: Goes with every request; lives an hour.
        refresh_token: Gets the next access token; lives six months from `authorized_at`.
        expires_at: When the access token ends, in seconds since 1970.
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
        """What the user should know of where the login is kept, "" where it is as they chose."""

    @property
    def place(self) -> str:
        """Tells stores apart: two of the same place are one."""

    def load(self) -> Token | None:
        """Returns the token, None where there is none for this Client ID.

        Raises:
            SettingsError: The store cannot be read.
        """

    def save(self, token: Token) -> None:
        """Keeps the token in place of the one before.

        Raises:
            SettingsError: The store cannot be written.
        """

    def clear(self) -> None:
        """Erases the token, where there is one.

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
        """Returns the token, None where there is none."""
        return self._token

    def save(self, token: Token) -> None:
        """Keeps the token until the app ends."""
        self._token = token

    def clear(self) -> None:
        """Erases the token."""
        self._token = None


class FileTokenStore:
    """A file that only its owner can read; for those who choose it."""

    note = ""

    def __init__(self, profile_dir: Path, client_id: str) -> None:
        self._path = profile_dir / FILE_NAME
        self._client_id = client_id
        self.place = f"file {self._path} {client_id}"

    def load(self) -> Token | None:
        """Returns the file's token, None where it has none for this Client ID."""
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
        """Writes the file whole or not at all; nobody else can read it at any moment."""
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
        """Returns the keyring's token, None where it has none."""
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
    """Returns the store that the user chose; memory, with a note, where there is no usable keyring.

    May wait for the user, whom some systems ask to unlock the keyring.

    Args:
        kind: "keyring" or "file".
        profile_dir: Where the file lies.
        client_id: What the login is bound to.
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
    """Says why the keyring cannot be used, "" where it can: some say that they work and fail when asked."""
    secret = secrets.token_urlsafe(16)
    try:
        backend = _ask_keyring(lambda keyring: keyring.get_keyring())
        chained = getattr(backend, "backends", [backend])
        # keyring recommends no backend under 1: those are plain-text files, and the one that only fails.
        if min((each.priority for each in chained), default=0) < 1:
            return _("This computer has no keyring that keeps secrets safe.")
        _ask_keyring(lambda keyring: keyring.set_password(_SERVICE, "probe", secret))
        answer = _ask_keyring(lambda keyring: keyring.get_password(_SERVICE, "probe"))
        _ask_keyring(lambda keyring: keyring.delete_password(_SERVICE, "probe"))
    except SettingsError as error:
        return error.message
    if answer != secret:
        return _("This computer's keyring does not give back what is put into it.")
    return ""


def _ask_keyring(question: Callable[[Any], _T]) -> _T:
    import keyring  # here, because it would hold up the start of the window

    try:
        return question(keyring)
    except Exception as error:
        # Every system's keyring raises kinds of its own, and they have no common base.
        _log.info("keyring: %s", type(error).__name__)
        raise SettingsError(
            _("Keyring unusable"),
            _("This computer's keyring does not work or is locked."),
            _("Unlock it, or choose a file for the login."),
        ) from error


def _formatted(token: Token, client_id: str) -> str:
    return to_json({"client_id": client_id} | asdict(token), _MIGRATIONS)


def _parsed(text: str, client_id: str) -> Token | None:
    try:
        content = from_json(text, _MIGRATIONS, _("The kept login"))
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
        # As good as no login: connecting again writes it anew.
        _log.warning("the kept login is damaged")
        return None
