from __future__ import annotations

import keras

import keras_attend_fusion as kaf


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


def test_keras_is_as_it_was_before() -> None:
    before = keras.layers.RNN.__call__, keras.src.backend.numpy.matmul
    model = kaf.models.build("logistic", level="video", num_classes=4)
    assert kaf.models.flops(model) == 2 * (1024 + 128) * 4
    assert before == (keras.layers.RNN.__call__, keras.src.backend.numpy.matmul)
