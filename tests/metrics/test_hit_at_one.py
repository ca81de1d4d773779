from __future__ import annotations

import keras
import numpy as np
import pytest

from keras_attend_fusion.metrics import HitAtOne, evaluate


def test_share_of_videos_whose_best_class_is_a_label() -> None:
    metric = HitAtOne()
    # Hit; miss; then no label.
    metric.update_state([[0, 1], [0, 1]], [[0.2, 0.9], [0.9, 0.2]])
    metric.update_state([[0, 0]], [[0.9, 0.2]])
    assert float(metric.result()) == pytest.approx(1 / 3)


def test_nothing_seen_gives_zero() -> None:
    metric = HitAtOne()
    assert float(metric.result()) == 0.0
    metric.update_state([[0, 1]], [[0.2, 0.9]])
    metric.reset_state()
    assert float(metric.result()) == 0.0


def test_same_as_the_exact_score_on_logits() -> None:
    rng = np.random.default_rng(0)
    scores = rng.normal(size=(50, 6)).astype("float32")
    labels = (rng.random((50, 6)) < 0.3).astype("int32")
    metric = HitAtOne()
    metric.update_state(labels[:30], scores[:30])
    metric.update_state(labels[30:], scores[30:])
    exact = evaluate(scores, labels)["hit_at_1"]
    assert float(metric.result()) == pytest.approx(exact)


def test_sample_weight_is_ignored() -> None:
    metric = HitAtOne()
    metric.update_state([[0, 1]], [[0.2, 0.9]], sample_weight=[0.0])
    assert float(metric.result()) == 1.0


def test_counts_beyond_what_float32_can_add_up() -> None:
    metric = HitAtOne()
    metric.videos.assign(2**25)
    metric.hits.assign(2**25)
    metric.update_state([[0, 1]], [[0.2, 0.9]])
    assert int(metric.videos) == 2**25 + 1
    assert int(metric.hits) == 2**25 + 1


def test_config_round_trip() -> None:
    metric = HitAtOne(name="best", dtype="float32")
    saved = keras.saving.serialize_keras_object(metric)
    assert saved["registered_name"] == "keras_attend_fusion>HitAtOne"
    copy = keras.saving.deserialize_keras_object(saved)
    assert copy.get_config() == metric.get_config()
    assert copy.name == "best"


def test_bad_shapes() -> None:
    with pytest.raises(ValueError, match=r"y_true has shape \(1, 3\)"):
        HitAtOne().update_state(np.zeros((1, 3)), np.zeros((1, 2)))
