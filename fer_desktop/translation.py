"""The app's strings in the user's language, by the standard library's gettext.

Strings for users are English in the code, inside `_()` or a function like it; `make translations` collects
them into the catalogues. The command line stays English: only the window chooses a language.
"""

from __future__ import annotations

import gettext
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date
    from pathlib import Path

DOMAIN = "fer-desktop"
"""The file name of the catalogues."""

LANGUAGES = {"en": "English", "de": "Deutsch", "zh_CN": "简体中文"}
"""The app's languages, each by its own name."""

_TRADITIONAL_CHINESE = {"Hant", "TW", "HK", "MO"}

_catalogue = gettext.NullTranslations()


def use_language(language: str, locale_dir: Path) -> None:
    """Shows all strings in a language from now on.

    Args:
        language: One of `LANGUAGES`.
        locale_dir: The folder of the catalogues, as gettext lays them out.

    Raises:
        FileNotFoundError: The language's catalogue is missing.
    """
    global _catalogue
    _catalogue = (
        gettext.NullTranslations()
        if language == "en"
        else gettext.translation(DOMAIN, str(locale_dir), languages=[language])
    )


def best_language(wanted: Iterable[str]) -> str:
    """Returns the first of the wanted languages that the app speaks; English if it speaks none.

    Another region's variant is better than none, except for readers of Traditional Chinese, which the app
    does not have.

    Args:
        wanted: BCP 47 tags, the preferred one first ("de-Latn-AT", "zh-Hans-CN").
    """
    traditional = False
    for tag in wanted:
        language, *rest = tag.replace("_", "-").split("-")
        if language == "zh":
            if "Hans" not in rest and _TRADITIONAL_CHINESE.intersection(rest):
                traditional = True
                continue
            if traditional and not rest:  # systems add a plain "zh" to every list with Chinese
                continue
        variants = [each for each in LANGUAGES if each.partition("_")[0] == language]
        if variants:
            return next((each for each in variants if each.partition("_")[2] in rest), variants[0])
    return "en"


def _(message: str) -> str:
    """Returns a string in the user's language."""
    return _catalogue.gettext(message)


def pgettext(context: str, message: str) -> str:
    """Returns a string in the user's language, if its English alone could mean two things."""
    return _catalogue.pgettext(context, message)


def ngettext(one: str, many: str, count: int) -> str:
    """Returns the string for a count, in the user's language."""
    return _catalogue.ngettext(one, many, count)


def listed(items: Iterable[str]) -> str:
    """Returns the items of a list in one line, separated as the user's language does it."""
    return pgettext("between the items of a list", ", ").join(items)


def date_words(day: date) -> str:
    """Returns a date in digits, as the user's language writes it."""
    return _("{day:%Y-%m-%d}").format(day=day)


def clock_time(seconds: float) -> str:
    """Returns when a wait ends, rounded up to the minute: "14:05", with the date if not today."""
    now = datetime.now(UTC).astimezone()
    end = (now + timedelta(seconds=seconds + 59)).astimezone()
    if end.date() == now.date():
        return f"{end:%H:%M}"
    return _("{time:%H:%M} on {date}").format(time=end, date=date_words(end))


def play_time(seconds: float) -> str:
    """Returns a duration as players show it, in whole seconds: "3:21", "1:02:03"."""
    minutes, second = divmod(int(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"


def N_(message: str) -> str:  # noqa: N802 - the name that the tools of gettext know
    """Marks a string that is declared in one place and translated in another, by `_`."""
    return message
