"""Every layer of the package, as cases for the layer test base."""

from __future__ import annotations

from typing import Any

import numpy as np

from keras_attend_fusion import layers
from tests.layer_test_case import LayerCase

random = np.random.default_rng(3)

# Three videos of five seconds: three real frames, all five, none at all.
FRAMES = random.normal(size=(3, 5, 8)).astype("float32")
MASK = np.arange(5) < np.array([[3], [5], [0]])
BYTES = random.integers(0, 256, (3, 5, 8)).astype("uint8")
VECTORS = [random.normal(size=(4, 8)).astype("float32") for _ in range(2)]
# Four videos: both modalities, the first alone, the second alone, none.
PRESENT = [
    np.array([True, True, False, False]),
    np.array([True, False, True, False]),
]

_BRANCH: dict[str, Any] = {
    "inputs": FRAMES,
    "mask": MASK,
    "output_shape": (3, 8),
    "init_kwargs": {"num_heads": 2, "key_dim": 4, "pooling_heads": 2},
    # Kernel and bias of the joint projection, kernel and bias of the one
    # that joins the heads, scale and shift of the norm, pooling queries.
    "trainable": 7,
}

CASES: dict[str, LayerCase] = {
    "AttentionPooling": LayerCase(
        layers.AttentionPooling,
        FRAMES,
        (3, 8),
        init_kwargs={"num_heads": 2},
        mask=MASK,
        trainable=1,
    ),
    "AudioAttention": LayerCase(layers.AudioAttention, **_BRANCH),
    "ContextGating": LayerCase(
        layers.ContextGating, VECTORS[0], (4, 8), trainable=2
    ),
    "ContextGating-rank": LayerCase(
        layers.ContextGating,
        FRAMES,
        (3, 5, 8),
        init_kwargs={"rank": 2},
        trainable=3,
    ),
    # Projection, and scale and shift of the norm.
    "DeepBagOfFrames": LayerCase(
        layers.DeepBagOfFrames,
        FRAMES,
        (3, 6),
        init_kwargs={"num_clusters": 6},
        mask=MASK,
        trainable=3,
        non_trainable=2,
    ),
    "DeepBagOfFrames-mean": LayerCase(
        layers.DeepBagOfFrames,
        FRAMES,
        (3, 6),
        init_kwargs={"num_clusters": 6, "pooling": "mean"},
        mask=MASK,
        trainable=3,
        non_trainable=2,
    ),
    "Dequantize": LayerCase(
        layers.Dequantize, BYTES, (3, 5, 8), mask=MASK, takes_bytes=True
    ),
    "Dequantize-vector": LayerCase(
        layers.Dequantize,
        BYTES[:, 0],
        (3, 8),
        init_kwargs={"min_value": -1.0, "max_value": 3.0},
    ),
    "Dequantize-float": LayerCase(
        layers.Dequantize, FRAMES, (3, 5, 8), mask=MASK, takes_bytes=True
    ),
    "EnsembleMean": LayerCase(
        layers.EnsembleMean, VECTORS, (4, 8), output_dtype="float32"
    ),
    "FusionHead": LayerCase(
        layers.FusionHead,
        VECTORS,
        (4, 3),
        init_kwargs={
            "num_classes": 3,
            "hidden_units": 6,
            "num_heads": 2,
            "key_dim": 4,
            "gating_rank": 2,
        },
        mask=PRESENT,
        output_dtype="float32",
        # Attention 6 (as above, less the queries), join 1, norm 2, gate 3,
        # classifier 2; the norm's moving mean and variance do not train.
        trainable=14,
        non_trainable=2,
    ),
    "FusionHead-logits": LayerCase(
        layers.FusionHead,
        VECTORS,
        (4, 3),
        init_kwargs={
            "num_classes": 3,
            "hidden_units": 6,
            "num_heads": 2,
            "key_dim": 4,
            "activation": "linear",
            "dropout": 0.5,
        },
        # Without a mask the batch norm after the join takes out what the
        # shift of the attention's norm adds, so that weight could not move.
        mask=PRESENT,
        output_dtype="float32",
        trainable=13,
        non_trainable=2,
    ),
    "JoinPresent": LayerCase(
        layers.JoinPresent, VECTORS, (4, 16), mask=PRESENT
    ),
    "MeanPooling": LayerCase(layers.MeanPooling, FRAMES, (3, 8), mask=MASK),
    "MixtureOfExperts": LayerCase(
        layers.MixtureOfExperts,
        VECTORS[0],
        (4, 3),
        init_kwargs={"num_classes": 3, "num_experts": 2, "class_prior": 0.1},
        output_dtype="float32",
        trainable=3,
    ),
    # Assignment, scale and shift of the norm, centres.
    "NetVLAD": LayerCase(
        layers.NetVLAD,
        FRAMES,
        (3, 24),
        init_kwargs={"num_clusters": 3},
        mask=MASK,
        trainable=4,
        non_trainable=2,
    ),
    # And kernel and bias both of the widening and of the groups' say.
    "NeXtVLAD": LayerCase(
        layers.NeXtVLAD,
        FRAMES,
        (3, 12),
        init_kwargs={"num_clusters": 3, "groups": 4, "expansion": 2},
        mask=MASK,
        trainable=8,
        non_trainable=2,
    ),
    "Presence": LayerCase(
        layers.Presence,
        BYTES,
        (3,),
        mask=MASK,
        output_dtype="bool",
        takes_bytes=True,
    ),
    "Presence-vector": LayerCase(
        layers.Presence, VECTORS[0], (4,), output_dtype="bool"
    ),
    "SelfAttention": LayerCase(
        layers.SelfAttention,
        FRAMES,
        (3, 5, 8),
        init_kwargs={"num_heads": 2, "key_dim": 4, "dropout": 0.1},
        mask=MASK,
        trainable=6,
        keeps_positions=True,
    ),
    # Two kernels and a bias for each of two cells.
    "StackedLSTM": LayerCase(
        layers.StackedLSTM,
        FRAMES,
        (3, 4),
        init_kwargs={"units": 4},
        mask=MASK,
        trainable=6,
    ),
    "VisualAttention": LayerCase(layers.VisualAttention, **_BRANCH),
}
