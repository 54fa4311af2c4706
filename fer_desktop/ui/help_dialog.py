"""The keyboard shortcuts, and what the app does with what it sees."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QWidget

from fer_desktop.translation import N_, _
from fer_desktop.ui import theme
from fer_desktop.ui.dialogs import raise_open
from fer_desktop.ui.layouts import column
from fer_desktop.ui.text import show_rich_text, text_label

_KEYS = (
    ("Ctrl+D", N_("camera on or off")),
    ("Ctrl+Q", N_("close the app")),
    ("Ctrl+Enter", N_("press the highlighted button")),
    (N_("Space or C"), N_("capture, when the picture has focus")),
    ("Left, Right", N_("follow another face, when the picture has focus; or click the face")),
    ("Space", N_("include or exclude a song, in the list")),
    ("Alt+Up, Alt+Down", N_("move a song")),
    ("Ctrl+O", N_("open a photo or video")),
    ("Ctrl+V", N_("open a copied picture or file; files can be dropped too")),
    ("Ctrl+P", N_("pause or play a video")),
    ("Ctrl+Y", N_("show which parts of the face count")),
    ("Ctrl+,", N_("settings")),
    ("F1", N_("this help")),
)


def _native(keys: str) -> str:
    """Returns a shortcut as this system and language write it: "Strg+D"."""
    return QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText) or _(keys)


class HelpDialog(QDialog):
    """What `show_help` opens."""


def show_help(parent: QWidget) -> None:
    """Opens the help without waiting for it."""
    if raise_open(parent, HelpDialog):
        return
    rows = "".join(f"<tr><td><b>{_native(keys)}</b></td><td>{_(words)}</td></tr>" for keys, words in _KEYS)
    paragraphs = (
        _("Look into the camera, click <b>Capture</b>, then <b>Create Playlist</b>."),
        f'<table cellspacing="8">{rows}</table>',
        _("Pictures stay on this computer and are not recorded. Only search words go to Spotify."),
        _("What the app says is a guess about a face, not the truth about a person."),
    )
    words = text_label()
    show_rich_text(words, "".join(f"<p>{each}</p>" for each in paragraphs))
    words.setAlignment(Qt.AlignmentFlag.AlignTop)
    dialog = HelpDialog(parent)
    dialog.setWindowTitle(_("Help"))
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
    buttons.rejected.connect(dialog.reject)
    column(theme.scrolled(words), buttons, owner=dialog, margin=theme.SPACE * 3, spacing=theme.SPACE * 2)
    dialog.resize(560, min(600, dialog.screen().availableSize().height() - theme.SPACE * 10))
    dialog.show()
