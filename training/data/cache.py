"""Faces on disk: written one at a time, read memory-mapped, complete or absent."""

from __future__ import annotations

import contextlib
import json
import shutil
from typing import TYPE_CHECKING, Any

import numpy as np

from training.data.face_set import VOTE_COLUMNS, FaceSet
from training.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from training.progress import Progress

FORMAT = 3
"""Increased when `prepare` does something differently, so that older caches are not read."""


@contextlib.contextmanager
def new_cache(folder: Path) -> Iterator[Path]:
    """Yields a folder to write into, and moves it to `folder` if all goes well; otherwise it is removed.

    What a killed run left of it is removed first, so no other process may be writing the same cache.

    Raises:
        DataError: The disk is full or not writable.
    """
    unfinished = folder.with_name(f".unfinished-{folder.name}")
    try:
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True)
        yield unfinished
        unfinished.replace(folder)
    except OSError as error:
        raise not_written(folder, error) from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def write_faces(
    path: Path, faces: Iterable[NDArray[np.uint8]], count: int, side: int, progress: Progress
) -> None:
    """Writes an .npy file of shape [count, side, side] face by face.

    By ordinary writes: a memory map kills the whole process if the disk is full.

    Raises:
        OSError: The disk is full or not writable.
    """
    with path.open("wb") as file:
        np.lib.format.write_array_header_1_0(
            file, {"descr": "|u1", "fortran_order": False, "shape": (count, side, side)}
        )
        for number, face in enumerate(faces):
            file.write(face.tobytes())
            progress.reached(number + 1)


def write_rest(folder: Path, data: FaceSet) -> None:
    """Writes everything except the faces.

    Raises:
        OSError: The disk is full or not writable.
    """
    for name in ("labels", "votes", "splits"):
        np.save(folder / f"{name}.npy", getattr(data, name))
    (folder / "manifest.json").write_text(json.dumps(data.manifest, indent=1), encoding="utf-8")


def open_cache(folder: Path) -> FaceSet:
    """Opens a cache.

    Raises:
        DataError: A file is missing, damaged or truncated, or the faces were counted for other emotions.
    """
    again = f"Delete {folder} and start again."
    try:
        arrays: dict[str, NDArray[Any]] = {
            name: np.load(folder / f"{name}.npy") for name in ("labels", "votes", "splits")
        }
        faces = np.load(folder / "faces.npy", mmap_mode="r")
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, EOFError, ValueError) as error:
        raise DataError("Cache damaged", f"{folder}: {error}.", again) from error
    count = len(faces)
    if [array.shape for array in arrays.values()] != [(count,), (count, len(VOTE_COLUMNS)), (count,)]:
        raise DataError("Cache damaged", f"{folder}: its files differ in length.", again)
    data = FaceSet(faces=faces, manifest=manifest, **arrays)
    if len(data.evaluation_faces("test")) != manifest["counts"]["test"]["four_classes"]:
        raise DataError("Cache outdated", f"{folder} was prepared for other emotions.", again)
    return data


def not_written(folder: Path, error: OSError) -> DataError:
    """Returns the error for a cache that cannot be written."""
    return DataError(
        "Cache not written", f"{folder}: {error.strerror or error}.", "Free space, or name another --cache."
    )
