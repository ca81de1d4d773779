"""The schema that lies beside shards."""

from __future__ import annotations

import os

import tensorflow as tf

from keras_attend_fusion.data.schema import Schema, parse_schema
from keras_attend_fusion.data.shards import Pattern, list_shards
from keras_attend_fusion.files import decode, parse_json

NAME = "schema.json"


def find_schema(pattern: Pattern) -> Schema | None:
    """The schema in the file `schema.json` in the folder of some shards.

    `kaf.data.write` leaves one there. `load` and all else that reads shards
    find it by themselves where neither a schema nor a level of another kind
    is given.

    Args:
        pattern: A path, a glob, or a list of them, local or remote.

    Returns:
        The schema as the file has it; None if there is no such file.

    Raises:
        NoShardsError: No file matches.
        ValueError: The file does not hold a schema, or two folders of the
            shards hold different ones; the message names the files.

    Example:

    >>> import tempfile
    >>> from keras_attend_fusion.data import synthesize
    >>> folder = tempfile.mkdtemp()
    >>> _ = synthesize(folder, "video", videos=20, shards=2, classes=4)
    >>> find_schema(f"{folder}/train-*") is None
    True
    """
    path_and_schema = schema_beside(list_shards(pattern))
    return path_and_schema[1] if path_and_schema else None


def schema_beside(paths: list[str]) -> tuple[str, Schema] | None:
    """The path of the `schema.json` beside shards, and what it holds."""
    first: tuple[str, Schema] | None = None
    for folder in dict.fromkeys(os.path.dirname(path) for path in paths):
        path = os.path.join(folder, NAME)
        schema = _read(path)
        if schema is None:
            continue
        if first is not None and schema != first[1]:
            raise ValueError(
                f"{first[0]} and {path} differ, so that their shards cannot "
                "be read together: give one schema for all of them, or name "
                "the shards of one folder."
            )
        first = first or (path, schema)
    return first


def _read(path: str) -> Schema | None:
    try:
        with tf.io.gfile.GFile(path, "rb") as file:
            content = file.read()
    except tf.errors.PermissionDeniedError as error:
        if "://" in path:  # so some stores answer where nothing is
            return None
        raise ValueError(f"{path} cannot be read: {error.message}") from error
    except tf.errors.OpError:  # it is not there, or there are no folders
        return None
    return parse_schema(parse_json(decode(content, path), path), path)
