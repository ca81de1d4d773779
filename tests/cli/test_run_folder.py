"""Models that are none, and files beside them that are broken."""

from __future__ import annotations

import json
import zipfile

import keras
import pytest

from keras_attend_fusion import models
from tests.cli import runs


def flags(name, tmp_path, data="nope"):
    """The subcommand on a folder, with flags that are fine."""
    given = {
        "evaluate": [f"--data={data}"],
        "predict": [f"--data={data}", f"--out={tmp_path / 'out.csv'}"],
        "export": [f"--out={tmp_path / 'out'}"],
    }[name]
    return [name, f"--model={tmp_path / 'model'}", *given]


@pytest.mark.parametrize("name", ["evaluate", "predict", "export"])
@pytest.mark.parametrize(
    ("case", "expected"),
    [
        (
            "missing",
            "model is not a model folder (model.keras not found): pass",
        ),
        ("empty", "model is not a model folder (model.keras not found): pass"),
        ("garbage", "model.keras is not a .keras file, or was cut off"),
        ("cut", "model.keras is not a .keras file, or was cut off"),
        ("zip", "model.keras cannot be loaded as a Keras model: "),
        ("weights", "model.keras cannot be loaded as a Keras model: "),
        ("sequential", "model.keras holds a Sequential model: expected one"),
    ],
)
def test_what_is_no_model(video, fails, tmp_path, name, case, expected):
    folder = tmp_path / "model"
    file = folder / "model.keras"
    if case != "missing":
        folder.mkdir()
    if case == "garbage":
        file.write_text("garbage")
    elif case == "cut":
        file.write_bytes((video.run / "model.keras").read_bytes()[:9999])
    elif case == "zip":
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("readme.txt", "no model")
    elif case == "weights":
        with (
            zipfile.ZipFile(video.run / "model.keras") as source,
            zipfile.ZipFile(file, "w") as archive,
        ):
            for entry in source.namelist():
                whole = source.read(entry)
                cut = entry.endswith(".h5")
                archive.writestr(entry, whole[:5000] if cut else whole)
    elif case == "sequential":
        layers = [keras.Input((4,)), keras.layers.Dense(3)]
        keras.Sequential(layers).save(file)
    line = fails(*flags(name, tmp_path))
    assert expected in line
    left = {path.name for path in tmp_path.iterdir()}
    assert left == (set() if case == "missing" else {"model"})


@pytest.mark.parametrize("name", ["evaluate", "predict", "export"])
def test_weights_of_another_architecture(video, fails, tmp_path, name):
    """One line, and none of what Keras warns of on the way."""
    other = tmp_path / "other.keras"
    models.build("logistic", num_classes=runs.CLASSES).save(other)
    (tmp_path / "model").mkdir()
    with (
        zipfile.ZipFile(video.run / "model.keras") as source,
        zipfile.ZipFile(other) as weights,
        zipfile.ZipFile(tmp_path / "model/model.keras", "w") as archive,
    ):
        for entry in source.namelist():
            taken = weights if entry.endswith(".h5") else source
            archive.writestr(entry, taken.read(entry))
    line = fails(*flags(name, tmp_path))
    assert "its weights are not those of the model it describes; pass" in line


def model_of(inputs, *units):
    """A model of named inputs with a rank, and one or more outputs."""
    given = {
        key: keras.Input((None,) * (rank - 2) + (size,), name=key)
        for key, (rank, size) in inputs.items()
    }
    first = next(iter(given.values()))
    outputs = [keras.layers.Dense(n)(first) for n in units]
    return keras.Model(given, outputs[0] if len(outputs) == 1 else outputs)


VIDEO = {"rgb": (2, 1024), "audio": (2, 128)}


@pytest.mark.parametrize("name", ["evaluate", "predict", "export"])
@pytest.mark.parametrize(
    ("inputs", "units", "expected"),
    [
        ({"id": (2, 10)}, [8], "takes id (None, 10): expected one"),
        ({**VIDEO, "joint": (2, 10)}, [8], ", joint (None, 10): expected one"),
        ({"rgb": (3, 1024)}, [8], "takes rgb (None, None, 1024): expected"),
        ({**VIDEO, "rgb_mask": (2, 10)}, [8], ", rgb_mask (None, 10): exp"),
        (VIDEO, [8, 8], "output is of several parts: expected one score a"),
    ],
)
def test_a_model_of_something_else(
    fails, tmp_path, name, inputs, units, expected
):
    (tmp_path / "model").mkdir()
    model_of(inputs, *units).save(tmp_path / "model/model.keras")
    line = fails(*flags(name, tmp_path))
    assert f"{tmp_path / 'model/model.keras'} holds a model " in line
    assert expected in line
    assert "as `attend-fusion train` writes" in line


def test_an_output_of_frames(fails, tmp_path):
    inputs = {
        "rgb": keras.Input((None, 1024), name="rgb"),
        "rgb_mask": keras.Input((None,), dtype="bool", name="rgb_mask"),
    }
    outputs = keras.layers.Dense(8)(inputs["rgb"])
    (tmp_path / "model").mkdir()
    keras.Model(inputs, outputs).save(tmp_path / "model/model.keras")
    line = fails(*flags("export", tmp_path))
    assert "output is of shape (None, None, 8): expected one score" in line


@pytest.mark.parametrize("name", ["evaluate", "predict"])
def test_a_model_of_vectors_of_another_size(video, fails, tmp_path, name):
    (tmp_path / "model").mkdir()
    model = model_of({"rgb": (2, 64)}, 8)
    model.save(tmp_path / "model/model.keras")
    line = fails(*flags(name, tmp_path, video.validate))
    assert "the model takes rgb of 64 values, but the shards hold 1024" in line


@pytest.mark.parametrize(
    ("text", "expected"),
    [("{", "is not JSON"), ("[1]", "expected a JSON object")],
)
def test_metrics_that_cannot_be_read(video, fails, tmp_path, text, expected):
    (tmp_path / "model.keras").symlink_to(video.run / "model.keras")
    (tmp_path / "metrics.json").write_text(text)
    line = fails("evaluate", f"--model={tmp_path}", f"--data={video.validate}")
    assert f"{tmp_path / 'metrics.json'} " in line
    assert expected in line


@pytest.mark.parametrize("threshold", ["high", None, [1]])
def test_a_frozen_threshold_that_is_no_number(
    video, command, tmp_path, threshold
):
    (tmp_path / "model.keras").symlink_to(video.run / "model.keras")
    (tmp_path / "metrics.json").write_text(json.dumps({"threshold": threshold}))
    answer = command(
        "evaluate", f"--model={tmp_path}", f"--data={video.validate}"
    )
    if threshold is None:
        assert "picked on these videos" in answer.out
    else:
        assert answer.status == 1
        (line,) = answer.error.splitlines()
        assert f"threshold is {threshold!r}; expected" in line
