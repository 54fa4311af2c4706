"""What a set of faces says about itself."""

from __future__ import annotations

import numpy as np

from training.data.face_set import FER_CLASSES, LABEL_COLUMNS, VOTE_COLUMNS, FaceSet


def face_set(votes: list[dict[str, int]], labels: list[int] | None = None) -> FaceSet:
    count = len(votes)
    return FaceSet(
        faces=np.zeros((count, 56, 56), np.uint8),
        labels=np.array(labels or [0] * count),
        votes=np.array([[row.get(column, 0) for column in VOTE_COLUMNS] for row in votes], np.uint8),
        splits=np.zeros(count, np.uint8),
        manifest={},
    )


def test_the_most_votes_are_the_label_and_ties_go_to_the_first() -> None:
    data = face_set(
        [
            {"sadness": 6, "neutral": 4},
            {"neutral": 5, "anger": 5},
            {"fear": 6, "sadness": 4},
            {"NF": 9, "happiness": 1},
            {},
            {"unknown": 5, "happiness": 5},
        ]
    )
    assert data.ferplus_emotions.tolist() == [3, 0, -1, 1, -1, 1]


def test_labels_and_votes_are_matched_by_the_name_of_their_class() -> None:
    votes = [{VOTE_COLUMNS[column]: 6} for column in LABEL_COLUMNS]
    data = face_set(votes, labels=list(range(len(FER_CLASSES))))
    assert VOTE_COLUMNS[LABEL_COLUMNS[FER_CLASSES.index("surprise")]] == "surprise"
    assert data.ferplus_labels.tolist() == data.labels.tolist()
    assert data.own_emotions.tolist() == data.ferplus_emotions.tolist() == [0, 1, 2, 3, -1, -1, -1, -1]


def test_evaluation_leaves_out_the_other_classes() -> None:
    data = face_set([{}, {}, {}], labels=[3, 4, 7])
    assert data.evaluation_faces("train").tolist() == [0]
    assert data.evaluation_faces("test").tolist() == []


def test_the_side_is_that_of_the_faces() -> None:
    assert face_set([{}]).side == 56
