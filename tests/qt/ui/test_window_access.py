"""Accessibility of the window: contrast, keyboard, screen reader, reduced motion, each language and size."""

from __future__ import annotations

import gettext
import re
from datetime import UTC, datetime
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QPoint, QPointF, QSize, Qt, QVariantAnimation
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QAccessibleEvent,
    QColor,
    QImage,
)
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDialog,
    QLabel,
    QLineEdit,
    QScrollArea,
    QWidget,
)

from fer_desktop.domain import Account, Emotion, EmotionSnapshot, Playlist
from fer_desktop.errors import LoginError
from fer_desktop.translation import LANGUAGES, use_language
from fer_desktop.ui import theme
from fer_desktop.ui.language import speak
from fer_desktop.ui.settings_dialog import SettingsDialog
from tests.fakes.app_bench import OPENERS, Bench
from tests.fakes.frames import blank_frame
from tests.fakes.pipeline import reading_for

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pytestqt.qtbot import QtBot

    from tests.fakes.app_bench import Browser

SIZES = [QSize(900, 600), QSize(1280, 800)]
_LAID_OUT_MS = 5_000
_ROW_TOLERANCE = 8
"""Pixels; buttons of one row differ a little in height."""
CONTROLS = (QAbstractButton, QComboBox, QAbstractSpinBox, QLineEdit)


@pytest.fixture(params=list(LANGUAGES))
def spoken(
    request: pytest.FixtureRequest, qtbot: QtBot, browser: Browser, models: Path, profile: Path
) -> Iterator[Bench]:
    """A first start in each language."""
    speak(_app(), request.param)
    bench = Bench(profile, qtbot)
    yield bench
    bench.close()
    speak(_app(), "en")


def _app() -> QApplication:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    return app


