"""Which faces are learned, and towards what."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from training.config import Recipe
from training.data.face_set import VOTE_COLUMNS, FaceSet
from training.errors import TrainingError
from training.targets import evaluation_labels, training_targets


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


def recipe(targets: str, *, other_emotions: bool = False) -> Recipe:
    return Recipe.load("quick", {"targets": targets, "other_emotions": other_emotions})


def test_own_labels_are_learned_from_the_faces_of_our_emotions() -> None:
    targets = training_targets(recipe("fer2013"), face_set(VOTES, LABELS))
    assert targets.indices.tolist() == [0, 1, 2]
    assert targets.shares.tolist() == [[0, 0, 1, 0], [1, 0, 0, 0], [0, 0, 0, 1]]


def test_votes_are_learned_as_shares_whatever_the_own_label_says() -> None:
    targets = training_targets(recipe("ferplus"), face_set(VOTES, LABELS))
    assert targets.indices.tolist() == [0, 1, 4]
    assert targets.shares == pytest.approx(np.array([[0, 0, 1 / 3, 2 / 3], [1, 0, 0, 0], [1, 0, 0, 0]]))


def test_mixed_targets_are_the_mean_of_those_that_a_face_has() -> None:
    targets = training_targets(recipe("mixed"), face_set(VOTES, LABELS))
    assert targets.indices.tolist() == [0, 1, 2, 4]
    assert targets.shares == pytest.approx(
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


def test_validation_faces_are_learned_too_except_for_copies_of_test_faces(tiny_data: FaceSet) -> None:
    validation, test = (tiny_data.evaluation_faces(split) for split in ("validation", "test"))
    faces = np.array(tiny_data.faces)
    faces[validation[0]] = faces[test[3]]
    faces[validation[1]] = (faces[test[5]] * 0.8 + 20).astype(np.uint8)
    recipe = Recipe.load("quick", {"validation_too": True, "selection": "last", "class_shift": False})
    learned = training_targets(recipe, replace(tiny_data, faces=faces)).indices
    train = tiny_data.evaluation_faces("train")
    assert learned.tolist() == sorted([*train.tolist(), *validation[2:].tolist()])


def test_missing_votes_are_asked_for() -> None:
    with pytest.raises(TrainingError, match=r"no training faces with FER\+ votes.*targets=fer2013"):
        training_targets(recipe("ferplus"), face_set([{}, {}], [0, 1]))


def test_missing_faces_are_asked_for() -> None:
    with pytest.raises(TrainingError, match="no faces of angry"):
        training_targets(recipe("fer2013"), face_set([{}, {}], [5, 6]))


def test_faces_are_counted_by_their_largest_share() -> None:
    assert training_targets(recipe("ferplus"), face_set(VOTES, LABELS)).class_counts().tolist() == [
        2,
        0,
        0,
        1,
    ]


def test_votes_for_other_classes_count_equally_for_all_emotions_if_learned() -> None:
    votes = [SAD_OR_NEUTRAL, AFRAID, {"surprise": 5, "happiness": 4, "unknown": 1}, {"unknown": 9}]
    targets = training_targets(recipe("ferplus", other_emotions=True), face_set(votes, [2, 5, 6, 0]))
    assert targets.indices.tolist() == [0, 1, 2]
    assert targets.shares == pytest.approx(
        np.array(
            [
                [0.75 / 9, 0.75 / 9, 2.75 / 9, 4.75 / 9],
                [0.25, 0.25, 0.25, 0.25],
                [1.25 / 9, 5.25 / 9, 1.25 / 9, 1.25 / 9],
            ]
        )
    )
    assert targets.groups.tolist() == [3, 4, 4]
    assert targets.class_counts().tolist() == [0, 0, 0, 1]


def test_own_labels_of_other_classes_count_equally_for_all_emotions() -> None:
    targets = training_targets(recipe("fer2013", other_emotions=True), face_set(VOTES, LABELS))
    assert targets.shares[3:].tolist() == [[0.25] * 4] * 2
    assert targets.groups.tolist() == [2, 0, 3, 4, 4]
