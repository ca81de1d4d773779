"""Heads and groups that fit themselves to the features."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from keras_attend_fusion import layers
from keras_attend_fusion.layers.divisors import largest_divisor
from tests.layer_case import shape_of


def test_the_largest_divisor() -> None:
    sizes = (1, 2, 7, 12, 26, 128, 300, 1024, 2050)
    assert [largest_divisor(n, 8) for n in sizes] == [1, 2, 7, 6, 2, 8, 6, 8, 5]
    assert [largest_divisor(n, 4) for n in sizes] == [1, 2, 1, 4, 2, 4, 4, 4, 2]


def built(layer: Any, features: int) -> Any:
    layer.build((None, None, features))
    return layer


@pytest.mark.parametrize(
    ("features", "visual", "audio", "groups"),
    [(1024, 8, 4, 8), (300, 6, 4, 8), (25, 5, 1, 5), (13, 1, 1, 2)],
)
def test_counts_that_are_left_open_fit(
    features: int, visual: int, audio: int, groups: int
) -> None:
    for layer, heads in (
        (layers.VisualAttention(2, 4), visual),
        (layers.AudioAttention(2, 4), audio),
    ):
        assert built(layer, features).pooling.num_heads == heads
    layer = built(layers.NeXtVLAD(2), features)
    assert layer.attend.units == groups
    assert layer.compute_output_shape((3, 5, features)) == (
        3,
        2 * 2 * features // groups,
    )


@pytest.mark.parametrize(
    ("layer_class", "name"),
    [
        (layers.VisualAttention, "pooling_heads"),
        (layers.AudioAttention, "pooling_heads"),
        (layers.NeXtVLAD, "groups"),
    ],
)
def test_what_is_open_stays_open_and_what_is_given_stays(
    layer_class: Any, name: str
) -> None:
    # Open: the copy fits itself to other features.
    config = built(layer_class(), 9).get_config()
    assert config[name] is None
    again = layer_class.from_config(config)
    inputs = np.zeros((1, 2, 10), "float32")
    assert shape_of(again(inputs))[0] == 1
    # Given, as in every config before: it stays, and has to divide.
    config = layer_class(**{name: 4}).get_config()
    assert config[name] == 4
    with pytest.raises(ValueError, match=r"=4 for 9 features"):
        built(layer_class.from_config(config), 9)


def test_a_fusion_head_is_as_wide_as_its_vectors() -> None:
    head = layers.FusionHead(12)
    vectors = [np.ones((2, 64), "float32")] * 2
    assert shape_of(head(vectors)) == (2, 12)
    assert (head.attention.num_heads, head.attention.key_dim) == (8, 8)
    assert head.join.units == 128
    # Attention: 64 to 3 x 64 and back, with biases, and a norm. Then 128 to
    # 128, a norm of 4 numbers each, a gate and 12 classes with biases.
    attention = 65 * 192 + 65 * 64 + 2 * 64
    count = attention + 128 * 128 + 4 * 128 + 129 * 128 + 129 * 12
    assert head.count_params() == count
    again = layers.FusionHead.from_config(head.get_config())
    again.build([(None, 7)] * 3)
    assert (again.attention.num_heads, again.attention.key_dim) == (7, 1)
    assert again.join.units == 21
