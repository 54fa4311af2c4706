"""Prepared faces are kept completely or not at all, and by one process at a time."""

from __future__ import annotations

import json
import multiprocessing
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.training.conftest import tiny_faces, votes_for, write_data
from training.data.prepare import prepare
from training.errors import DataError

if TYPE_CHECKING:
    from multiprocessing.synchronize import Barrier
    from pathlib import Path


def test_a_prepared_set_is_read_from_the_cache(tiny_source: Path, tmp_path: Path) -> None:
    first = prepare(tiny_source, tmp_path)
    kept = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.npy")}
    second = prepare(tiny_source, tmp_path)
    assert isinstance(second.faces, np.memmap)
    assert np.array_equal(first.faces, second.faces)
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.npy")} == kept


def test_a_cache_holds_faces_labels_votes_splits_and_a_manifest(tiny_source: Path, tmp_path: Path) -> None:
    data = prepare(tiny_source, tmp_path)
    (folder,) = (path for path in tmp_path.iterdir() if path.is_dir())
    assert sorted(path.name for path in folder.iterdir()) == [
        "faces.npy",
        "labels.npy",
        "manifest.json",
        "splits.npy",
        "votes.npy",
    ]
    assert json.loads((folder / "manifest.json").read_text()) == data.manifest


def test_other_sources_get_another_cache(tiny_source: Path, tmp_path: Path) -> None:
    faces = tiny_faces(2)
    other = write_data(tmp_path / "other", faces, {name: votes_for(name.split("/")[1]) for name in faces})
    assert prepare(tiny_source, tmp_path).digest != prepare(other, tmp_path).digest


@pytest.mark.parametrize("name", ["votes.npy", "faces.npy", "manifest.json"])
def test_a_damaged_cache_names_the_folder_to_delete(tiny_source: Path, tmp_path: Path, name: str) -> None:
    prepare(tiny_source, tmp_path)
    path = next(tmp_path.rglob(name))
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(DataError, match=r"Delete .*fer2013-"):
        prepare(tiny_source, tmp_path)


def test_files_of_two_caches_are_not_mixed(tiny_source: Path, tmp_path: Path) -> None:
    prepare(tiny_source, tmp_path)
    np.save(next(tmp_path.rglob("labels.npy")), np.zeros(3, np.int64))
    with pytest.raises(DataError, match=r"differ in length.*Delete .*fer2013-"):
        prepare(tiny_source, tmp_path)


def test_a_cache_that_was_counted_for_other_emotions_is_refused(tiny_source: Path, tmp_path: Path) -> None:
    prepare(tiny_source, tmp_path)
    path = next(tmp_path.rglob("manifest.json"))
    manifest = json.loads(path.read_text())
    manifest["counts"]["test"]["four_classes"] += 4
    path.write_text(json.dumps(manifest))
    with pytest.raises(DataError, match=r"prepared for other emotions.*Delete .*fer2013-"):
        prepare(tiny_source, tmp_path)


def test_what_a_killed_run_left_is_written_again(tiny_source: Path, tmp_path: Path) -> None:
    whole = prepare(tiny_source, tmp_path / "whole")
    (folder,) = (path for path in (tmp_path / "whole").iterdir() if path.is_dir())
    left = tmp_path / "cache" / f".unfinished-{folder.name}"
    left.mkdir(parents=True)
    (left / "faces.npy").write_bytes(b"half")
    data = prepare(tiny_source, tmp_path / "cache")
    assert np.array_equal(data.faces, whole.faces)
    assert not left.exists()


def test_a_full_disk_leaves_no_partial_cache(tiny_source: Path, tmp_path: Path) -> None:
    resource = pytest.importorskip("resource")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))
    try:
        with pytest.raises(DataError, match=r"Cache not written.*Free space"):
            prepare(tiny_source, tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert not list(tmp_path.glob("*/"))
    assert len(prepare(tiny_source, tmp_path).faces) == 112


def test_a_cache_that_cannot_be_written_is_named(tiny_source: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match=r"Cache not written.*--cache"):
        prepare(tiny_source, tmp_path / "file")


def _prepare_at_once(source: Path, cache: Path, barrier: Barrier) -> tuple[int, list[str]]:
    said: list[str] = []
    barrier.wait()
    return len(prepare(source, cache, report=said.append).faces), said


def test_of_several_processes_one_prepares_and_the_others_wait(tiny_source: Path, tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    with context.Manager() as manager, context.Pool(2) as pool:
        barrier = manager.Barrier(2)
        results = [pool.apply_async(_prepare_at_once, (tiny_source, tmp_path, barrier)) for _ in range(2)]
        done = [result.get(120) for result in results]
    assert [count for count, _ in done] == [112, 112]
    wrote = [any("looking for copies" in line for line in said) for _, said in done]
    assert sorted(wrote) == [False, True]
