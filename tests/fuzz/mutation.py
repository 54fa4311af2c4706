"""Damages files at random, but the same way for the same seed."""

from __future__ import annotations

import json
import struct
import zlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import random

_INTERESTING_BYTES = (0x00, 0x01, 0x7F, 0x80, 0xFF)
_INTERESTING_WORDS = (b"\xff\xff\xff\xff", b"\0\0\0\0", b"\x7f\xff\xff\xff", b"\xff\xff\xff\x7f", b"\0\1\0\0")
_INTERESTING_VALUES: tuple[Any, ...] = (
    None,
    True,
    -1,
    0,
    1e308,
    float("inf"),
    float("nan"),
    10**400,
    "",
    "\0",
    "\ud800",
    "n" * 5000,
    [],
    {},
    [[]],
)
_DEEP = 100_000
"""Nested brackets; more than any recursive parser can take."""


def damaged(content: bytes, chance: random.Random) -> bytes:
    """Returns a file's content with one to eight places changed, removed, doubled or cut off."""
    damage = bytearray(content)
    for _ in range(chance.randint(1, 8)):
        if not damage:
            break
        place = chance.randrange(len(damage))
        length = chance.randint(1, max(1, len(damage) // chance.choice((2, 16, 256))))
        match chance.randrange(8):
            case 0:
                damage[place] ^= 1 << chance.randrange(8)
            case 1:
                damage[place] = chance.choice(_INTERESTING_BYTES)
            case 2:
                damage[place : place + 4] = chance.choice(_INTERESTING_WORDS)
            case 3:
                del damage[place : place + length]
            case 4:
                damage[place:place] = damage[place : place + length]
            case 5:
                damage[place:place] = chance.randbytes(min(length, 64))
            case 6:
                damage[place : place + length] = bytes(min(length, len(damage) - place))
            case _:
                del damage[place:]
    return bytes(damage)


def damaged_png(content: bytes, chance: random.Random) -> bytes:
    """Returns a damaged PNG, half of the time with correct checksums."""
    damage = bytearray(damaged(content, chance))
    place = 8  # after the signature
    repaired = chance.random() < 0.5  # otherwise the checksums hide all other damage
    while repaired and place + 12 <= len(damage):
        (length,) = struct.unpack_from(">I", damage, place)
        end = place + 8 + length
        if end + 4 > len(damage):
            break
        struct.pack_into(">I", damage, end, zlib.crc32(damage[place + 4 : end]))
        place = end + 4
    return bytes(damage)


def damaged_json(content: bytes, chance: random.Random) -> bytes:
    """Returns JSON that is usually still valid, with unexpected values."""
    tree = json.loads(content)
    for _ in range(chance.randint(1, 3)):
        branch = tree
        while isinstance(branch, dict | list) and branch:
            key = chance.choice(list(branch)) if isinstance(branch, dict) else chance.randrange(len(branch))
            if not isinstance(branch[key], dict | list) or chance.random() < 0.3:
                if isinstance(branch, dict) and chance.random() < 0.2:
                    del branch[key]
                else:
                    branch[key] = chance.choice(_INTERESTING_VALUES)
                break
            branch = branch[key]
    if chance.random() < 0.02:
        return b"[" * _DEEP
    return json.dumps(tree).encode()
