"""Cross-entropy with a weight for each class of each example."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="keras_attend_fusion")
class ClasswiseCrossentropy(keras.losses.Loss):
    """Binary cross-entropy that a `sample_weight` of its own shape may mask.

    `loss = mean(w (-y log p - (1 - y) log(1 - p)))` over examples and
    classes, with `p` clipped to `[epsilon, 1 - epsilon]`. Without weights
    that is `keras.losses.BinaryCrossentropy`, whose weights are one for each
    example; here they may be `(batch, classes)`. Where a class was not rated,
    a weight of 0 keeps it out of loss and gradient; it still counts in the
    divisor, so that a batch with more ratings weighs more.

    Args:
        reduction: as for `keras.losses.Loss`.
        name: name of the loss.
        dtype: as for `keras.losses.Loss`.

    Call arguments:
        y_true: `(batch, classes)`, from 0 to 1.
        y_pred: `(batch, classes)`, scores from 0 to 1.
        sample_weight: optional, `(batch, classes)` or `(batch, 1)`.

    Example:

    >>> import numpy as np
    >>> loss = ClasswiseCrossentropy()
    >>> labels, scores = np.float32([[1, 0]]), np.float32([[0.5, 0.9]])
    >>> rated = np.float32([[1, 0]])
    >>> round(float(loss(labels, scores, sample_weight=rated)), 4)  # ln 2 / 2
    0.3466
    """

    def __init__(
        self,
        reduction: str = "sum_over_batch_size",
        name: str = "classwise_crossentropy",
        dtype: Any = None,
    ) -> None:
        super().__init__(name=name, reduction=reduction, dtype=dtype)

    def call(self, y_true: Any, y_pred: Any) -> Any:
        return ops.binary_crossentropy(y_true, y_pred)

    def get_config(self) -> dict[str, Any]:
        return {"reduction": self.reduction, "name": self.name}
