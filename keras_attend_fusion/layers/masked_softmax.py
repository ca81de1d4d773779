"""A softmax that gives masked positions no weight at all."""

from __future__ import annotations

from typing import Any

from keras import ops

from keras_attend_fusion.layers.masking import as_mask


def masked_softmax(logits: Any, mask: Any = None) -> Any:
    """Softmax over the last axis, restricted to the positions in `mask`.

    `w_i = m_i exp(l_i) / sum_j m_j exp(l_j)`, computed in float32. A row
    whose mask is all False gets zero weights, not NaN, and a masked logit
    changes nothing, NaN and infinity included. The mask selects logits and
    multiplies the softmax instead of adding a large negative number to the
    logits, so the range of every intermediate tensor stays small enough for
    8-bit quantisation.

    Args:
        logits: float tensor of shape `(..., positions)`.
        mask: tensor that broadcasts to `logits`; what is not zero is
            attended. None attends to all.

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
    if mask is not None:
        mask = as_mask(mask)
        # A masked logit takes its row's lowest value, or 0 if that is lower:
        # however large it was, it cannot push the real ones below what
        # float32 tells from zero.
        lowest = ops.min(ops.where(mask, logits, 0.0), axis=-1, keepdims=True)
        logits = ops.where(mask, logits, ops.stop_gradient(lowest))
    highest = ops.stop_gradient(ops.max(logits, axis=-1, keepdims=True))
    terms = ops.exp(logits - highest)
    if mask is not None:
        terms = terms * ops.cast(mask, "float32")
    # The highest term is exp(0), so a sum below 1 means that all are masked.
    total = ops.maximum(ops.sum(terms, axis=-1, keepdims=True), 1.0)
    return ops.cast(terms / total, dtype)
