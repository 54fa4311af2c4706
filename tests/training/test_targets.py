"""Which faces are learnt, and towards what."""

from __future__ import annotations

import numpy as np
import pytest

from training.config import Recipe
from training.data.face_set import VOTE_COLUMNS, FaceSet
from training.errors import TrainingError
from training.targets import class_counts, evaluation_labels, training_targets


def face_set(votes: list[dict[str, int]], labels: list[int], split: int = 0) -> FaceSet:
    count = len(votes)
    return FaceSet(
        faces=np.zeros((count, 48, 48), np.uint8),
        labels=np.array(labels),
        votes=np.array([[row.get(column, 0) for column in VOTE_COLUMNS] for row in votes], np.uint8),
        splits=np.full(count, split, np.uint8),
        manifest={"name": "made up"},
    )


SAD_OR_NEUTRAL = {"sadness": 4, "neutral": 2, "fear": 3, "unknown": 1}
ANGRY = {"anger": 9}
AFRAID = {"fear": 9}
VOTES = [SAD_OR_NEUTRAL, ANGRY, AFRAID, AFRAID, ANGRY]
LABELS = [2, 0, 3, 5, 5]  # neutral, angry, sad, fear, fear


def recipe(targets: str) -> Recipe:
    return Recipe.load("quick", {"targets": targets})


def test_own_labels_are_learnt_from_the_faces_that_have_one_of_the_four() -> None:
    indices, targets = training_targets(recipe("fer2013"), face_set(VOTES, LABELS))
    assert indices.tolist() == [0, 1, 2]
    assert targets.tolist() == [[0, 0, 1, 0], [1, 0, 0, 0], [0, 0, 0, 1]]


def test_votes_are_learnt_as_shares_whatever_the_own_label_says() -> None:
    indices, targets = training_targets(recipe("ferplus"), face_set(VOTES, LABELS))
    assert indices.tolist() == [0, 1, 4]
    assert targets == pytest.approx(np.array([[0, 0, 1 / 3, 2 / 3], [1, 0, 0, 0], [1, 0, 0, 0]]))


def test_mixed_targets_are_the_mean_of_those_that_a_face_has() -> None:
    indices, targets = training_targets(recipe("mixed"), face_set(VOTES, LABELS))
    assert indices.tolist() == [0, 1, 2, 4]
    assert targets == pytest.approx(
        np.array([[0, 0, 2 / 3, 1 / 3], [1, 0, 0, 0], [0, 0, 0, 1], [1, 0, 0, 0]])
    )


@pytest.mark.parametrize(
    ("targets", "faces", "labels"),
    [("fer2013", [0, 1, 2], [2, 0, 3]), ("ferplus", [0, 1], [3, 0]), ("mixed", [0, 1], [3, 0])],
)
def test_a_recipe_is_judged_by_the_labels_that_it_learns(
    targets: str, faces: list[int], labels: list[int]
) -> None:
    data = face_set(VOTES, LABELS, split=1)
    indices, judged_by = evaluation_labels(recipe(targets), data, "validation")
    assert indices.tolist() == faces
    assert judged_by.tolist() == labels


def test_votes_that_are_not_there_are_asked_for() -> None:
    with pytest.raises(TrainingError, match=r"no training faces with FER\+ votes.*targets=fer2013"):
        training_targets(recipe("ferplus"), face_set([{}, {}], [0, 1]))


def test_faces_that_are_not_there_are_asked_for() -> None:
    with pytest.raises(TrainingError, match="none of the four"):
        training_targets(recipe("fer2013"), face_set([{}, {}], [5, 6]))


def test_faces_are_counted_by_their_largest_share() -> None:
    targets = np.array([[0.6, 0.4, 0, 0], [0, 0, 0.1, 0.9], [1, 0, 0, 0]], np.float32)
    assert class_counts(targets).tolist() == [2, 0, 0, 1]
