"""Checks one record by hand, to say in words what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf
from google.protobuf.message import DecodeError

from keras_attend_fusion.data.detect_level import detect_level
from keras_attend_fusion.data.errors import CorruptRecordError
from keras_attend_fusion.data.plan import MOST_MAGNITUDE, Plan
from keras_attend_fusion.data.schema import Modality
from keras_attend_fusion.data.segment_parser import LABELS, SCORES, STARTS
from keras_attend_fusion.data.shards import iter_records

KINDS = {"float_list": "float", "int64_list": "integer"}
USES = {  # of the kinds that are read, beside vectors
    "bytes_list": "ids are read as bytes",
    "float_list": "vectors and scores are read as floats",
    "int64_list": "labels (indices of classes) and times are read as integers",
}
WIDTHS = {"float32": 4, "float16": 2, "float64": 8}
SHOWN = 20  # bytes


class LayoutError(ValueError):
    """A record stores its features in another way than its schema says."""


class NoFramesError(LayoutError):
    """A record has none of its schema's modalities."""


class MismatchError(ValueError):
    """A record is sound, but of another level or of more classes."""


class LevelError(MismatchError, LayoutError):
    """A record is of another level."""


@dataclass(frozen=True)
class RecordFacts:
    """What a sound record holds.

    Attributes:
        id: The video's id, empty if it has none.
        labels: The class indices, as written.
        frames: Vectors of each modality: 0 if absent, 1 at video level.
        vectors: The bytes of each modality as they are stored, all frames one
            after another; of a float_list those of float32.
    """

    id: bytes
    labels: tuple[int, ...]
    frames: dict[str, int]
    vectors: dict[str, bytes]


def check_record(serialized: bytes, plan: Plan) -> RecordFacts:
    """Checks a record as the reader would, and tells what it holds.

    Raises:
        ValueError: The record cannot be used; the message says why.
    """
    message = (
        tf.train.Example
        if plan.schema.level == "video"
        else tf.train.SequenceExample
    )
    try:
        record = message.FromString(serialized)
    except DecodeError:
        raise ValueError(
            f"{len(serialized)} bytes are not a tf.train.{message.__name__}"
        ) from None
    if plan.schema.level == "video":
        context = record.features.feature
        features = {
            modality.name: _mean_vector(context, modality)
            for modality in plan.schema.modalities
        }
    else:
        context = record.context.feature
        features = {
            modality.name: _frames(record, modality)
            for modality in plan.schema.modalities
        }
    if not any(count for count, _ in features.values()):
        raise _nothing_found(serialized, plan)
    if plan.rated:
        _check_segments(context, max(n for n, _ in features.values()), plan)
    return RecordFacts(
        _id(context, plan),
        _labels(context, plan),
        {name: count for name, (count, _) in features.items()},
        {name: vectors for name, (_, vectors) in features.items()},
    )


def find_corrupt(paths: list[str], plan: Plan) -> CorruptRecordError | None:
    """The first record of some shards that does not pass, or None.

    Its `__cause__` is what `check_record` raised, if the framing is sound.
    """
    for path in paths:
        index = 0
        try:
            for offset, record in iter_records(path):
                try:
                    check_record(record, plan)
                except ValueError as error:
                    corrupt = CorruptRecordError(
                        path, offset, index, str(error)
                    )
                    corrupt.__cause__ = error
                    return corrupt
                index += 1
        except CorruptRecordError as error:
            return error
    return None


def _values(context: Any, key: str, kind: str) -> Any:
    """The values of a feature, or None if the record lacks it."""
    if key not in context or context[key].WhichOneof("kind") is None:
        return None
    feature = context[key]
    if feature.WhichOneof("kind") != kind:
        raise ValueError(
            f"{key} is a {feature.WhichOneof('kind')}, expected a {kind}: it "
            f"holds {_stored(feature)}, but {USES[kind]}"
        )
    return getattr(feature, kind).value


def _stored(feature: Any, size: int | None = None) -> str:
    """What a feature holds, in words; `size` is that of a vector."""
    kind = feature.WhichOneof("kind")
    if kind is None:
        return "nothing"
    values = getattr(feature, kind).value
    plural = "" if len(values) == 1 else "s"
    if kind != "bytes_list":
        return f"{len(values)} {KINDS[kind]}{plural} (a {kind})"
    if len(values) != 1:
        return f"{len(values)} strings of bytes (a bytes_list)"
    count = len(values[0])
    for name, width in WIDTHS.items():
        if size is not None and count == width * size:
            return f"{count} bytes, as many as {size} {name} take"
    shown = ascii(bytes(values[0][:SHOWN]))[1:]
    return f"{count} bytes, {shown}{'…' if count > SHOWN else ''}"


