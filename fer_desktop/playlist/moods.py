"""The keywords and genres of each emotion, read from a file that the user may edit."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fer_desktop.domain import Emotion
from fer_desktop.errors import SettingsError
from fer_desktop.translation import N_, _

if TYPE_CHECKING:
    from pathlib import Path

FILE_NAME = "moods.toml"
_MAX_LETTERS = 60


@dataclass(frozen=True, slots=True)
class Mood:
    """What to search for.

    Attributes:
        keywords: At least one.
        genres: May be empty.
        lift: The emotions whose songs follow one another to lift the mood; empty if it needs no lifting.
    """

    keywords: tuple[str, ...]
    genres: tuple[str, ...]
    lift: tuple[Emotion, ...] = ()


def load_moods(path: Path) -> dict[Emotion, Mood]:
    """Reads the moods of all emotions.

    Raises:
        SettingsError: The file is missing, is not TOML, or lacks or misspells something; says where.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(
            _("Moods unreadable"),
            _("{path} cannot be read ({reason}).").format(path=path, reason=error.strerror),
            _("Put the file back, or install FER Desktop again."),
        ) from error
    except (ValueError, RecursionError) as error:
        raise SettingsError(
            _("Moods unreadable"),
            _("{path} is not valid TOML: {error}.").format(path=path, error=error),
            _("Correct the file there."),
        ) from error
    unknown = sorted(content.keys() - set(Emotion))
    if unknown:
        raise _broken(
            path,
            f"[{unknown[0]}]",
            N_("In {path}, {place} is not an emotion."),
            _("Use {names}.").format(names=", ".join(f"[{each}]" for each in Emotion)),
        )
    return {emotion: _mood(path, emotion, content.get(emotion)) for emotion in Emotion}


def _mood(path: Path, emotion: Emotion, section: object) -> Mood:
    if not isinstance(section, dict):
        raise _broken(
            path,
            f"[{emotion}]",
            N_("In {path}, {place} is missing."),
            _("Add a section {name} with keywords and genres.").format(name=f"[{emotion}]"),
        )
    unknown = sorted(section.keys() - {"keywords", "genres", "lift"})
    if unknown:
        raise _broken(
            path,
            f"[{emotion}] {unknown[0]}",
            N_("In {path}, {place} is not known."),
            _("Use {names}.").format(names="keywords, genres, lift"),
        )
    keywords = _words(path, f"[{emotion}] keywords", section.get("keywords"))
    if not keywords:
        raise _broken(
            path, f"[{emotion}] keywords", N_("In {path}, {place} is empty."), _("Give at least one keyword.")
        )
    genres = _words(path, f"[{emotion}] genres", section.get("genres"))
    lift = _words(path, f"[{emotion}] lift", section.get("lift", []))
    strange = [word for word in lift if word not in set(Emotion)]
    if strange:
        raise _broken(
            path,
            f"[{emotion}] lift",
            N_("In {path}, {place} names {word}, which is not an emotion."),
            _("Use {names}.").format(names=", ".join(Emotion)),
            word=strange[0],
        )
    return Mood(keywords, genres, tuple(Emotion(word) for word in lift))


def _words(path: Path, place: str, value: object) -> tuple[str, ...]:
    example = _('Write a list of words, such as ["Happy", "Joy"].')
    if not isinstance(value, list):
        missing, no_list = N_("In {path}, {place} is missing."), N_("In {path}, {place} is not a list.")
        raise _broken(path, place, missing if value is None else no_list, example)
    words = []
    for each in value:
        if not isinstance(each, str) or not each.strip():
            raise _broken(
                path, place, N_("In {path}, {place} contains something that is not a word."), example
            )
        # Services use quotation marks in their search syntax, and shorten long queries.
        if '"' in each or not each.isprintable() or len(each) > _MAX_LETTERS:
            raise _broken(
                path,
                place,
                N_("In {path}, {place} contains a word that cannot be searched for."),
                _("Use words of at most {count} letters, without quotation marks.").format(
                    count=_MAX_LETTERS
                ),
            )
        words.append(each.strip())
    folded = [word.casefold() for word in words]
    if len(set(folded)) < len(folded):
        raise _broken(
            path, place, N_("In {path}, {place} lists a word twice."), _("List each word only once.")
        )
    return tuple(words)


def _broken(path: Path, place: str, what: str, hint: str, *, word: str = "") -> SettingsError:
    return SettingsError(_("Moods unusable"), _(what).format(path=path, place=place, word=word), hint)
