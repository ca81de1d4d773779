"""AudioSet's clips, and models that differ only in how they pool seconds."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import ops

import keras_attend_fusion as kaf

from .videos import Videos, as_parts, lists

SECONDS, SIZE, CLASSES = 10, 128, 527
PARAMETERS = 2_000_000  # about as many as every model has


class MaxPooling(keras.layers.Layer):
    """The highest value of each feature over the real seconds, else 0."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.supports_masking = True

    def call(self, inputs: Any, mask: Any) -> Any:
        keep = ops.expand_dims(ops.cast(mask, inputs.dtype), axis=-1)
        highest = ops.max(inputs * keep - 1e4 * (1.0 - keep), axis=1)
        return highest * ops.max(keep, axis=1)

    def compute_output_shape(
        self, inputs_shape: Any, mask_shape: Any = None
    ) -> Any:
        return (inputs_shape[0], inputs_shape[-1])

    def compute_mask(self, inputs: Any, mask: Any = None) -> None:
        return None


# Each gives one vector a clip. Between it and the classes all are alike.
POOLINGS: dict[str, Callable[[], keras.layers.Layer]] = {
    "audio_attention": kaf.layers.AudioAttention,
    "mean_pooling": kaf.layers.MeanPooling,
    "max_pooling": MaxPooling,
    "netvlad": lambda: kaf.layers.NetVLAD(num_clusters=8),
    "nextvlad": lambda: kaf.layers.NeXtVLAD(num_clusters=8),
    "lstm": lambda: kaf.layers.StackedLSTM(units=256, depth=1),
}


def read_clips(path: Path) -> Videos:
    """Clips of AudioSet's record, split 80 to 20 by the video's id.

    MD5 of the id modulo 10: 0 and 1 are the two halves of the validation,
    the others train. All clips of one video are on one side.
    """
    from keras_attend_fusion import data

    sound = data.Modality("audio", "audio_embedding", SIZE)
    dataset = data.load(
        str(path),
        schema=data.Schema("frame", (sound,), max_frames=SECONDS),
        num_classes=CLASSES,
        max_frames=SECONDS,
        with_id=True,
    )
    frames, masks, labels, parts = [], [], [], []
    for features, hot in dataset.as_numpy_iterator():
        missing = SECONDS - features["audio"].shape[1]
        pad = ((0, 0), (0, max(0, missing)))
        frames.append(np.pad(features["audio"], (*pad, (0, 0)))[:, :SECONDS])
        masks.append(np.pad(features["audio_mask"], pad)[:, :SECONDS])
        labels += [np.flatnonzero(row) for row in hot]
        for video in features["id"]:
            place = int(hashlib.md5(video).hexdigest(), 16) % 10
            parts.append({0: 1, 1: 2}.get(place, 0))
    return Videos(
        {"audio": np.concatenate(frames), "audio_mask": np.concatenate(masks)},
        {},
        *lists(labels),
        as_parts(parts),
        CLASSES,
    )


def clip_model(pooling: str, num_classes: int, dropout: float) -> keras.Model:
    """Frames → pooling → dense → classes, as wide as `PARAMETERS` allow."""
    return _model(pooling, num_classes, dropout, _units(pooling, num_classes))


@functools.cache
def _units(pooling: str, num_classes: int) -> int:
    """The width of the dense layer that comes nearest to `PARAMETERS`."""
    one, two = (
        _model(pooling, num_classes, 0.0, units).count_params()
        for units in (1, 2)
    )
    return max(1, round(1 + (PARAMETERS - one) / (two - one)))


def _model(
    pooling: str, num_classes: int, dropout: float, units: int
) -> keras.Model:
    from keras_attend_fusion.models import blocks

    inputs, (branch,) = blocks.open_branches("frame", {"audio": SIZE}, None)
    vector = POOLINGS[pooling]()(branch.features, mask=branch.mask)
    hidden = blocks.trunk(vector, units, 1, dropout, "audio")
    scores = blocks.classify(hidden, num_classes)
    return keras.Model(inputs, scores, name=pooling)
