"""Serialised records to tensors, a whole batch in one operation."""

from __future__ import annotations

import tensorflow as tf

from keras_attend_fusion.data.modality import Modality
from keras_attend_fusion.data.plan import MOST_MAGNITUDE, Plan
from keras_attend_fusion.data.segment_parser import parse_rated

FRAME_MULTIPLE = 60
"""Batches of frames are padded to a multiple of this many, so that a
compiled model meets few shapes."""

Batch = tuple[dict[str, tf.Tensor], tf.Tensor]
Segments = tuple[dict[str, tf.Tensor], tf.Tensor, tf.Tensor]


def parse_batch(serialized: tf.Tensor, plan: Plan) -> Batch:
    """Parses and checks a batch of serialised records.

    Args:
        serialized: Strings of shape `(batch,)`.
        plan: What to deliver.

    Returns:
        `(features, labels)` as `load` describes them.

    Raises:
        tf.errors.InvalidArgumentError: A record is not as the schema has it.
            Which one, `find_corrupt_record` can tell.
    """
    if plan.schema.level == "video":
        context, features = _parse_videos(serialized, plan)
    else:
        context, features = _parse_frames(serialized, plan)
    if plan.with_id:
        features["id"] = _ids(context, plan)
    labels = _multi_hot(context[plan.schema.labels_key], plan)
    shape = [serialized.shape[0], plan.num_classes]
    return features, tf.ensure_shape(labels, shape)


def parse_segments(serialized: tf.Tensor, plan: Plan) -> Segments:
    """As `parse_batch`, but the rated segments: `load_segments` says how."""
    whole, _ = parse_batch(serialized, plan)
    features, labels, rated, starts = parse_rated(serialized, whole, plan)
    if plan.with_id:
        features["start"] = starts
    return features, labels, rated


def _context_features(plan: Plan) -> dict[str, object]:
    spec: dict[str, object] = {
        plan.schema.labels_key: tf.io.VarLenFeature(tf.int64)
    }
    if plan.with_id:
        for key in plan.schema.id_keys:
            spec[key] = tf.io.FixedLenFeature([], tf.string, "")
    return spec


def _parse_videos(
    serialized: tf.Tensor, plan: Plan
) -> tuple[dict[str, tf.Tensor], dict[str, tf.Tensor]]:
    spec = _context_features(plan)
    for modality in plan.schema.modalities:
        if modality.storage == "floats":
            spec[modality.key] = tf.io.FixedLenFeature(
                [modality.size], tf.float32, [0.0] * modality.size
            )
        else:
            spec[modality.key] = tf.io.FixedLenFeature([], tf.string, "")
    # An Example keeps its features where a SequenceExample has its context.
    # parse_example quotes a record that is not a message in its error, and
    # Python fails to decode those bytes; this names it without them.
    parsed, _, _ = tf.io.parse_sequence_example(serialized, spec, {})
    vectors = {}
    for modality in plan.schema.modalities:
        stored = parsed[modality.key]
        if modality.storage == "bytes":
            _require_bytes(stored, stored != "", modality, "a vector")
            stored = _decoded(stored, modality)
        vectors[modality.name] = stored
    present = [
        tf.reduce_any(stored != 0, axis=1) for stored in vectors.values()
    ]
    _require(tf.reduce_any(tf.stack(present), axis=0), "no features")
    for modality in plan.schema.modalities:
        _require_magnitude(vectors[modality.name], modality)
    return parsed, {
        modality.name: vectors[modality.name] for modality in plan.delivered
    }


