"""Attend-Fusion without attention, for the table of its parts."""

from __future__ import annotations

import math

import keras

from keras_attend_fusion import layers
from keras_attend_fusion.models import blocks


def without_attention(
    num_classes: int,
    *,
    members: int = 4,
    trunk_units: int = 1152,
    trunk_dropout: float,
    hidden_units: int,
    dropout: float,
) -> keras.Model:
    """Attend-Fusion `base` at video level, its vectors joined as they are."""
    sizes = {"rgb": 1024, "audio": 128}
    inputs, branches = blocks.open_branches("video", sizes, None)
    vectors = {one.modality: one.features for one in branches}
    vectors["joint"] = blocks.join(list(vectors.values()))
    odds = blocks.CLASS_PRIOR / (1.0 - blocks.CLASS_PRIOR)
    prior = keras.initializers.Constant(math.log(odds))
    logits = []
    for i in range(1, members + 1):
        tokens = [
            blocks.trunk(vector, trunk_units, 1, trunk_dropout, f"{name}_{i}")
            for name, vector in vectors.items()
        ]
        hidden = keras.layers.Concatenate()(tokens)
        hidden = keras.layers.Dense(hidden_units, use_bias=False)(hidden)
        hidden = keras.layers.BatchNormalization()(hidden)
        hidden = keras.layers.Activation("relu")(hidden)
        hidden = keras.layers.Dropout(dropout)(hidden)
        classify = keras.layers.Dense(num_classes, bias_initializer=prior)
        logits.append(classify(hidden))
    scores = layers.EnsembleMean(name="scores")(logits)
    return keras.Model(inputs, scores, name="attend_fusion")
