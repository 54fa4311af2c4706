"""GuiThreadCollector: widgets in reference cycles die on the GUI thread."""

from __future__ import annotations

import gc
import threading
import weakref
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from fer_desktop.workers.garbage_collection import GuiThreadCollector

if TYPE_CHECKING:
    from pytestqt.qtbot import QtBot


class _Cycle(QObject):
    """An object that only the garbage collector can free."""

    def __init__(self) -> None:
        super().__init__()
        self.itself = self


def test_garbage_is_collected_on_the_gui_thread_only(qtbot: QtBot) -> None:
    freed_on: list[threading.Thread] = []
    was_enabled = gc.isenabled()
    with GuiThreadCollector():
        weakref.finalize(_Cycle(), lambda: freed_on.append(threading.current_thread()))
        worker = threading.Thread(target=lambda: [[] for _ in range(100_000)])
        worker.start()
        worker.join()
        assert freed_on == []
        qtbot.waitUntil(lambda: bool(freed_on), timeout=20_000)
    assert freed_on == [threading.main_thread()]
    assert gc.isenabled()
    if not was_enabled:
        gc.disable()  # as the suite's own guard had it
