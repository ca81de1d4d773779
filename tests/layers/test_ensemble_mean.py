"""The mean of the members, who learn by themselves."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from keras_attend_fusion import training
from keras_attend_fusion.layers import EnsembleMean

rng = np.random.default_rng(5)
FEATURES = rng.normal(size=(32, 6)).astype("float32")
LABELS = (rng.random((32, 4)) < 0.3).astype("float32")
KERNELS = [rng.normal(size=(6, 4)).astype("float32") for _ in range(3)]
ONE_HOT = np.eye(4, dtype="float32")[rng.integers(0, 4, 32)]


def trained(
    kernels, independence, steps=5, labels=LABELS, activation="sigmoid"
):
    """The kernels after some steps of one model of all of them."""
    inputs = keras.Input((6,))
    members = [keras.layers.Dense(4, use_bias=False) for _ in kernels]
    logits = [member(inputs) for member in members]
    model = keras.Model(inputs, EnsembleMean(independence, activation)(logits))
    for member, kernel in zip(members, kernels, strict=True):
        member.set_weights([kernel])
    training.compile_model(model, 20, 0.05, weight_decay=0.0)
    losses = [
        float(np.asarray(model.train_on_batch(FEATURES, labels)).flat[0])
        for _ in range(steps)
    ]
    return [member.get_weights()[0] for member in members], losses


def test_the_score_is_the_sigmoid_of_the_mean_logit():
    logits = [FEATURES @ kernel for kernel in KERNELS]
    scores = keras.ops.convert_to_numpy(EnsembleMean()(logits))
    expected = 1 / (1 + np.exp(-np.mean(logits, axis=0)))
    np.testing.assert_allclose(scores, expected, rtol=1e-5)


def test_each_member_learns_as_if_it_were_alone():
    together, losses = trained(KERNELS, 1.0)
    alone = [trained([kernel], 1.0) for kernel in KERNELS]
    for found, (expected, _) in zip(together, alone, strict=True):
        np.testing.assert_allclose(found, expected[0], atol=2e-4)
    np.testing.assert_allclose(
        losses, np.mean([loss for _, loss in alone], axis=0), rtol=1e-3
    )


def test_without_independence_the_mean_learns():
    together, losses = trained(KERNELS, 0.0)
    _, of_mean = trained([np.mean(KERNELS, axis=0)], 0.0, steps=1)
    assert losses[0] == pytest.approx(of_mean[0], rel=1e-4)
    # Each of them gets the same gradient: they stay as far from each other.
    moved = [end - start for end, start in zip(together, KERNELS, strict=True)]
    for other in moved[1:]:
        np.testing.assert_allclose(other, moved[0], atol=1e-4)


def test_a_softmax_of_the_mean_logit():
    logits = [FEATURES @ kernel for kernel in KERNELS]
    layer = EnsembleMean(activation="softmax")
    scores = keras.ops.convert_to_numpy(layer(logits))
    expected = np.exp(np.mean(logits, axis=0))
    expected /= expected.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(scores, expected, rtol=1e-4)


def test_each_member_learns_as_if_it_were_alone_with_a_softmax():
    options = {"labels": ONE_HOT, "activation": "softmax"}
    together, losses = trained(KERNELS, 1.0, **options)
    alone = [trained([kernel], 1.0, **options) for kernel in KERNELS]
    for found, (expected, _) in zip(together, alone, strict=True):
        np.testing.assert_allclose(found, expected[0], atol=2e-4)
    np.testing.assert_allclose(
        losses, np.mean([loss for _, loss in alone], axis=0), rtol=1e-3
    )
    leaning, _ = trained(KERNELS, 0.0, **options)
    assert np.abs(leaning[0] - together[0]).max() > 1e-2


def test_the_term_of_a_softmax_by_hand():
    # Members (0, 0) and (0, log 9): log 2 and log 10, their mean less that
    # of the mean (0, log 3), log 4.
    layer = EnsembleMean(0.5, "softmax")
    layer([np.zeros((1, 2)), np.log([[1.0, 9.0]])], training=True)
    expected = 0.5 * (np.log(2 * 10) / 2 - np.log(4))
    assert float(layer.losses[0]) == pytest.approx(expected, rel=1e-5)


def test_an_activation_that_makes_no_scores():
    with pytest.raises(ValueError, match="activation is 'relu'; pass one of"):
        EnsembleMean(activation="relu")


def test_nothing_is_added_outside_training():
    layer = EnsembleMean()
    layer([FEATURES, -FEATURES], training=False)
    assert not layer.losses
    layer([FEATURES, -FEATURES], training=True)
    assert float(layer.losses[0]) > 0


def test_large_logits_do_not_overflow():
    layer = EnsembleMean()
    scores = layer([np.full((1, 2), 1e4), np.full((1, 2), -3e4)], training=True)
    assert keras.ops.convert_to_numpy(scores).tolist() == [[0.0, 0.0]]
    assert float(layer.losses[0]) == pytest.approx(1e4)  # of two classes


@pytest.mark.parametrize("shapes", [[], [(2, 3), (2, 4)]])
def test_members_have_one_shape(shapes):
    with pytest.raises(ValueError, match="logits of shapes"):
        EnsembleMean().build(shapes)


def test_independence_is_not_negative():
    with pytest.raises(ValueError, match="independence is -1"):
        EnsembleMean(-1)
