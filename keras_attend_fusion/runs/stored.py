"""What a record holds, as far as an error about it has to say."""

from __future__ import annotations

from typing import Any


def schema_of_level(level: str) -> Any:
    """YouTube-8M's own schema of a level."""
    from keras_attend_fusion import data

    return data.VIDEO if level == "video" else data.FRAME


def other_level_keys(record: bytes, level: str, present: set[str]) -> set[str]:
    """Features of YouTube-8M that a record has at the other level.

    Those of modalities that are `present` at its own level do not count.
    """
    message = _message(record)
    other = "frame" if level == "video" else "video"
    keys = (
        message.context.feature
        if other == "video"
        else message.feature_lists.feature_list
    )
    return {
        modality.key
        for modality in schema_of_level(other).modalities
        if modality.name not in present and modality.key in keys
    }


def other_sizes(record: bytes, schema: Any) -> dict[str, tuple[int, int]]:
    """Modalities whose first vector has another size than a schema says.

    Returns:
        By name, the size in the schema and that in the record.
    """
    try:
        message = _message(record)
    except Exception:  # not a record: the reader says so
        return {}
    sizes = {}
    for modality in schema.modalities:
        size = _size(message, schema.level, modality.key)
        if size not in (None, modality.size):
            sizes[modality.name] = (modality.size, size)
    return sizes


def _message(record: bytes) -> Any:
    import tensorflow as tf

    # An Example has its features in the same field.
    return tf.train.SequenceExample.FromString(record)


def _size(message: Any, level: str, key: str) -> int | None:
    if level == "video":
        if key not in message.context.feature:
            return None
        values = message.context.feature[key].float_list.value
        return len(values) or None
    lists = message.feature_lists.feature_list
    if key not in lists or not lists[key].feature:
        return None
    first = lists[key].feature[0].bytes_list.value
    return len(first[0]) if len(first) == 1 else None
