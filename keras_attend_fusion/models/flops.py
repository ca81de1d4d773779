"""How many floating-point operations a video costs."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Iterator
from typing import Any

import keras

from keras_attend_fusion.layers import StackedLSTM
from keras_attend_fusion.private import private, untried

PRODUCTS = ("matmul", "dot", "tensordot", "einsum")
Product = tuple[int, int, int, int]  # side by side, rows, inner, columns


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

    Raises:
        UntriedVersionError: Keras does not make products where it did.

    Example:

    >>> sound = keras.Input((128,), name="audio")
    >>> model = keras.Model({"audio": sound}, keras.layers.Dense(10)(sound))
    >>> flops(model)
    2560
    """
    return sum(2 * math.prod(product) for product in products(model, frames))


def products(
    model: keras.Model, frames: int = 300, batch: int = 1
) -> list[Product]:
    """The matrix products of a batch, forward, as `flops` counts them.

    Args:
        model: a model whose inputs have names.
        frames: the length of every axis that the model leaves open, but for
            the batch's.
        batch: how many videos.

    Returns:
        For each product how many there are side by side, the rows of the
        first matrix, the length of the sums and the columns of the second.

    Example:

    >>> sound = keras.Input((128,), name="audio")
    >>> model = keras.Model({"audio": sound}, keras.layers.Dense(10)(sound))
    >>> products(model, batch=32)
    [(1, 32, 128, 10)]
    """
    features = {}
    for name, value in model.input.items():
        sizes = [frames if n is None else n for n in value.shape[1:]]
        dtype = keras.backend.standardize_dtype(value.dtype)
        features[name] = keras.ops.ones([batch, *sizes], dtype)
    with _noted() as noted:
        model(features, training=False)
    return noted


@contextlib.contextmanager
def _noted() -> Iterator[list[Product]]:
    """Notes the products made inside.

    Raises:
        UntriedVersionError: Keras does not make them where it did.
    """
    # Every product of every layer ends here.
    backend_numpy = private("keras.src.backend", "numpy", "keras")
    noted: list[Product] = []
    depth = [0]

    def counted(function: Callable[..., Any], name: str) -> Any:
        def product(*args: Any, **kwargs: Any) -> Any:
            depth[0] += 1  # a product may be made of others
            try:
                result = function(*args, **kwargs)
            finally:
                depth[0] -= 1
            if not depth[0]:
                noted.append(_product(name, args, result))
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
            noted.append((sequence.shape[1], sequence.shape[0], weights, 1))
        return result

    with contextlib.ExitStack() as stack:
        for name in PRODUCTS:
            function = private(backend_numpy, name, "keras")
            _put(stack, backend_numpy, name, counted(function, name))
        for layer in (keras.layers.RNN, StackedLSTM):
            _put(stack, layer, "__call__", looped)
        keras.ops.matmul(keras.ops.ones((2, 3)), keras.ops.ones((3, 4)))
        if noted != [(1, 2, 3, 4)]:
            raise untried("keras", "makes products by other ways")
        noted.clear()
        yield noted


def _put(stack: contextlib.ExitStack, on: Any, name: str, value: Any) -> None:
    """Sets an attribute until the stack ends."""
    own = vars(on)
    if name in own:
        stack.callback(setattr, on, name, own[name])
    else:  # inherited
        stack.callback(delattr, on, name)
    setattr(on, name, value)


def _product(name: str, args: tuple[Any, ...], result: Any) -> Product:
    size = math.prod(result.shape)
    if name == "einsum":
        return _einsum(*args)
    first, second = (math.prod(operand.shape) for operand in args[:2])
    if name == "tensordot":  # sizes a k and k b give a result of a b
        inner = math.isqrt(first * second // max(size, 1))
        return 1, first // inner, inner, second // inner
    inner = args[0].shape[-1]
    if len(args[1].shape) < 3:
        return 1, first // inner, inner, second // inner
    columns = args[1].shape[-1]
    rows = args[0].shape[-2]
    return size // (rows * columns), rows, inner, columns


def _einsum(equation: str, *operands: Any) -> Product:
    """Letters of both operands and the result lie side by side."""
    if "." in equation:
        raise ValueError(f"einsum {equation} has an ellipsis: not counted")
    left, result = equation.replace(" ", "").split("->")
    terms = left.split(",")
    lengths: dict[str, int] = {}
    for term, operand in zip(terms, operands, strict=True):
        lengths.update(zip(term, operand.shape, strict=True))
    first, second = terms[0], "".join(terms[1:])
    sizes = [1, 1, 1, 1]
    for letter, length in lengths.items():
        if letter not in result:
            place = 2
        elif letter in first and letter in second:
            place = 0
        else:
            place = 1 if letter in first else 3
        sizes[place] *= length
    return sizes[0], sizes[1], sizes[2], sizes[3]
