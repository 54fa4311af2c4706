"""Freed memory goes back to the system: glibc keeps much of it by itself, and the app would seem to grow."""

from __future__ import annotations

import ctypes
import sys

_M_MMAP_THRESHOLD = -3  # glibc's malloc.h
_LARGE_BLOCK = 4 * 1024 * 1024
"""Bytes; frames are smaller, and come too often for a mapping each."""


def map_large_blocks() -> None:
    """Lets glibc return large blocks as soon as they are freed; it would keep some 60 MB that loading took.

    Left to itself it moves the size from which blocks are mapped alone up to 32 MB (mallopt(3), "dynamic mmap
    threshold").
    """
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, _LARGE_BLOCK)


def return_freed_memory() -> None:
    """Returns the pages between the blocks that are in use (malloc_trim(3)); takes some milliseconds.

    Left to itself glibc returns the end of the heap alone, so that each source that is opened and closed
    leaves holes behind.
    """
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).malloc_trim(0)
