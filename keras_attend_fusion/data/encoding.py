"""Records put down as protocol buffers, without TensorFlow's messages.

What comes is, byte for byte, what `SerializeToString(deterministic=True)` of
the same `tf.train.Example` or `tf.train.SequenceExample` gives; the frames of
a video are laid out in one array in place of a message each. `direct.wire`
says how the fields lie.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence

import numpy as np

from keras_attend_fusion.data.direct.wire import (
    BYTES,
    FIRST,
    SECOND,
    THIRD,
    framing,
)

# Stretches of bytes that follow each other, arrays of uint8 among them:
# joining them would copy them.
Parts = list[bytes | np.ndarray]


def example(features: Mapping[str, Parts]) -> Parts:
    """A serialised `tf.train.Example`.

    Args:
        features: By key, what `bytes_feature`, `ints_feature` or
            `floats_feature` gives.

    Example:

    >>> import tensorflow as tf
    >>> parts = example({"labels": ints_feature([3, 300])})
    >>> message = tf.train.Example.FromString(b"".join(parts))
    >>> list(message.features.feature["labels"].int64_list.value)
    [3, 300]
    """
    return _field(FIRST, _entries(features))


def sequence_example(
    context: Mapping[str, Parts], lists: Mapping[str, Parts]
) -> Parts:
    """A serialised `tf.train.SequenceExample`.

    Args:
        context: As the features of `example`.
        lists: By key, what `frame_list` gives.
    """
    first = _field(FIRST, _entries(context))
    return first + _field(SECOND, _entries(lists))


def bytes_feature(value: bytes) -> Parts:
    """A feature of one string of bytes."""
    return _field(FIRST, _field(FIRST, [value]))


def ints_feature(values: Sequence[int]) -> Parts:
    """A feature of integers, 0 or more."""
    numbers = b"".join(map(varint, values))
    return _field(THIRD, _field(FIRST, [numbers]) if numbers else [])


def floats_feature(values: np.ndarray) -> Parts:
    """A feature of float32, `(size,)`."""
    return _field(SECOND, _field(FIRST, [values.astype("<f4").tobytes()]))


def frame_list(frames: np.ndarray, kind: int = BYTES) -> Parts:
    """A list of features, one a frame.

    Args:
        frames: The bytes of each, uint8, `(frames, bytes)`.
        kind: `wire.BYTES` or `wire.FLOATS`.
    """
    count, size = frames.shape
    around = _framing(size, kind)
    rows = np.empty((count, len(around) + size), np.uint8)
    rows[:, : len(around)] = around
    rows[:, len(around) :] = frames
    return [rows.reshape(-1)]


@functools.lru_cache
def _framing(size: int, kind: int) -> np.ndarray:
    return np.frombuffer(framing(size, kind), np.uint8)


def varint(value: int) -> bytes:
    """A number in base 128, the lowest digit first.

    Example:

    >>> varint(300).hex()
    'ac02'
    """
    digits = bytearray()
    while value >= 0x80:
        digits.append(value & 0x7F | 0x80)
        value >>= 7
    digits.append(value)
    return bytes(digits)


def _field(tag: int, content: Parts) -> Parts:
    return [_head(tag, sum(map(len, content))), *content]


def _entries(values: Mapping[str, Parts]) -> Parts:
    """A map's entries, in the order of the keys."""
    parts: Parts = []
    for key, value in sorted(values.items()):
        parts.append(_entry_head(key, sum(map(len, value))))
        parts += value
    return parts


# Of most videos the lengths are the same as of some video before.
@functools.lru_cache(maxsize=4096)
def _head(tag: int, length: int) -> bytes:
    return bytes((tag,)) + varint(length)


@functools.lru_cache(maxsize=4096)
def _entry_head(key: str, length: int) -> bytes:
    """What stands before the value of a map's entry."""
    name = key.encode()
    before = _head(FIRST, len(name)) + name + _head(SECOND, length)
    return _head(FIRST, len(before) + length) + before
