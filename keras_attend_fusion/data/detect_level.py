"""Which kind of record some bytes are."""

from __future__ import annotations

import tensorflow as tf
from google.protobuf.message import DecodeError

from keras_attend_fusion.data.schema import AUDIOSET, FRAME, VIDEO


def detect_level(serialized: bytes) -> str:
    """Tells which kind of YouTube-8M record some bytes are.

    Both message types keep their plain features in field 1, so one parse as
    a `SequenceExample` shows the features of either.

    Args:
        serialized: A serialised `tf.train.Example` or
            `tf.train.SequenceExample`.

    Returns:
        `"video"`, `"frame"` or `"segment"` (a frame-level record with rated
        segments).

    Raises:
        ValueError: The record has the features of neither level; the message
            lists those it has.

    Example:

    >>> means = tf.train.FloatList(value=[0.0] * 1024)
    >>> record = tf.train.Example()
    >>> record.features.feature["mean_rgb"].float_list.CopyFrom(means)
    >>> detect_level(record.SerializeToString())
    'video'
    """
    try:
        record = tf.train.SequenceExample.FromString(serialized)
    except DecodeError:
        raise ValueError(
            f"{len(serialized)} bytes are not a tf.train.Example or "
            "tf.train.SequenceExample."
        ) from None
    features = set(record.context.feature)
    lists = set(record.feature_lists.feature_list)
    if lists & {modality.key for modality in FRAME.modalities}:
        rated = any(key.startswith("segment_") for key in features)
        return "segment" if rated else "frame"
    if lists & {modality.key for modality in AUDIOSET.modalities}:
        raise ValueError(
            "The record is one of AudioSet's embeddings: pass "
            "schema=kaf.data.AUDIOSET (--schema=audioset)."
        )
    if features & {modality.key for modality in VIDEO.modalities}:
        return "video"
    keys = ", ".join(sorted(features | lists)) or "nothing"
    raise ValueError(
        f"The record holds {keys}; a video-level record holds mean_rgb or "
        "mean_audio, a frame-level one the feature lists rgb or audio."
    )
