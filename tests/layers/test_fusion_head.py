"""The fusion head: who is missing changes what, and nothing else does."""

from __future__ import annotations

import math
from typing import Any

import keras
import numpy as np
import pytest

from keras_attend_fusion.layers import FusionHead
from tests.layer_test_case import as_numpy, build_layer, dtype_of, evaluate
from tests.layers.cases import CASES, PRESENT

# Four rows of the same video, of which a row may have both modalities, the
# picture alone, the sound alone or none (the order of `PRESENT`).
SIZES: dict[str, Any] = {
    "num_classes": 3,
    "hidden_units": 6,
    "num_heads": 2,
    "key_dim": 4,
}
random = np.random.default_rng(8)
PICTURE, SOUND = (
    np.tile(random.normal(size=(1, 8)).astype("float32"), (4, 1))
    for _ in range(2)
)
EVERY, NONE = np.array([True] * 4), np.array([False] * 4)


@pytest.fixture(scope="module")
def head() -> FusionHead:
    """A head with all its weights random, as after training."""
    return build_layer(CASES["FusionHead"])


def test_both_there_is_not_one_there(head: FusionHead) -> None:
    rows = as_numpy(head([PICTURE, SOUND], mask=PRESENT))
    for i in range(4):
        for j in range(i):
            assert np.abs(rows[i] - rows[j]).max() > 1e-3, (i, j)
    # Rows have masks of their own, and no mask means that all are there.
    unmasked = as_numpy(head([PICTURE, SOUND]))
    np.testing.assert_allclose(unmasked, rows[[0, 0, 0, 0]], atol=1e-6)


@pytest.mark.parametrize("missing", [0, 1])
def test_the_content_of_a_missing_modality_changes_nothing(
    head: FusionHead, missing: int
) -> None:
    # Four rows that differ in the missing modality alone: plain, huge,
    # zeros, the other one's content.
    contents = np.stack([SOUND[0], SOUND[0] * 1e4, SOUND[0] * 0, PICTURE[0]])
    vectors, mask = [PICTURE, PICTURE], [EVERY, EVERY]
    vectors[missing], mask[missing] = contents, NONE
    rows = as_numpy(head(vectors, mask=mask))
    np.testing.assert_allclose(rows, rows[[0, 0, 0, 0]], atol=1e-6)
    mask[missing] = EVERY
    rows = as_numpy(head(vectors, mask=mask))
    assert np.abs(rows[1:] - rows[:1]).max() > 1e-3


def test_nothing_there_leaves_the_biases(head: FusionHead) -> None:
    # Untrained: the join of zeros is 0, so are the norm's shift and relu,
    # and the classifier is left with its bias, which says 0.02.
    untrained = FusionHead(**SIZES, class_prior=0.02)
    scores = as_numpy(untrained([PICTURE, SOUND], mask=[NONE, NONE]))
    np.testing.assert_allclose(scores, np.full((4, 3), 0.02), 1e-4)
    scores = as_numpy(head([PICTURE * 1e4, SOUND], mask=[NONE, NONE]))
    assert np.isfinite(scores).all()


def test_a_softmax_starts_with_the_same_score_for_each_class() -> None:
    untrained = FusionHead(**SIZES, activation="softmax", class_prior=0.02)
    scores = as_numpy(untrained([PICTURE, SOUND], mask=[NONE, NONE]))
    np.testing.assert_allclose(scores, np.full((4, 3), 1 / 3), 1e-4)


def test_its_defaults_grow_with_the_vectors() -> None:
    # Two vectors of 64: attention of 64 to 3 * 64 and 64 to 64, a norm; 128
    # to 128 and a norm, a full gate, 12 classes.
    head = FusionHead(12)
    head.build([(None, 64), (None, 64)])
    assert head.count_params() == (
        (65 * 192 + 65 * 64 + 128)
        + (128 * 128 + 4 * 128)
        + 129 * 128
        + 129 * 12
    )


def test_without_activation_come_logits() -> None:
    # A prior of 1/4 is a logit of log(1/4 / 3/4) = -log 3.
    untrained = FusionHead(**SIZES, activation=None, class_prior=0.25)
    logits = as_numpy(untrained([PICTURE, SOUND], mask=[NONE, NONE]))
    np.testing.assert_allclose(logits, np.full((4, 3), -math.log(3.0)), 1e-4)


