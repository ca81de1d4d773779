"""Exporting a model of another backend in a TensorFlow process."""

from __future__ import annotations

import functools
import importlib
import inspect
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras


def needs_tensorflow(export: Callable[..., Path]) -> Callable[..., Path]:
    """Runs an export here on TensorFlow, elsewhere in a fresh process.

    The weights cross over in a `.keras` file, which every backend reads. The
    modules that registered what it names, such as a layer of the user's, are
    imported there, too.
    """

    @functools.wraps(export)
    def run(
        model: keras.Model, path: str | Path, *others: Any, **named: Any
    ) -> Path:
        if keras.backend.backend() == "tensorflow":
            return export(model, path, *others, **named)
        given = inspect.signature(export).bind(model, path, *others, **named)
        arguments = dict(list(given.arguments.items())[2:])
        with tempfile.TemporaryDirectory() as folder:
            source = Path(folder, "model.keras")
            model.save(source)
            job = {
                "module": export.__module__,
                "export": export.__name__,
                "model": str(source),
                "path": str(path),
                "arguments": arguments,
                "imports": registering_modules(model),
                "search_path": sys.path,
            }
            process = subprocess.run(
                [sys.executable, "-m", __name__, json.dumps(job)],
                env={**os.environ, "KERAS_BACKEND": "tensorflow"},
                capture_output=True,
                text=True,
                check=False,
            )
        if process.returncode:
            lines = process.stderr.strip().splitlines() or ["it gave no reason"]
            raise ValueError(
                f"Exporting '{model.name}' in a TensorFlow process failed: "
                f"{lines[-1]}"
            )
        return Path(path)

    return run


def registering_modules(model: keras.Model) -> list[str]:
    """The modules that registered the layers and functions of a model.

    Args:
        model: a functional model.

    Raises:
        ValueError: one was registered by the program that runs, which no
            other process can import.

    Example:

    >>> inputs = keras.Input((2,))
    >>> registering_modules(keras.Model(inputs, keras.layers.Dense(3)(inputs)))
    []
    """
    config = model.to_json()
    modules = set()
    for name, value in keras.saving.get_custom_objects().items():
        if json.dumps(name) not in config:
            continue
        if value.__module__ == "__main__":
            raise ValueError(
                f"'{model.name}' has {name}, which the program that runs "
                "defines, and it is exported in a TensorFlow process: put it "
                "into a module that can be imported"
            )
        modules.add(value.__module__)
    return sorted(modules)


def main() -> None:
    job = json.loads(sys.argv[1])
    sys.path += [place for place in job["search_path"] if place not in sys.path]
    for name in job["imports"]:
        importlib.import_module(name)
    model = keras.saving.load_model(job["model"], compile=False)
    export = getattr(importlib.import_module(job["module"]), job["export"])
    export(model, job["path"], **job["arguments"])


if __name__ == "__main__":
    main()
