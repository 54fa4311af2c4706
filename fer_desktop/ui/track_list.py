"""The tracks of a playlist: cover, title, artist, length, the reason for each, and whether it is included."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QAbstractItemModel,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetrics,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPen,
    QPixmap,
)
from PySide6.QtWidgets import (
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from fer_desktop.translation import _, play_time
from fer_desktop.ui import theme
from fer_desktop.ui.tick_box import TICK_SIDE, draw_tick

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fer_desktop.domain import Track

_TRACK_ROLE = Qt.ItemDataRole.UserRole


class _TrackDelegate(QStyledItemDelegate):
    """Draws a check box if the list can be changed, the cover, two lines of text and the length.

    Attributes:
        covers: The covers that have arrived, by address.
    """

    def __init__(self, tracks: TrackList) -> None:
        super().__init__(tracks)
        self.covers: dict[str, QPixmap] = {}

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(200, 2 * option.fontMetrics.height() + theme.SPACE + 4)

    def editorEvent(
        self,
        event: QEvent,
        model: QAbstractItemModel,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> bool:
        """Ticks and unticks by a click on the box, or Space."""
        if not index.flags() & Qt.ItemFlag.ItemIsUserCheckable:
            return False
        clicked = (
            event.type() is QEvent.Type.MouseButtonRelease
            and isinstance(event, QMouseEvent)
            # As wide as the row is high: a finger needs more than the box.
            and event.position().x() < option.rect.left() + theme.SPACE * 2 + TICK_SIDE
        )
        pressed = (
            event.type() is QEvent.Type.KeyPress
            and isinstance(event, QKeyEvent)
            and event.key() == Qt.Key.Key_Space
        )
        if not clicked and not pressed:
            return False
        state = Qt.CheckState.Unchecked if _is_ticked(index) else Qt.CheckState.Checked
        return model.setData(index, state, Qt.ItemDataRole.CheckStateRole)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        track: Track = index.data(_TRACK_ROLE)
        colors = theme.tokens()
        rect: QRect = option.rect
        font: QFont = option.font
        state: QStyle.StateFlag = option.state
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if state & QStyle.StateFlag.State_Selected:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(colors.track))
            painter.drawRoundedRect(rect, 6, 6)
        if state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(QColor(colors.accent), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(rect.adjusted(1, 1, -1, -1), 6, 6)
        inner = rect.adjusted(theme.SPACE, 4, -theme.SPACE, -4)
        if index.flags() & Qt.ItemFlag.ItemIsUserCheckable:
            draw_tick(painter, inner.left(), inner.center().y() + 1, ticked=_is_ticked(index))
            inner.setLeft(inner.left() + TICK_SIDE + theme.SPACE)
        cover = QRect(inner.left(), inner.top(), inner.height(), inner.height())
        self._draw_cover(painter, cover, track.cover_url)
        inner.setLeft(cover.right() + theme.SPACE)
        if not _is_ticked(index):
            font = QFont(font)
            font.setStrikeOut(True)
        _draw_words(painter, inner, font, track)
        painter.restore()

    def _draw_cover(self, painter: QPainter, rect: QRect, url: str) -> None:
        outline = QPainterPath()
        outline.addRoundedRect(rect, 4, 4)
        painter.fillPath(outline, QColor(theme.tokens().track))
        pixmap = self.covers.get(url)
        if pixmap is not None:
            painter.setClipPath(outline)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawPixmap(rect, pixmap)
            painter.setClipping(False)


def _is_ticked(index: QModelIndex | QPersistentModelIndex) -> bool:
    return Qt.CheckState(index.data(Qt.ItemDataRole.CheckStateRole)) is Qt.CheckState.Checked


def _draw_words(painter: QPainter, rect: QRect, font: QFont, track: Track) -> None:
    colors = theme.tokens()
    figures = theme.tabular(font)
    metrics = QFontMetrics(figures)
    right = metrics.horizontalAdvance("00:00") + theme.SPACE
    painter.setFont(figures)
    painter.setPen(QColor(colors.muted))
    top = QRect(rect.left(), rect.top(), rect.width(), metrics.height())
    painter.drawText(
        top, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, play_time(track.duration_ms / 1000)
    )
    words = QRect(rect.left(), rect.top(), rect.width() - right, metrics.height())
    # Text in another script uses a taller font than the line was measured for.
    whole = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextDontClip
    painter.setFont(font)
    painter.setPen(QColor(colors.text))
    painter.drawText(
        words, whole, metrics.elidedText(track.title, Qt.TextElideMode.ElideRight, words.width())
    )
    below = f"{', '.join(track.artists)} · {track.reason}"
    words.translate(0, metrics.height() + 2)
    words.setWidth(rect.width())
    painter.setPen(QColor(colors.muted))
    painter.drawText(words, whole, metrics.elidedText(below, Qt.TextElideMode.ElideRight, words.width()))


class TrackList(QListWidget):
    """A list of tracks, for the eye and the screen reader.

    While it can be changed, a check mark decides whether a track goes into the playlist. Rows are moved by
    dragging, or with Alt and the arrow keys.

    Signals:
        choice_changed: The ticked Tracks in their order.
    """

    choice_changed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._changeable = False
        self._delegate = _TrackDelegate(self)
        self.setItemDelegate(self._delegate)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self.setAccessibleName(_("Songs"))
        self.itemChanged.connect(self._say_choice)
        self.model().rowsMoved.connect(self._say_choice)

    def show_tracks(self, tracks: Sequence[Track]) -> None:
        """Replaces the tracks; all are ticked."""
        self.blockSignals(True)
        self.clear()
        for track in tracks:
            item = QListWidgetItem()
            item.setData(_TRACK_ROLE, track)
            artists = ", ".join(track.artists)
            item.setData(
                Qt.ItemDataRole.AccessibleTextRole,
                _("{title} by {artists}, {length}, {reason}").format(
                    title=track.title,
                    artists=artists,
                    length=play_time(track.duration_ms / 1000),
                    reason=track.reason,
                ),
            )
            item.setToolTip(f"<p>{html.escape(f'{track.title}, {artists}')}</p>")
            item.setCheckState(Qt.CheckState.Checked)
            item.setFlags(self._flags())
            self.addItem(item)
        self.blockSignals(False)
        shown = {track.cover_url for track in tracks}
        self._delegate.covers = {url: cover for url, cover in self.covers.items() if url in shown}

    @property
    def covers(self) -> dict[str, QPixmap]:
        """The covers that are shown, by address."""
        return self._delegate.covers

    @Slot(str, object)
    def show_cover(self, url: str, content: bytes) -> None:
        """Shows the cover of an address; content that is not a picture is ignored."""
        pixmap = QPixmap()
        if pixmap.loadFromData(content):
            self._delegate.covers[url] = pixmap
            self.viewport().update()

    def set_changeable(self, changeable: bool) -> None:
        """Sets whether the user can tick and move tracks."""
        self._changeable = changeable
        moves = QListWidget.DragDropMode.InternalMove if changeable else QListWidget.DragDropMode.NoDragDrop
        self.setDragDropMode(moves)
        self.blockSignals(True)
        for row in range(self.count()):
            self.item(row).setFlags(self._flags())
        self.blockSignals(False)
        self.viewport().update()

    def chosen(self) -> tuple[Track, ...]:
        """Returns the ticked tracks in their order."""
        items = (self.item(row) for row in range(self.count()))
        return tuple(item.data(_TRACK_ROLE) for item in items if item.checkState() is Qt.CheckState.Checked)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Moves the current track with Alt and an arrow."""
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()))
        if self._changeable and step is not None and event.modifiers() & Qt.KeyboardModifier.AltModifier:
            self._move(self.currentRow(), self.currentRow() + step)
        else:
            super().keyPressEvent(event)

    def _move(self, row: int, to: int) -> None:
        if row >= 0 and 0 <= to < self.count():
            self.insertItem(to, self.takeItem(row))
            self.setCurrentRow(to)
            self._say_choice()

    def _flags(self) -> Qt.ItemFlag:
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemNeverHasChildren
        if self._changeable:
            flags |= Qt.ItemFlag.ItemIsUserCheckable | Qt.ItemFlag.ItemIsDragEnabled
        return flags

    def _say_choice(self) -> None:
        self.choice_changed.emit(self.chosen())
