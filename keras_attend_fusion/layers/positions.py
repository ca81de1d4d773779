"""Maths at each position of a sequence, without asking how long it is.

A shape that is computed while a model runs is an operation of its own. LiteRT's
files then hold tensors whose size is not known before, and XNNPACK, which
computes most of such a file, gives wrong numbers from the second call on
(LiteRT 2.3, TensorFlow 2.21). So where the number of positions is open, as in
a graph to be exported, nothing here needs it.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


def multiply(inputs: Any, kernel: Any) -> Any:
    """`(batch, positions, features)` times `(features, units)`.

    Example:

    >>> import numpy as np
    >>> multiply(np.zeros((2, 5, 3)), np.zeros((3, 4))).shape == (2, 5, 4)
    True
    """
    positions, features = inputs.shape[1:]
    if positions is None:
        return ops.einsum("bpf,fu->bpu", inputs, kernel)
    flat = ops.matmul(ops.reshape(inputs, (-1, features)), kernel)
    return ops.reshape(flat, (-1, positions, kernel.shape[-1]))


def dense(layer: keras.layers.Dense, inputs: Any) -> Any:
    """A dense layer without an activation, at each position."""
    outputs = multiply(inputs, layer.kernel)
    if layer.use_bias:
        outputs = ops.add(outputs, layer.bias)
    return outputs


def split_heads(inputs: Any, num_heads: int) -> Any:
    """`(batch, positions, heads * size)` to `(batch, heads, positions, size)`.

    Example:

    >>> import numpy as np
    >>> split_heads(np.zeros((2, 5, 12)), 3).shape == (2, 3, 5, 4)
    True
    """
    positions, width = inputs.shape[1:]
    if positions is None:
        return ops.stack(ops.split(inputs, num_heads, axis=-1), axis=1)
    shape = (-1, positions, num_heads, width // num_heads)
    return ops.transpose(ops.reshape(inputs, shape), (0, 2, 1, 3))


def join_heads(inputs: Any) -> Any:
    """`(batch, heads, positions, size)` to `(batch, positions, heads * size)`.

    Example:

    >>> import numpy as np
    >>> join_heads(np.zeros((2, 3, 5, 4))).shape == (2, 5, 12)
    True
    """
    heads, positions, size = inputs.shape[1:]
    if positions is None:
        return ops.concatenate(ops.unstack(inputs, heads, axis=1), axis=-1)
    joined = ops.transpose(inputs, (0, 2, 1, 3))
    return ops.reshape(joined, (-1, positions, heads * size))
