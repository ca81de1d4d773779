"""A softmax that gives masked positions no weight at all."""

from __future__ import annotations

from typing import Any

from keras import ops

# Every real position set holds its own largest logit, so its softmax terms
# sum to at least 1 / positions: a smaller sum means that all are masked.
_NO_WEIGHT = 1e-5


def masked_softmax(logits: Any, mask: Any = None) -> Any:
    """Softmax over the last axis, restricted to the positions in `mask`.

    `w_i = m_i exp(l_i) / sum_j m_j exp(l_j)`, computed in float32. A row
    whose mask is all False gets zero weights, not NaN. The mask multiplies
    the softmax instead of adding a large negative number to the logits, so
    the range of every intermediate tensor stays small enough for 8-bit
    quantisation.

    Args:
        logits: float tensor of shape `(..., positions)`; up to 100,000
            positions.
        mask: bool tensor that broadcasts to `logits`; True is attended.
            None attends to all.

    Returns:
        Weights of the shape and dtype of `logits`. They sum to 1 over the
        last axis, or to 0 where all is masked.

    Example:

    >>> import numpy as np
    >>> weights = masked_softmax(np.float32([[1, 1, 9]]), [[True, True, False]])
    >>> [round(float(w), 3) for w in weights[0]]
    [0.5, 0.5, 0.0]
    """
    logits = ops.convert_to_tensor(logits)
    dtype = logits.dtype
    logits = ops.cast(logits, "float32")
    if mask is None:
        return ops.cast(ops.softmax(logits, axis=-1), dtype)
    mask = ops.cast(mask, "float32")
    # A masked logit takes its row's lowest value: however large it was, it
    # cannot push the real ones below what float32 can tell from zero.
    lowest = ops.stop_gradient(ops.min(logits, axis=-1, keepdims=True))
    weights = ops.softmax(logits * mask + lowest * (1.0 - mask), axis=-1) * mask
    total = ops.sum(weights, axis=-1, keepdims=True)
    return ops.cast(weights / ops.maximum(total, _NO_WEIGHT), dtype)
