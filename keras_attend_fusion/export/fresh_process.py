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

    The weights cross over in a `.keras` file, which every backend reads.
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
            }
            done = subprocess.run(
                [sys.executable, "-m", __name__, json.dumps(job)],
                env={**os.environ, "KERAS_BACKEND": "tensorflow"},
                capture_output=True,
                text=True,
                check=False,
            )
        if done.returncode:
            lines = done.stderr.strip().splitlines() or ["it gave no reason"]
            raise ValueError(
                f"Exporting '{model.name}' in a TensorFlow process failed: "
                f"{lines[-1]}"
            )
        return Path(path)

    return run


def main() -> None:
    job = json.loads(sys.argv[1])
    model = keras.saving.load_model(job["model"], compile=False)
    export = getattr(importlib.import_module(job["module"]), job["export"])
    export(model, job["path"], **job["arguments"])


if __name__ == "__main__":
    main()
