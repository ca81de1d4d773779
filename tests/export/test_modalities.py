"""Files of models with three modalities and with one, and with a softmax."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest

from keras_attend_fusion import export, models
from keras_attend_fusion.export.readme import card
from tests.export.features import foreign_operations
from tests.export.test_litert_metadata import table_of
from tests.models import tiny
from tests.models.test_modalities import SIZES, narrow, videos

RANGES = {"rgb": (-0.25, 0.25), "text": (0.5, 1.5)}
BOUNDS = {"none": 1e-5, "float16": 5e-3, "dynamic": 0.1, "int8": 0.2}


def three(level: str, **changes: Any) -> keras.Model:
    """Bytes of ranges of their own and, of the sound, values."""
    arguments: dict[str, Any] = {"activation": "softmax", **changes}
    if level == "frame":
        arguments["feature_range"] = RANGES
        arguments["feature_dtype"] = {"audio": "float32"}
    return narrow("attend_fusion", level, SIZES, **arguments)


def features_of(level: str, seed: int = 0) -> dict[str, Any]:
    """Four videos, the last of them without text."""
    features = videos(level, SIZES, seed)
    if level == "frame":
        features["audio"] = features["audio"].astype("float32") / 64 - 2
        features["text_mask"][-1] = False
    else:
        features["text"][-1] = 0
    return features


def written(model: keras.Model, kind: str, folder: Any, level: str) -> Any:
    """A file of a model, loaded."""
    if kind == "saved_model":
        path = export.saved_model(model, folder / "saved_model")
    elif kind == "onnx":
        pytest.importorskip("onnxruntime")
        pytest.importorskip("tf2onnx")
        path = export.onnx(model, folder / "model.onnx")
    else:
        calibration = [features_of(level, seed) for seed in range(30)]
        path = export.litert(
            model,
            folder / "model.tflite",
            kind,
            calibration if kind == "int8" else None,
        )
        assert foreign_operations(path) == []
    export.add_facts(path, export.describe(model))
    return export.load(path)


KINDS = ["saved_model", "onnx", *BOUNDS]


@pytest.mark.parametrize(
    ("level", "kind"),
    [("frame", kind) for kind in KINDS]
    + [("video", kind) for kind in ("saved_model", "none", "int8")],
)
def test_three_modalities_and_a_softmax(level, kind, tmp_path):
    model = three(level)
    loaded = written(model, kind, tmp_path, level)
    features = features_of(level, seed=99)
    expected = tiny.scores(model, features)
    scores = loaded(features)
    np.testing.assert_allclose(
        scores, expected, atol=BOUNDS.get(kind, BOUNDS["none"])
    )
    np.testing.assert_allclose(scores.sum(axis=1), np.ones(4), atol=1e-5)
    assert np.ptp(expected, axis=0).max() > 1e-2
    described = models.describe(loaded)
    assert described == models.describe(model)
    assert described.modalities == ("rgb", "audio", "text")
    assert described.activation == "softmax"
    if level == "frame":
        assert described.ranges == RANGES
        cast = {**features, "audio": features["audio"].astype("uint8")}
        with pytest.raises(ValueError, match="takes audio as float32"):
            loaded(cast)
        cast = {**features, "text": features["text"].astype("float32")}
        with pytest.raises(ValueError, match="takes text as uint8"):
            loaded(cast)
    if kind in ("saved_model", "onnx", "none"):
        assert export.parity(model, loaded)["max_difference"] < 1e-5


@pytest.mark.parametrize("kind", ["saved_model", "onnx", "none", "int8"])
def test_one_modality_of_another_name(kind, tmp_path):
    sizes = {"text": 10}
    model = narrow(
        "attend_fusion", "video", sizes, feature_dtype="uint8", members=1
    )
    random = np.random.default_rng(0)
    features = {"text": random.integers(0, 256, (128, 10)).astype("uint8")}
    if kind in ("none", "int8"):
        calibration = [features] if kind == "int8" else None
        path = export.litert(model, tmp_path / "a.tflite", kind, calibration)
    elif kind == "onnx":
        pytest.importorskip("onnxruntime")
        pytest.importorskip("tf2onnx")
        path = export.onnx(model, tmp_path / "a.onnx")
    else:
        path = export.saved_model(model, tmp_path / "a")
    scores = export.load(path)(features)
    expected = tiny.scores(model, features)
    bound = 0.2 if kind == "int8" else 1e-5
    np.testing.assert_allclose(scores, expected, atol=bound)


@pytest.mark.parametrize("name", models.names())
def test_every_model_with_a_softmax_as_litert(name, tmp_path):
    model = narrow(name, "video", SIZES, activation="softmax")
    path = export.litert(model, tmp_path / "a.tflite")
    assert foreign_operations(path) == []
    features = features_of("video")
    scores = export.load(path)(features)
    np.testing.assert_allclose(scores, tiny.scores(model, features), atol=1e-5)
    np.testing.assert_allclose(scores.sum(axis=1), np.ones(4), atol=1e-5)


def test_what_a_file_says_of_ranges_and_scores(tmp_path):
    model = three("frame")
    path = export.litert(model, tmp_path / "a.tflite")
    facts = export.describe(model)
    assert facts["activation"] == "softmax"
    assert facts["inputs"]["text"]["dequantize"] == {
        "min_value": 0.5,
        "max_value": 1.5,
    }
    assert "dequantize" not in facts["inputs"]["audio"]
    export.add_facts(path, facts)
    (graph,) = table_of(path).children(3)
    inputs = {each.text(0): each for each in graph.children(2)}
    assert set(inputs) == set(model.input)
    assert "0 to 255 stand for -0.25 to 0.25" in inputs["rgb"].text(1)
    assert inputs["text_mask"].texts(2) == ["batch", "seconds"]
    (scores,) = graph.children(3)
    assert "together they are 1" in scores.text(1)
    facts["activation"] = "relu"
    with pytest.raises(ValueError, match="activation is 'relu'; expected one"):
        export.add_facts(path, facts)


def test_what_the_page_says_of_ranges_and_scores():
    file = {
        **{"file": "a.tflite", "format": "litert", "quantize": "none"},
        **{"bytes": 1, "max_difference": 0.0, "peak_mb": None},
        **dict.fromkeys(("p50_ms", "p95_ms", "first_ms", "f1_micro"), 0.5),
        **{"gap_at_20": 0.5, "accuracy": 0.625},
        "two_threads": {"p50_ms": 1.0, "p95_ms": 1.0},
    }
    keras_scores = {"gap_at_20": 0.5, "f1_micro": 0.5, "accuracy": 0.75}
    page = card(
        {
            **export.describe(three("frame")),
            "level": "frame",
            "threshold": None,
            "files": [file],
            "keras": {**keras_scores, "videos": 3, "threshold": 0.5},
        },
        named=False,
    )
    assert "`text`: uint8 (batch, frames, 10); the byte q stands for" in page
    assert "q × 1/255 + 1/512 + 0.5, which the model works out" in page
    assert "q × 0.5/255 + 0.5/512 − 0.25, which" in page
    assert "`audio`: float32 (batch, frames, 7)." in page
    assert "they sum to 1: a video has one class." in page
    assert "| accuracy |" in page
    assert "0.7500" in page
    assert "0.6250" in page
