"""Batches as tf.data delivers them, from places in shards."""

from __future__ import annotations

import queue
import weakref
from collections.abc import Iterator

import numpy as np
import tensorflow as tf

from keras_attend_fusion.data.check import check_record
from keras_attend_fusion.data.direct import wire
from keras_attend_fusion.data.direct.arrays import LABELS, Arrays, take_apart
from keras_attend_fusion.data.direct.batch_sampler import BatchSampler
from keras_attend_fusion.data.direct.buffer_pool import BufferPool
from keras_attend_fusion.data.direct.shards import Shards
from keras_attend_fusion.data.framing import CHECKSUM_BYTES, FRAMING_BYTES
from keras_attend_fusion.data.parse import Batch, parse_batch
from keras_attend_fusion.data.plan import Plan
from keras_attend_fusion.data.sharing import RecordRange

PLACES_AHEAD = 32  # batches whose places are known before they are read
# Batches at once. Frames are moved in large pieces, which threads do side by
# side; of vectors there is more to tell the interpreter than to move.
PARALLEL = {"video": 1, "frame": 2}


def direct_batches(
    ranges: list[RecordRange], order: BatchSampler, plan: Plan, size: int | None
) -> tf.data.Dataset:
    """The batches of `order`.

    Args:
        ranges: What there is to read.
        order: Which records come when.
        plan: What to deliver.
        size: Records in each batch; None if the last may have fewer.
    """
    reader = Reader(ranges, plan)
    spec = _spec(plan, size)
    # TensorFlow never lets go of a function that it was given. What these two
    # hold (memory, open files) is the dataset's, which its iterators hold.
    known_reader, known_order = weakref.ref(reader), weakref.ref(order)

    def arrays(places: np.ndarray) -> list[np.ndarray]:
        return (known_reader() or Reader(ranges, plan)).read(places)

    def all_places() -> Iterator[np.ndarray]:
        sampler = known_order()
        assert sampler is not None  # the dataset holds it
        yield from sampler.batches()

    def read(places: tf.Tensor) -> Batch:
        dtypes = [tensor_spec.dtype for tensor_spec in spec.values()]
        outputs = tf.numpy_function(arrays, [places], dtypes, stateful=False)
        tensors = {
            name: tf.ensure_shape(tensor, spec[name].shape)
            for name, tensor in zip(spec, outputs, strict=True)
        }
        labels = tensors.pop(LABELS)
        return tensors, labels

    places = tf.data.Dataset.from_generator(
        all_places, output_signature=tf.TensorSpec((size, 3), tf.int64)
    )
    batches = places.prefetch(PLACES_AHEAD).map(
        read,
        num_parallel_calls=PARALLEL[plan.schema.level],
        deterministic=True,
    )
    batches.reads_with = (reader, order)
    return batches


def _spec(plan: Plan, size: int | None) -> dict[str, tf.TensorSpec]:
    """What a batch consists of, in order."""
    spec = {}
    video = plan.schema.level == "video"
    for modality in plan.delivered:
        shape = (size, modality.size) if video else (size, None, modality.size)
        dtype = tf.as_dtype(modality.delivered_dtype)
        spec[modality.name] = tf.TensorSpec(shape, dtype)
    for modality in () if video else plan.delivered:
        spec[f"{modality.name}_mask"] = tf.TensorSpec((size, None), tf.bool)
    if plan.with_id:
        spec["id"] = tf.TensorSpec((size,), tf.string)
    spec[LABELS] = tf.TensorSpec((size, plan.num_classes), tf.uint8)
    return spec


class Reader:
    """Reads batches; several threads may do so at once."""

    def __init__(self, ranges: list[RecordRange], plan: Plan) -> None:
        self._shards, self._plan, self._pool = (
            Shards(ranges),
            plan,
            BufferPool(),
        )
        # Where records are read into: one of them for each thread.
        self._buffers: queue.SimpleQueue[np.ndarray] = queue.SimpleQueue()

    def read(self, places: np.ndarray) -> list[np.ndarray]:
        """The arrays of the records at some places, as `_spec` has them."""
        sizes = places[:, 2] - places[:, 1]
        end = np.cumsum(sizes + FRAMING_BYTES) - CHECKSUM_BYTES
        start = end - sizes
        needed = int(end[-1]) + CHECKSUM_BYTES + wire.MARGIN
        buffer = self._buffer(needed)
        try:
            data = buffer[:needed]
            data[-wire.MARGIN :] = 0
            self._shards.read(places, data, start)
            try:
                arrays = take_apart(data, start, end, self._plan, self._pool)
            except wire.Unusual:
                records = [
                    data[first:after].tobytes()
                    for first, after in zip(start, end, strict=True)
                ]
                arrays = self._parse(records, places)
        finally:
            self._buffers.put(buffer)
        return list(arrays.values())

    def _buffer(self, size: int) -> np.ndarray:
        try:
            buffer = self._buffers.get_nowait()
        except queue.Empty:
            buffer = np.empty(0, np.uint8)
        if len(buffer) < size:
            buffer = np.empty(size + size // 8, np.uint8)
        return buffer

    def _parse(self, records: list[bytes], places: np.ndarray) -> Arrays:
        """The same by TensorFlow's parser, which takes every sound record."""
        try:
            features, labels = parse_batch(tf.constant(records), self._plan)
        except tf.errors.OpError:
            for record, (number, start, _) in zip(
                records, places.tolist(), strict=True
            ):
                reason = self._reason(record)
                if reason:
                    raise self._shards.broken(number, start, reason) from None
            raise
        tensors = {**features, LABELS: labels}
        return {name: tensor.numpy() for name, tensor in tensors.items()}

    def _reason(self, record: bytes) -> str:
        """Why a record cannot be used; nothing if it can."""
        try:
            check_record(record, self._plan)
            parse_batch(tf.constant([record]), self._plan)
        except tf.errors.OpError:
            return "TensorFlow's parser does not take it"
        except ValueError as error:
            return str(error)
        return ""
