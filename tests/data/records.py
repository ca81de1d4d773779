"""Hand-made records and shards, sound and broken."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import tensorflow as tf


def feature(values: Sequence) -> tf.train.Feature:
    """A feature of the kind that the values have: bytes, int or float."""
    if len(values) and isinstance(values[0], bytes):
        return tf.train.Feature(bytes_list=tf.train.BytesList(value=values))
    if len(values) and isinstance(values[0], float | np.floating):
        return tf.train.Feature(float_list=tf.train.FloatList(value=values))
    return tf.train.Feature(int64_list=tf.train.Int64List(value=values))


def video(
    video_id: str = "aaaa",
    labels: Sequence[int] = (1,),
    rgb: Sequence[float] | None = None,
    audio: Sequence[float] | None = None,
    id_key: str = "id",
    absent: Sequence[str] = (),
    **others: Sequence,
) -> bytes:
    """A video-level record; rgb is 0.5 and audio 0.25 unless given."""
    values = {
        id_key: [video_id.encode()],
        "labels": list(labels),
        "mean_rgb": [0.5] * 1024 if rgb is None else rgb,
        "mean_audio": [0.25] * 128 if audio is None else audio,
        **others,
    }
    features = {k: feature(v) for k, v in values.items() if k not in absent}
    example = tf.train.Example(features=tf.train.Features(feature=features))
    return example.SerializeToString(deterministic=True)


def frames(
    video_id: str = "aaaa",
    labels: Sequence[int] = (1,),
    rgb: int | Sequence[bytes] | None = 3,
    audio: int | Sequence[bytes] | None = 3,
    id_key: str = "id",
    **context: Sequence,
) -> bytes:
    """A frame-level record.

    Frame i of `rgb=n` holds the byte i + 1 (mod 256) throughout, and of
    `audio=n` the byte i + 101; lists of bytes go in as they are.
    """
    if isinstance(rgb, int):
        rgb = [bytes([(i + 1) % 256]) * 1024 for i in range(rgb)]
    if isinstance(audio, int):
        audio = [bytes([(i + 101) % 256]) * 128 for i in range(audio)]
    values = {id_key: [video_id.encode()], "labels": list(labels), **context}
    lists = {
        name: tf.train.FeatureList(feature=[feature([one]) for one in given])
        for name, given in {"rgb": rgb, "audio": audio}.items()
        if given is not None
    }
    return tf.train.SequenceExample(
        context=tf.train.Features(
            feature={k: feature(v) for k, v in values.items()}
        ),
        feature_lists=tf.train.FeatureLists(feature_list=lists),
    ).SerializeToString(deterministic=True)


def write(path: Path, records: Sequence[bytes]) -> Path:
    """Writes a shard."""
    with tf.io.TFRecordWriter(str(path)) as writer:
        for record in records:
            writer.write(record)
    return path


def offsets(records: Sequence[bytes]) -> list[int]:
    """Where each record's framing starts, and at the end the file's size."""
    return np.cumsum([0, *(16 + len(one) for one in records)]).tolist()


def flip(path: Path, position: int) -> None:
    """Inverts one byte of a file."""
    data = bytearray(path.read_bytes())
    data[position] ^= 0xFF
    path.write_bytes(data)


def claim_length(path: Path, offset: int, length: int) -> None:
    """Overwrites the length of the record at an offset."""
    data = bytearray(path.read_bytes())
    data[offset : offset + 8] = struct.pack("<Q", length)
    path.write_bytes(data)


def cut(path: Path, size: int) -> None:
    """Truncates a file."""
    path.write_bytes(path.read_bytes()[:size])
