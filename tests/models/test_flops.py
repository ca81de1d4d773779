from __future__ import annotations

import math

import keras
import pytest

import keras_attend_fusion as kaf
from keras_attend_fusion.models.flops import products
from keras_attend_fusion.private import UntriedVersionError


def test_flops_by_hand() -> None:
    # 10 seconds of 16 features, 2 heads of 4: query, key and value, then the
    # products of each head, then back to 16.
    frames = keras.Input((None, 16), name="audio")
    attend = kaf.layers.SelfAttention(num_heads=2, key_dim=4)
    model = keras.Model({"audio": frames}, attend(frames))
    expected = 10 * 2 * 16 * 24 + 2 * 2 * (2 * 10 * 10 * 4) + 10 * 2 * 8 * 16
    assert kaf.models.flops(model, frames=10) == expected
    # 7 seconds of 8 features: four gates of 5 from 8, and from 5.
    frames = keras.Input((None, 8), name="audio")
    lstm = kaf.layers.StackedLSTM(units=5, depth=1)
    model = keras.Model({"audio": frames}, lstm(frames))
    assert kaf.models.flops(model, frames=7) == 7 * 2 * (8 * 20 + 5 * 20)


def test_products_by_hand() -> None:
    # 3 videos of 10 seconds of 16 features, 2 heads of 4: projections of all
    # seconds at once, then the heads of each video side by side.
    frames = keras.Input((None, 16), name="audio")
    attend = kaf.layers.SelfAttention(num_heads=2, key_dim=4)
    model = keras.Model({"audio": frames}, attend(frames))
    assert products(model, frames=10, batch=3) == [
        (1, 30, 16, 24),
        (6, 10, 4, 10),
        (6, 10, 10, 4),
        (1, 30, 8, 16),
    ]
    assert kaf.models.flops(model, frames=10) == sum(
        2 * math.prod(one) for one in products(model, frames=10)
    )


@pytest.mark.parametrize(
    ("equation", "shapes", "expected"),
    [
        ("bpf,fu->bpu", [(2, 5, 3), (3, 4)], (1, 10, 3, 4)),
        ("bhqd,bhkd->bhqk", [(2, 3, 4, 6), (2, 3, 5, 6)], (6, 4, 6, 5)),
        ("ab,bc->", [(2, 3), (3, 4)], (1, 1, 24, 1)),
    ],
)
def test_einsums_by_hand(equation, shapes, expected) -> None:
    model = keras.Model(
        {"audio": (frames := keras.Input((1,), name="audio"))},
        _Einsum(equation, shapes)(frames),
    )
    assert products(model) == [expected]


class _Einsum(keras.layers.Layer):
    def __init__(self, equation, shapes) -> None:
        super().__init__()
        self.equation, self.shapes = equation, shapes

    def call(self, inputs):
        operands = [keras.ops.ones(shape) for shape in self.shapes]
        return inputs + keras.ops.sum(
            keras.ops.einsum(self.equation, *operands)
        )


def test_keras_is_as_it_was_before() -> None:
    before = keras.layers.RNN.__call__, keras.src.backend.numpy.matmul
    model = kaf.models.build("logistic", level="video", num_classes=4)
    assert kaf.models.flops(model) == 2 * (1024 + 128) * 4
    assert before == (keras.layers.RNN.__call__, keras.src.backend.numpy.matmul)


def test_a_keras_without_its_private_products(monkeypatch) -> None:
    model = kaf.models.build("logistic", level="video", num_classes=4)
    with monkeypatch.context() as patch:
        patch.delattr(keras.src.backend.numpy, "tensordot")
        with pytest.raises(UntriedVersionError, match="no `tensordot` in kera"):
            kaf.models.flops(model)
    with monkeypatch.context() as patch:
        patch.setattr(keras.ops, "matmul", lambda first, second: first)
        with pytest.raises(UntriedVersionError, match="products by other ways"):
            kaf.models.flops(model)
    assert kaf.models.flops(model) == 2 * (1024 + 128) * 4
