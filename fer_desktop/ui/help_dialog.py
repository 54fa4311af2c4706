"""The keys, and what the app does with what it sees."""

from __future__ import annotations

from PySide6.QtWidgets import QMessageBox, QWidget

_HELP = """
<p>Look into the camera, click <b>Capture</b>, then <b>Create Playlist</b>.</p>
<table cellspacing="6">
<tr><td><b>Ctrl+D</b></td><td>camera on or off</td></tr>
<tr><td><b>Ctrl+Enter</b></td><td>the next step: the filled button</td></tr>
<tr><td><b>Space</b> or <b>C</b></td><td>capture, with the focus on the picture</td></tr>
<tr><td><b>Space</b></td><td>take a track in or leave it out, in the list</td></tr>
<tr><td><b>Alt+↑</b>, <b>Alt+↓</b></td><td>move a track</td></tr>
<tr><td><b>Ctrl+O</b></td><td>open a photo or video</td></tr>
<tr><td><b>Ctrl+V</b></td><td>open a copied picture or file; files can be dropped too</td></tr>
<tr><td><b>Ctrl+P</b></td><td>pause or play a video</td></tr>
<tr><td><b>Ctrl+Y</b></td><td>show which places of the face count</td></tr>
<tr><td><b>Ctrl+,</b></td><td>settings</td></tr>
</table>
<p>Pictures stay on this computer and are not recorded. Only search words go to Spotify.<br>
What the app says is a guess about a face, not the truth about a person.</p>
"""


def show_help(parent: QWidget) -> None:
    """Opens the help; does not wait for it."""
    box = QMessageBox(QMessageBox.Icon.NoIcon, "Help", _HELP, QMessageBox.StandardButton.Close, parent)
    box.open()
