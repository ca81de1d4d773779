"""Models as the package made them before it took any modalities.

Run as a program, on TensorFlow, it writes the files in `tests/models/data`
from the package as it is: a small `.keras` file of each of `MODELS`, what it
scores, and `layout.json`, what every preset is made of. They hold what
earlier versions made, so they are written once and never again.
"""

from __future__ import annotations

import contextlib
import gc
import hashlib
import json
import platform
import zipfile
from pathlib import Path
from typing import Any
from unittest import mock

import keras
import numpy as np

from keras_attend_fusion import models
from tests.models import peers, tiny

DATA = Path(__file__).parent / "data"
LAYOUT = DATA / "layout.json"
LEVELS = ("video", "frame")
MODELS: dict[str, tuple[str, str, str, dict[str, Any]]] = {
    "mobile_video": ("attend_fusion", "mobile", "video", tiny.SIZES),
    "mobile_frame": ("attend_fusion", "mobile", "frame", tiny.SIZES),
    "nextvlad_frame": (
        "nextvlad",
        "small",
        "frame",
        {
            "rgb_size": tiny.RGB,
            "audio_size": tiny.AUDIO,
            **peers.SIZES["nextvlad"],
        },
    ),
    "experts_video": (
        "mixture_of_experts",
        "base",
        "video",
        {"rgb_size": tiny.RGB, "audio_size": tiny.AUDIO},
    ),
}


def keras_file(name: str) -> Path:
    return DATA / f"{name}.keras"


def scores_file(name: str) -> Path:
    return DATA / f"{name}.npz"


def machine() -> str:
    """A digest of what the last bit of a score hangs on, beside the code."""
    flags = Path("/proc/cpuinfo")
    lines = flags.read_text().splitlines() if flags.is_file() else []
    cpu = next((line for line in lines if line.startswith("flags")), "")
    parts = [keras.backend.backend(), keras.__version__, platform.machine()]
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        parts.append(tf.__version__)
    return hashlib.sha256(" ".join([*parts, cpu]).encode()).hexdigest()


def layout(name: str, preset: str, level: str) -> dict[str, Any]:
    """How many parameters a preset has, and a digest of its layers.

    The digest is of the names of the layers and the paths and shapes of the
    weights, in order.
    """
    try:
        with keras.StatelessScope(initialize_variables=False):
            model = models.build(name, preset, level)
    finally:
        with mock.patch.object(gc, "collect"):
            keras.utils.clear_session()
    parts = [
        [layer.name, *(f"{w.path} {tuple(w.shape)}" for w in layer.weights)]
        for layer in model.layers
        if layer.weights or layer.name in model.input
    ]
    text = json.dumps(parts)
    return {
        "parameters": model.count_params(),
        "layers": hashlib.sha256(text.encode()).hexdigest(),
    }


def write() -> None:
    """Writes all of the files."""
    DATA.mkdir(exist_ok=True)
    for name, (model_name, preset, level, sizes) in MODELS.items():
        model = models.build(model_name, preset, level, tiny.CLASSES, **sizes)
        tiny.randomise(model)
        with contextlib.suppress(FileNotFoundError):
            keras_file(name).unlink()
        plain = DATA / f"plain-{name}.keras"
        model.save(plain)
        with (
            zipfile.ZipFile(plain) as source,
            zipfile.ZipFile(
                keras_file(name), "w", zipfile.ZIP_DEFLATED
            ) as target,
        ):
            for member in source.namelist():
                target.writestr(member, source.read(member))
        plain.unlink()
        model = keras.saving.load_model(keras_file(name))
        features = tiny.videos(level, count=6, seed=4)
        np.savez_compressed(
            scores_file(name),
            scores=tiny.scores(model, features),
            machine=machine(),
            **features,
        )
    LAYOUT.write_text(
        json.dumps(
            {
                f"{name} {preset} {level}": layout(name, preset, level)
                for name in models.names()
                for preset in models.presets(name)
                for level in LEVELS
            },
            indent=1,
        )
        + "\n",
        encoding="utf-8",
    )


if __name__ == "__main__":
    write()
