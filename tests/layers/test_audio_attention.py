"""What is the audio branch's own; the rest is in test_frame_attention."""

from __future__ import annotations

import numpy as np

from keras_attend_fusion.layers import AudioAttention
from keras_attend_fusion.layers.frame_attention import FrameAttention
from tests.layer_test_case import evaluate


def test_it_is_a_frame_attention() -> None:
    assert issubclass(AudioAttention, FrameAttention)


def test_the_defaults_suit_vggish_features() -> None:
    # 128 numbers a second; each argument left as it is.
    frames = np.ones((2, 3, 128), "float32")
    outputs = evaluate(
        AudioAttention(), frames, np.array([[1, 1, 0], [0, 0, 0]])
    )
    assert outputs.shape == (2, 128)
    assert not outputs[1].any()


def test_the_arguments_are_taken_in_order() -> None:
    layer = AudioAttention(2, 6, 3, 0.25)
    config = layer.get_config()
    names = ["num_heads", "key_dim", "pooling_heads", "dropout"]
    assert [config[name] for name in names] == [2, 6, 3, 0.25]
    assert (layer.attention.num_heads, layer.attention.key_dim) == (2, 6)
    assert layer.pooling.num_heads == 3
    assert layer.attention.dropout == 0.25
