"""A functional model that does not cast what it is given."""

from __future__ import annotations

import functools
from typing import Any

import keras

PYTHON_DTYPES = {"bool": "bool", "int": "int64", "float": "float64"}
ID = "id"  # key of the videos' ids among their features


def _without_id(features: dict[str, Any]) -> dict[str, Any]:
    return {name: each for name, each in features.items() if name != ID}


def _batch_without_id(batch: tuple[Any, ...]) -> Any:
    features, *others = batch
    kept = _without_id(features)
    return (kept, *others) if others else kept


def dtype_of(values: Any) -> str:
    """The name of a tensor's or an array's dtype, as Keras names it."""
    dtype = getattr(values, "dtype", None)
    if dtype is None:  # lists of Python's numbers, or of arrays
        first = next(iter(keras.tree.flatten(values)), 0.0)
        kind = type(first).__name__
        dtype = getattr(first, "dtype", PYTHON_DTYPES.get(kind, kind))
    try:
        return keras.backend.standardize_dtype(dtype)
    except ValueError:  # text, say, which Keras has no name for
        return str(dtype)


def has_dtype(values: Any) -> bool:
    return getattr(values, "dtype", None) is not None


def check_dtype(model: str, name: str, expected: str, given: str) -> None:
    """Refuses an input that a cast would turn into other features.

    Args:
        model: name of the model.
        name: name of the input.
        expected: its dtype.
        given: the dtype of what came.

    Raises:
        ValueError: if values came for bytes, bytes for values, or integers
            that the input's dtype may not hold. A mask is taken in any
            dtype, floats in any precision.
    """
    if expected == "bool" or expected == given:
        return
    if keras.backend.is_float_dtype(expected):
        if keras.backend.is_float_dtype(given):
            return
        advice = (
            "Pass floating-point values (bytes become values in "
            "kaf.layers.Dequantize), or build a model of bytes, with "
            'feature_dtype="uint8".'
        )
    else:
        integer = keras.backend.is_int_dtype(given)
        if integer and keras.backend.result_type(given, expected) == expected:
            return
        advice = (
            f'Pass {expected} (integers from 0 to 255 by astype("uint8")), or '
            'build a model of values, with feature_dtype="float32".'
            if expected == "uint8"
            else f"Pass {expected}."
        )
    raise ValueError(
        f"The model '{model}' takes {name} as {expected}, but {given} came; a "
        f"cast would make other features of it. {advice}"
    )


def check_dtypes(model: Any, features: Any) -> None:
    """Checks the dtype of each input that is given to a functional model.

    Raises:
        ValueError: as `check_dtype`.
    """
    expected = model.input
    if not isinstance(features, dict | list | tuple) and not has_dtype(
        features
    ):
        return  # a generator, say, whose batches come to this later
    if isinstance(expected, dict) and isinstance(features, dict):
        names = [name for name in expected if name in features]
        pairs = [(expected[name], features[name]) for name in names]
    else:
        flat = keras.tree.flatten(expected), keras.tree.flatten(features)
        pairs = list(zip(*flat, strict=False))
    for tensor, values in pairs:
        if has_dtype(values) or isinstance(values, list | tuple | float | int):
            check_dtype(
                model.name, tensor.name, dtype_of(tensor), dtype_of(values)
            )


@keras.saving.register_keras_serializable(package="keras_attend_fusion")
class VideoModel(keras.Model):
    """A functional model that refuses features of another kind.

    `keras.Model` casts whatever it is given to the dtype of its inputs: of
    values from -2 to 2 it makes the bytes 0, 1 and 2, and scores those. This
    one raises, in `fit`, `evaluate`, `predict` and where it is called. Masks
    are taken in any dtype (true wherever not zero), floats in any precision;
    the ids that `kaf.data.load` adds with `with_id=True` are left out.
    All that `kaf.models.build` makes are of this class; use it in place of
    `keras.Model` for models of your own that take bytes.

    Args:
        inputs: what `keras.Input` gives, a dict by name.
        outputs: what becomes of them.
        name: optional name of the model.

    Raises:
        ValueError: when called, if an input is of another kind.

    Example:

    >>> import numpy as np
    >>> frames = keras.Input((None, 4), dtype="uint8", name="rgb")
    >>> model = VideoModel({"rgb": frames}, keras.ops.mean(frames, axis=1))
    >>> model({"rgb": np.zeros((2, 3, 4), "uint8")}).shape == (2, 4)
    True
    >>> try:
    ...     model({"rgb": np.zeros((2, 3, 4), "float32")})
    ... except ValueError as error:
    ...     print("rgb as uint8, but float32 came" in str(error))
    True
    """

    def __call__(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        check_dtypes(self, inputs)
        return super().__call__(inputs, *args, **kwargs)

    @functools.wraps(keras.Model.fit)
    def fit(self, x: Any = None, *args: Any, **kwargs: Any) -> Any:
        return super().fit(self._checked(x), *args, **kwargs)

    @functools.wraps(keras.Model.evaluate)
    def evaluate(self, x: Any = None, *args: Any, **kwargs: Any) -> Any:
        return super().evaluate(self._checked(x), *args, **kwargs)

    @functools.wraps(keras.Model.predict)
    def predict(self, x: Any, *args: Any, **kwargs: Any) -> Any:
        return super().predict(self._checked(x), *args, **kwargs)

    @functools.wraps(keras.Model.predict_on_batch)
    def predict_on_batch(self, x: Any) -> Any:
        return super().predict_on_batch(self._checked(x))

    def _checked(self, data: Any) -> Any:
        """Refuses data before JAX's loops take the weights from the model.

        An error inside of those loops leaves the model without weights. The
        ids of videos are left out: they are text, which no model takes.
        """
        spec = getattr(data, "element_spec", None)  # of tf.data
        if spec is None:
            check_dtypes(self, data)
            return _without_id(data) if self._takes_no_id(data) else data
        features = spec[0] if isinstance(spec, tuple) else spec
        check_dtypes(self, features)
        if self._takes_no_id(features):
            return data.map(lambda *batch: _batch_without_id(batch))
        return data

    def _takes_no_id(self, features: Any) -> bool:
        """Whether there are ids among the features, and no input for them."""
        inputs = self.input
        return (
            isinstance(features, dict)
            and ID in features
            and isinstance(inputs, dict)
            and ID not in inputs
        )

    def call(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        # JAX's training comes this way, past `__call__`.
        check_dtypes(self, inputs)
        return super().call(inputs, *args, **kwargs)
