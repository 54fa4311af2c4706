"""From a data set to the cache of its faces that training and evaluation read."""

from __future__ import annotations

import hashlib
import json
import re
from contextlib import closing
from typing import TYPE_CHECKING, Any

import numpy as np
from filelock import FileLock

from fer_desktop.domain import Emotion
from training.data.cache import FORMAT, new_cache, not_written, open_cache, write_faces, write_rest
from training.data.containers import file_sha256
from training.data.duplicates import find_copies
from training.data.face_set import FER_CLASSES, SPLITS, VOTE_COLUMNS, FaceSet, emotions_of
from training.data.source import open_source
from training.data.splits import TEST, TRAIN, VALIDATION, complete_splits
from training.data.votes import find_votes
from training.errors import DataError
from training.progress import Progress

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    from training.data.source import FaceSource


def _say_nothing(line: str) -> None:
    """Discards a line that no one wants to read."""


def prepare(
    source: Path,
    cache_dir: Path,
    *,
    class_names: str | None = None,
    seed: int = 0,
    report: Callable[[str], None] = _say_nothing,
) -> FaceSet:
    """Reads the data set in `source`, or what an earlier call kept of it in `cache_dir`.

    Several processes may call it at once: one prepares, the others wait for it.

    Training copies of validation and test faces are dropped. If the data set lacks a part,
    `splits.complete_splits` says which faces are in it.

    Args:
        source: FER-2013 as Kaggle's zip or its folder, as fer2013.csv or icml_face_data.csv; a folder or zip
            of pictures in <split>/<emotion>/ or <emotion>/; or a folder that contains one of these. A file of
            FER+ votes (ferplus.csv; for a csv also fer2013new.csv) next to it is joined.
        cache_dir: Where prepared data sets are kept.
        class_names: affectnet, rafdb, fer2013, or a TOML file: see `class_names.load_class_names`.
        seed: Of the random draw of parts that the data set lacks.
        report: Takes lines on decisions and progress.

    Raises:
        DataError: A file is missing, damaged, or not what its name says, or the cache cannot be written.
    """
    source = source.absolute()  # "." has no name
    with closing(open_source(source, class_names)) as listing:
        splits, said = listing.splits, ""
        if not listing.is_fer2013:
            splits, said = complete_splits(splits, listing.labels, listing.subjects, seed)
        _check_parts(listing, splits)
        for line in (said, _missing_classes(listing)):
            if line:
                report(f"Data: {line}")
        votes_file = find_votes(source if source.is_dir() else source.parent)
        digests = {listing.path.name: listing.sha256()}
        if votes_file is not None:
            digests[votes_file.name] = file_sha256(votes_file)
        origin = {
            "cache_format": FORMAT,
            "source_sha256": digests,
            "class_names": dict(sorted(listing.class_names.items())),
            "seed": seed if said else None,
        }
        key = hashlib.sha256(json.dumps(origin, sort_keys=True).encode()).hexdigest()
        slug = re.sub(r"[^\w]+", "-", listing.path.stem.lower()).strip("-")
        folder = cache_dir / f"{slug}-{key[:12]}"
        try:
            cache_dir.mkdir(parents=True, exist_ok=True)
            lock = FileLock(cache_dir / f".{folder.name}.lock")
            lock.acquire()
        except OSError as error:
            raise not_written(folder, error) from error
        try:
            if not folder.is_dir():
                _write(folder, listing, splits, votes_file, {**origin, "splits": said}, report)
        finally:
            lock.release()
    return open_cache(folder)


def _write(
    folder: Path,
    listing: FaceSource,
    splits: NDArray[np.uint8],
    votes_file: Path | None,
    origin: dict[str, Any],
    report: Callable[[str], None],
) -> None:
    count = len(splits)
    if votes_file is None:
        votes = np.zeros((count, len(VOTE_COLUMNS)), dtype=np.uint8)
    else:
        votes = listing.votes(votes_file)
    side = listing.side()
    with new_cache(folder) as unfinished:
        all_faces = unfinished / "all.npy"
        write_faces(all_faces, listing.faces(side), count, side, Progress(report, count, "faces read"))
        faces = np.load(all_faces, mmap_mode="r")
        report(f"Data: looking for copies among {count} faces")
        keep, copies = _without_copies(faces, splits, report)
        kept = np.flatnonzero(keep)
        kept_faces = (faces[index] for index in kept)
        progress = Progress(report, len(kept), "faces written")
        write_faces(unfinished / "faces.npy", kept_faces, len(kept), side, progress)
        manifest = {
            "name": listing.name + (" with FER+ votes" if votes_file is not None else ""),
            **origin,
            "side": side,
            "counts": _counts(FaceSet(faces[:0], listing.labels, votes, splits, {})),
            **copies,
        }
        write_rest(unfinished, FaceSet(faces[:0], listing.labels[keep], votes[keep], splits[keep], manifest))
        del faces
        all_faces.unlink()


def _without_copies(
    faces: NDArray[np.uint8], splits: NDArray[np.uint8], report: Callable[[str], None]
) -> tuple[NDArray[np.bool_], dict[str, Any]]:
    """Returns which faces are kept, and what the manifest says about the others."""
    train, validation, test = (np.flatnonzero(splits == split) for split in (TRAIN, VALIDATION, TEST))
    evaluation = np.flatnonzero(splits != TRAIN)
    looked_up = "faces looked up for copies"
    dropped, exact = find_copies(faces, train, evaluation, Progress(report, len(evaluation), looked_up))
    keep = np.ones(len(faces), dtype=np.bool_)
    keep[dropped] = False
    in_both, in_both_exact = find_copies(faces, validation, test, Progress(report, len(test), looked_up))
    return keep, {
        "duplicates_dropped": {"exact": exact, "near": len(dropped) - exact},
        "validation_copies_of_test": {"exact": in_both_exact, "near": len(in_both) - in_both_exact},
    }


def _check_parts(listing: FaceSource, splits: NDArray[np.uint8]) -> None:
    ours = splits[emotions_of(listing.labels) >= 0]
    missing = [split for index, split in enumerate(SPLITS) if index not in ours]
    if missing:
        raise DataError(
            "Part without faces",
            f"{listing.path} has no {' and no '.join(missing)} faces of "
            f"{', '.join(emotion.value for emotion in Emotion)}.",
            "Download it again, or add what is missing.",
        )


def _missing_classes(listing: FaceSource) -> str:
    found = emotions_of(listing.labels)
    missing = [emotion.value for index, emotion in enumerate(Emotion) if index not in found]
    if not missing:
        return ""
    names = " or ".join(missing)
    return f"No {names} faces in {listing.path}: a model trained on it alone cannot recognize {names}."


def _counts(data: FaceSet) -> dict[str, dict[str, int]]:
    """Returns the faces per split, copies included: of each class, and of our emotions by either label."""
    counts = {}
    for index, split in enumerate(SPLITS):
        part = data.splits == index
        counts[split] = {
            **{name: int((data.labels[part] == code).sum()) for code, name in enumerate(FER_CLASSES)},
            "four_classes": int((data.own_emotions[part] >= 0).sum()),
            "ferplus_four_classes": int((data.ferplus_emotions[part] >= 0).sum()),
        }
    return counts
