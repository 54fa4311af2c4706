"""A model's answers, kept and measured."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from training.evaluation.predictions import SplitPredictions

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from training.evaluation.record import LabelKind

VIEW = np.eye(4, dtype=np.float32)


def test_faces_without_a_label_of_a_kind_do_not_count_for_it() -> None:
    labels: dict[LabelKind, NDArray[np.int64]] = {
        "ferplus": np.array([0, -1, 2, 2]),
        "fer2013": np.array([0, 1, 2, 3]),
    }
    predictions = SplitPredictions(np.arange(4), VIEW, VIEW, labels)
    metrics = predictions.measure()
    assert metrics["ferplus"].faces == 3
    assert metrics["ferplus"].accuracy == 2 / 3
    assert metrics["fer2013"].accuracy == 1
    assert predictions.label_agreement == 2 / 4


def test_single_and_flipped_views_are_measured_separately() -> None:
    predictions = SplitPredictions(np.arange(4), VIEW, VIEW[[0, 0, 2, 3]], {"fer2013": np.arange(4)})
    metrics = predictions.measure()["fer2013"]
    assert (metrics.accuracy, metrics.flip.accuracy) == (1, 3 / 4)
    assert predictions.label_agreement is None


def test_saved_predictions_can_be_read(tmp_path: Path) -> None:
    saved = SplitPredictions(np.array([5, 7, 8, 9]), VIEW, VIEW / 2, {"fer2013": np.arange(4)})
    saved.save(tmp_path / "test.npz")
    read = SplitPredictions.load(tmp_path / "test.npz")
    assert np.array_equal(read.indices, saved.indices)
    assert np.array_equal(read.single, saved.single)
    assert np.array_equal(read.flip, saved.flip)
    assert read.labels.keys() == {"fer2013"}
