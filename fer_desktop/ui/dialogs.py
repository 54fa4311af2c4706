"""The dialogs over the window, each open once at most.

None is modal: Qt lets no window be closed that lies behind a modal dialog, and the app ends with its window.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from PySide6.QtWidgets import QDialog

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

_Dialog = TypeVar("_Dialog", bound=QDialog)


def raise_open(window: QWidget, kind: type[_Dialog]) -> _Dialog | None:
    """Brings the dialog of a kind that is open over a window to the front; None where there is none."""
    for dialog in window.findChildren(kind):
        if dialog.isVisible():
            dialog.raise_()
            dialog.activateWindow()
            return dialog
    return None
