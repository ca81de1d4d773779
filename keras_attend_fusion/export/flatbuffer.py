"""LiteRT files as objects, through what TensorFlow has for itself."""

from __future__ import annotations

from typing import Any

from keras_attend_fusion.private import private


def schema() -> Any:
    """The classes and numbers of a LiteRT file's parts.

    Raises:
        UntriedVersionError: TensorFlow has them no longer.
    """
    owner = "tensorflow.lite.python"
    return private(owner, "schema_py_generated", "tensorflow")


def read(flat: bytes) -> Any:
    """A file's parts, which may be changed.

    Raises:
        UntriedVersionError: TensorFlow reads them no longer.
    """
    return _utility("convert_bytearray_to_object")(bytearray(flat))


def write(model: Any) -> bytes:
    """The file of such parts.

    Raises:
        UntriedVersionError: TensorFlow writes them no longer.
    """
    return bytes(_utility("convert_object_to_bytearray")(model))


def _utility(name: str) -> Any:
    owner = "tensorflow.lite.tools.flatbuffer_utils"
    return private(owner, name, "tensorflow")
