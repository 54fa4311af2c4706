"""FER-2013 with FER+ votes: from Kaggle's zip to one memory-mapped cache."""

from __future__ import annotations

import csv
import hashlib
import json
import re
import shutil
import tempfile
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from fer_desktop.domain import Emotion
from training.errors import DataError

if TYPE_CHECKING:
    from numpy.typing import NDArray

FACE_SIDE = 48
"""Pixels; FER-2013's faces are square."""

FER_CLASSES = (*(emotion.value for emotion in Emotion), "disgust", "fear", "surprise")
"""FER-2013's labels, ours first."""

VOTE_COLUMNS = (
    "anger", "happiness", "neutral", "sadness", "surprise", "disgust", "fear", "contempt", "unknown", "NF",
)  # fmt: skip
"""What FER+ taggers could choose, in the order in which ties are decided; "NF" (no face) is no label."""

SPLITS = ("train", "validation", "test")
_SPLIT_OF_PREFIX = {"Training": "train", "PublicTest": "validation", "PrivateTest": "test"}
_ENTRY = re.compile(r"(?:train|test)/(\w+)/(Training|PublicTest|PrivateTest)_\w+\.(?:jpg|png)")

_CACHE_FORMAT = 2
_NEAR_DUPLICATE_SIDE = 12
_NEAR_DUPLICATE_CORRELATION = 0.985

_DATA_HINT = "Point --data (or FER_DATA) at the folder that holds fer2013.zip from Kaggle and ferplus.csv."


@dataclass(frozen=True)
class FaceSet:
    """Faces with their labels; the pictures stay on disk until they are used.

    Attributes:
        faces: uint8, [n, 48, 48].
        labels: FER-2013's label, index into `FER_CLASSES`, int64, [n].
        votes: FER+ votes by `VOTE_COLUMNS`, uint8, [n, 10]; all 0 where FER+ has none.
        splits: Index into `SPLITS`, uint8, [n].
        manifest: Counts, digests of the sources, duplicates dropped.
    """

    faces: NDArray[np.uint8]
    labels: NDArray[np.int64]
    votes: NDArray[np.uint8]
    splits: NDArray[np.uint8]
    manifest: dict[str, Any]

    @property
    def digest(self) -> str:
        """Eight hex digits that differ where the sources differ."""
        return hashlib.sha256(
            json.dumps(self.manifest["source_sha256"], sort_keys=True).encode()
        ).hexdigest()[:8]

    def ferplus_labels(self) -> NDArray[np.int64]:
        """Returns the FER+ label of each face: 0 to 3 as in `Emotion`, -1 for any other or none, [n].

        The most votes among the nine emotions of `VOTE_COLUMNS`; ties go to the first.
        """
        votes = self.votes[:, : VOTE_COLUMNS.index("NF")]
        winner = votes.argmax(axis=1)
        return np.where((votes.max(axis=1) > 0) & (winner < len(Emotion)), winner, -1)

    def training_faces(self) -> NDArray[np.int64]:
        """Returns the indices of the training faces with one of our FER+ labels, whatever FER-2013 says."""
        return np.flatnonzero((self.splits == SPLITS.index("train")) & (self.ferplus_labels() >= 0))

    def evaluation_faces(self, split: str) -> NDArray[np.int64]:
        """Returns the indices of the faces of a split that FER-2013 gives one of our labels."""
        return np.flatnonzero((self.splits == SPLITS.index(split)) & (self.labels < len(Emotion)))

    def vote_shares(self, indices: NDArray[np.int64]) -> NDArray[np.float32]:
        """Returns the spread of the votes over our four emotions: rows sum to 1, float32, [n, 4]."""
        votes = self.votes[indices, : len(Emotion)].astype(np.float32)
        return np.asarray(votes / votes.sum(axis=1, keepdims=True))


def prepare(source: Path, cache_dir: Path) -> FaceSet:
    """Reads the data set in `source`, or what was kept of it in `cache_dir` before.

    Raises:
        DataError: A file is missing, damaged, or not what its name says.
    """
    archive, votes_file = source / "fer2013.zip", source / "ferplus.csv"
    digests = {path.name: _sha256(path) for path in (archive, votes_file)}
    key = hashlib.sha256(f"{_CACHE_FORMAT}{digests}".encode()).hexdigest()
    folder = cache_dir / f"fer2013-{key[:12]}"
    if not folder.is_dir():
        whole = _read(archive, votes_file)
        duplicate = duplicates_of_evaluation(whole.faces, whole.splits)
        manifest = {
            "name": "FER-2013 (Kaggle) with FER+ votes",
            "source_sha256": digests,
            "counts": _counts(whole),
            "duplicates_dropped": int(duplicate.sum()),
        }
        keep = ~duplicate
        _write(
            folder,
            FaceSet(whole.faces[keep], whole.labels[keep], whole.votes[keep], whole.splits[keep], manifest),
        )
    return _open(folder)


