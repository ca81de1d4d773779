"""Labels of some classes alone."""

from __future__ import annotations

from collections.abc import Sequence

import tensorflow as tf

from keras_attend_fusion.data.arguments import integer
from keras_attend_fusion.data.sources import PARALLEL


def check_classes(classes: Sequence[int] | None, num_classes: int) -> None:
    """Raises `ValueError` unless classes are some of those there are, once."""
    if classes is None:
        return
    num_classes = integer("num_classes", num_classes)
    classes = [integer("A class", index, least=None) for index in classes]
    if len(classes) == 0 or len(set(classes)) < len(classes):
        raise ValueError(
            f"classes has to name each class once, and at least one, got "
            f"{list(classes)[:5]}."
        )
    beyond = [index for index in classes if not 0 <= index < num_classes]
    if beyond:
        raise ValueError(
            f"classes has {beyond[0]}, but num_classes is {num_classes}: "
            f"pass classes from 0 to {num_classes - 1}."
        )


def choose_classes(
    batches: tf.data.Dataset, classes: Sequence[int] | None
) -> tf.data.Dataset:
    """Keeps the columns of these classes, in this order.

    Args:
        batches: Batches of `(features, labels, …)`, of which everything but
            the features has a column a class.
        classes: Their indices; None for all, as they are.
    """
    if classes is None:
        return batches
    columns = tf.constant(list(classes), tf.int32)
    return batches.map(
        lambda features, *labels: (
            features,
            *(tf.gather(tensor, columns, axis=1) for tensor in labels),
        ),
        num_parallel_calls=PARALLEL,
        deterministic=True,
    )
