"""Labels of some classes alone."""

from __future__ import annotations

from collections.abc import Sequence

import tensorflow as tf

from keras_attend_fusion.data.sources import PARALLEL


def check_classes(classes: Sequence[int] | None, num_classes: int) -> None:
    """Raises `ValueError` unless classes are some of those there are, once."""
    if classes is None:
        return
    if len(classes) == 0 or len(set(classes)) < len(classes):
        raise ValueError(
            f"classes has to name each class once, and at least one, got "
            f"{list(classes)[:5]}."
        )
    beyond = [one for one in classes if not 0 <= one < num_classes]
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
            *(tf.gather(one, columns, axis=1) for one in labels),
        ),
        num_parallel_calls=PARALLEL,
        deterministic=True,
    )
