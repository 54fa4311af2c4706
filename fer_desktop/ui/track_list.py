"""The tracks of a playlist: title, artist, length, and why each was picked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from fer_desktop.ui import theme

if TYPE_CHECKING:
    from fer_desktop.domain import Track

_TRACK_ROLE = Qt.ItemDataRole.UserRole


def length(duration_ms: int) -> str:
    """Returns a duration as people read it: "3:21"."""
    minutes, seconds = divmod(round(duration_ms / 1000), 60)
    return f"{minutes}:{seconds:02d}"


class _TrackDelegate(QStyledItemDelegate):
    """Two lines a track, the length at the right."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(200, 2 * option.fontMetrics.height() + theme.SPACE + 4)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        track: Track = index.data(_TRACK_ROLE)
        colors = theme.tokens()
        rect: QRect = option.rect
        font: QFont = option.font
        state: QStyle.StateFlag = option.state
        painter.save()
        if state & QStyle.StateFlag.State_Selected:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colors.track))
            painter.drawRoundedRect(rect, 6, 6)
        inner = rect.adjusted(theme.SPACE, 4, -theme.SPACE, -4)
        figures = theme.tabular(font)
        duration = length(track.duration_ms)
        metrics = QFontMetrics(figures)
        right = metrics.horizontalAdvance("00:00") + theme.SPACE
        painter.setFont(figures)
        painter.setPen(QColor(colors.muted))
        top = QRect(inner.left(), inner.top(), inner.width(), metrics.height())
        painter.drawText(top, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, duration)
        words = QRect(inner.left(), inner.top(), inner.width() - right, metrics.height())
        painter.setFont(font)
        painter.setPen(QColor(colors.text))
        painter.drawText(
            words, 0, metrics.elidedText(track.title, Qt.TextElideMode.ElideRight, words.width())
        )
        below = f"{', '.join(track.artists)} · {track.reason}"
        words.translate(0, metrics.height() + 2)
        words.setWidth(inner.width())
        painter.setPen(QColor(colors.muted))
        painter.drawText(words, 0, metrics.elidedText(below, Qt.TextElideMode.ElideRight, words.width()))
        painter.restore()


class TrackList(QListWidget):
    """A list of tracks, for the eye and for the screen reader."""

    def __init__(self) -> None:
        super().__init__()
        self.setItemDelegate(_TrackDelegate(self))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self.setAccessibleName("Tracks")

    def show_tracks(self, tracks: tuple[Track, ...]) -> None:
        """Shows tracks in place of those before."""
        self.clear()
        for track in tracks:
            item = QListWidgetItem()
            item.setData(_TRACK_ROLE, track)
            artists = ", ".join(track.artists)
            item.setData(
                Qt.ItemDataRole.AccessibleTextRole,
                f"{track.title} by {artists}, {length(track.duration_ms)}, {track.reason}",
            )
            item.setToolTip(f"{track.title}, {artists}")
            self.addItem(item)
