"""Returns freed memory to the system: glibc keeps much of it by default, and the app would seem to grow."""

from __future__ import annotations

import ctypes
import sys

_M_MMAP_THRESHOLD = -3  # glibc's malloc.h
_LARGE_BLOCK = 4 * 1024 * 1024
"""Bytes; frames are smaller, and come too often for a mapping of their own."""


def map_large_blocks() -> None:
    """Makes glibc return large blocks as soon as they are freed; it would keep about 60 MB that loading took.

    By default it raises the size from which blocks get their own mapping to up to 32 MB (mallopt(3), "dynamic
    mmap threshold").
    """
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, _LARGE_BLOCK)


def return_freed_memory() -> None:
    """Returns the pages between blocks that are in use (malloc_trim(3)); takes a few milliseconds.

    By default glibc returns only the end of the heap, so each source that is opened and closed leaves holes.
    """
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).malloc_trim(0)
