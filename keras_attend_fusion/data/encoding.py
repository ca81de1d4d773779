"""Records put down as protocol buffers, without TensorFlow's messages.

What comes is, byte for byte, what `SerializeToString(deterministic=True)` of
the same `tf.train.Example` or `tf.train.SequenceExample` gives; the frames of
a video are laid out in one array in place of a message each. `direct.wire`
says how the fields lie.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from keras_attend_fusion.data.direct.wire import (
    BYTES,
    FIRST,
    SECOND,
    THIRD,
    framing,
)


def example(features: Mapping[str, bytes]) -> bytes:
    """A serialised `tf.train.Example`.

    Args:
        features: By key, what `bytes_feature`, `ints_feature` or
            `floats_feature` gives.

    Example:

    >>> import tensorflow as tf
    >>> record = example({"labels": ints_feature([3, 300])})
    >>> message = tf.train.Example.FromString(record)
    >>> list(message.features.feature["labels"].int64_list.value)
    [3, 300]
    """
    return _field(FIRST, _entries(features))


def sequence_example(
    context: Mapping[str, bytes], lists: Mapping[str, bytes]
) -> bytes:
    """A serialised `tf.train.SequenceExample`.

    Args:
        context: As the features of `example`.
        lists: By key, what `frame_list` gives.
    """
    return _field(FIRST, _entries(context)) + _field(SECOND, _entries(lists))


def bytes_feature(value: bytes) -> bytes:
    """A feature of one string of bytes."""
    return _field(FIRST, _field(FIRST, value))


def ints_feature(values: Sequence[int]) -> bytes:
    """A feature of integers, 0 or more."""
    numbers = b"".join(map(varint, values))
    return _field(THIRD, _field(FIRST, numbers) if numbers else b"")


def floats_feature(values: np.ndarray) -> bytes:
    """A feature of float32, `(size,)`."""
    return _field(SECOND, _field(FIRST, values.astype("<f4").tobytes()))


def frame_list(frames: np.ndarray, kind: int = BYTES) -> bytes:
    """A list of features, one a frame.

    Args:
        frames: The bytes of each, uint8, `(frames, bytes)`.
        kind: `wire.BYTES` or `wire.FLOATS`.
    """
    count, size = frames.shape
    around = np.frombuffer(framing(size, kind), np.uint8)
    rows = np.empty((count, len(around) + size), np.uint8)
    rows[:, : len(around)] = around
    rows[:, len(around) :] = frames
    return rows.tobytes()


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


def _field(tag: int, content: bytes) -> bytes:
    return b"".join((bytes((tag,)), varint(len(content)), content))


def _entries(values: Mapping[str, bytes]) -> bytes:
    """A map's entries, in the order of the keys."""
    fields = []
    for key, value in sorted(values.items()):
        name = _field(FIRST, key.encode())
        before = bytes((SECOND,)) + varint(len(value))
        length = len(name) + len(before) + len(value)
        fields += [bytes((FIRST,)), varint(length), name, before, value]
    return b"".join(fields)
