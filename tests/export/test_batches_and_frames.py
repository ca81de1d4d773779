"""Every kind of file takes one video and eight, of a second and of five
minutes, one after the other, each again and again, and stays within its kind's
bound; quantised files are small, and of builtin operations."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import keras
import numpy as np
import pytest

from keras_attend_fusion import export, models
from keras_attend_fusion.export.acceptance import BOUNDS
from tests.export.conftest import CLASSES
from tests.export.features import (
    TOO_OLD_FOR_4_BITS,
    foreign_operations,
    frame_level,
    video_level,
)

AGAIN = 4  # calls of one shape
# Of the bytes that the weights take in float32.
SHARES = {"float16": 0.55, "dynamic": 0.35, "int8": 0.35, "int4": 0.3}


class Known(NamedTuple):
    """A model, and what it says of features of every shape."""

    level: str
    model: keras.Model
    said: list[tuple[dict[str, np.ndarray], np.ndarray]]


@pytest.fixture(scope="module", params=["video", "frame"])
def known(request: pytest.FixtureRequest) -> Known:
    level = request.param
    keras.utils.set_random_seed(1)
    model = models.build(
        "attend_fusion", "mobile", level, CLASSES, trunk_units=64, members=1
    )
    for weight in model.weights:  # untrained, it says 0.01 of everything
        if "classifier" in weight.path:
            weight.assign(weight * (0 if "bias" in weight.path else 3))
    said = [
        (features, np.asarray(model(features, training=False)))
        for features in shapes(level)
    ]
    assert all(np.ptp(scores) > 0.3 for _, scores in said)
    return Known(level, model, said)


def shapes(level: str) -> list[dict[str, np.ndarray]]:
    """From short to long and back, so that files grow and shrink."""
    if level == "video":
        batches = [1] * AGAIN + [8] * AGAIN + [1]
        return [video_level(batch, i) for i, batch in enumerate(batches)]
    alike = [
        seconds_alike(batch, frames, seed=frames + i)
        for frames, times in ((1, AGAIN), (60, AGAIN), (300, 1), (1, 1))
        for batch in (1, 8)
        for i in range(times)
    ]
    return [*alike, seconds_alike(2, 60, audio=7, seed=0)]


def seconds_alike(
    batch: int, frames: int, seed: int, audio: int | None = None
) -> dict[str, np.ndarray]:
    """Videos whose seconds share half of their values, as they do in real
    ones: the mean of many is not the same for every video."""
    features = frame_level(batch, frames, audio, seed)
    for name in ("rgb", "audio"):
        values = features[name]
        features[name] = values // 2 + values[:, :1] // 2
        features[name][~features[f"{name}_mask"]] = 255  # to be passed over
    return features


def written(known: Known, kind: str, folder: Path) -> Path:
    if kind == "saved_model":
        return export.saved_model(known.model, folder / kind)
    if kind == "onnx":
        pytest.importorskip("onnxruntime")
        pytest.importorskip("tf2onnx")
        return export.onnx(known.model, folder / "model.onnx")
    calibration: Any = None
    if kind == "int8" and known.level == "video":
        calibration = [video_level(100, seed=5)]
    elif kind == "int8":
        calibration = [seconds_alike(50, n, seed=9) for n in (9, 20)]
    return export.litert(known.model, folder / "a.tflite", kind, calibration)


@pytest.mark.parametrize(
    "kind",
    ["saved_model", "onnx", "none", "float16", "dynamic", "int8", "int4"],
)
def test_it_says_what_keras_says(known, tmp_path, kind):
    if kind == "int4" and TOO_OLD_FOR_4_BITS:
        pytest.skip("an older interpreter")
    bound = BOUNDS.get(kind, BOUNDS["none"])
    path = written(known, kind, tmp_path)
    if path.suffix == ".tflite":
        assert foreign_operations(path) == []
    if kind in SHARES:
        size = 4 * known.model.count_params()
        assert path.stat().st_size < SHARES[kind] * size
    loaded = export.load(path, num_threads=1)
    taken = []
    for features, scores in known.said:
        found = loaded({name: one.copy() for name, one in features.items()})
        taken.append(np.ones(10_000))  # what such a call gave back
        assert found.shape == (len(features["rgb"]), CLASSES)
        np.testing.assert_allclose(found, scores, atol=bound, rtol=0)
        # A bound of 8 bits is wide: nearly all are far closer.
        assert np.abs(found - scores).mean() < bound / 4
        if kind in SHARES:
            assert np.abs(found - scores).max() > 0
