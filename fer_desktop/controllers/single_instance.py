"""One window per profile: a second start hands over what it was asked for, and the first shows itself."""

from __future__ import annotations

import hashlib
import json
import os
import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QLockFile, QObject, Signal, Slot
from PySide6.QtNetwork import QLocalServer, QLocalSocket

if TYPE_CHECKING:
    from pathlib import Path

LOCK_NAME = "fer-desktop.lock"
_PATIENCE_S = 2.0
_TRY_MS = 200


class SingleInstance(QObject):
    """Knows whether this start is the first with a profile, and learns of later ones.

    Signals:
        asked_again: The app was started again; the source that it was asked to show, "" for none.
    """

    asked_again = Signal(str)

    def __init__(self, profile_dir: Path) -> None:
        """Finds out whether the profile has a window already; its folder must exist."""
        super().__init__()
        # Short, because a socket's path may have only a hundred characters or so.
        self._name = f"fer-desktop-{hashlib.sha256(str(profile_dir.resolve()).encode()).hexdigest()[:16]}"
        self._lock = QLockFile(str(profile_dir / LOCK_NAME))
        self._lock.setStaleLockTime(0)  # only the lock of a process that is gone is stale
        self.is_first = self._lock.tryLock(0)
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._answer)
        if self.is_first:
            QLocalServer.removeServer(self._name)  # left by a crash
            self._server.listen(self._name)

    def hand_over(self, source: str) -> bool:
        """Asks the first start to show its window, and a source if one is named.

        Returns:
            Whether it answered within two seconds.
        """
        # On Wayland, a window may come to the front only with a token from its launcher.
        message = json.dumps({"source": source, "token": os.environ.get("XDG_ACTIVATION_TOKEN", "")})
        deadline = time.monotonic() + _PATIENCE_S
        while time.monotonic() < deadline:
            socket = QLocalSocket()
            socket.connectToServer(self._name)
            if socket.waitForConnected(_TRY_MS):
                socket.write(message.encode() + b"\n")
                return socket.waitForReadyRead(int(_PATIENCE_S * 1000))
            time.sleep(_TRY_MS / 1000)  # it may be opening or closing
        return False

    def close(self) -> None:
        """Leaves the profile to the next start."""
        self._server.close()
        self._lock.unlock()

    @Slot()
    def _answer(self) -> None:
        while (socket := self._server.nextPendingConnection()) is not None:
            socket.readyRead.connect(self._read)
            socket.disconnected.connect(socket.deleteLater)

    @Slot()
    def _read(self) -> None:
        socket = self.sender()
        if not isinstance(socket, QLocalSocket) or not socket.canReadLine():
            return
        message = json.loads(bytes(socket.readLine().data()))
        if message["token"]:
            os.environ["XDG_ACTIVATION_TOKEN"] = message["token"]
        socket.write(b"shown\n")
        socket.flush()
        self.asked_again.emit(message["source"])
