"""The fusion head: who is missing changes what, and nothing else does."""

from __future__ import annotations

import math
from typing import Any

import keras
import numpy as np
import pytest

from keras_attend_fusion.layers import FusionHead
from tests.layer_test_case import LayerCase, as_numpy, build_layer, dtype_of

SIZES: dict[str, Any] = {
    "num_classes": 5,
    "hidden_units": 6,
    "num_heads": 2,
    "key_dim": 3,
}
random = np.random.default_rng(8)
PICTURE, SOUND, OTHER = (
    random.normal(size=(3, 4)).astype("float32") for _ in range(3)
)
THERE = np.array([True, True, True])
MISSING = np.array([False, False, False])


def trained_head(**kwargs: Any) -> FusionHead:
    """A head with all its weights random, as after training."""
    case = LayerCase(
        FusionHead, [PICTURE, SOUND], (3, 5), init_kwargs={**SIZES, **kwargs}
    )
    return build_layer(case)


@pytest.mark.parametrize("present", [0, 1])
def test_the_content_of_a_missing_modality_changes_nothing(
    present: int,
) -> None:
    head = trained_head()
    mask = [THERE, MISSING] if present == 0 else [MISSING, THERE]
    outputs = []
    for content in (SOUND, OTHER * 100, np.zeros_like(SOUND)):
        pair = [content, content]
        pair[present] = PICTURE
        outputs.append(as_numpy(head(pair, mask=mask)))
    np.testing.assert_allclose(outputs[1], outputs[0], atol=1e-6)
    np.testing.assert_allclose(outputs[2], outputs[0], atol=1e-6)


def test_both_there_is_not_one_there() -> None:
    head = trained_head()
    both, first, second, none = (
        as_numpy(head([PICTURE, SOUND], mask=mask))
        for mask in (
            [THERE, THERE],
            [THERE, MISSING],
            [MISSING, THERE],
            [MISSING, MISSING],
        )
    )
    pairs = [(both, first), (both, second), (first, second), (first, none)]
    for one, other in pairs:
        assert np.abs(one - other).max() > 1e-3
    np.testing.assert_allclose(
        as_numpy(head([PICTURE, SOUND])), both, atol=1e-6
    )


def test_rows_have_masks_of_their_own() -> None:
    head = trained_head()
    mixed = as_numpy(
        head([PICTURE, SOUND], mask=[THERE, np.array([True, False, True])])
    )
    both = as_numpy(head([PICTURE, SOUND], mask=[THERE, THERE]))
    first = as_numpy(head([PICTURE, SOUND], mask=[THERE, MISSING]))
    np.testing.assert_allclose(mixed, [both[0], first[1], both[2]], atol=1e-6)


def test_nothing_there_leaves_the_biases() -> None:
    # Untrained: the join of zeros is 0, so are the norm's shift and relu,
    # and the classifier is left with its bias, which says 0.02.
    head = FusionHead(**SIZES, class_prior=0.02)
    scores = as_numpy(head([PICTURE, SOUND], mask=[MISSING, MISSING]))
    np.testing.assert_allclose(scores, np.full((3, 5), 0.02), 1e-4)
    scores = as_numpy(trained_head()([PICTURE, SOUND], mask=[MISSING, MISSING]))
    assert np.isfinite(scores).all()
    np.testing.assert_allclose(scores[0], scores[1], atol=1e-6)


def test_without_activation_come_logits() -> None:
    logits = trained_head(activation=None)([PICTURE, SOUND])
    scores = trained_head()([PICTURE, SOUND])
    np.testing.assert_allclose(
        1 / (1 + np.exp(-as_numpy(logits))), as_numpy(scores), atol=1e-5
    )
    head = FusionHead(**SIZES, activation=None, class_prior=0.25)
    logits = as_numpy(head([PICTURE, SOUND], mask=[MISSING, MISSING]))
    np.testing.assert_allclose(logits, np.full((3, 5), -math.log(3.0)), 1e-4)


def test_attention_scores() -> None:
    head = trained_head()
    outputs, weights = head(
        [PICTURE, SOUND],
        mask=[np.array([True, True, False]), np.array([True, False, False])],
        return_attention_scores=True,
    )
    assert tuple(outputs.shape) == (3, 5)
    weights = as_numpy(weights)
    assert weights.shape == (3, 2, 2, 2)
    # Both there: they sum to 1. The sound missing: all look at the picture.
    # None there: no weight at all.
    np.testing.assert_allclose(weights[0].sum(-1), np.ones((2, 2)), 1e-5)
    assert (weights[0] > 0).all()
    np.testing.assert_allclose(weights[1, :, :, 0], np.ones((2, 2)), 1e-5)
    np.testing.assert_array_equal(weights[1, :, :, 1], np.zeros((2, 2)))
    np.testing.assert_array_equal(weights[2], np.zeros((2, 2, 2)))
    symbols = [keras.Input((4,)), keras.Input((4,))]
    _, symbolic = head(symbols, return_attention_scores=True)
    assert symbolic.shape == (None, 2, 2, 2)


def test_one_or_three_modalities() -> None:
    for count in (1, 3):
        head = FusionHead(**SIZES)
        scores = head([PICTURE] * count, mask=[THERE] * count)
        assert tuple(scores.shape) == (3, 5)


def test_scores_stay_float32_in_mixed_precision() -> None:
    head = FusionHead(**SIZES, dtype="mixed_bfloat16")
    scores, weights = head([PICTURE, SOUND], return_attention_scores=True)
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
        [PICTURE, SOUND[:, :3]],
        [PICTURE[:, None], SOUND[:, None]],
        [PICTURE, SOUND[:, None]],
        PICTURE,
    ],
    ids=["units", "frames", "ranks", "no list"],
)
def test_vectors_that_do_not_fit(inputs: Any) -> None:
    with pytest.raises(ValueError, match=r"needs a list of \(batch, units\)"):
        FusionHead(**SIZES)(inputs)


def test_masks_that_do_not_fit() -> None:
    head = FusionHead(**SIZES)
    for mask, given in (
        ([THERE], 1),
        ([THERE, None], 1),
        ([THERE, THERE, THERE], 3),
    ):
        with pytest.raises(ValueError, match=f"2 vectors and {given} masks;"):
            head([PICTURE, SOUND], mask=mask)
