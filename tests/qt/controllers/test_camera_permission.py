"""CameraPermission: who is asked, and what the answer means."""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QCameraPermission, Qt

from fer_desktop.controllers.camera_permission import CameraPermission

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.mark.parametrize(
    ("status", "home", "answer"),
    [
        (Qt.PermissionStatus.Granted, "bundle", [True]),
        (Qt.PermissionStatus.Denied, "bundle", [False]),
        (Qt.PermissionStatus.Denied, "checkout", [True]),  # the system asks for the terminal
    ],
)
def test_the_system_is_asked_on_the_gui_thread(
    monkeypatch: pytest.MonkeyPatch, status: Qt.PermissionStatus, home: str, answer: list[bool]
) -> None:
    asked: list[object] = []

    def request(permission: object, _context: object, on_permission: Callable[[object], None]) -> None:
        asked.append(permission)
        on_permission(SimpleNamespace(status=lambda: status))

    app = SimpleNamespace(requestPermission=request)
    monkeypatch.setattr(
        "fer_desktop.controllers.camera_permission.QCoreApplication", SimpleNamespace(instance=lambda: app)
    )
    monkeypatch.setattr(sys, "frozen", home == "bundle", raising=False)
    answers: list[bool] = []
    CameraPermission().request(answers.append)
    assert answers == answer
    assert isinstance(asked[0], QCameraPermission)
