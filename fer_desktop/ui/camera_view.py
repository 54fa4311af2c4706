"""The picture: the frame with its face boxes, letterboxed and sharp at any scale."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from fer_desktop.domain import Advice
from fer_desktop.translation import N_, _
from fer_desktop.ui import theme
from fer_desktop.ui.emotion_icon import paint_emotion
from fer_desktop.ui.face_map import FaceMapPainter
from fer_desktop.ui.wording import emotion_word, percent

if TYPE_CHECKING:
    from fer_desktop.domain import (
        AttentionMap,
        EmotionSnapshot,
        FaceBox,
        FaceReading,
        Frame,
        FrameAnalysis,
        Image,
        OcclusionMap,
    )

_BOX_WIDTH = 2.0
_LABEL_PADDING = 6.0
_ADVICE = {
    Advice.MOVE_CLOSER: N_("Move a little closer."),
    Advice.MORE_LIGHT: N_("More light, please: it is too dark to read a face."),
    Advice.FACE_CAMERA: N_("Your face is hard to see. Look into the camera."),
}


def _label(face: FaceReading) -> str:
    if face.unsure:
        return _("Not sure")
    emotion = face.scores.dominant
    words = _("Looks {emotion}").format(emotion=emotion_word(emotion))
    return f"{words} {percent(face.scores[emotion])}"


class CameraView(QWidget):
    """Shows frames, face boxes, and a line of advice at the lower edge.

    Signals:
        capture_requested: Space or C was pressed while the picture has the focus.
        face_chosen: A face was clicked, or stepped to with the arrow keys; its number.
    """

    capture_requested = Signal()
    face_chosen = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self._image: Image | None = None
        self._picture: QImage | None = None
        self._pixels = np.empty((0, 0, 4), np.uint8)  # the picture only points to them
        self._faces: tuple[FaceReading, ...] = ()
        self._heading = ""
        self._advice = ""
        self._mirrored = False
        self._map_painter = FaceMapPainter()
        self.setMinimumSize(QSize(320, 240))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(_("Picture"))
        self.setAccessibleDescription(
            _("The picture with a box around each face. Space captures, arrows step through faces.")
        )
        self.setMouseTracking(True)

    def sizeHint(self) -> QSize:
        """Large enough to make out a face and its label; the picture grows with the window."""
        return QSize(480, 240)

    def set_mirrored(self, mirrored: bool) -> None:
        """Shows the picture as a mirror would; the text stays readable."""
        self._mirrored = mirrored
        self.update()

    def show_frame(self, frame: Frame) -> None:
        """Shows a frame, with the boxes of the last analysis."""
        if frame.image is self._image:  # a photo is delivered over and over
            return
        self._image = frame.image
        height, width = frame.image.shape[:2]
        if self._pixels.shape[:2] != (height, width):
            self._pixels = np.empty((height, width, 4), np.uint8)
        # A copy, so that the frame can be freed; in the format that is drawn fastest, into existing memory.
        cv2.cvtColor(frame.image, cv2.COLOR_BGR2BGRA, dst=self._pixels)
        self._picture = QImage(self._pixels.data, width, height, QImage.Format.Format_RGB32)
        self.update()

    def show_analysis(self, analysis: FrameAnalysis) -> None:
        """Shows the boxes and the advice that belong to an analysis."""
        advice = _(_ADVICE[analysis.advice]) if analysis.advice else ""
        if (analysis.faces, advice) != (
            self._faces,
            self._advice,
        ) or analysis.attention is not self._map_painter.shown:
            self._faces, self._advice = analysis.faces, advice
            self._map_painter.show(analysis.attention)
            self.update()

    def show_snapshot(self, snapshot: EmotionSnapshot) -> None:
        """Shows a captured frame with its emotion as the title."""
        self.show_frame(snapshot.frame)
        self._map_painter.show(None)
        self._faces = (snapshot.reading,)
        self._advice = ""
        self._heading = _label(snapshot.reading)
        self.update()

    def show_map(self, face_map: AttentionMap | OcclusionMap | None) -> None:
        """Shows a map over a face; None for none."""
        self._map_painter.show(face_map)
        self.update()

    def show_advice(self, advice: str) -> None:
        """Shows a line at the lower edge of the picture; "" for none."""
        self._advice = advice
        self.update()

    def clear_boxes(self) -> None:
        """Removes boxes, title and advice; the picture stays."""
        self._faces = ()
        self._heading = ""
        self._advice = ""
        self._map_painter.show(None)
        self.update()

    def clear(self) -> None:
        """Removes everything."""
        self._image = self._picture = None
        self.clear_boxes()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space and C capture, the arrow keys step through the faces."""
        if event.key() in (Qt.Key.Key_Space, Qt.Key.Key_C) and not event.isAutoRepeat():
            self.capture_requested.emit()
        elif event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right) and len(self._faces) > 1:
            self._choose_next(1 if event.key() == Qt.Key.Key_Right else -1)
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click chooses a face."""
        face = self._face_at(event.position())
        if face is not None and event.button() == Qt.MouseButton.LeftButton:
            self._choose(face)
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """The cursor shows over which faces a click would change something."""
        face = self._face_at(event.position())
        if face is not None and face.face_id is not None and face is not self._faces[0]:
            self.setCursor(Qt.CursorShape.PointingHandCursor)
        else:
            self.unsetCursor()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draws background, picture, boxes, title and advice."""
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        background = QPainterPath()
        background.addRoundedRect(QRectF(self.rect()), theme.RADIUS, theme.RADIUS)
        painter.setClipPath(background)
        painter.fillPath(background, QColor(theme.PICTURE_GROUND))
        if self._picture is not None:
            target = self._target(self._picture)
            painter.save()
            if self._mirrored:
                painter.translate(2 * target.center().x(), 0)
                painter.scale(-1, 1)
            painter.drawImage(target, self._picture)
            self._map_painter.paint(painter, target, target.width() / self._picture.width())
            painter.restore()
            # "You" last, so that it is on top of the others.
            for index in reversed(range(len(self._faces))):
                face = self._faces[index]
                rect = self._on_screen(face.box, self._picture, target)
                self._paint_face(painter, target, rect, face, is_you=index == 0)
            if self._heading:
                self._paint_heading(painter, target)
        if self._advice:
            self._paint_line(painter, self._advice)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(theme.tokens().accent), 2))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), theme.RADIUS, theme.RADIUS)
        painter.end()

    def _choose(self, face: FaceReading) -> None:
        if face.face_id is not None:  # the face of a capture has none
            self.face_chosen.emit(face.face_id)

    def _choose_next(self, step: int) -> None:
        """Chooses the next face, counted from "you" from left to right on the screen."""
        row = sorted(self._faces, key=lambda face: face.box.x + face.box.width / 2, reverse=self._mirrored)
        self._choose(row[(row.index(self._faces[0]) + step) % len(row)])

    def _face_at(self, point: QPointF) -> FaceReading | None:
        """Returns the topmost face at a point of the widget."""
        if self._picture is None:
            return None
        target = self._target(self._picture)
        for face in self._faces:
            if self._on_screen(face.box, self._picture, target).contains(point):
                return face
        return None

    def _target(self, picture: QImage) -> QRectF:
        """Returns where the whole picture fits, undistorted and centred."""
        size = picture.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        left = (self.width() - size.width()) / 2
        top = (self.height() - size.height()) / 2
        return QRectF(left, top, size.width(), size.height())

    def _on_screen(self, box: FaceBox, picture: QImage, target: QRectF) -> QRectF:
        """Returns where a face box is in the widget, clipped to the picture."""
        scale = target.width() / picture.width()
        x = picture.width() - box.x - box.width if self._mirrored else box.x
        rect = QRectF(
            target.x() + x * scale, target.y() + box.y * scale, box.width * scale, box.height * scale
        )
        return rect.intersected(target.adjusted(_BOX_WIDTH, _BOX_WIDTH, -_BOX_WIDTH, -_BOX_WIDTH))

    def _paint_face(
        self, painter: QPainter, target: QRectF, rect: QRectF, face: FaceReading, *, is_you: bool
    ) -> None:
        color = theme.emotion_color(face.scores.dominant, on_picture=True)
        if face.unsure:
            color = QColor(theme.PICTURE_MUTED)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        # A dark line under the coloured one keeps the box visible on a bright background.
        painter.setPen(QPen(QColor(theme.PICTURE_PLATE), _BOX_WIDTH * 2))
        painter.drawRoundedRect(rect, 6, 6)
        painter.setPen(QPen(color, _BOX_WIDTH, Qt.PenStyle.SolidLine if is_you else Qt.PenStyle.DashLine))
        painter.drawRoundedRect(rect, 6, 6)
        # The label of a captured face is the title of the picture.
        if not self._heading:
            self._paint_label(painter, target, rect, face, color)

    def _paint_label(
        self, painter: QPainter, target: QRectF, rect: QRectF, face: FaceReading, color: QColor
    ) -> None:
        text = _label(face)
        font = theme.tabular(self.font())
        painter.setFont(font)
        metrics = QFontMetricsF(font)
        icon_side = metrics.height()
        icon_space = 0.0 if face.unsure else icon_side + _LABEL_PADDING  # an icon would name an emotion
        width = metrics.horizontalAdvance(text) + icon_space + 2 * _LABEL_PADDING
        height = metrics.height() + 2 * _LABEL_PADDING
        # Above the box if there is room, otherwise inside it; never outside the picture.
        top = rect.top() - height - 4 if rect.top() - height - 4 >= target.top() else rect.top() + 4
        left = min(max(rect.left(), target.left() + 4), max(target.left() + 4, target.right() - width - 4))
        plate = QRectF(left, top, width, height)
        _paint_plate(painter, plate, 6)
        left, top = left + _LABEL_PADDING, top + _LABEL_PADDING
        if not face.unsure:
            paint_emotion(painter, QRectF(left, top, icon_side, icon_side), face.scores.dominant, color)
        painter.drawText(QPointF(left + icon_space, top + metrics.ascent()), text)

    def _paint_heading(self, painter: QPainter, target: QRectF) -> None:
        font = theme.tabular(self.font())
        font.setPointSizeF(font.pointSizeF() * 1.5)
        font.setBold(True)
        painter.setFont(font)
        metrics = QFontMetricsF(font)
        width = metrics.horizontalAdvance(self._heading) + 4 * _LABEL_PADDING
        plate = QRectF(
            target.center().x() - width / 2, target.top() + 12, width, metrics.height() + 2 * _LABEL_PADDING
        )
        _paint_plate(painter, plate, 8)
        painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, self._heading)

    def _paint_line(self, painter: QPainter, text: str) -> None:
        painter.setFont(self.font())
        metrics = QFontMetricsF(self.font())
        width = min(metrics.horizontalAdvance(text) + 4 * _LABEL_PADDING, self.width() - 16.0)
        height = metrics.height() + 2 * _LABEL_PADDING
        plate = QRectF((self.width() - width) / 2, self.height() - height - 12, width, height)
        _paint_plate(painter, plate, 8)
        elided = metrics.elidedText(text, Qt.TextElideMode.ElideRight, width - 2 * _LABEL_PADDING)
        painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, elided)


def _paint_plate(painter: QPainter, plate: QRectF, radius: float) -> None:
    """Draws the dark background of a text, and selects the colour of the text."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(theme.PICTURE_PLATE))
    painter.drawRoundedRect(plate, radius, radius)
    painter.setPen(QColor(theme.PICTURE_TEXT))
