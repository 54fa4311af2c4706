"""The catalogues: complete, up to date, and found for the language that a user wants."""

from __future__ import annotations

import ast
import io
import re
from datetime import datetime
from typing import TYPE_CHECKING

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from fer_desktop import translation
from fer_desktop.paths import resources_dir
from fer_desktop.translation import (
    DOMAIN,
    LANGUAGES,
    _,
    best_language,
    clock_time,
    ngettext,
    play_time,
    use_language,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import tzinfo
    from pathlib import Path

    from babel.messages.catalog import Catalog, Message

TRANSLATED = [language for language in LANGUAGES if language != "en"]
KEYWORDS = {"_": None, "N_": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2)}
LOCALE = resources_dir() / "locale"


@pytest.fixture(autouse=True)
def _english_again() -> Iterator[None]:
    yield
    use_language("en", LOCALE)


def _catalogue(language: str) -> Catalog:
    with (LOCALE / language / "LC_MESSAGES" / f"{DOMAIN}.po").open("rb") as file:
        return read_po(file)


@pytest.fixture(scope="module")
def in_code(checkout: Path) -> set[object]:
    """The strings in the code: a context, and what is shown for one and for many."""
    found = extract_from_dir(checkout / "fer_desktop", keywords=KEYWORDS)
    return {(context, words) for _file, _line, words, _comments, context in found}


def _forms(message: Message) -> list[str]:
    """Returns the translation; one for each plural form if the message has them."""
    return [message.string] if isinstance(message.string, str) else list(message.string or ())


def test_no_string_hides_from_the_tools_in_an_f_string(checkout: Path) -> None:
    for path in (checkout / "fer_desktop").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            for call in ast.walk(node) if isinstance(node, ast.JoinedStr) else ():
                words = call.args[0] if isinstance(call, ast.Call) and call.args else None
                name = call.func.id if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) else ""
                assert name not in KEYWORDS or not isinstance(words, ast.Constant), f"an f-string in {path}"


def test_a_duration_is_shown_as_players_do() -> None:
    assert [play_time(seconds) for seconds in (0, 5.9, 201, 3600, 3723)] == [
        "0:00",
        "0:05",
        "3:21",
        "1:00:00",
        "1:02:03",
    ]


@pytest.mark.parametrize("language", TRANSLATED)
def test_each_string_of_the_code_is_translated_and_no_other(in_code: set[object], language: str) -> None:
    catalogue = _catalogue(language)
    messages = [message for message in catalogue if message.id]
    assert {(message.context, message.id) for message in messages} == in_code, "run `make translations`"
    for message in messages:
        forms = _forms(message)
        assert len(forms) == (catalogue.num_plurals if isinstance(message.id, tuple) else 1)
        assert all(forms), f"{message.id} has no translation into {language}"
        assert not message.fuzzy


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_translation_has_the_same_placeholders(language: str) -> None:
    for message in _catalogue(language):
        one, *more = (message.id,) if isinstance(message.id, str) else message.id
        wanted = {
            *re.findall(r"{\w*}|<\w+>", one),
            *(place for each in more for place in re.findall(r"{\w*}", each)),
        }
        for form in _forms(message) if message.id else ():
            assert set(re.findall(r"{\w*}|<\w+>", form)) == wanted, form


@pytest.mark.parametrize("language", TRANSLATED)
def test_the_compiled_catalogue_is_up_to_date(language: str) -> None:
    made = io.BytesIO()
    write_mo(made, _catalogue(language))
    compiled = LOCALE / language / "LC_MESSAGES" / f"{DOMAIN}.mo"
    assert compiled.read_bytes() == made.getvalue(), "run `make translations`"


def test_strings_are_in_the_language_that_was_chosen_last() -> None:
    use_language("de", LOCALE)
    assert _("Settings") == "Einstellungen"
    assert ngettext("{total} song", "{total} songs", 2) == "{total} Songs"
    use_language("en", LOCALE)
    assert _("Settings") == "Settings"


@pytest.mark.parametrize(
    ("wanted", "language"),
    [
        (["de-Latn-AT", "en"], "de"),
        (["zh-Hans-CN"], "zh_CN"),
        (["zh"], "zh_CN"),
        (["zh-Hant-TW", "zh-TW", "zh-Hant", "zh", "de"], "de"),
        (["zh_TW", "zh"], "en"),
        (["zh-HK"], "en"),
        (["zh-Hans-HK"], "zh_CN"),
        (["zh-Hant-TW", "zh", "zh-Hans"], "zh_CN"),
        (["zh_CN"], "zh_CN"),
        (["zh-SG"], "zh_CN"),
        (["de_AT"], "de"),
        (["fr-FR", "en-GB", "de"], "en"),
        (["C"], "en"),
        ([], "en"),
    ],
)
def test_the_first_language_that_the_app_speaks_is_taken(wanted: list[str], language: str) -> None:
    assert best_language(wanted) == language


def test_the_variant_of_the_region_is_preferred(monkeypatch: pytest.MonkeyPatch) -> None:
    for variant in ("pt_BR", "pt_PT"):
        monkeypatch.setitem(LANGUAGES, variant, "Português")
    assert best_language(["pt-Latn-PT"]) == "pt_PT"
    assert best_language(["pt_BR"]) == "pt_BR"
    assert best_language(["pt-AO"]) == "pt_BR"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "23:51"), (30, "23:51"), (31, "23:52"), (510, "23:59"), (511, "00:00 on 2026-12-01")],
)
def test_a_wait_ends_at_a_time_rounded_up_to_the_minute(
    monkeypatch: pytest.MonkeyPatch, seconds: float, words: str
) -> None:
    class Evening(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Evening:
            return cls(2026, 11, 30, 23, 50, 30).astimezone(tz)

    monkeypatch.setattr(translation, "datetime", Evening)
    assert clock_time(seconds) == words


def test_a_missing_catalogue_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        use_language("de", tmp_path)
