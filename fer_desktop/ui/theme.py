"""Colours, spacing and type sizes. Only the emotions' own colours are named elsewhere, in `emotions.py`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QPushButton, QScrollArea, QStyle, QWidget

from fer_desktop.emotions import EMOTIONS

if TYPE_CHECKING:
    from fer_desktop.domain import Emotion
    from fer_desktop.settings import Settings

SPACE = 8
"""Distances are multiples of this many device-independent pixels."""

RADIUS = 10

# Properties of the QApplication, because not every desktop lets an app change its scheme through Qt.
_APPEARANCE = "appearance"
_LESS_MOTION = "less_motion"


@dataclass(frozen=True, slots=True)
class Tokens:
    """The colours of one scheme. Text has a contrast of at least 4.5:1 with its background."""

    window: str
    surface: str
    text: str
    muted: str
    border: str
    accent: str
    accent_hover: str
    on_accent: str
    track: str
    error: str
    emotions: dict[Emotion, str]


LIGHT = Tokens(
    window="#F3F5F8",
    surface="#FFFFFF",
    text="#1A1E24",
    muted="#56606D",
    border="#D5DAE2",
    accent="#2C56CC",
    accent_hover="#2448AD",
    on_accent="#FFFFFF",
    track="#E6EAF0",
    error="#B3261E",
    emotions={emotion: row.light for emotion, row in EMOTIONS.items()},
)

DARK = Tokens(
    window="#14171C",
    surface="#1D2128",
    text="#ECEFF3",
    muted="#A5AFBC",
    border="#363D48",
    accent="#8AADFF",
    accent_hover="#A5C0FF",
    on_accent="#0D1428",
    track="#2B313B",
    error="#FF9A92",
    emotions={emotion: row.dark for emotion, row in EMOTIONS.items()},
)

PICTURE_GROUND = "#0E1013"
PICTURE_TEXT = "#FFFFFF"
PICTURE_MUTED = "#C7CDD6"
PICTURE_PLATE = "#E6101217"
"""Dark and mostly opaque (ARGB), so that white text on it is readable on any picture."""


def tokens() -> Tokens:
    """Returns the colours of the scheme that the user chose, or that the desktop currently uses."""
    schemes = {"light": Qt.ColorScheme.Light, "dark": Qt.ColorScheme.Dark}
    chosen = schemes.get(_app().property(_APPEARANCE))
    scheme = chosen or QGuiApplication.styleHints().colorScheme()
    return DARK if scheme is Qt.ColorScheme.Dark else LIGHT


def emotion_color(emotion: Emotion, *, on_picture: bool = False) -> QColor:
    """Returns an emotion's colour; the background of pictures is dark in both schemes."""
    return QColor((DARK if on_picture else tokens()).emotions[emotion])


def reduced_motion() -> bool:
    """Returns whether the user asked the app or the desktop for reduced motion."""
    chosen = bool(_app().property(_LESS_MOTION))
    return chosen or QApplication.style().styleHint(QStyle.StyleHint.SH_Widget_Animation_Duration) == 0


def headline(widget: QWidget) -> None:
    """Gives a widget the large text size."""
    font = widget.font()
    font.setPointSizeF(QApplication.font().pointSizeF() * 1.5)
    font.setWeight(QFont.Weight.DemiBold)
    widget.setFont(font)


def small(widget: QWidget) -> None:
    """Gives a widget the small text size and the muted colour."""
    font = widget.font()
    font.setPointSizeF(QApplication.font().pointSizeF() * 0.9)
    widget.setFont(font)
    widget.setProperty("muted", True)


def bold(widget: QWidget) -> None:
    """Makes a widget's text bold."""
    font = widget.font()
    font.setBold(True)
    widget.setFont(font)


def make_primary(button: QPushButton, *, primary: bool) -> None:
    """Fills a button to mark it as the next step, or removes the mark."""
    if bool(button.property("primary")) is not primary:
        button.setProperty("primary", primary)
        button.style().unpolish(button)
        button.style().polish(button)


def scrolled(content: QWidget) -> QScrollArea:
    """Returns a view that shows a dialog's content in full if there is room, and scrolls it otherwise."""
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidget(content)
    return area


def tabular(font: QFont) -> QFont:
    """Returns the font with digits of equal width, so that changing numbers keep their width."""
    font = QFont(font)
    font.setFeature(QFont.Tag("tnum"), 1)
    return font


