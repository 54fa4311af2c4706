"""Labels with longer text, and text with links."""

from __future__ import annotations

import html

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from fer_desktop.translation import _
from fer_desktop.ui import theme


def text_label(text: str = "", *, small: bool = False) -> QLabel:
    """Returns a label that wraps its text and shows it as it is; see also `show_rich_text`."""
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)  # names of users and files come from outside
    label.setWordWrap(True)
    if small:
        theme.small(label)
    return label


def show_rich_text(label: QLabel, text: str) -> None:
    """Shows rich text; Tab goes to its links, if there are any."""
    flags = Qt.TextInteractionFlag
    label.setTextFormat(Qt.TextFormat.RichText)
    label.setOpenExternalLinks(True)
    label.setTextInteractionFlags(flags.TextBrowserInteraction if "<a " in text else flags.NoTextInteraction)
    label.setText(text)


def linked(text: str) -> str:
    """Returns plain text as rich text with its addresses as links."""
    words = [
        f'<a href="{html.escape(word)}">{html.escape(word)}</a>'
        if word.startswith(("https://", "http://127.0.0.1:"))
        else html.escape(word)
        for word in text.split(" ")
    ]
    return " ".join(words)


def login_text(url: str, *, opened: bool) -> str:
    """Returns, as rich text, what to do while a login is pending in the browser."""
    link = f'<a href="{html.escape(url)}">'
    how = (
        _("Agree in your browser. {link}Open the page again{end}.")
        if opened
        else _("No browser opened. Copy the address into one on this computer, or {link}try again{end}.")
    )
    advice = _("If the page shows INVALID_CLIENT, cancel and check Client ID and redirect URI.")
    return _("{message} {hint}").format(message=how.format(link=link, end="</a>"), hint=advice)