def _parse_frames(
    serialized: tf.Tensor, plan: Plan
) -> tuple[dict[str, tf.Tensor], dict[str, tf.Tensor]]:
    # Strings of shape (batch, frames), "" where a video has ended; or floats
    # of shape (batch, frames, size), zeros there.
    context, lists, counts = tf.io.parse_sequence_example(
        serialized,
        _context_features(plan),
        {
            modality.key: tf.io.FixedLenSequenceFeature(
                [modality.size] if modality.storage == "floats" else [],
                tf.float32 if modality.storage == "floats" else tf.string,
                allow_missing=True,
            )
            for modality in plan.schema.modalities
        },
    )
    present = [counts[modality.key] > 0 for modality in plan.schema.modalities]
    _require(tf.reduce_any(tf.stack(present), axis=0), "no frames")
    videos = {}
    for modality in plan.schema.modalities:
        stored = lists[modality.key]
        if modality.storage == "bytes":
            frames = tf.shape(stored)[1]
            there = tf.sequence_mask(counts[modality.key], frames)
            _require_bytes(stored, there, modality, "a frame")
            # Of bytes nothing more can be wrong: those alone are decoded
            # that are delivered.
            if modality.dtype != "uint8":
                stored = _decoded(stored, modality)
        if modality.dtype != "uint8":
            _require_magnitude(stored, modality)
        videos[modality.name] = stored

    kept = {
        modality.name: tf.minimum(counts[modality.key], plan.max_frames)
        for modality in plan.delivered
    }
    width = _padded_width(list(kept.values()), plan.max_frames)
    features = {}
    for modality in plan.delivered:
        frames = videos[modality.name]
        if modality.dtype == "uint8":
            frames = _decoded(frames, modality)
        frames = frames[:, :width]
        missing = width - tf.shape(frames)[1]
        frames = tf.pad(frames, [[0, 0], [0, missing], [0, 0]])
        features[modality.name] = tf.ensure_shape(
            frames, [None, None, modality.size]
        )
    for modality in plan.delivered:
        mask = tf.sequence_mask(kept[modality.name], width)
        features[f"{modality.name}_mask"] = mask
    return context, features


def _require_bytes(
    strings: tf.Tensor, there: tf.Tensor, modality: Modality, subject: str
) -> None:
    """Asserts that strings are of a vector's bytes, others of none."""
    size = modality.stored_bytes
    right = tf.strings.length(strings) == tf.where(there, size, 0)
    _require(right, f"{modality.key}: {subject} is not {size} bytes")


def _decoded(strings: tf.Tensor, modality: Modality) -> tf.Tensor:
    """Strings to vectors of uint8 or float32; "" to zeros."""
    size = modality.stored_bytes
    if modality.dtype == "float16":
        # TensorFlow decodes no float16 of a fixed length.
        numbers = tf.io.decode_raw(strings, tf.uint16, fixed_length=size)
        return tf.cast(tf.bitcast(numbers, tf.float16), tf.float32)
    dtype = tf.as_dtype(modality.dtype)
    return tf.io.decode_raw(strings, dtype, fixed_length=size)


def _require_magnitude(values: tf.Tensor, modality: Modality) -> None:
    if values.dtype.is_floating:
        within = tf.abs(values) <= MOST_MAGNITUDE  # not so of NaN
        _require(within, f"{modality.key}: not finite, or too large")


def _padded_width(counts: list[tf.Tensor], max_frames: int) -> tf.Tensor:
    longest = tf.maximum(tf.reduce_max(tf.stack(counts)), 1)
    steps = (longest + FRAME_MULTIPLE - 1) // FRAME_MULTIPLE
    return tf.cast(tf.minimum(steps * FRAME_MULTIPLE, max_frames), tf.int32)


def _ids(context: dict[str, tf.Tensor], plan: Plan) -> tf.Tensor:
    first, *others = (context[key] for key in plan.schema.id_keys)
    for other in others:
        first = tf.where(first == "", other, first)
    _require(first != "", "no id")
    return first


def _multi_hot(labels: tf.SparseTensor, plan: Plan) -> tf.Tensor:
    values = labels.values
    _require(
        (values >= 0) & (values < plan.num_classes),
        f"a label is not below num_classes, {plan.num_classes}",
    )
    videos = labels.dense_shape[0]
    if plan.schema.task == "single_label":
        each = tf.math.unsorted_segment_sum(
            tf.ones_like(values), labels.indices[:, 0], videos
        )
        _require(each == 1, "a video has not one label")
    rows = tf.zeros([videos, plan.num_classes], tf.uint8)
    places = tf.stack([labels.indices[:, 0], values], axis=1)
    hot = tf.ones_like(values, tf.uint8)
    return tf.tensor_scatter_nd_update(rows, places, hot)


def _require(condition: tf.Tensor, message: str) -> None:
    tf.debugging.Assert(tf.reduce_all(condition), [message])
