"""The rated five-second segments of a batch of records."""

from __future__ import annotations

import tensorflow as tf

from keras_attend_fusion.data.plan import Plan

SEGMENT_SECONDS = 5
STARTS, LABELS, SCORES = (
    "segment_start_times",
    "segment_labels",
    "segment_scores",
)

Rated = tuple[tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor]


def parse_rated(
    serialized: tf.Tensor, frames: dict[str, tf.Tensor], plan: Plan
) -> tuple[dict[str, tf.Tensor], tf.Tensor, tf.Tensor, tf.Tensor]:
    """Cuts the rated segments out of the frames of their videos.

    Args:
        serialized: Records, strings of shape `(batch,)`.
        frames: Features of the whole videos, as `parse_batch` gives them.
        plan: What to deliver.

    Returns:
        `(features, labels, weights, starts)` of each segment, in the order
        of records and of starts; see `load_segments`.
    """
    spec = {
        STARTS: tf.io.VarLenFeature(tf.int64),
        LABELS: tf.io.VarLenFeature(tf.int64),
        SCORES: tf.io.VarLenFeature(tf.float32),
    }
    context, _, _ = tf.io.parse_sequence_example(serialized, spec, {})
    starts, labels, scores = (context[key] for key in (STARTS, LABELS, SCORES))
    require_parallel(starts, labels, scores)
    rows = starts.indices[:, 0]
    masks = [frames[f"{modality.name}_mask"] for modality in plan.delivered]
    seconds = tf.reduce_max(
        [tf.math.count_nonzero(mask, axis=1) for mask in masks], axis=0
    )
    within = (starts.values >= 0) & (starts.values < tf.gather(seconds, rows))
    _require(within, "a segment starts beyond the end of its video")
    _require(
        (labels.values >= 0) & (labels.values < plan.num_classes),
        f"a label is not below num_classes, {plan.num_classes}",
    )
    _require(
        (scores.values >= 0) & (scores.values <= 1),
        "a segment's score is not from 0 to 1",
    )
    # One number for each start of each video, and which of them a rating is.
    longest = tf.constant(1 << 32, tf.int64)
    keys, place = tf.unique(rows * longest + starts.values)
    order = tf.argsort(keys)
    place = tf.gather(tf.math.invert_permutation(order), place)
    keys = tf.gather(keys, order)
    videos, first = keys // longest, keys % longest
    pairs = tf.stack([tf.cast(place, tf.int64), labels.values], axis=1)
    shape = [tf.size(keys, tf.int64), plan.num_classes]
    zeros = tf.zeros(shape, tf.float32)
    hot = tf.tensor_scatter_nd_max(zeros, pairs, scores.values)
    rated = tf.tensor_scatter_nd_max(zeros, pairs, tf.ones_like(scores.values))
    static = [None, plan.num_classes]
    return (
        {name: _cut(value, videos, first) for name, value in frames.items()},
        tf.ensure_shape(hot, static),
        tf.ensure_shape(rated, static),
        first,
    )


def require_parallel(
    starts: tf.SparseTensor, labels: tf.SparseTensor, scores: tf.SparseTensor
) -> None:
    """Asserts that each record has as many of the one as of the others."""
    counts = [
        tf.math.unsorted_segment_sum(
            tf.ones_like(tensor.indices[:, 0]),
            tensor.indices[:, 0],
            tensor.dense_shape[0],
        )
        for tensor in (starts, labels, scores)
    ]
    same = (counts[0] == counts[1]) & (counts[0] == counts[2])
    _require(same, f"{STARTS}, {LABELS} and {SCORES} differ in length")


def _cut(value: tf.Tensor, videos: tf.Tensor, first: tf.Tensor) -> tf.Tensor:
    """`SEGMENT_SECONDS` frames of each segment; zeros beyond the end."""
    if value.shape.rank == 1:  # the id, one a video
        return tf.gather(value, videos)
    rest = [[0, 0]] * (value.shape.rank - 2)
    padded = tf.pad(value, [[0, 0], [0, SEGMENT_SECONDS], *rest])
    seconds = first[:, None] + tf.range(SEGMENT_SECONDS, dtype=tf.int64)
    rows = tf.repeat(videos[:, None], SEGMENT_SECONDS, axis=1)
    frames = tf.gather_nd(padded, tf.stack([rows, seconds], axis=2))
    static = [None, SEGMENT_SECONDS, *value.shape[2:]]
    return tf.ensure_shape(frames, static)


def _require(condition: tf.Tensor, message: str) -> None:
    tf.debugging.Assert(tf.reduce_all(condition), [message])
