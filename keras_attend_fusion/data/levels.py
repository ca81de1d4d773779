"""Which schema some shards have."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import tensorflow as tf
from google.protobuf.message import DecodeError

from keras_attend_fusion.data.check import LayoutError, check_record
from keras_attend_fusion.data.detect_level import detect_level
from keras_attend_fusion.data.errors import CorruptRecordError
from keras_attend_fusion.data.find_schema import schema_beside
from keras_attend_fusion.data.modality import WIDTHS, Modality
from keras_attend_fusion.data.plan import make_plan, schema_of
from keras_attend_fusion.data.schema import AUDIOSET, FRAME, VIDEO, Schema
from keras_attend_fusion.data.shards import Pattern, iter_records, list_shards

# Looked at to tell how modalities are stored: shards, and records of each.
SHARDS, RECORDS = 4, 50
COMPARED = 5  # records of which one has to fit a schema.json


def resolve_schema(
    pattern: Pattern, level: str = "auto", schema: Schema | None = None
) -> Schema:
    """The schema with which `load` reads shards, every part of it said.

    A schema that is given counts; else the `schema.json` beside the shards;
    else YouTube-8M's own of the level. What a schema does not say of the
    dtype and the storage of a modality is what the first record holds that
    has it.

    Args:
        pattern: A path, a glob, or a list of them.
        level: `"video"`, `"frame"`, `"segment"`, or `"auto"`.
        schema: The layout of other records than YouTube-8M's.

    Raises:
        NoShardsError: No file matches.
        ValueError: `level` is of another kind than the schema, or the
            `schema.json` and the records contradict each other.

    Example:

    >>> import tempfile
    >>> from keras_attend_fusion.data import synthesize
    >>> folder = tempfile.mkdtemp()
    >>> _ = synthesize(folder, "frame", videos=20, shards=2, classes=4)
    >>> resolve_schema(f"{folder}/train-*").dtypes
    {'rgb': 'uint8', 'audio': 'uint8'}
    """
    return choose_schema(list_shards(pattern), level, schema).resolved


def choose_schema(
    paths: list[str], level: str, schema: Schema | None
) -> Schema:
    """The schema that is given, that of schema.json, or that of a level.

    Raises:
        ValueError: Two of them contradict each other; no level has that
            name; with `"auto"`, no first record can be read
            (`CorruptRecordError`).
    """
    if schema is not None:
        if not isinstance(schema, Schema):
            raise ValueError(
                f"schema has to be a kaf.data.Schema, got {schema!r}: "
                "read_schema reads one."
            )
        if level not in ("auto", schema.level):
            raise ValueError(
                f"level is {level!r}, but the schema is for {schema.level!r}:"
                " leave level out."
            )
        return with_storage(paths, schema)
    if level != "auto":
        schema_of(level)
    beside = schema_beside(paths)
    if beside is None:
        return schema_of(_first_level(paths) if level == "auto" else level)
    path, schema = beside
    if level != "auto" and schema_of(level).level != schema.level:
        raise ValueError(
            f"level is {level!r}, but {path} beside the shards says "
            f"{schema.level!r}: leave level out, or pass a schema, which goes "
            "before the file."
        )
    schema = with_storage(paths, schema)
    _require_fit(paths, schema, path)
    return schema


def with_storage(paths: list[str], schema: Schema) -> Schema:
    """A schema with what it leaves open of the storage, as records have it.

    What the first records of the shards cannot tell stays open.
    """
    if schema in (VIDEO, FRAME, AUDIOSET):
        return schema
    modalities = {modality.name: modality for modality in schema.modalities}
    for record in _first_records(paths, SHARDS, RECORDS):
        left = [part for part in modalities.values() if not part.settled]
        if not left:
            break
        for part in left:
            modalities[part.name] = _as_stored(record, part, schema.level)
    if tuple(modalities.values()) == schema.modalities:
        return schema
    return replace(schema, modalities=tuple(modalities.values()))


def _as_stored(record: Any, modality: Modality, level: str) -> Modality:
    """A modality with the dtype and the storage that a record has."""
    if level == "video":
        if modality.key not in record.context.feature:
            return modality
        feature = record.context.feature[modality.key]
    else:
        lists = record.feature_lists.feature_list
        if modality.key not in lists or not lists[modality.key].feature:
            return modality
        feature = lists[modality.key].feature[0]
    stored: tuple[str, str] | None = None
    if len(feature.float_list.value) == modality.size:
        stored = "float32", "floats"
    elif len(feature.bytes_list.value) == 1:
        count = len(feature.bytes_list.value[0])
        for dtype, width in WIDTHS.items():
            if count == width * modality.size:
                stored = dtype, "bytes"
    if stored is None:
        return modality
    dtype, storage = stored
    if modality.dtype in (None, dtype) and modality.storage in (None, storage):
        return replace(modality, dtype=dtype, storage=storage)
    return modality


def _require_fit(paths: list[str], schema: Schema, name: str) -> None:
    """Raises `ValueError` if no record is as the file `name` says."""
    plan = make_plan(schema)
    contradiction: CorruptRecordError | None = None
    for path in paths:
        try:
            records = itertools.islice(iter_records(path), COMPARED)
            for index, (offset, record) in enumerate(records):
                try:
                    check_record(record, plan)
                    return
                except LayoutError as error:
                    contradiction = contradiction or CorruptRecordError(
                        path, offset, index, str(error)
                    )
                except ValueError:
                    return  # a record that is broken in another way
        except CorruptRecordError:
            continue
        if contradiction is not None:
            raise ValueError(
                f"{name} does not fit the shards beside it: {contradiction}"
            )


def _first_records(
    paths: list[str], shards: int, records: int
) -> Iterator[Any]:
    """Messages of the first records that can be read."""
    for path in paths[:shards]:
        try:
            for _, record in itertools.islice(iter_records(path), records):
                try:
                    # An Example has its features in the same field.
                    yield tf.train.SequenceExample.FromString(record)
                except DecodeError:
                    continue
        except CorruptRecordError:
            continue


def _first_level(paths: list[str]) -> str:
    """The level of the first record that can be read."""
    problem: CorruptRecordError | None = None
    for path in paths:
        try:
            for offset, record in iter_records(path):
                try:
                    return detect_level(record)
                except ValueError as error:
                    reason = str(error)
                    problem = problem or CorruptRecordError(
                        path, offset, 0, reason
                    )
                    break
        except CorruptRecordError as error:
            problem = problem or error
    assert problem is not None
    raise problem
