"""What all layers over frames have in common."""

from __future__ import annotations

from typing import Any

import keras

from keras_attend_fusion.layers.masking import check_frames


class FrameLayer(keras.layers.Layer):
    """A layer that takes `(batch, frames, features)` and a mask of frames.

    Whatever does not fit is refused where the layer is called, with values
    or with symbols, before anything is built or computed.
    """

    positions = "frames"  # the name of the axis in messages

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True

    def __call__(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        if hasattr(inputs, "shape"):
            mask = args[0] if args else kwargs.get("mask")
            check_frames(self, inputs, mask)
        return super().__call__(inputs, *args, **kwargs)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        return None