def test_attention_scores(head: FusionHead) -> None:
    outputs, weights = head(
        [PICTURE, SOUND], mask=PRESENT, return_attention_scores=True
    )
    assert tuple(outputs.shape) == (4, 3)
    weights = as_numpy(weights)
    assert weights.shape == (4, 2, 2, 2)
    # Both there: they sum to 1. One there: both look at that one. None
    # there: no weight at all.
    np.testing.assert_allclose(weights[0].sum(-1), np.ones((2, 2)), 1e-5)
    assert (weights[0] > 0).all()
    np.testing.assert_allclose(weights[1], [[[1, 0], [1, 0]]] * 2, atol=1e-5)
    np.testing.assert_allclose(weights[2], [[[0, 1], [0, 1]]] * 2, atol=1e-5)
    np.testing.assert_array_equal(weights[3], np.zeros((2, 2, 2)))


def test_symbolic_attention_scores_have_their_shape(head: FusionHead) -> None:
    vectors = [keras.Input((8,)), keras.Input((8,))]
    _, weights = head(vectors, return_attention_scores=True)
    assert weights.shape == (None, 2, 2, 2)


@pytest.mark.parametrize("count", [1, 3])
def test_one_or_three_modalities(count: int) -> None:
    vectors = [keras.Input((8,)) for _ in range(count)]
    layer = FusionHead(**SIZES)
    scores, weights = layer(vectors, return_attention_scores=True)
    assert scores.shape == (None, 3)
    assert weights.shape == (None, 2, count, count)
    rows = evaluate(layer, [PICTURE] * count, [EVERY] * count)
    assert rows.shape == (4, 3)


def test_scores_stay_float32_in_mixed_precision() -> None:
    vectors = [keras.Input((8,)), keras.Input((8,))]
    layer = FusionHead(**SIZES, dtype="mixed_bfloat16")
    scores, weights = layer(vectors, return_attention_scores=True)
    assert dtype_of(scores) == "float32"
    assert dtype_of(weights) == "bfloat16"


@pytest.mark.parametrize("change", [{"num_classes": 0}, {"hidden_units": 0}])
def test_sizes_below_one(change: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="both must be at least 1"):
        FusionHead(**{**SIZES, **change})


@pytest.mark.parametrize("prior", [0.0, 1.0, -0.1])
def test_a_prior_that_is_no_probability(prior: float) -> None:
    with pytest.raises(ValueError, match=f"class_prior={prior}; it must lie"):
        FusionHead(**SIZES, class_prior=prior)


@pytest.mark.parametrize(
    "inputs",
    [
        [PICTURE, SOUND[:, :7]],
        [PICTURE[:, None], SOUND[:, None]],
        [PICTURE, SOUND[:, None]],
        PICTURE,
    ],
    ids=["units", "frames", "ranks", "no list"],
)
def test_vectors_that_do_not_fit(inputs: Any) -> None:
    with pytest.raises(ValueError, match=r"needs a list of \(batch, units\)"):
        FusionHead(**SIZES)(inputs)


@pytest.mark.parametrize(
    ("mask", "given"),
    [([EVERY], 1), ([EVERY, None], 1), ([EVERY, EVERY, EVERY], 3)],
)
def test_masks_that_do_not_fit(
    head: FusionHead, mask: list[Any], given: int
) -> None:
    with pytest.raises(ValueError, match=f"2 vectors and {given} masks; pass"):
        head([PICTURE, SOUND], mask=mask)


def test_without_a_gate() -> None:
    vectors = [np.ones((2, 4), "float32"), np.zeros((2, 4), "float32")]
    head = FusionHead(num_classes=3, hidden_units=5, num_heads=2, gating_rank=0)
    assert tuple(head(vectors).shape) == (2, 3)
    assert head.gating is None
    # join 8 x 5, norm 4 x 5, classifier 5 x 3 + 3, and the attention.
    attention = head.attention.count_params()
    assert head.count_params() == 40 + 20 + 18 + attention
