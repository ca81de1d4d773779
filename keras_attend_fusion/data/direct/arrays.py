"""The bytes of a batch's records to its arrays."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from keras_attend_fusion.data.direct import wire
from keras_attend_fusion.data.direct.buffer_pool import BufferPool
from keras_attend_fusion.data.parse import FRAME_MULTIPLE
from keras_attend_fusion.data.plan import MOST_MAGNITUDE, Plan

Arrays = dict[str, np.ndarray]
LABELS = "labels"  # the name of the labels among the arrays


def take_apart(
    data: np.ndarray,
    start: np.ndarray,
    end: np.ndarray,
    plan: Plan,
    pool: BufferPool,
) -> Arrays:
    """The features of some records, as `load` describes them, and the labels.

    Args:
        data: The bytes of all, and `wire.MARGIN` zeros at the end.
        start: Where each record starts.
        end: Where each ends.
        plan: What to deliver.
        pool: Where memory for frames is from.

    Raises:
        wire.Unusual: Some record is not as writers usually put it down, or
            it cannot be used.
    """
    keys = [modality.key for modality in plan.schema.modalities]
    ids = plan.schema.id_keys if plan.with_id else ()
    beside = [plan.schema.labels_key, *ids]
    if plan.schema.level == "video":
        features = wire.features(data, start, end)
        context = wire.entries(data, features, [*keys, *beside])
        arrays = _videos(data, context, len(start), plan, pool)
    else:
        features, lists = wire.context_and_lists(data, start, end)
        context = wire.entries(data, features, beside)
        frames = wire.entries(data, lists, keys)
        arrays = _frames(data, frames, len(start), plan, pool)
    if ids:
        names = [context[key] for key in ids]
        arrays["id"] = _ids(data, names, len(start))
    spans = context[plan.schema.labels_key]
    rows, labels = wire.integers(data, spans)
    wire.require(labels < plan.num_classes)
    if plan.schema.task == "single_label":
        wire.require(np.bincount(rows, minlength=len(start)) == 1)
    hot = pool.empty((len(start), plan.num_classes))
    hot[:] = 0
    hot[rows, labels] = 1
    arrays[LABELS] = hot
    return arrays


def _videos(
    data: np.ndarray,
    spans_by_key: dict[str, wire.Spans],
    count: int,
    plan: Plan,
    pool: BufferPool,
) -> Arrays:
    vectors = {}
    present = np.zeros(count, bool)
    for modality in plan.schema.modalities:
        spans = spans_by_key[modality.key]
        size = modality.stored_bytes
        rows = pool.empty((count, size))
        if len(spans.rows) < count:
            rows[:] = 0
        kind = wire.FLOATS if modality.storage == "floats" else wire.BYTES
        for row, vector in wire.vector(data, spans, size, kind):
            rows[row] = vector
        values = _widened(rows.view(modality.stored_dtype), pool)
        _require_magnitude(values)
        present |= values.any(axis=1)
        vectors[modality.name] = values
    wire.require(present)
    return {
        modality.name: vectors[modality.name] for modality in plan.delivered
    }


def _frames(
    data: np.ndarray,
    spans_by_key: dict[str, wire.Spans],
    count: int,
    plan: Plan,
    pool: BufferPool,
) -> Arrays:
    videos, lengths = {}, {}
    present = np.zeros(count, bool)
    for modality in plan.schema.modalities:
        spans = spans_by_key[modality.key]
        kind = wire.FLOATS if modality.storage == "floats" else wire.BYTES
        videos[modality.name] = wire.vectors(
            data, spans, modality.stored_bytes, kind
        )
        seconds = np.zeros(count, np.int64)
        seconds[spans.rows] = [len(video) for video in videos[modality.name]]
        present |= seconds > 0
        lengths[modality.name] = np.minimum(seconds, plan.max_frames)
    wire.require(present)
    longest = max(
        int(lengths[modality.name].max()) for modality in plan.delivered
    )
    steps = -(-max(longest, 1) // FRAME_MULTIPLE)
    width = min(steps * FRAME_MULTIPLE, plan.max_frames)
    arrays = {}
    for modality in plan.delivered:
        batch = pool.empty((count, width, modality.stored_bytes))
        rows = spans_by_key[modality.key].rows.tolist()
        for row, video in zip(rows, videos[modality.name], strict=True):
            batch[row, : len(video)] = video[:width]
        for row, length in enumerate(lengths[modality.name].tolist()):
            batch[row, length:] = 0
        values = _widened(batch.view(modality.stored_dtype), pool)
        _require_magnitude(values)
        arrays[modality.name] = values
    for modality in plan.schema.modalities:
        if modality.dtype == "uint8":
            continue
        first = width if modality in plan.delivered else 0
        for video in videos[modality.name]:  # frames that are not delivered
            rest = np.ascontiguousarray(video[first:])
            _require_magnitude(rest.view(modality.stored_dtype))
    for modality in plan.delivered:
        mask = np.arange(width) < lengths[modality.name][:, None]
        arrays[f"{modality.name}_mask"] = mask
    return arrays


def _widened(values: np.ndarray, pool: BufferPool) -> np.ndarray:
    """float16 as float32; others as they are."""
    if values.dtype.itemsize != 2:
        return values
    *shape, size = values.shape
    wide = pool.empty((*shape, 4 * size)).view("<f4")
    wide[:] = values
    return wide


def _require_magnitude(values: np.ndarray) -> None:
    if values.dtype.kind == "f":
        # float16 does not reach the limit, in which it would be infinite.
        ends = np.array([values.min(initial=0), values.max(initial=0)], float)
        wire.require(np.abs(ends) <= MOST_MAGNITUDE)  # not so of NaN


def _ids(
    data: np.ndarray, keys: Sequence[wire.Spans], count: int
) -> np.ndarray:
    """The value of the first key that a record has one of."""
    ids = np.full(count, b"", object)
    for spans in reversed(keys):
        names = wire.strings(data, spans)
        for row, name in zip(spans.rows.tolist(), names, strict=True):
            ids[row] = name or ids[row]
    wire.require(ids != b"")
    return ids
