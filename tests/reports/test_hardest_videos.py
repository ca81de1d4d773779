"""What is hard about a video, by hand and against scikit-learn."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from keras_attend_fusion.metrics import evaluate
from keras_attend_fusion.reports import hardest_videos as videos

CLASSES = 30


class Model:
    """Scores that are the features themselves."""

    output_shape = (None, CLASSES)

    def predict_on_batch(self, features):
        return features["rgb"]


def batches(scores, labels, size):
    """Batches with ids as a dataset delivers them."""
    ids = np.array([f"v{row:03d}".encode() for row in range(len(scores))])
    parts = [
        (
            {"rgb": scores[i : i + size], "id": ids[i : i + size]},
            labels[i:][:size],
        )
        for i in range(0, len(scores), size)
    ]
    return SimpleNamespace(as_numpy_iterator=lambda: iter(parts))


def some(seed=0, count=80):
    rng = np.random.default_rng(seed)
    scores = rng.integers(0, 40, (count, CLASSES)).astype("float32") / 40
    return scores, rng.random((count, CLASSES)) < 0.1


def looked(scores, labels, names=(), threshold=0.5, size=32):
    return videos.look(
        Model(),
        batches(scores, labels, size),
        dict(names),
        threshold,
        lambda done: None,
    )


def test_average_precision_by_hand():
    """Two labels at ranks 1 and 4: (1/1 + 2/4) / 2; a tie of two: 1/2."""
    scores = np.array([[0.9, 0.8, 0.7, 0.6], [0.5, 0.5, 0.1, 0.2]])
    labels = np.array([[True, False, False, True], [False, True, False, False]])
    assert videos.average_precisions(scores, labels).tolist() == [0.75, 0.5]
    none = videos.average_precisions(scores, np.zeros_like(labels))
    assert np.isnan(none).all()


def test_average_precision_is_scikit_learns():
    ranking = pytest.importorskip("sklearn.metrics")
    scores, labels = some()
    ours = videos.average_precisions(scores, labels)
    for row in np.flatnonzero(labels.any(axis=1)):
        theirs = ranking.label_ranking_average_precision_score(
            labels[row : row + 1], scores[row : row + 1]
        )
        assert ours[row] == pytest.approx(theirs, abs=1e-12)


@pytest.mark.parametrize("size", [7, 80])
def test_the_hardest_of_all_batches(size):
    scores, labels = some()
    precisions = videos.average_precisions(scores, labels)
    order = sorted(
        np.flatnonzero(~np.isnan(precisions)),
        key=lambda row: (precisions[row], row),
    )
    found = looked(scores, labels, size=size)
    assert [one.id for one in found.hardest] == [
        f"v{row:03d}" for row in order[: videos.HARDEST]
    ]
    assert found.hardest[0].average_precision == min(precisions[order])


def test_what_is_said_of_a_hard_video():
    scores = np.linspace(1, 0, CLASSES, dtype="float32")[None]
    labels = np.zeros((1, CLASSES), bool)
    labels[0, [2, 10, 11, 12, 13, 14, 29]] = True
    (one,) = looked(scores, labels, {0: "first", 2: "third"}).hardest
    assert [guess.rank for guess in one.labels] == [3, 11, 12, 13, 14]
    assert [guess.name for guess in one.labels[:2]] == ["third", "class 10"]
    assert one.more == 2
    assert [guess.name for guess in one.top[:3]] == [
        "first",
        "class 1",
        "third",
    ]
    assert [guess.is_label for guess in one.top[:3]] == [False, False, True]


def test_all_together():
    scores, labels = some()
    found = looked(scores, labels)
    assert found.metrics == evaluate(scores, labels, threshold=0.5)
    assert sum(found.label_counts.values()) == len(scores)
    assert found.label_counts[0] == np.count_nonzero(~labels.any(axis=1))
    assert found.calibration is not None
    assert len(found.classes) == CLASSES
    assert looked(scores * 3, labels).calibration is None


def test_no_label_at_all():
    scores, labels = some()
    with pytest.raises(ValueError, match="no video has a label"):
        looked(scores, np.zeros_like(labels))
