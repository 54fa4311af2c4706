"""The dialogs over the window, each open at most once.

None is modal: Qt does not let a window be closed behind a modal dialog, and the app ends with its window.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from PySide6.QtWidgets import QDialog

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

_Dialog = TypeVar("_Dialog", bound=QDialog)


def raise_open(window: QWidget, kind: type[_Dialog]) -> _Dialog | None:
    """Brings the open dialog of a kind to the front; None if there is none."""
    for dialog in window.findChildren(kind):
        if dialog.isVisible():
            dialog.raise_()
            dialog.activateWindow()
            return dialog
    return None
