"""Batches of whatever `keras.Model.fit` takes as validation data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import keras
import numpy as np

KINDS = (
    "a tf.data.Dataset, arrays (x, y) or (x, y, sample_weight), a "
    "keras.utils.PyDataset, a PyTorch DataLoader, or an iterable of such "
    "batches"
)


def as_batches(
    data: Any, batch_size: int = 32, steps: int | None = None
) -> Iterator[tuple[Any, ...]]:
    """Reads batches of NumPy arrays, which every backend takes.

    Args:
        data: what `keras.Model.fit` takes as `validation_data`: a
            `tf.data.Dataset`, arrays `(x, y)` or `(x, y, sample_weight)`, a
            `keras.utils.PyDataset`, a PyTorch `DataLoader`, a Grain dataset,
            a generator; or another iterable, such as a list, of batches.
        batch_size: int, how many rows of arrays go into a batch.
        steps: optional int, the most batches.

    Yields:
        `(features, labels)` or `(features, labels, weights)`, of structures
        of arrays.

    Raises:
        ValueError: `data` is something else, or has no labels; or its arrays
            differ in length.

    Example:

    >>> arrays = {"rgb": np.ones((5, 4))}, np.ones((5, 3))
    >>> [labels.shape for _, labels in as_batches(arrays, batch_size=2)]
    [(2, 3), (2, 3), (1, 3)]
    """
    for batch in islice(_batches(data, batch_size), steps):
        if not isinstance(batch, (tuple, list)) or len(batch) not in (2, 3):
            raise ValueError(
                f"a batch is {_described(batch)}: expected (features, labels) "
                "or (features, labels, weights)"
            )
        # Keras, too, takes `None` for no weights.
        yield tuple(
            keras.tree.map_structure(_array, part)
            for part in batch
            if part is not None
        )


def _batches(data: Any, batch_size: int) -> Iterable[Any]:
    if hasattr(data, "as_numpy_iterator"):
        return data.as_numpy_iterator()
    if isinstance(data, keras.utils.PyDataset):
        return _items(data)
    if are_arrays(data):
        return _slices(data, batch_size)
    if isinstance(data, (str, dict)) or not isinstance(data, Iterable):
        raise ValueError(f"got {_described(data)}: expected {KINDS}")
    return data


def are_arrays(data: Any) -> bool:
    """Whether these are `(x, y)` or `(x, y, sample_weight)`, not batches."""
    return (
        isinstance(data, (tuple, list))
        and len(data) in (2, 3)
        and hasattr(data[1], "shape")
    )


def _items(dataset: keras.utils.PyDataset) -> Iterator[Any]:
    # It has no end for `iter`, which would ask for one item after another.
    dataset.on_epoch_begin()
    batches = dataset.num_batches
    index = 0
    while batches is None or index < batches:
        yield dataset[index]
        index += 1
    dataset.on_epoch_end()


def _slices(arrays: Any, batch_size: int) -> Iterator[Any]:
    parts = [
        keras.tree.map_structure(_array, part)
        for part in arrays
        if part is not None
    ]
    lengths = {len(array) for array in keras.tree.flatten(parts)}
    if len(lengths) != 1:
        raise ValueError(
            f"the arrays have {' and '.join(map(str, sorted(lengths)))} rows: "
            "expected as many features as labels"
        )
    for start in range(0, lengths.pop(), batch_size):
        rows = slice(start, start + batch_size)
        yield keras.tree.map_structure(lambda array, r=rows: array[r], parts)


def _array(value: Any) -> Any:
    if hasattr(value, "detach"):  # of PyTorch, perhaps on a GPU
        value = value.detach().cpu()
    return np.asarray(value)


def _described(value: Any) -> str:
    if isinstance(value, (tuple, list)):
        return f"a {type(value).__name__} of {len(value)}"
    return f"of type {type(value).__name__}"
