"""The classes that a schema.json or a manifest.json beside shards names."""

from __future__ import annotations

import os
from typing import Any

from keras_attend_fusion.arguments import ArgumentError
from keras_attend_fusion.data.patterns import split_patterns
from keras_attend_fusion.data.plan import YT8M_CLASSES
from keras_attend_fusion.files import decode, parse_json

NAME = "manifest.json"


def num_classes(text: str) -> int:
    """The classes that a file beside shards names, else YouTube-8M's 3862.

    Args:
        text: The globs of the shards.

    Raises:
        ValueError: There is a schema.json or a manifest.json beside them, of
            another kind.
    """
    names = _schema_classes(text)
    if names is not None:
        return len(names)
    classes = _classes(text)
    return YT8M_CLASSES if classes is None else len(classes)


def class_names(text: str, count: int) -> dict[int, str]:
    """The names of `count` classes by index; none if they are not known."""
    try:
        listed = _schema_classes(text)
        if listed is not None:
            return dict(enumerate(listed)) if len(listed) == count else {}
        classes = _classes(text) or []
    except ValueError:  # `num_classes` says how many there are: that will do
        return {}
    names = {i: str(entry.get("name") or "") for i, entry in enumerate(classes)}
    return names if len(names) == count and all(names.values()) else {}


def _schema_classes(text: str) -> tuple[str, ...] | None:
    """The classes that the schema.json beside shards names, if it does."""
    from keras_attend_fusion import data

    schema = data.find_schema(split_patterns(text))
    return None if schema is None else schema.classes


def _classes(text: str) -> list[dict[str, Any]] | None:
    """The entries of the classes; None without a manifest."""
    import tensorflow as tf

    from keras_attend_fusion import data

    folder = os.path.dirname(data.list_shards(split_patterns(text))[0])
    path = os.path.join(folder, NAME)
    try:
        with tf.io.gfile.GFile(path, "rb") as file:
            raw = file.read()
    except tf.errors.OpError:
        return None
    remedy = "pass `num_classes`, which leaves the file aside"
    try:
        manifest = parse_json(decode(raw, path), path)
    except ValueError as error:
        raise ArgumentError(f"{error}: {remedy}") from error
    if "classes" not in manifest:
        raise ArgumentError(f"{path} has no classes: {remedy}")
    classes = manifest["classes"]
    if not (
        isinstance(classes, list)
        and classes
        and all(isinstance(entry, dict) for entry in classes)
    ):
        raise ArgumentError(
            f"{path}: classes is not a list of JSON objects: {remedy}"
        )
    for index, entry in enumerate(classes):
        if not isinstance(entry.get("name", ""), str):
            raise ArgumentError(
                f"{path}: the name of class {index} is {entry['name']!r}: "
                f"expected text; {remedy}"
            )
    return classes
