"""How many floating-point operations a video costs."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Iterator
from typing import Any

import keras

from keras_attend_fusion.layers import StackedLSTM

PRODUCTS = ("matmul", "dot", "tensordot", "einsum")


def flops(model: keras.Model, frames: int = 300) -> int:
    """Operations of the matrix products of one video, forward.

    Runs the model on one video of `frames` frames (at frame level) and
    counts each product that it comes to: `2 k` for each number of the result,
    where k is the length of the sums: so `2 * in * out * positions` for a
    dense layer, and `4 * positions^2 * size` for each head of attention.
    A recurrent layer counts `2 * numbers in its matrices * frames`. Sums,
    norms, activations, softmax and lookups are left out.

    Args:
        model: a model whose inputs have names.
        frames: the length of every axis that the model leaves open, but for
            the batch's.

    Example:

    >>> sound = keras.Input((128,), name="audio")
    >>> model = keras.Model({"audio": sound}, keras.layers.Dense(10)(sound))
    >>> flops(model)
    2560
    """
    features = {}
    for name, value in model.input.items():
        shape = [1, *(frames if n is None else n for n in value.shape[1:])]
        dtype = keras.backend.standardize_dtype(value.dtype)
        features[name] = keras.ops.ones(shape, dtype)
    with _counting() as total:
        model(features, training=False)
    return total[0]


@contextlib.contextmanager
def _counting() -> Iterator[list[int]]:
    """Counts the products made inside; the first item is the total."""
    from keras.src import backend  # every product of every layer ends here

    total, depth = [0], [0]

    def counted(function: Callable[..., Any], name: str) -> Any:
        def product(*args: Any, **kwargs: Any) -> Any:
            depth[0] += 1  # a product may be made of others
            try:
                result = function(*args, **kwargs)
            finally:
                depth[0] -= 1
            if not depth[0]:
                total[0] += _operations(name, args, result)
            return result

        return product

    call = keras.layers.Layer.__call__

    def looped(self: Any, sequence: Any, *args: Any, **kwargs: Any) -> Any:
        depth[0] += 1  # its loop may be traced once only
        try:
            result = call(self, sequence, *args, **kwargs)
        finally:
            depth[0] -= 1
        if not depth[0]:
            matrices = [w for w in self.weights if len(w.shape) == 2]
            weights = sum(math.prod(w.shape) for w in matrices)
            total[0] += 2 * weights * sequence.shape[1]
        return result

    with contextlib.ExitStack() as stack:
        for name in PRODUCTS:
            function = getattr(backend.numpy, name)
            _put(stack, backend.numpy, name, counted(function, name))
        for layer in (keras.layers.RNN, StackedLSTM):
            _put(stack, layer, "__call__", looped)
        yield total


def _put(stack: contextlib.ExitStack, on: Any, name: str, value: Any) -> None:
    """Sets an attribute until the stack ends."""
    own = vars(on)
    if name in own:
        stack.callback(setattr, on, name, own[name])
    else:  # inherited
        stack.callback(delattr, on, name)
    setattr(on, name, value)


def _operations(name: str, args: tuple[Any, ...], result: Any) -> int:
    size = math.prod(result.shape)
    if name == "einsum":
        terms = args[0].replace(" ", "").split("->")[0].split(",")
        if "." in args[0]:
            raise ValueError(f"einsum {args[0]} has an ellipsis: not counted")
        lengths: dict[str, int] = {}
        for term, operand in zip(terms, args[1:], strict=True):
            lengths.update(zip(term, operand.shape, strict=True))
        return 2 * math.prod(lengths.values())
    first, second = (math.prod(one.shape) for one in args[:2])
    if name == "tensordot":  # sizes a k and k b give a result of a b
        return 2 * size * math.isqrt(first * second // max(size, 1))
    return 2 * size * args[0].shape[-1]
