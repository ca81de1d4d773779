"""One small model a level, exported once in every format."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import keras
import numpy as np
import pytest

from keras_attend_fusion import export, models
from tests.export.features import every_shape

if keras.backend.backend() != "tensorflow":
    collect_ignore_glob = ["test_*.py"]

CLASSES = 6


class Exported(NamedTuple):
    """A Keras model and what it was exported to."""

    level: str
    model: keras.Model
    saved_model: Path
    litert: Path


def small_model(level: str) -> keras.Model:
    """`mobile` with two members: converting takes its time for each of them."""
    return models.build("attend_fusion", "mobile", level, CLASSES, members=2)


def _exported(level: str, factory: pytest.TempPathFactory) -> Exported:
    keras.utils.set_random_seed(1)
    model = small_model(level)
    folder = factory.mktemp(f"exported_{level}")
    return Exported(
        level,
        model,
        export.saved_model(model, folder / "saved_model"),
        export.litert(model, folder / "model.tflite"),
    )


def assert_it_says_the_same(loaded: Any, exported: Exported) -> None:
    """A file's scores are those of its model, for features of every shape."""
    for features in every_shape(exported.level):
        expected = np.asarray(exported.model(features, training=False))
        found = loaded(features)
        assert found.shape == (len(features["rgb"]), CLASSES)
        assert found.dtype == np.float32
        np.testing.assert_allclose(found, expected, atol=1e-5)


@pytest.fixture(scope="session")
def video(tmp_path_factory: pytest.TempPathFactory) -> Exported:
    """A video-level model."""
    return _exported("video", tmp_path_factory)


@pytest.fixture(scope="session")
def frame(tmp_path_factory: pytest.TempPathFactory) -> Exported:
    """A frame-level model."""
    return _exported("frame", tmp_path_factory)


@pytest.fixture(scope="session")
def onnx_file(
    video: Exported, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The video-level model as ONNX, to be copied before it is changed."""
    pytest.importorskip("onnxruntime")
    pytest.importorskip("tf2onnx")
    return export.onnx(
        video.model, tmp_path_factory.mktemp("onnx") / "model.onnx"
    )


@pytest.fixture(params=["video", "frame"])
def exported(request: pytest.FixtureRequest) -> Exported:
    """The model of either level."""
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="session")
def mixed() -> keras.Model:
    """A video-level model that computes in bfloat16."""
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        return small_model("video")
    finally:
        keras.config.set_dtype_policy("float32")


@pytest.fixture(scope="session")
def mixed_twin(
    mixed: keras.Model, tmp_path_factory: pytest.TempPathFactory
) -> Any:
    """What its SavedModel says, which is in float32."""
    path = tmp_path_factory.mktemp("mixed") / "saved_model"
    return export.load(export.saved_model(mixed, path))
