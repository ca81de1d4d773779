"""Loading what was exported, and what was not."""

from __future__ import annotations

import shutil
import sys

import numpy as np
import pytest
import tensorflow as tf

from keras_attend_fusion import export
from tests.export.features import frame_level, video_level


@pytest.mark.parametrize("kind", ["nothing", "folder", "text", "empty"])
def test_what_is_no_export(tmp_path, kind):
    path = tmp_path / "model"
    if kind == "folder":
        path.mkdir()
    elif kind != "nothing":
        path.write_text("no model" if kind == "text" else "")
    with pytest.raises(ValueError, match="neither a SavedModel folder nor"):
        export.load(path)


@pytest.mark.parametrize("size", [100, 100_000])
def test_a_file_that_was_cut(video, tmp_path, size):
    # TensorFlow's own interpreter reads past the end, and dies.
    pytest.importorskip("ai_edge_litert.interpreter")
    path = tmp_path / "a.tflite"
    path.write_bytes(video.litert.read_bytes()[:size])
    with pytest.raises(ValueError, match=r"a\.tflite cannot be loaded: .+"):
        export.load(path)


def test_a_saved_model_that_was_cut(video, tmp_path):
    path = tmp_path / "saved_model"
    shutil.copytree(video.saved_model, path)
    whole = (path / "saved_model.pb").read_bytes()
    (path / "saved_model.pb").write_bytes(whole[:1000])
    with pytest.raises(ValueError, match="saved_model cannot be loaded: "):
        export.load(path)


def test_a_saved_model_of_something_else(tmp_path):
    tf.saved_model.save(tf.Module(), str(tmp_path / "a"))
    with pytest.raises(ValueError, match=r"a cannot be loaded: .*serving_d"):
        export.load(tmp_path / "a")


@pytest.mark.parametrize("file", ["saved_model", "litert"])
def test_features_by_other_names(exported, file):
    path = getattr(exported, file)
    loaded = export.load(path)
    names = sorted(exported.model.input)
    for features in ({}, {"rgb": 1}, {**dict.fromkeys(names, 1), "id": 1}):
        with pytest.raises(ValueError) as error:
            loaded(features)
        assert str(error.value) == (
            f"{path.name} takes the inputs {names}, got {sorted(features)}."
        )


VECTORS = {
    "rgb": np.zeros((2, 1024), "float32"),
    "audio": np.zeros((2, 128), "float32"),
}
FRAMES = {
    "rgb": np.zeros((2, 5, 1024), "uint8"),
    "audio": np.zeros((2, 5, 128), "uint8"),
    "rgb_mask": np.ones((2, 5), bool),
    "audio_mask": np.ones((2, 5), bool),
}


@pytest.mark.parametrize(
    ("features", "changes", "message"),
    [
        (
            VECTORS,
            {"audio": np.zeros((2, 64), "float32")},
            r"takes audio as float32 \(any, 128\), got float32 \(2, 64\)",
        ),
        (
            VECTORS,
            {"rgb": np.zeros(1024, "float32")},
            r"takes rgb as float32 \(any, 1024\), got float32 \(1024,\)",
        ),
        (
            VECTORS,
            {"rgb": np.zeros((2, 1024), "uint8")},
            r"takes rgb as float32 \(any, 1024\), got uint8 \(2, 1024\)",
        ),
        (
            VECTORS,
            {"audio": np.zeros((3, 128))},
            r"got (rgb|audio) of shape .*: pass as many videos of each",
        ),
        (
            FRAMES,
            {"rgb": np.zeros((2, 5, 1024), "float32")},
            r"takes rgb as uint8 \(any, any, 1024\), got float32 \(2, 5",
        ),
        (
            FRAMES,
            {"rgb_mask": np.ones((2, 6), bool)},
            r"got rgb_mask of shape \(2, 6\) and rgb of shape \(2, 5, 1024\)",
        ),
    ],
)
@pytest.mark.parametrize("file", ["saved_model", "litert"])
def test_features_that_do_not_fit(
    video, frame, file, features, changes, message
):
    one = video if features is VECTORS else frame
    loaded = export.load(getattr(one, file))
    assert loaded(features).shape[0] == 2
    with pytest.raises(ValueError, match=message):
        loaded({**features, **changes})


def test_doubles_are_floats(video):
    loaded = export.load(video.litert)
    features = video_level(2)
    doubles = {name: value.astype(float) for name, value in features.items()}
    np.testing.assert_array_equal(loaded(doubles), loaded(features))


def test_calls_do_not_change_what_was_returned(video):
    loaded = export.load(video.litert)
    first = loaded(video_level(2, seed=1))
    kept = first.copy()
    loaded(video_level(2, seed=2))
    np.testing.assert_array_equal(first, kept)


def test_shapes_may_change_from_call_to_call(frame):
    loaded = export.load(frame.litert, num_threads=1)
    features = frame_level(2, 7)
    first = loaded(features)
    loaded(frame_level(1, 60))
    np.testing.assert_allclose(loaded(features), first, atol=1e-6)


@pytest.mark.filterwarnings("ignore:.*tf.lite.Interpreter is deprecated")
def test_without_litert_the_interpreter_of_tensorflow_runs(video, monkeypatch):
    monkeypatch.setitem(sys.modules, "ai_edge_litert.interpreter", None)
    features = video_level(2)
    expected = np.asarray(video.model(features, training=False))
    found = export.load(video.litert)(features)
    np.testing.assert_allclose(found, expected, atol=1e-5)