def _luminance(color: str) -> float:
    """Relative luminance, WCAG 2.2."""
    channels = [int(color[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("colors", [theme.LIGHT, theme.DARK], ids=["light", "dark"])
def test_every_color_is_readable_on_every_background(colors: theme.Tokens) -> None:
    for ground in (colors.window, colors.surface, colors.track):
        for color in (colors.text, colors.muted, colors.error, colors.accent, *colors.emotions.values()):
            assert _contrast(color, ground) >= 4.5, (color, ground)
    for ground in (colors.accent, colors.accent_hover):
        assert _contrast(colors.on_accent, ground) >= 4.5, ground


def test_text_on_the_picture_is_readable_over_white() -> None:
    plate = QColor(theme.PICTURE_PLATE)
    over_white = QImage(1, 1, QImage.Format.Format_ARGB32)
    mixed = [
        round(channel * plate.alphaF() + 255 * (1 - plate.alphaF()))
        for channel in (plate.red(), plate.green(), plate.blue())
    ]
    over_white.setPixelColor(0, 0, QColor(*mixed))
    ground = over_white.pixelColor(0, 0).name()
    for color in (theme.PICTURE_TEXT, theme.PICTURE_MUTED, *theme.DARK.emotions.values()):
        assert _contrast(color, ground) >= 4.5, color


def _states(bench: Bench) -> Iterator[str]:
    """Brings the window into states that look different."""
    panel, stage = bench.panel, bench.window.stage
    playlist = Playlist(
        "1", "Happy Vibes Playlist", "https://open.spotify.com/playlist/0123456789abcdefABCDEF"
    )
    yield "first start"
    bench.settings.update(privacy_accepted=True)
    stage.show_state(bench.app.flow, why=False)
    yield "off"
    stage.idle.show_error(LoginError("Title", "Message.", "Hint."), again=True)
    yield "no picture"
    panel.show_account(Account("1", "Ada"), "", offered=False)
    bench.choose(Emotion.HAPPY)
    yield "chosen"
    panel.show_login("http://127.0.0.1/authorize", opened=False)
    yield "login"
    panel.show_question(playlist)
    yield "question"
    panel.show_error(LoginError("Title", "Message.", "Hint."), set_up=False, unfinished=True)
    yield "unfinished"
    panel.show_created(playlist)
    yield "created"


def _visible(root: QWidget, kind: type[QWidget] | tuple[type[QWidget], ...]) -> list[QWidget]:
    return [each for each in root.findChildren(QWidget) if isinstance(each, kind) and each.isVisible()]


def _assert_whole(root: QWidget, where: str) -> None:
    """Fails if a button or a line is cut off or extends beyond its parent."""
    for widget in _visible(root, (QAbstractButton, QLabel)):
        text = widget.text()  # type: ignore[attr-defined]  # both have one
        needed = widget.minimumSizeHint()
        assert widget.width() >= needed.width(), f"{where}: {text!r} is cut off"
        if isinstance(widget, QLabel) and widget.wordWrap():
            assert widget.height() >= widget.heightForWidth(widget.width()), f"{where}: {text!r} is cut off"
        parent = widget.parentWidget()
        assert parent is not None
        assert parent.rect().contains(widget.geometry()), f"{where}: {text!r} lies beyond its parent"


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size.width()}x{size.height()}")
def test_no_text_is_cut_off_in_any_language(spoken: Bench, size: QSize, qtbot: QtBot) -> None:
    spoken.window.resize(size)
    for state in _states(spoken):
        qtbot.waitUntil(partial(_assert_whole, spoken.window, state), timeout=_LAID_OUT_MS)


@pytest.mark.parametrize("kind", OPENERS)
def test_no_text_of_a_dialog_is_cut_off_in_any_language(
    spoken: Bench, kind: type[QDialog], qtbot: QtBot
) -> None:
    dialog = spoken.open_dialog(kind)
    qtbot.waitUntil(partial(_assert_whole, dialog, kind.__name__), timeout=_LAID_OUT_MS)
    dialog.reject()


def _assert_named(root: QWidget) -> None:
    controls = [
        each
        for each in _visible(root, CONTROLS)
        if each.focusPolicy() & Qt.FocusPolicy.TabFocus and not isinstance(each.parent(), QAbstractSpinBox)
    ]
    assert controls
    for control in controls:
        text = control.text() if isinstance(control, QAbstractButton) else ""
        assert control.accessibleName() or text, control


def test_every_control_has_a_name_for_the_screen_reader(fresh: Bench) -> None:
    for _state in _states(fresh):
        _assert_named(fresh.window)


@pytest.mark.parametrize("kind", OPENERS)
def test_every_control_of_a_dialog_has_a_name(fresh: Bench, kind: type[QDialog]) -> None:
    dialog = fresh.open_dialog(kind)
    _assert_named(dialog)
    dialog.reject()


def _tab_order(root: QWidget) -> list[QWidget]:
    """Returns what Tab goes to, in order, starting from the root."""
    order: list[QWidget] = []
    widget = root.nextInFocusChain()
    while widget is not None and widget is not root:
        can = bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus)
        if can and widget.isVisible() and widget.isEnabled() and widget.window() is root:
            order.append(widget)
        widget = widget.nextInFocusChain()
    return order


def _assert_tab_follows_reading(root: QWidget, parts: Sequence[QWidget], where: str) -> None:
    """Fails unless Tab visits part after part, each from top to bottom and a row from left to right."""
    order = _tab_order(root)
    places = []
    for widget in order:
        part = next(index for index, each in enumerate(parts) if each.isAncestorOf(widget))
        middle = widget.mapTo(root, QPoint(0, widget.height() // 2))
        places.append((part, middle.y(), middle.x()))
    for (part, y, x), (next_part, next_y, next_x) in pairwise(places):
        below, beside = next_y > y + _ROW_TOLERANCE, abs(next_y - y) <= _ROW_TOLERANCE and next_x > x
        assert next_part > part or below or beside, f"{where}: {[_name(widget) for widget in order]}"


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size.width()}x{size.height()}")
def test_tab_follows_the_reading_order(fresh: Bench, size: QSize) -> None:
    window = fresh.window
    window.resize(size)
    window.notification_bar.show_error(LoginError("Title", "Message.", "Hint."))
    side = (window.emotion_panel, window.playlist_panel)
    for state in _states(fresh):
        _app().processEvents()
        assert set(_visible(window.header, QAbstractButton)) <= set(_tab_order(window))
        _assert_tab_follows_reading(
            window, (window.header, window.notification_bar, window.stage, *side), state
        )


@pytest.mark.parametrize("kind", OPENERS)
def test_tab_follows_the_reading_order_in_a_dialog(fresh: Bench, kind: type[QDialog]) -> None:
    dialog = fresh.open_dialog(kind)
    _app().processEvents()
    _assert_tab_follows_reading(dialog, (*dialog.findChildren(QScrollArea), dialog), kind.__name__)
    dialog.reject()


def test_the_source_is_announced_to_the_screen_reader(fresh: Bench) -> None:
    fresh.window.header.show_source("HD Webcam & more")
    assert fresh.window.header.source_button.accessibleName() == "Picture source: HD Webcam & more"


def test_scrolling_with_the_wheel_changes_no_setting(fresh: Bench, qtbot: QtBot) -> None:
    dialog = fresh.open_dialog(SettingsDialog)
    qtbot.waitUntil(dialog.isActiveWindow)
    (area,) = dialog.findChildren(QScrollArea)
    for name in ("track_count", "second_playlist"):
        editor = dialog.editor(name)
        area.verticalScrollBar().setValue(0)
        entered = editor.metaObject().userProperty()
        before = entered.read(editor)
        place = editor.mapTo(dialog, editor.rect().center())
        QTest.wheelEvent(dialog.windowHandle(), QPointF(place), QPoint(0, -120))
        assert entered.read(editor) == before
        assert area.verticalScrollBar().value() > 0
    dialog.reject()


def _name(widget: QWidget) -> str:
    return widget.accessibleName() or (widget.text() if isinstance(widget, QAbstractButton) else repr(widget))


def _assert_focus_can_be_seen(root: QWidget) -> None:
    for widget in _tab_order(root):
        root.setFocus()
        before = widget.grab().toImage()
        widget.setFocus(Qt.FocusReason.TabFocusReason)
        assert widget.hasFocus()
        assert widget.grab().toImage() != before, _name(widget)


def test_the_focus_can_be_seen(fresh: Bench, qtbot: QtBot) -> None:
    fresh.window.activateWindow()
    qtbot.waitUntil(fresh.window.isActiveWindow)
    for _state in _states(fresh):
        _assert_focus_can_be_seen(fresh.window)


@pytest.mark.parametrize("kind", OPENERS)
def test_the_focus_in_a_dialog_can_be_seen(fresh: Bench, kind: type[QDialog], qtbot: QtBot) -> None:
    dialog = fresh.open_dialog(kind)
    dialog.activateWindow()
    qtbot.waitUntil(dialog.isActiveWindow)
    _assert_focus_can_be_seen(dialog)
    dialog.reject()


def test_bars_are_not_animated_with_reduced_motion(fresh: Bench) -> None:
    bar = fresh.window.emotion_panel.bars[Emotion.HAPPY]
    easing = bar.findChild(QVariantAnimation)
    assert isinstance(easing, QVariantAnimation)
    fresh.settings.update(less_motion=True)
    bar.set_value(0.8)
    assert easing.state() is QVariantAnimation.State.Stopped
    fresh.settings.update(less_motion=False)
    bar.set_value(0.2)
    assert easing.state() is QVariantAnimation.State.Running


def test_changes_are_announced_to_the_screen_reader(
    fresh: Bench, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr(QAccessible, "updateAccessibility", lambda event: said.append(_words_of(event)))
    fresh.go_live()
    assert "The picture is on." in said
    fresh.window.header.power_button.click()
    assert said[-1] == "The camera is off"
    fresh.window.header.power_button.click()
    fresh.wait(fresh.window.stage.capture_button.isEnabled)
    fresh.window.stage.capture_button.click()
    fresh.wait(lambda: any(words.startswith("Captured.") for words in said))


def test_no_emotion_is_announced_for_an_unsure_capture(fresh: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(QAccessible, "updateAccessibility", lambda event: said.append(_words_of(event)))
    reading = reading_for(Emotion.SAD, unsure=True)
    snapshot = EmotionSnapshot(blank_frame(), reading, datetime(2026, 11, 25, tzinfo=UTC))
    fresh.window.camera.captured.emit(snapshot)
    assert said[-1] == "In the capture you look not clearly one of these"


def _words_of(event: QAccessibleEvent) -> str:
    return event.message() if isinstance(event, QAccessibleAnnouncementEvent) else ""


class _Marked(gettext.NullTranslations):
    """Puts all strings that go through it between marks."""

    def gettext(self, message: str) -> str:
        return f"«{message}»"

    def ngettext(self, one: str, many: str, n: int) -> str:
        return f"«{one if n == 1 else many}»"

    def pgettext(self, context: str, message: str) -> str:  # noqa: ARG002 - as gettext has it
        return f"«{message}»"


def _untranslated(words: str) -> str:
    """Returns the letters that are neither translated nor markup, a name or an address."""
    words = re.sub(r"<[^<>]*>|https?://\S*|Title|Message|Hint|Happy Vibes Playlist|Ada|Spotify|F1", "", words)
    while re.search(r"«[^«»]*»", words):
        words = re.sub(r"«[^«»]*»", "", words)
    return "".join(re.findall(r"[^\W\d_]+", words))


@pytest.fixture
def marked(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Marks each string that is translated."""
    monkeypatch.setattr(gettext, "translation", lambda *_, **__: _Marked())
    use_language("de", Path())
    yield
    use_language("en", Path())


@pytest.mark.usefixtures("marked")
def test_all_strings_of_the_window_can_be_translated(
    qtbot: QtBot, browser: Browser, models: Path, profile: Path
) -> None:
    bench = Bench(profile, qtbot)
    keywords = (bench.panel.ready.keywords, bench.panel.failed.keywords)
    for state in _states(bench):
        for widget in _visible(bench.window, (QAbstractButton, QLabel)):
            text = widget.text()  # type: ignore[attr-defined]  # both have one
            for words in (text, widget.accessibleName(), widget.toolTip()):
                assert widget in keywords or not _untranslated(words), f"{state}: {words!r}"
    bench.close()