def _mean_vector(context: Any, modality: Modality) -> tuple[int, bytes]:
    if modality.key not in context:
        return 0, b""
    feature = context[modality.key]
    kind = "float_list" if modality.storage == "floats" else "bytes_list"
    if feature.HasField("bytes_list") != (kind == "bytes_list") and (
        feature.WhichOneof("kind") is not None
    ):
        stored = feature.WhichOneof("kind")
        raise LayoutError(
            f"{modality.key} is a {stored}, expected a {kind}: it holds "
            f"{_stored(feature, modality.size)}, but {_vectors_read(modality)}"
        )
    if kind == "bytes_list":
        vector = _one_string(feature, modality)
    else:
        values = _values(context, modality.key, "float_list")
        if values is None:
            return 0, b""
        if len(values) != modality.size:
            raise LayoutError(
                f"{modality.key} has {len(values)} values, expected "
                f"{modality.size}"
            )
        vector = np.array(values, "<f4").tobytes()
    _require_magnitude(modality.key, vector, modality)
    return (1, vector) if _nonzero(vector, modality) else (0, b"")


def _one_string(feature: Any, modality: Modality) -> bytes:
    """The bytes of a vector; none if it is absent."""
    values = feature.bytes_list.value
    if feature.WhichOneof("kind") is None:
        return b""
    if len(values) != 1:
        raise LayoutError(
            f"{modality.key} holds {_stored(feature, modality.size)}, expected "
            f"one string of {_in_bytes(modality)}"
        )
    vector = bytes(values[0])
    if vector and len(vector) != modality.stored_bytes:
        raise LayoutError(
            f"{modality.key} has {len(vector)} bytes, expected "
            f"{_in_bytes(modality)}{_other_width(len(vector), modality)}"
        )
    return vector


def _frames(record: Any, modality: Modality) -> tuple[int, bytes]:
    lists = record.feature_lists.feature_list
    if modality.key not in lists:
        return 0, b""
    one_frame = _float_frame if modality.storage == "floats" else _bytes_frame
    frames = [
        one_frame(f"{modality.key}: second {second}", feature, modality)
        for second, feature in enumerate(lists[modality.key].feature)
    ]
    return len(frames), b"".join(frames)


def _bytes_frame(place: str, feature: Any, modality: Modality) -> bytes:
    values = feature.bytes_list.value
    if len(values) != 1:
        raise LayoutError(
            f"{place} holds {_stored(feature, modality.size)}, expected one "
            f"string of {_in_bytes(modality)}: {_frames_read(modality)}"
        )
    frame = bytes(values[0])
    if len(frame) != modality.stored_bytes:
        raise LayoutError(
            f"{place} has {len(frame)} bytes, expected {modality.stored_bytes}"
            f"{_other_width(len(frame), modality)}"
        )
    _require_magnitude(place, frame, modality)
    return frame


def _float_frame(place: str, feature: Any, modality: Modality) -> bytes:
    values = feature.float_list.value
    if len(values) != modality.size:
        raise LayoutError(
            f"{place} holds {_stored(feature, modality.size)}, expected "
            f"{modality.size} floats (a float_list)"
        )
    frame = np.array(values, "<f4").tobytes()
    _require_magnitude(place, frame, modality)
    return frame


def _require_magnitude(place: str, vector: bytes, modality: Modality) -> None:
    """Raises unless the floats of a vector are finite, and not too large."""
    if modality.dtype == "uint8" or not vector:
        return
    values = np.frombuffer(vector, modality.stored_dtype)
    if not np.isfinite(values).all():
        raise ValueError(f"{place} holds values that are not finite")
    largest = float(values[np.abs(values).argmax()])
    if abs(largest) > MOST_MAGNITUDE:
        raise ValueError(
            f"{place} holds {largest:g}: features have to lie within "
            f"±{MOST_MAGNITUDE:g}, or what is computed of them overflows"
        )