def duplicates_of_evaluation(faces: NDArray[np.uint8], splits: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Finds the training faces of which a copy stands in the validation or the test part.

    Copies are exact, or so near that, shrunk to 12x12 pixels, both correlate above 0.985: saved again,
    or brightened. Some that are cropped otherwise stay below.

    Returns:
        Which faces are such copies, [n].
    """
    small = np.stack(
        [
            cv2.resize(face, (_NEAR_DUPLICATE_SIDE, _NEAR_DUPLICATE_SIDE), interpolation=cv2.INTER_AREA)
            for face in faces
        ]
    )
    vectors = small.reshape(len(small), -1).astype(np.float32)
    vectors -= vectors.mean(axis=1, keepdims=True)
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-6)
    train = np.flatnonzero(splits == SPLITS.index("train"))
    others = vectors[splits != SPLITS.index("train")]
    result = np.zeros(len(faces), dtype=bool)
    for part in np.array_split(train, max(1, len(train) // 2048)):
        result[part] = (vectors[part] @ others.T > _NEAR_DUPLICATE_CORRELATION).any(axis=1)
    return result


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        raise DataError("Data missing", f"{path} is not there.", _DATA_HINT) from None
    except OSError as error:
        raise DataError("Data unreadable", f"{path} cannot be read.", "Check its permissions.") from error


def _read(archive: Path, votes_file: Path) -> FaceSet:
    faces, labels, splits, votes = [], [], [], []
    votes_of = _read_votes(votes_file)
    try:
        with zipfile.ZipFile(archive) as file:
            for name in sorted(file.namelist()):
                entry = _ENTRY.fullmatch(name)
                if entry is None or entry[1] not in FER_CLASSES:
                    continue
                if name not in votes_of:
                    raise DataError(
                        "Data do not belong together", f"{votes_file} has no row for {name}.", _DATA_HINT
                    )
                faces.append(_decode(file.read(name), f"{archive}: {name}"))
                labels.append(FER_CLASSES.index(entry[1]))
                splits.append(SPLITS.index(_SPLIT_OF_PREFIX[entry[2]]))
                votes.append(votes_of[name])
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise DataError(
            "Data damaged", f"{archive} is no zip, or not a whole one ({error}).", "Download it again."
        ) from error
    missing = [split for index, split in enumerate(SPLITS) if index not in splits]
    if missing:
        raise DataError(
            "Not FER-2013",
            f"{archive} has no {' and no '.join(missing)} faces (train/<emotion>/Training_*.jpg, ...).",
            _DATA_HINT,
        )
    return FaceSet(
        faces=np.stack(faces),
        labels=np.array(labels, dtype=np.int64),
        votes=np.array(votes, dtype=np.uint8),
        splits=np.array(splits, dtype=np.uint8),
        manifest={},
    )


def _decode(content: bytes, name: str) -> NDArray[np.uint8]:
    face = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_GRAYSCALE) if content else None
    if face is None:
        raise DataError("Data damaged", f"{name} is no picture.", "Download the archive again.")
    if face.shape != (FACE_SIDE, FACE_SIDE):
        raise DataError(
            "Not FER-2013", f"{name} is {face.shape[1]}x{face.shape[0]} pixels, not 48x48.", _DATA_HINT
        )
    return np.asarray(face, dtype=np.uint8)


def _read_votes(path: Path) -> dict[str, list[int]]:
    try:
        with path.open(newline="", encoding="utf-8") as file:
            rows = csv.DictReader(file)
            missing = {"file", *VOTE_COLUMNS} - set(rows.fieldnames or ())
            if missing:
                raise DataError(
                    "Not the FER+ votes", f"{path} has no column {', '.join(sorted(missing))}.", _DATA_HINT
                )
            return {row["file"]: [int(row[column] or 0) for column in VOTE_COLUMNS] for row in rows}
    except (OSError, ValueError, TypeError, csv.Error) as error:
        raise DataError("FER+ votes unreadable", f"{path}: {error}.", "Download it again.") from error


def _counts(data: FaceSet) -> dict[str, dict[str, int]]:
    """Returns per split the faces of each FER-2013 label, and of our four by either kind of label."""
    ferplus = data.ferplus_labels()
    counts = {}
    for index, split in enumerate(SPLITS):
        labels = data.labels[data.splits == index]
        counts[split] = {
            **{name: int((labels == code).sum()) for code, name in enumerate(FER_CLASSES)},
            "four_classes": int((labels < len(Emotion)).sum()),
            "ferplus_four_classes": int((ferplus[data.splits == index] >= 0).sum()),
        }
    return counts


def _write(folder: Path, data: FaceSet) -> None:
    """Writes the cache beside its place and moves it there whole, so that half of one is never used."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    unfinished = Path(tempfile.mkdtemp(dir=folder.parent, prefix=".unfinished-"))
    try:
        for name in ("faces", "labels", "votes", "splits"):
            np.save(unfinished / f"{name}.npy", getattr(data, name))
        (unfinished / "manifest.json").write_text(json.dumps(data.manifest, indent=1), encoding="utf-8")
        unfinished.replace(folder)
    except OSError as error:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise DataError(
            "Cache not written", f"{folder}: {error}.", "Free space, or name another --cache."
        ) from error


def _open(folder: Path) -> FaceSet:
    try:
        arrays = {name: np.load(folder / f"{name}.npy") for name in ("labels", "votes", "splits")}
        faces = np.load(folder / "faces.npy", mmap_mode="r")
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, EOFError, ValueError) as error:
        raise DataError(
            "Cache damaged", f"{folder}: {error}.", f"Delete {folder} and start again."
        ) from error
    return FaceSet(faces=faces, manifest=manifest, **arrays)
