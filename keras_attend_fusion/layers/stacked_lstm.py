"""What LSTMs remember at the end of a video."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from keras_attend_fusion.layers.frame_layer import FrameLayer
from keras_attend_fusion.layers.masking import (
    expect_features,
    frames_and_mask,
)


def orthogonal(shape: Any, dtype: Any = None) -> Any:
    """Orthogonal rows; in float32, for backends that know no other."""
    values = keras.initializers.Orthogonal()(shape, dtype="float32")
    return ops.cast(values, dtype or "float32")


@keras.saving.register_keras_serializable(package="keras_attend_fusion")
class StackedLSTM(FrameLayer):
    """LSTMs on top of each other; answers the last one's state at the end.

    The same numbers as `keras.layers.LSTM(units, return_sequences=True)` and
    so on, the last without sequences. All cells advance in one loop over
    frames that keeps no sequence but the input, so that phones can run it
    with any batch size and frame count (TFLite's builtin operations have no
    list of tensors of unknown size, which `keras.layers.LSTM` asks for). The
    price is that cuDNN is not used on a GPU.

    Args:
        units: int, size of each LSTM.
        depth: int, number of LSTMs.
        **kwargs: those of `keras.layers.Layer`.

    Call arguments:
        inputs: float tensor of shape `(batch, frames, features)`.
        mask: optional tensor of shape `(batch, frames)`, true wherever it
            is not zero. A masked frame leaves every state as it was,
            wherever it stands and whatever it holds; a row that is all
            masked gives zeros.

    Output shape:
        `(batch, units)`.

    Raises:
        ValueError: if `units` or `depth` is below 1, the input is not
            floating-point or has no frame axis, or the mask does not fit it.

    Example:

    >>> import numpy as np
    >>> frames = np.random.normal(size=(2, 7, 16)).astype("float32")
    >>> mask = np.arange(7) < np.array([[7], [3]])
    >>> StackedLSTM(units=4)(frames, mask=mask).shape == (2, 4)
    True

    Reference:
        - [Long Short-Term Memory](
          https://doi.org/10.1162/neco.1997.9.8.1735).
    """

    def __init__(
        self, units: int = 1024, depth: int = 2, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        if units < 1 or depth < 1:
            raise ValueError(
                f"StackedLSTM got units={units} and depth={depth}; both must "
                "be at least 1."
            )
        self.units = int(units)
        self.depth = int(depth)
        # XLA cannot differentiate TensorFlow's loops of unknown length.
        self.supports_jit = keras.backend.backend() != "tensorflow"

    def build(self, input_shape: Any) -> None:
        features = expect_features(self, input_shape)
        self.cells = []
        for i in range(1, self.depth + 1):
            cell = keras.layers.LSTMCell(
                self.units,
                recurrent_initializer=orthogonal,
                dtype=self.dtype_policy,
                name=f"cell_{i}",
            )
            cell.build((input_shape[0], features))
            self.cells.append(cell)
            features = self.units
        self.built = True

    def call(self, inputs: Any, mask: Any = None) -> Any:
        inputs, mask = frames_and_mask(self, inputs, mask)
        if mask is not None:
            mask = ops.expand_dims(ops.cast(mask, inputs.dtype), axis=-1)

        def step(t: Any, states: tuple[Any, ...]) -> tuple[Any, ...]:
            output = ops.take(inputs, t, axis=1)
            keep = None if mask is None else ops.take(mask, t, axis=1)
            after: list[Any] = []
            for cell, h, c in zip(
                self.cells, states[::2], states[1::2], strict=True
            ):
                _, (new_h, new_c) = cell(output, [h, c])
                if keep is not None:
                    new_h = keep * new_h + (1.0 - keep) * h
                    new_c = keep * new_c + (1.0 - keep) * c
                after += [new_h, new_c]
                output = new_h
            return tuple(after)

        zeros = ops.zeros((ops.shape(inputs)[0], self.units), inputs.dtype)
        states = ops.fori_loop(
            0, ops.shape(inputs)[1], step, (zeros,) * (2 * self.depth)
        )
        return states[-2]

    def compute_output_shape(self, input_shape: Any) -> Any:
        return (input_shape[0], self.units)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        config.update(units=self.units, depth=self.depth)
        return config
