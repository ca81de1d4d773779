"""Scores over whole sets, at once and after each epoch."""

from __future__ import annotations

import numpy as np
import pytest

from keras_attend_fusion import metrics, training
from tests.training.batches import batches, compiled


def whole_set():
    features, labels = zip(*batches(), strict=True)
    return np.concatenate(features), np.concatenate(labels)


def test_the_score_is_that_of_the_whole_set():
    model = compiled()
    done = []
    found = training.score(model, batches(), done.append).result()
    features, labels = whole_set()
    expected = metrics.evaluate(model.predict(features, verbose=0), labels)
    assert found == pytest.approx(expected, abs=1e-6)
    assert found["videos"] == 10
    assert done == [4, 8, 10]


def test_a_dataset_is_read_as_numpy():
    class Dataset:
        def as_numpy_iterator(self):
            return iter(batches())

    found = training.score(compiled(), Dataset()).result()
    assert found["videos"] == 10


def test_scores_are_added_to_the_logs_of_each_epoch():
    model = compiled()
    scores = training.ValidationScores(batches())
    history = model.fit(*whole_set(), epochs=2, verbose=0, callbacks=[scores])
    expected = training.score(model, batches()).result()
    for name in ("gap_at_20", "f1_micro", "hit_at_1"):
        values = history.history[f"val_{name}"]
        assert len(values) == 2
        assert values[-1] == pytest.approx(expected[name], abs=1e-6)
    assert all(s >= 0.0 for s in history.history["seconds"])
