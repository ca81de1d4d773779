"""How long the matrix products of a training step take by themselves."""

from __future__ import annotations

import time
from collections import Counter
from typing import Any

from keras_attend_fusion.models.flops import Product, products

ROUNDS = 5


def seconds_of_products(
    model: Any, batch_size: int, frames: int
) -> tuple[float, int]:
    """The least time that a step's products take, and their operations.

    Every product of the forward pass, and the two of the backward pass that go
    with it (the gradients of both of its matrices), each by itself at its own
    shape and in the model's precision: what the machine's matrix products allow
    a step at best.
    """
    seconds, operations = 0.0, 0
    counts = Counter(products(model, frames, batch_size))
    dtype = model.compute_dtype
    for (side, rows, inner, columns), times in counts.items():
        for m, k, n in (
            (rows, inner, columns),
            (rows, columns, inner),
            (inner, rows, columns),
        ):
            seconds += times * _fastest((side, m, k, n), dtype)
            operations += times * 2 * side * m * k * n
    return seconds, operations


def _fastest(product: Product, dtype: str) -> float:
    import keras

    side, rows, inner, columns = product
    outer = (side,) if side > 1 else ()
    first = keras.random.normal((*outer, rows, inner), dtype=dtype, seed=1)
    second = keras.random.normal((*outer, inner, columns), dtype=dtype, seed=2)
    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        result = keras.ops.matmul(first, second)
        # Some backends go on before a result is there: ask for one number.
        corner = keras.ops.cast(result[..., -1, -1], "float32")
        keras.ops.convert_to_numpy(corner)
        times.append(time.perf_counter() - began)
    return min(times)
