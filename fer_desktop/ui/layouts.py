"""Widgets in rows and columns."""

from __future__ import annotations

from typing import TypeVar

from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLayout, QVBoxLayout, QWidget

from fer_desktop.ui import theme

Part = QWidget | QLayout | int | None
"""A widget, a layout, additional pixels between two parts, or None for the room that is left."""

_Box = TypeVar("_Box", bound=QBoxLayout)


def row(
    *parts: Part,
    owner: QWidget | None = None,
    margin: int = 0,
    spacing: int = theme.SPACE,
    growing: QWidget | QLayout | None = None,
) -> QHBoxLayout:
    """Returns a layout of parts from left to right.

    Args:
        parts: What it consists of.
        owner: The widget that it fills, if any.
        margin: Pixels around it.
        spacing: Pixels between two parts.
        growing: The part that gets the room that is left.
    """
    return _filled(QHBoxLayout(), parts, owner, margin, spacing, growing)


def column(
    *parts: Part,
    owner: QWidget | None = None,
    margin: int = 0,
    spacing: int = theme.SPACE,
    growing: QWidget | QLayout | None = None,
) -> QVBoxLayout:
    """Returns a layout of parts from top to bottom; see `row` for the arguments."""
    return _filled(QVBoxLayout(), parts, owner, margin, spacing, growing)


def _filled(
    layout: _Box,
    parts: tuple[Part, ...],
    owner: QWidget | None,
    margin: int,
    spacing: int,
    growing: QWidget | QLayout | None,
) -> _Box:
    if owner is not None:
        owner.setLayout(layout)
    layout.setContentsMargins(margin, margin, margin, margin)
    layout.setSpacing(spacing)
    for part in parts:
        stretch = int(part is growing)
        if isinstance(part, QWidget):
            layout.addWidget(part, stretch)
        elif isinstance(part, QLayout):
            layout.addLayout(part, stretch)
        elif part is None:
            layout.addStretch()
        else:
            layout.addSpacing(part)
    return layout
