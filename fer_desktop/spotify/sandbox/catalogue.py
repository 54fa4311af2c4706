"""The sandbox's songs: a few hundred, all made up, always the same."""

from __future__ import annotations

import hashlib
import re
import string
import struct
import zlib
from dataclasses import dataclass, replace
from functools import cache
from itertools import product

_MOODS: tuple[tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]], ...] = (
    # keywords, genres, what the songs are about
    (
        ("Happy", "Good", "Joy", "Pop"),
        ("pop", "dance"),
        (
            "Lemonade", "Balcony", "Bicycle", "Saturday", "Fountain", "Confetti", "Marigold",
            "Trampoline", "Postcard", "Sunroof", "Picnic", "Carousel",
        ),
    ),
    (
        ("Sad", "Cry", "Tear", "Depression"),
        ("acoustic",),
        (
            "November", "Staircase", "Raincoat", "Letter", "Platform", "Driftwood", "Windowsill",
            "Goodbye", "Lighthouse", "Umbrella", "Empty Chair", "Ferry",
        ),
    ),
    (
        ("Angry", "Annoyed", "Rage", "Aggressive"),
        ("rock", "metal"),
        (
            "Hammer", "Red Light", "Concrete", "Thunderhead", "Broken Gate", "Furnace", "Static",
            "Landslide", "Barricade", "Engine", "Slammed Door", "Gravel",
        ),
    ),
    (
        ("Calm", "Chilling", "Relaxed", "Ambiance"),
        ("ambient", "classical"),
        (
            "Harbour", "Moss", "Pavilion", "Lantern", "Low Tide", "Paper Boat", "Veranda",
            "Snowfield", "Teahouse", "Meadow", "Slow River", "Cloudbank",
        ),
    ),
)  # fmt: skip
_FORMS = ("{keyword} {thing}", "{thing} in {keyword}", "{keyword} After {thing}")
_FIRST_NAMES = (
    "Quillon", "Marrowby", "Tesselin", "Ombrix", "Veldrane", "Pippistrow",
    "Halcyra", "Brindlow", "Noctavi", "Ferrowyn", "Lumeska", "Ostrevane",
)  # fmt: skip
_LAST_NAMES = (
    "Assembly", "& the Umbrellas", "Sisters", "Telegraph", "Kollektiv", "Parade", "Quartet", "Machine",
)  # fmt: skip
_PICTURE_SIDE = 64
_BASE62 = string.digits + string.ascii_letters


@dataclass(frozen=True, slots=True)
class Song:
    """One made-up track."""

    id: str
    title: str
    artists: tuple[str, ...]
    album: str
    genre: str
    duration_ms: int
    explicit: bool
    isrc: str

    @property
    def uri(self) -> str:
        """Spotify's name for it."""
        return f"spotify:track:{self.id}"


@cache
def songs() -> tuple[Song, ...]:
    """Returns all songs; as at Spotify, some appear twice: the same recording, or another one of it."""
    artists = [f"{first} {last}" for last in _LAST_NAMES for first in _FIRST_NAMES]
    made: list[Song] = []
    for keywords, genres, things in _MOODS:
        for place, (keyword, form, thing) in enumerate(product(keywords, _FORMS, things)):
            number = len(made)
            guest = (artists[(number * 11 + 5) % len(artists)],) if number % 9 == 4 else ()
            song = Song(
                id=made_up_id(f"song {number}"),
                title=form.format(keyword=keyword, thing=thing),
                artists=(artists[number * 37 % len(artists)], *guest),
                album=f"{thing} Tapes",
                genre=genres[place % len(genres)],
                duration_ms=150_000 + number * 7_919 % 120_000,
                explicit=number % 13 == 6,
                isrc=f"QZFER26{number:05}",
            )
            made.append(song)
            if number % 16 == 3:
                made.append(replace(song, id=made_up_id(f"same recording {number}"), album="Best Of"))
            elif number % 16 == 11:
                isrc = f"QZFER25{number:05}"
                made.append(replace(song, id=made_up_id(f"same song {number}"), album="Live", isrc=isrc))
    return tuple(made)


def search(query: str) -> list[Song]:
    """Returns the songs that have all of a query's words, and its genre if it names one."""
    genres = re.findall(r'genre:(?:"([^"]*)"|(\S+))', query)
    wanted = _words(re.sub(r'genre:(?:"[^"]*"|\S+)', " ", query))
    return [
        song
        for song in songs()
        if wanted <= _words(" ".join((song.title, *song.artists, song.album)))
        and all((quoted or bare).casefold() == song.genre for quoted, bare in genres)
    ]


def picture(seed: str) -> bytes:
    """Returns a small PNG file's content for an album, the same for the same seed: two colours."""
    digest = hashlib.sha256(seed.encode()).digest()
    one, other = digest[:3], digest[3:6]
    rows = b"".join(
        b"\0" + one * (_PICTURE_SIDE - row) + other * row for row in range(_PICTURE_SIDE)
    )  # each starts with the number of its filter: none
    header = struct.pack(">IIBBBBB", _PICTURE_SIDE, _PICTURE_SIDE, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


def made_up_id(seed: str) -> str:
    """Returns an id in Spotify's format, the same for the same seed: 22 letters and digits."""
    number = int.from_bytes(hashlib.sha256(seed.encode()).digest())
    letters = []
    for _ in range(22):
        number, rest = divmod(number, 62)
        letters.append(_BASE62[rest])
    return "".join(letters)


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.casefold()))
