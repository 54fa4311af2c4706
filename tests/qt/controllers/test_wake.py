"""WakeWatch: notices sleep by the clock, and is told of it by the system."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from PySide6.QtDBus import QDBusConnection, QDBusMessage

from fer_desktop.controllers.wake import WakeWatch
from tests.fakes.clock import Clock

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot

DBUS_DAEMON = shutil.which("dbus-daemon")


def test_a_jump_of_the_clock_means_that_the_computer_slept(qtbot: QtBot) -> None:  # an app
    clock, woken = Clock(), []
    watch = WakeWatch(clock.now)
    watch.woken.connect(lambda: woken.append(clock.now()))
    for seconds in (1.0, 10.0, 10.1, 1.0):
        clock.sleep(seconds)
        watch.look()
    assert woken == [pytest.approx(121.1)]


@pytest.mark.skipif(DBUS_DAEMON is None, reason="needs a message bus")
def test_the_system_announces_that_the_computer_goes_to_sleep(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    with subprocess.Popen(
        [str(DBUS_DAEMON), "--session", "--nofork", "--print-address"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as daemon:
        try:
            assert daemon.stdout is not None
            address = daemon.stdout.readline().strip()
            bus = QDBusConnection.connectToBus(address, "app")
            logind = QDBusConnection.connectToBus(address, "logind")
            assert logind.registerService("org.freedesktop.login1")
            monkeypatch.setattr(QDBusConnection, "systemBus", lambda: bus)
            watch = WakeWatch()
            watch.listen()
            for begins, signal in ((True, watch.falling_asleep), (False, watch.woken)):
                message = QDBusMessage.createSignal(
                    "/org/freedesktop/login1", "org.freedesktop.login1.Manager", "PrepareForSleep"
                )
                message.setArguments([begins])
                with qtbot.waitSignal(signal):
                    logind.send(message)
            for name in ("app", "logind"):
                QDBusConnection.disconnectFromBus(name)
        finally:
            daemon.terminate()
