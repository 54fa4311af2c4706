"""Which words and genres stand for an emotion, read from a file that the user may edit."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fer_desktop.domain import Emotion
from fer_desktop.errors import SettingsError

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
        lift: The emotions whose songs follow one another where the mood is to be lifted; empty where there is
            nothing to lift.
    """

    keywords: tuple[str, ...]
    genres: tuple[str, ...]
    lift: tuple[Emotion, ...] = ()


def load_moods(path: Path) -> dict[Emotion, Mood]:
    """Reads the moods of all four emotions.

    Raises:
        SettingsError: The file is missing, no TOML, or lacks or misspells something; says where.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(
            "Moods unreadable",
            f"{path} cannot be read ({error.strerror}).",
            "Put the file back, or install FER Desktop again.",
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise SettingsError(
            "Moods unreadable", f"{path} is not written as TOML: {error}.", "Correct the file at that place."
        ) from error
    unknown = sorted(content.keys() - set(Emotion))
    if unknown:
        raise _broken(
            path, f"[{unknown[0]}]", "is no emotion", f"Use {', '.join(f'[{each}]' for each in Emotion)}."
        )
    return {emotion: _mood(path, emotion, content.get(emotion)) for emotion in Emotion}


def _mood(path: Path, emotion: Emotion, section: object) -> Mood:
    if not isinstance(section, dict):
        raise _broken(
            path, f"[{emotion}]", "is missing", f"Add a section [{emotion}] with keywords and genres."
        )
    unknown = sorted(section.keys() - {"keywords", "genres", "lift"})
    if unknown:
        raise _broken(path, f"[{emotion}] {unknown[0]}", "is not known", "Use keywords, genres and lift.")
    keywords = _words(path, f"[{emotion}] keywords", section.get("keywords"))
    if not keywords:
        raise _broken(path, f"[{emotion}] keywords", "is empty", "Give at least one keyword.")
    genres = _words(path, f"[{emotion}] genres", section.get("genres"))
    lift = _words(path, f"[{emotion}] lift", section.get("lift", []))
    strange = [word for word in lift if word not in set(Emotion)]
    if strange:
        raise _broken(
            path,
            f"[{emotion}] lift",
            f"names {strange[0]}, which is no emotion",
            f"Use {', '.join(Emotion)}.",
        )
    return Mood(keywords, genres, tuple(Emotion(word) for word in lift))


def _words(path: Path, place: str, value: object) -> tuple[str, ...]:
    example = 'Write a list of words, such as ["Happy", "Joy"].'
    if not isinstance(value, list):
        raise _broken(path, place, "is no list" if value is not None else "is missing", example)
    words = []
    for each in value:
        if not isinstance(each, str) or not each.strip():
            raise _broken(path, place, "holds something that is no word", example)
        # A quotation mark would end a genre filter, and Spotify cuts long queries.
        if '"' in each or not each.isprintable() or len(each) > _MAX_LETTERS:
            raise _broken(
                path,
                place,
                "holds a word that cannot be searched for",
                f"Use words without quotation marks, of at most {_MAX_LETTERS} letters.",
            )
        words.append(each.strip())
    folded = [word.casefold() for word in words]
    if len(set(folded)) < len(folded):
        raise _broken(path, place, "names a word twice", "Name each word once.")
    return tuple(words)


def _broken(path: Path, place: str, what: str, hint: str) -> SettingsError:
    return SettingsError("Moods unusable", f"In {path}, {place} {what}.", hint)
