"""The libraries that subcommands run on, loaded without their notices."""

from __future__ import annotations

import atexit
import contextlib
import importlib
import os
import sys
from collections.abc import Iterator

from keras_attend_fusion.cli.common import (
    Flags,
    end_at_once,
    import_from_working_directory,
)
from keras_attend_fusion.interrupts import check, status
from keras_attend_fusion.runs.settings import split_words


class LibraryError(Exception):
    """A library that cannot be imported, such as the backend's."""


def load() -> None:
    """Loads Keras, TensorFlow and what .keras files name.

    It takes seconds, so it comes after the flags have been read.

    Raises:
        LibraryError: One cannot be imported.
        KeyboardInterrupt: A signal came meanwhile.
    """
    loaded = "tensorflow" in sys.modules
    try:
        with _quiet():
            # Shards are read with TensorFlow on every backend; Keras comes
            # first, because PyTorch has to be loaded before TensorFlow.
            import keras  # noqa: F401

            _check_signals()
            import tensorflow as tf

            _check_signals()
            # Keras finds classes of a .keras file that have been imported.
            from keras_attend_fusion import (  # noqa: F401
                layers,
                metrics,
                models,
                training,
            )
    except BaseException as error:
        _check_signals()
        if not isinstance(error, ImportError):
            raise
        line = " ".join(str(error).split())
        backend = os.environ.get("KERAS_BACKEND", "")
        choice = f" (KERAS_BACKEND is {backend})" if backend else ""
        raise LibraryError(f"{line}{choice}") from error
    if not loaded:  # a caller from Python has its own choice of messages
        tf.get_logger().setLevel("ERROR")


def load_own(flag: Flags) -> None:
    """Imports the modules of --import, where a subcommand has it.

    Raises:
        ValueError: One cannot be imported.
    """
    text = flag["import"] if "import" in flag.values else None
    if text:
        import_from_working_directory()
    for name in split_words(text or ""):
        try:
            importlib.import_module(name)
        except ImportError as error:
            raise ValueError(f"--import {name}: {error}") from error


def _check_signals() -> None:
    """Raises `KeyboardInterrupt` if a signal came."""
    try:
        check()
    except KeyboardInterrupt:
        # A library that is half loaded may crash while Python ends.
        atexit.register(end_at_once, status())
        raise


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Drops what C++ libraries write to standard error in the block."""
    sys.stderr.flush()
    stderr = os.dup(2)
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(stderr, 2)
        os.close(stderr)