def _nonzero(vector: bytes, modality: Modality) -> bool:
    """Whether any value is not 0; -0 of floats is."""
    return bool(np.frombuffer(vector, modality.stored_dtype).any())


def _in_bytes(modality: Modality) -> str:
    """How many bytes a vector takes, in words."""
    if modality.dtype == "uint8":
        return f"{modality.size} bytes"
    return f"{modality.stored_bytes} bytes ({modality.size} {modality.dtype})"


def _vectors_read(modality: Modality) -> str:
    if modality.storage == "floats":
        return f"vectors are read from a float_list of {modality.size} values"
    return f"its vectors are read from one string of {_in_bytes(modality)}"


def _frames_read(modality: Modality) -> str:
    if modality.dtype == "uint8":
        return "frames are read as one byte (uint8) a value"
    return f"frames are read as {modality.dtype}"


def _other_width(count: int, modality: Modality) -> str:
    """What vectors of `count` bytes may be, where another number is read."""
    widths = {"uint8": 1, **WIDTHS}
    for name, width in widths.items():
        if count == width * modality.size and name != modality.dtype:
            return (
                f": as many as {modality.size} {name} take; "
                f"{_frames_read(modality)}"
            )
    return ""


def _nothing_found(serialized: bytes, plan: Plan) -> ValueError:
    keys = " nor ".join(modality.key for modality in plan.schema.modalities)
    expected = plan.schema.level
    try:
        level = detect_level(serialized)
    except ValueError as error:
        return NoFramesError(
            f"no {expected}-level features, neither {keys}: {error}"
        )
    if (level == "video") != (expected == "video"):
        return LevelError(
            f"a {level}-level record, expected a {expected}-level one"
        )
    missing = "features" if expected == "video" else "frames"
    return NoFramesError(f"the video has no {missing}, neither {keys}")


def _labels(context: Any, plan: Plan) -> tuple[int, ...]:
    labels = _values(context, plan.schema.labels_key, "int64_list") or ()
    for label in labels:
        if label < 0:
            raise ValueError(f"label {label} is negative")
        if label >= plan.num_classes:
            names = plan.schema.classes
            if names is not None and plan.num_classes == len(names):
                raise MismatchError(
                    f"label {label}, but the schema names "
                    f"{plan.num_classes} classes, 0 to {plan.num_classes - 1}"
                )
            raise MismatchError(
                f"label {label}, but num_classes is {plan.num_classes}: "
                f"it takes {label + 1} or more"
            )
    if plan.schema.task == "single_label" and len(labels) != 1:
        count = len(labels)
        raise ValueError(
            f"the video has {count or 'no'} label{'s' * (count > 1)}"
            ", but the task is single_label: expected one"
        )
    return tuple(labels)


def _check_segments(context: Any, frames: int, plan: Plan) -> None:
    kinds = {STARTS: "int64_list", LABELS: "int64_list", SCORES: "float_list"}
    lists = {key: _values(context, key, kinds[key]) or () for key in kinds}
    lengths = {key: len(values) for key, values in lists.items()}
    if len(set(lengths.values())) > 1:
        counts = ", ".join(f"{n} {key}" for key, n in lengths.items())
        raise ValueError(f"{counts}: expected as many of each")
    frames = min(frames, plan.max_frames)
    for start in lists[STARTS]:
        if not 0 <= start < frames:
            raise ValueError(
                f"a segment starts at second {start}, but the video has "
                f"{frames}"
            )
    for label in lists[LABELS]:
        if not 0 <= label < plan.num_classes:
            raise MismatchError(
                f"a segment's label is {label}, but num_classes is "
                f"{plan.num_classes}"
            )
    for score in lists[SCORES]:
        if not 0 <= score <= 1:
            raise ValueError(f"a segment's score is {score}, not from 0 to 1")


def _id(context: Any, plan: Plan) -> bytes:
    for key in plan.schema.id_keys:
        if plan.with_id:
            values = _values(context, key, "bytes_list")
            if values is not None and len(values) != 1:
                raise ValueError(f"{key} holds {len(values)} ids, expected 1")
        else:  # what it holds does not matter
            values = context[key].bytes_list.value if key in context else ()
        if values and values[0]:
            return bytes(values[0])
    if plan.with_id:
        keys = " nor ".join(plan.schema.id_keys)
        raise ValueError(f"the video has no id, neither {keys}")
    return b""
