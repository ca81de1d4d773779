"""Batches straight from the bytes of local shards.

Every byte of a video is moved twice: from the shard into a buffer that is
used again and again, and from there to its place in the batch. Shuffling
moves places in shards, not records.
"""

from __future__ import annotations

import os
import queue
from typing import Any

import google_crc32c
import numpy as np
import tensorflow as tf

from keras_attend_fusion.data import wire
from keras_attend_fusion.data.count import record_bytes
from keras_attend_fusion.data.framing import (
    FRAMING_BYTES,
    HEADER_BYTES,
    broken_framing,
    masked,
)
from keras_attend_fusion.data.parse import FRAME_MULTIPLE, Batch, parse_batch
from keras_attend_fusion.data.plan import Plan
from keras_attend_fusion.data.shards import CorruptRecordError
from keras_attend_fusion.data.sharing import Stretch

CHECKSUM_BYTES = 4
ALIGNMENT = 64  # of arrays that TensorFlow takes without a copy
OPEN_FILES = 64


def reads(paths: list[str]) -> bool:
    """Whether shards can be read in this way on this machine."""
    return (
        hasattr(os, "preadv")
        and google_crc32c.implementation == "c"
        and not any("://" in path for path in paths)
    )


class DirectReader:
    """Finds the records of stretches of shards, and reads batches of them.

    Args:
        stretches: What there is to read.
        plan: What to deliver.
    """

    def __init__(self, stretches: list[Stretch], plan: Plan) -> None:
        self._stretches, self._plan = stretches, plan
        self._files: dict[int, Any] = {}
        self._places: dict[int, np.ndarray] = {}
        self._buffers: queue.SimpleQueue[np.ndarray] = queue.SimpleQueue()

    def places(self, stretch: int) -> np.ndarray:
        """`(stretch, start, end)` of its records: int64, `(records, 3)`."""
        if stretch not in self._places:
            one = self._stretches[stretch]
            sizes = np.fromiter(record_bytes(one.path), np.int64)
            ends = np.cumsum(sizes + FRAMING_BYTES) - CHECKSUM_BYTES
            number = np.full_like(ends, stretch)
            places = np.stack([number, ends - sizes, ends], axis=1)
            stop = None if one.records < 0 else one.first + one.records
            self._places[stretch] = places[one.first : stop]
        return self._places[stretch]

    def batch(self, places: tf.Tensor) -> Batch:
        """The batch of the records at some places, `(batch, 3)`."""
        plan = self._plan
        size = places.shape[0]
        spec: dict[str, tf.TensorSpec] = {}
        for one in plan.delivered:
            if plan.schema.level == "video":
                shape, dtype = (size, one.size), tf.float32
            else:
                shape, dtype = (size, None, one.size), tf.uint8
            spec[one.name] = tf.TensorSpec(shape, dtype)
        if plan.schema.level != "video":
            for one in plan.delivered:
                spec[f"{one.name}_mask"] = tf.TensorSpec((size, None), tf.bool)
        if plan.with_id:
            spec["id"] = tf.TensorSpec((size,), tf.string)
        spec["labels"] = tf.TensorSpec((size, plan.num_classes), tf.uint8)
        found = tf.numpy_function(
            self._arrays,
            [places],
            [one.dtype for one in spec.values()],
            stateful=False,
        )
        tensors = {
            name: tf.ensure_shape(tensor, one.shape)
            for (name, one), tensor in zip(spec.items(), found, strict=True)
        }
        labels = tensors.pop("labels")
        return tensors, labels

    def _arrays(self, places: np.ndarray) -> list[np.ndarray]:
        """What `batch` delivers, the labels last."""
        try:
            buffer = self._buffers.get_nowait()
        except queue.Empty:
            buffer = np.zeros(0, np.uint8)
        sizes = places[:, 2] - places[:, 1] + CHECKSUM_BYTES
        needed = int(sizes.sum()) + wire.MARGIN
        if len(buffer) < needed:
            buffer = np.empty(needed + needed // 8, np.uint8)
        try:
            data = buffer[:needed]
            ends = np.cumsum(sizes)
            self._read(places, data, ends - sizes)
            start, end = ends - sizes, ends - CHECKSUM_BYTES
            try:
                return self._take_apart(data, start, end)
            except wire.Unusual:
                return self._parse(data, start, end)
        finally:
            self._buffers.put(buffer)

    def _read(
        self, places: np.ndarray, data: np.ndarray, offsets: np.ndarray
    ) -> None:
        """Reads records and their checksums into `data`."""
        view = memoryview(data)
        view[len(data) - wire.MARGIN :] = bytes(wire.MARGIN)
        found = np.empty(len(places), np.uint32)
        expected = np.empty(len(places), np.uint32)
        for i, ((number, start, end), at) in enumerate(
            zip(places.tolist(), offsets.tolist(), strict=True)
        ):
            size = end - start
            piece = view[at : at + size + CHECKSUM_BYTES]
            count = os.preadv(self._file(number).fileno(), [piece], start)
            if count < len(piece):
                raise self._broken(number, start, count)
            found[i] = google_crc32c.value(data[at : at + size])
            expected[i] = int.from_bytes(piece[size:], "little")
        wrong = np.flatnonzero(masked(found) != expected)
        if len(wrong):
            number, start, end = places[wrong[0]].tolist()
            raise self._broken(number, start, end - start + CHECKSUM_BYTES)

    def _file(self, number: int) -> Any:
        """A shard that is open; the one used first is closed for it."""
        file = self._files.get(number)
        if file is None:
            file = open(self._stretches[number].path, "rb", buffering=0)
            self._files[number] = file
            while len(self._files) > OPEN_FILES:
                # Whoever reads from it still holds it, which keeps it open.
                self._files.pop(next(iter(self._files)), None)
        return file

    def _broken(self, number: int, start: int, left: int) -> Exception:
        stretch = self._stretches[number]
        places = self._places[number]
        index = stretch.first + int(np.searchsorted(places[:, 1], start))
        offset = start - HEADER_BYTES
        with open(stretch.path, "rb") as file:
            file.seek(offset)
            header = file.read(HEADER_BYTES)
        reason = broken_framing(header, left + HEADER_BYTES)
        return CorruptRecordError(stretch.path, offset, index, reason)

    def _parse(
        self, data: np.ndarray, start: np.ndarray, end: np.ndarray
    ) -> list[np.ndarray]:
        """The batch by TensorFlow's own parser."""
        pairs = zip(start, end, strict=True)
        records = [data[a:b].tobytes() for a, b in pairs]
        features, labels = parse_batch(tf.constant(records), self._plan)
        return [one.numpy() for one in [*features.values(), labels]]

    def _take_apart(
        self, data: np.ndarray, start: np.ndarray, end: np.ndarray
    ) -> list[np.ndarray]:
        plan = self._plan
        keys = [one.key for one in plan.schema.modalities]
        ids = plan.schema.id_keys if plan.with_id else ()
        context_keys = [plan.schema.labels_key, *ids]
        if plan.schema.level == "video":
            features = wire.features(data, start, end)
            context = wire.entries(data, features, [*keys, *context_keys])
            arrays = self._videos(data, context, len(start))
        else:
            features, lists = wire.context_and_lists(data, start, end)
            context = wire.entries(data, features, context_keys)
            arrays = self._frames(
                data, wire.entries(data, lists, keys), len(start)
            )
        if plan.with_id:
            arrays.append(self._ids(data, context, len(start)))
        rows, labels = wire.integers(data, context[plan.schema.labels_key])
        if (labels >= plan.num_classes).any():
            raise wire.Unusual
        hot = np.zeros((len(start), plan.num_classes), np.uint8)
        hot[rows, labels] = 1
        return [*arrays, hot]

    def _videos(
        self, data: np.ndarray, found: dict[str, wire.Spans], count: int
    ) -> list[np.ndarray]:
        arrays = {}
        present = np.zeros(count, bool)
        for one in self._plan.schema.modalities:
            spans = found[one.key]
            values = wire.floats(data, spans, one.size)
            if not np.isfinite(values).all():
                raise wire.Unusual
            present[spans.rows] |= values.any(axis=1)
            if len(values) < count:
                some = values
                values = np.zeros((count, one.size), np.float32)
                values[spans.rows] = some
            arrays[one.name] = values
        if not present.all():
            raise wire.Unusual
        return [arrays[one.name] for one in self._plan.delivered]

    def _frames(
        self, data: np.ndarray, found: dict[str, wire.Spans], count: int
    ) -> list[np.ndarray]:
        plan = self._plan
        present = np.zeros(count, bool)
        views, kept = {}, {}
        for one in plan.schema.modalities:
            spans = found[one.key]
            views[one.name] = wire.vectors(data, spans, one.size)
            counts = np.zeros(count, np.int64)
            counts[spans.rows] = [len(view) for view in views[one.name]]
            present |= counts > 0
            kept[one.name] = np.minimum(counts, plan.max_frames)
        if not present.all():
            raise wire.Unusual
        longest = max(kept[one.name].max() for one in plan.delivered)
        steps = -(-max(longest, 1) // FRAME_MULTIPLE)
        width = min(int(steps) * FRAME_MULTIPLE, plan.max_frames)
        arrays = []
        for one in plan.delivered:
            batch = _empty((count, width, one.size))
            lengths = kept[one.name].tolist()
            rows = found[one.key].rows.tolist()
            for row, view in zip(rows, views[one.name], strict=True):
                batch[row, : lengths[row]] = view[:width]
            for row, length in enumerate(lengths):
                batch[row, length:] = 0
            arrays.append(batch)
        seconds = np.arange(width)
        for one in plan.delivered:
            arrays.append(seconds < kept[one.name][:, None])
        return arrays

    def _ids(
        self, data: np.ndarray, context: dict[str, wire.Spans], count: int
    ) -> np.ndarray:
        found = np.full(count, b"", object)
        for key in reversed(self._plan.schema.id_keys):
            spans = context[key]
            for row, name in zip(
                spans.rows, wire.strings(data, spans), strict=True
            ):
                found[row] = name or found[row]
        if not all(found):
            raise wire.Unusual
        return found


def _empty(shape: tuple[int, ...]) -> np.ndarray:
    """Bytes that TensorFlow takes as they lie, without a copy."""
    size = int(np.prod(shape))
    data = np.empty(size + ALIGNMENT, np.uint8)
    skip = -data.ctypes.data % ALIGNMENT
    return data[skip : skip + size].reshape(shape)
