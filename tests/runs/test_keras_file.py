"""`.keras` files that are made to fill the memory, or to run code."""

from __future__ import annotations

import io
import json
import zipfile

import h5py
import keras
import pytest

from keras_attend_fusion.files import archives
from keras_attend_fusion.runs import class_subset as class_list
from keras_attend_fusion.runs import folder as run_folder
from tests.models import tiny


@pytest.fixture
def members(tmp_path):
    """The members of a model's file, by name."""
    path = tmp_path / "whole.keras"
    tiny.attend_fusion("video").save(path)
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def write(path, members, compression=zipfile.ZIP_STORED):
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def refused(path):
    with pytest.raises(ValueError) as caught:
        run_folder.load_model(path)
    line = str(caught.value)
    assert line.startswith(f"{path} cannot be loaded as a Keras model: ")
    assert "\n" not in line
    return line


@pytest.mark.parametrize(
    "compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]
)
def test_a_sound_file_is_read(members, tmp_path, compression):
    path = write(tmp_path / "a.keras", members, compression)
    assert run_folder.load_model(path).name == "attend_fusion"


def test_a_member_that_unpacks_to_far_more(members, tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "ALLOWANCE", 1 << 20)
    more = {**members, "classes.json": b" " * (8 << 20)}
    path = write(tmp_path / "a.keras", more, zipfile.ZIP_DEFLATED)
    assert "unpacks to " in refused(path)


@pytest.mark.parametrize("shape", [(10**9, 8), (2**40, 2**40)])
def test_arrays_that_are_declared_and_not_there(members, tmp_path, shape):
    """Keras reads an array before it sees that its shape is another."""
    file = io.BytesIO(members["model.weights.h5"])
    with h5py.File(file, "r+") as weights:
        names: list[str] = []
        weights.visititems(
            lambda name, item: (
                names.append(name) if isinstance(item, h5py.Dataset) else None
            )
        )
        del weights[names[0]]
        chunks = tuple(min(size, 1024) for size in shape)
        weights.create_dataset(names[0], shape, "float32", chunks=chunks)
    bad = {**members, "model.weights.h5": file.getvalue()}
    line = refused(write(tmp_path / "a.keras", bad))
    assert "declares arrays of " in line


def test_a_configuration_nested_too_deep(members, tmp_path):
    deep = {**members, "config.json": b"[" * 100_000}
    refused(write(tmp_path / "a.keras", deep))


@pytest.mark.parametrize(
    ("module", "name"), [("os", "system"), ("builtins", "\x1b[2Jeval")]
)
def test_classes_that_are_not_keras_s(members, tmp_path, module, name):
    config = json.loads(members["config.json"])
    config["module"], config["class_name"] = module, name
    config["registered_name"] = None
    bad = {**members, "config.json": json.dumps(config).encode()}
    assert refused(write(tmp_path / "a.keras", bad)).isprintable()


def test_code_in_a_lambda_layer_is_not_run(tmp_path):
    inputs = {"rgb": keras.Input((4,), name="rgb")}
    outputs = keras.layers.Lambda(lambda x: x * 2)(inputs["rgb"])
    path = tmp_path / "a.keras"
    keras.Model(inputs, outputs).save(path)
    assert "Lambda" in refused(path)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("5", "holds 5: expected a JSON object"),
        ("[" * 100_000, "is nested too deep to be read"),
        ('{"classes": [0, 1, 2]}', "classes_of is None; expected a whole"),
        ('{"classes": [0, 2, 1], "classes_of": 9}', "expected rising whole"),
        ('{"classes": [0, 1, 9], "classes_of": 9}', "numbers from 0 to 8"),
        ('{"classes": [0, 1], "classes_of": 9}', "but the model has 3 scores"),
    ],
)
def test_classes_that_are_not_those_of_the_model(
    members, tmp_path, text, expected
):
    path = write(tmp_path / "a.keras", {**members, "classes.json": text})
    model = run_folder.load_model(path)
    with pytest.raises(ValueError) as caught:
        class_list.of_model(str(path), model)
    assert str(caught.value).startswith(f"{path}: classes.json")
    assert expected in str(caught.value)
