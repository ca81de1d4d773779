"""What the streaming metrics share."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


class CountingMetric(keras.metrics.Metric):
    """A Keras metric whose state is integer counts of a fixed size.

    float32 sums stop counting at 2^24 (0.8 million videos with 20 entries
    each), so the counts are Keras' own integers: int64 on TensorFlow, which
    also keeps them on the accelerator, and int32 on JAX and PyTorch, good
    for 2.1e9 entries (107 million videos with 20 each).
    """

    def add_count(self, name: str, shape: tuple[int, ...] = ()) -> Any:
        """Adds a state variable of integer zeros."""
        return self.add_variable(
            shape=shape, initializer="zeros", dtype="int", name=name
        )

    def increase(self, count: Any, by: Any) -> None:
        """Adds an integer tensor to a state variable."""
        count.assign_add(ops.cast(by, count.dtype))


def as_batch(y_true: Any, y_pred: Any) -> tuple[Any, Any]:
    """Returns int32 labels (1 above 0.5) and float32 scores.

    Raises:
        ValueError: not two tensors of one shape (videos, classes).
    """
    y_true = ops.cast(ops.convert_to_tensor(y_true), "float32")
    y_pred = ops.cast(ops.convert_to_tensor(y_pred), "float32")
    true, pred = tuple(y_true.shape), tuple(y_pred.shape)
    fits = len(true) == len(pred) == 2 and all(
        a == b or None in (a, b) for a, b in zip(true, pred, strict=True)
    )
    if not fits:
        raise ValueError(
            f"y_true has shape {true} and y_pred {pred}; expected the same "
            "shape (videos, classes): pass multi-hot labels"
        )
    return ops.cast(y_true > 0.5, "int32"), y_pred
