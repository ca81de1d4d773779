from __future__ import annotations

import numpy as np

from keras_attend_fusion.metrics.exact.videos import (
    from_scores,
    from_top,
    joined,
)

SCORES = np.array([[0.9, 0.6, 0.1], [0.2, 0.8, 0.7]], "float32")
LABELS = np.array([[True, False, True], [False, False, True]])


def test_what_is_kept_of_full_scores() -> None:
    part = from_scores(SCORES, LABELS, top_k=2, top_alone=False)
    assert part.top_classes.tolist() == [[0, 1], [1, 2]]
    assert part.top_hits.tolist() == [[True, False], [False, True]]
    assert part.label_counts.tolist() == [2, 1]
    assert part.label_classes.tolist() == [0, 2, 2]
    assert part.label_scores.tolist() == np.float32([0.9, 0.1, 0.7]).tolist()
    assert part.perr.tolist() == [0.5, 0.0]
    assert part.left_out.tolist() == np.float32([0.2]).tolist()
    assert part.label_rows.tolist() == [0, 0, 1]


def test_the_top_alone_forgets_other_labels() -> None:
    part = from_scores(SCORES, LABELS, top_k=2, top_alone=True)
    assert (
        part.label_scores.tolist() == np.float32([0.9, -np.inf, 0.7]).tolist()
    )
    assert part.left_out.tolist() == [-np.inf]


def test_more_labels_than_the_top_holds() -> None:
    scores = np.array([[0.9, 0.8, 0.7, 0.6]], "float32")
    labels = np.array([[True, False, True, True]])
    part = from_scores(scores, labels, top_k=1, top_alone=False)
    assert part.perr.tolist() == [2 / 3]  # of the three best two are labels


def test_the_top_given() -> None:
    part = from_top(
        classes=np.array([[1, 0], [2, -1]]),
        scores=np.array([[0.6, 0.9], [0.7, -np.inf]], "float32"),
        rows=np.array([0, 0, 1]),
        label_classes=np.array([0, 2, 2]),
        num_classes=3,
        top_k=2,
    )
    assert part.top_classes.tolist() == [[0, 1], [2, -1]]
    assert part.top_hits.tolist() == [[True, False], [True, False]]
    assert (
        part.label_scores.tolist() == np.float32([0.9, -np.inf, 0.7]).tolist()
    )
    assert part.perr.tolist() == [0.5, 1.0]


def test_parts_are_joined() -> None:
    part = from_scores(SCORES, LABELS, top_k=2, top_alone=False)
    both = joined([part, part])
    assert both.label_counts.tolist() == [2, 1, 2, 1]
    assert both.label_rows.tolist() == [0, 0, 1, 2, 2, 3]
