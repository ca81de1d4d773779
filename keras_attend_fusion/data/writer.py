"""Synthetic videos to native YouTube-8M records and shards."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import tensorflow as tf

from keras_attend_fusion.data.planted import (
    Planted,
    SyntheticVideo,
    dequantised_mean,
)

SEGMENT_SECONDS = 5
RATED_NEGATIVES = 3


def write_shard(path: Path, records: Iterable[bytes]) -> None:
    """Writes serialised records to one file."""
    with tf.io.TFRecordWriter(str(path)) as writer:
        for record in records:
            writer.write(record)


def serialise(
    video: SyntheticVideo,
    level: str,
    planted: Planted,
    rng: np.random.Generator,
) -> bytes:
    """The record of a video at a level.

    Args:
        video: The video.
        level: `"video"`, `"frame"` or `"segment"`.
        planted: Where the video's classes come from.
        rng: Picks the segments that are rated without showing the class.
    """
    context = {
        "id": _bytes([video.id.encode()]),
        "labels": _ints(video.labels),
    }
    if level == "video":
        for name, frames in video.frames.items():
            context[f"mean_{name}"] = _floats(dequantised_mean(frames))
        example = tf.train.Example(features=tf.train.Features(feature=context))
        return bytes(example.SerializeToString())
    if level == "segment":
        rated = rate_segments(video, planted, rng)
        context["segment_start_times"] = _ints([start for start, _, _ in rated])
        context["segment_labels"] = _ints([label for _, label, _ in rated])
        context["segment_scores"] = _floats([score for _, _, score in rated])
    lists = {
        name: tf.train.FeatureList(
            feature=[_bytes([frame.tobytes()]) for frame in frames]
        )
        for name, frames in video.frames.items()
    }
    sequence = tf.train.SequenceExample(
        context=tf.train.Features(feature=context),
        feature_lists=tf.train.FeatureLists(feature_list=lists),
    )
    return bytes(sequence.SerializeToString())


def rate_segments(
    video: SyntheticVideo, planted: Planted, rng: np.random.Generator
) -> list[tuple[int, int, float]]:
    """Rated five-second segments of a video: `(start, label, score)`.

    Of each moment the segment that holds most of it scores 1, and a few that
    hold none of it score 0. A video without one has rated negatives of some
    moment class.
    """
    starts = np.arange(0, video.seconds - SEGMENT_SECONDS + 1, SEGMENT_SECONDS)
    rated = []
    for moment in video.moments:
        overlap = np.minimum(starts + SEGMENT_SECONDS, moment.end)
        overlap -= np.maximum(starts, moment.start)
        rated.append((int(starts[np.argmax(overlap)]), moment.label, 1.0))
        free = starts[overlap <= 0]
        for start in _some(free, rng):
            rated.append((start, moment.label, 0.0))
    if not video.moments:
        kinds = np.array(planted.kinds)
        label = int(rng.choice(np.flatnonzero(kinds == "moment")))
        rated = [(start, label, 0.0) for start in _some(starts, rng)]
    return rated


def _some(starts: np.ndarray, rng: np.random.Generator) -> list[int]:
    count = min(RATED_NEGATIVES, len(starts))
    return sorted(rng.choice(starts, count, replace=False).tolist())


def _bytes(values: list[bytes]) -> tf.train.Feature:
    return tf.train.Feature(bytes_list=tf.train.BytesList(value=values))


def _ints(values: Iterable[int]) -> tf.train.Feature:
    return tf.train.Feature(int64_list=tf.train.Int64List(value=values))


def _floats(values: Iterable[float]) -> tf.train.Feature:
    return tf.train.Feature(float_list=tf.train.FloatList(value=values))
