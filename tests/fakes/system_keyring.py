"""A keyring in memory, because tests cannot use the system's."""

from __future__ import annotations

from typing import ClassVar

from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked, PasswordSetError


class DictKeyring(KeyringBackend):
    """Keeps passwords in memory.

    Attributes:
        passwords: The passwords by service and user.
        locked: Whether it refuses everything.
        forgets: Whether it returns nothing.
    """

    priority: ClassVar[float] = 1  # the lowest that keyring recommends

    def __init__(self, *, locked: bool = False, forgets: bool = False) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # keyring leaves it untyped
        self.passwords: dict[tuple[str, str], str] = {}
        self.locked = locked
        self.forgets = forgets

    def get_password(self, service: str, username: str) -> str | None:
        if self.locked:
            raise KeyringLocked
        return None if self.forgets else self.passwords.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        if self.locked:
            raise PasswordSetError
        self.passwords[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.passwords[service, username]
