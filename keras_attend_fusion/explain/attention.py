"""Which second a model attended to."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

from keras_attend_fusion import models
from keras_attend_fusion.explain.features import Features, in_order
from keras_attend_fusion.explain.passes import run

POOLING = "_pooling"  # what `models.attention` calls each modality's


def over_seconds(
    model: Any, features: Features, batch_size: int
) -> dict[str, np.ndarray]:
    """By modality, `(batch, frames)`, as far as the model has attention.

    Pooling gives second `t` the weight `p_t`, and what it pools is second
    `t` plus what `t` attended to, the seconds `j` with the weights `A_tj`;
    both averaged over heads. Half of `p_t` goes to `t` itself and half to
    what it attended to: `a_j = Σ_t p_t (δ_tj + A_tj) / 2`.
    """
    try:
        named = models.attention(model).output
    except ValueError:  # it has none
        return {}
    pooled = [n.removesuffix(POOLING) for n in named if n.endswith(POOLING)]
    outputs = {
        name: rolled_out(named[f"{name}{POOLING}"], named[f"{name}_frames"])
        for name in in_order(pooled)
    }
    if not outputs:
        return {}
    weights = run(keras.Model(model.input, outputs), features, batch_size)
    return {name: _normalised(weights[name]) for name in outputs}


def rolled_out(pooling: Any, frames: Any) -> Any:
    """From `(batch, heads, t)` and `(batch, heads, t, t)` to `(batch, t)`."""
    p = ops.mean(ops.cast(pooling, "float32"), axis=1)
    a = ops.mean(ops.cast(frames, "float32"), axis=1)
    attended = ops.squeeze(ops.matmul(ops.expand_dims(p, axis=1), a), axis=1)
    return (p + attended) / 2.0


def _normalised(weights: np.ndarray) -> np.ndarray:
    """Sums of 1 to float32's precision, whatever the model computes in."""
    total = weights.sum(axis=1, keepdims=True)
    return weights / np.where(total > 0, total, 1.0)