def apply_theme(app: QApplication) -> None:
    """Gives the app its style and colours, now and whenever the desktop switches between light and dark."""
    app.setStyle("Fusion")
    _paint(app)
    app.styleHints().colorSchemeChanged.connect(lambda: _paint(app))


def follow_settings(settings: Settings) -> None:
    """Applies the scheme and the motion that the user chose."""
    app = _app()
    app.setProperty(_LESS_MOTION, settings.less_motion)
    if app.property(_APPEARANCE) != settings.appearance:
        app.setProperty(_APPEARANCE, settings.appearance)
        _paint(app)


def _app() -> QApplication:
    return cast("QApplication", QApplication.instance())


def _paint(app: QApplication) -> None:
    colors = tokens()
    palette = QPalette()
    role = QPalette.ColorRole
    for each, color in {
        role.Window: colors.window,
        role.Base: colors.surface,
        role.AlternateBase: colors.window,
        role.Button: colors.surface,
        role.WindowText: colors.text,
        role.Text: colors.text,
        role.ButtonText: colors.text,
        role.ToolTipBase: colors.surface,
        role.ToolTipText: colors.text,
        role.PlaceholderText: colors.muted,
        role.Highlight: colors.accent,
        role.HighlightedText: colors.on_accent,
        role.Link: colors.accent,
    }.items():
        palette.setColor(each, QColor(color))
    for each in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, each, QColor(colors.muted))
    app.setPalette(palette)
    app.setStyleSheet(_style_sheet(colors))


def _style_sheet(colors: Tokens) -> str:
    return f"""
    QLabel[muted="true"] {{ color: {colors.muted}; }}
    QLabel[error="true"] {{ color: {colors.error}; }}
    QFrame[card="true"] {{
        background: {colors.surface}; border: 1px solid {colors.border}; border-radius: {RADIUS}px;
    }}
    QPushButton, QToolButton {{
        background: {colors.surface}; color: {colors.text};
        border: 1px solid {colors.border}; border-radius: 8px; padding: 7px 14px;
    }}
    QToolButton {{ padding: 7px 10px; }}
    QToolButton[popupMode="2"] {{ padding-right: 22px; }}
    QToolButton::menu-indicator {{ subcontrol-position: right center; right: 8px; }}
    QPushButton:hover, QToolButton:hover {{ background: {colors.track}; }}
    QToolButton:checked {{
        background: {colors.track}; border: 2px solid {colors.accent}; padding: 6px 9px;
    }}
    QPushButton:focus, QToolButton:focus {{ border: 2px solid {colors.text}; padding: 6px 13px; }}
    QToolButton:focus {{ padding: 6px 9px; }}
    QToolButton[popupMode="2"]:focus {{ padding-right: 21px; }}
    QPushButton:disabled, QToolButton:disabled {{ color: {colors.muted}; background: {colors.window}; }}
    QPushButton[primary="true"] {{
        background: {colors.accent}; color: {colors.on_accent}; border: 1px solid {colors.accent};
        font-weight: 600; padding: 9px 22px;
    }}
    QPushButton[primary="true"]:hover {{ background: {colors.accent_hover}; }}
    QPushButton[primary="true"]:focus {{ border: 2px solid {colors.text}; padding: 8px 21px; }}
    QPushButton[primary="true"]:disabled {{
        background: {colors.track}; color: {colors.muted}; border-color: {colors.track};
    }}
    QLineEdit {{
        background: {colors.surface}; border: 1px solid {colors.border};
        border-radius: 8px; padding: 7px 10px;
    }}
    QLineEdit:focus {{ border: 2px solid {colors.text}; padding: 6px 9px; }}
    QProgressBar {{ background: {colors.track}; border: none; border-radius: 3px; max-height: 6px; }}
    QProgressBar::chunk {{ background: {colors.accent}; border-radius: 3px; }}
    QScrollBar:vertical {{ background: transparent; width: 10px; margin: 0; }}
    QScrollBar:horizontal {{ background: transparent; height: 10px; margin: 0; }}
    QScrollBar::handle {{ background: {colors.border}; border-radius: 4px; margin: 1px; min-height: 32px; }}
    QScrollBar::handle:hover {{ background: {colors.muted}; }}
    QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
    QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
    QListView {{ background: transparent; border: none; outline: none; }}
    QScrollArea {{ background: transparent; border: none; }}
    QSpinBox, QComboBox {{ min-height: 24px; }}
    QDialogButtonBox {{ dialogbuttonbox-buttons-have-icons: 0; }}
    """
