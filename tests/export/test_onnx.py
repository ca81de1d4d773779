"""ONNX files: the same scores, in one file that ONNX Runtime runs."""

from __future__ import annotations

import shutil
import sys

import keras
import numpy as np
import pytest

from keras_attend_fusion import export
from tests.export.conftest import CLASSES, assert_it_says_the_same
from tests.export.features import video_level
from tests.export.test_litert import not_on_phones

pytest.importorskip("onnxruntime")
pytest.importorskip("tf2onnx")


def test_it_says_what_the_model_says(exported, onnx_file, tmp_path):
    path = onnx_file
    if exported.level == "frame":
        path = export.onnx(exported.model, tmp_path / "model.onnx")
    loaded = export.load(path, num_threads=1)
    assert loaded.format == "onnx"
    assert loaded.output_shape == (None, CLASSES)
    inputs = exported.model.input
    assert {name: one.dtype for name, one in loaded.input.items()} == {
        name: tensor.dtype for name, tensor in inputs.items()
    }
    assert_it_says_the_same(loaded, exported)


def test_a_mixed_precision_model_is_exported_in_float32(
    mixed, mixed_twin, tmp_path
):
    loaded = export.load(export.onnx(mixed, tmp_path / "model.onnx"))
    features = video_level(3)
    np.testing.assert_allclose(
        loaded(features), mixed_twin(features), atol=1e-5
    )


def test_what_onnx_lacks_fails_and_leaves_the_earlier_file(tmp_path):
    path = tmp_path / "model.onnx"
    path.write_bytes(b"earlier")
    with pytest.raises(ValueError, match="ONNX cannot hold this model: ") as e:
        export.onnx(not_on_phones(), path)
    assert "MatrixInverse" in str(e.value)
    assert path.read_bytes() == b"earlier"
    assert list(tmp_path.iterdir()) == [path]


def test_another_suffix_is_refused(video, tmp_path):
    with pytest.raises(ValueError, match=r"model has to end in \.onnx"):
        export.onnx(video.model, tmp_path / "model")
    assert not any(tmp_path.iterdir())


def test_a_model_without_named_inputs_is_refused(tmp_path):
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
    with pytest.raises(ValueError, match="expected a functional model with a"):
        export.onnx(model, tmp_path / "model.onnx")


def test_a_file_that_was_cut(onnx_file, tmp_path):
    path = tmp_path / "model.onnx"
    path.write_bytes(onnx_file.read_bytes()[:1000])
    with pytest.raises(ValueError, match=r"model\.onnx cannot be loaded: .+"):
        export.load(path)


@pytest.mark.parametrize("package", ["tf2onnx", "onnxruntime"])
def test_what_is_missing_is_named(
    video, onnx_file, tmp_path, monkeypatch, package
):
    path = shutil.copyfile(onnx_file, tmp_path / "model.onnx")
    monkeypatch.setitem(sys.modules, package, None)
    use = {
        "tf2onnx": lambda: export.onnx(video.model, path),
        "onnxruntime": lambda: export.load(path),
    }[package]
    with pytest.raises(ImportError, match=r"keras-attend-fusion\[onnx\]"):
        use()
