"""What is kept beside weights and shards, and what of it is refused."""

from __future__ import annotations

import json
import zipfile

import pytest

from keras_attend_fusion import models
from keras_attend_fusion.data import manifest
from keras_attend_fusion.runs import class_subset as class_list
from keras_attend_fusion.runs import notes
from tests.data import records

DEEP = "[" * 100_000 + "]" * 100_000


@pytest.fixture
def saved(tmp_path):
    """A model of three scores."""
    path = tmp_path / "model.keras"
    models.build("logistic", num_classes=3).save(path)
    return path


def test_names_and_classes_come_back(saved):
    kept = class_list.ClassList([0, 4, 6], 9, {0: "a", 4: "b", 6: "ü"})
    class_list.keep(saved, kept)
    assert class_list.of_model(str(saved), _Scores(3)) == kept
    assert kept.shown({}) == {0: "a", 1: "b", 2: "ü"}
    assert kept.shown({4: "c"}) == {0: "class 0", 1: "c", 2: "class 6"}


class _Scores:
    def __init__(self, count):
        self.output_shape = (None, count)


@pytest.mark.parametrize(
    ("member", "text", "expected"),
    [
        ("classes.json", "5", "holds 5: expected a JSON object"),
        ("classes.json", "null", "holds None: expected a JSON object"),
        ("classes.json", DEEP, "nested too deep"),
        ("classes.json", '{"classes": 3}', "classes_of is None; expected"),
        (
            "classes.json",
            '{"classes": [1, 2], "classes_of": 3}',
            "2 classes are scored, but the model has 3 scores",
        ),
        ("classes.json", '{"classes": [0, 1, 2]}', "classes_of is None; exp"),
        (
            "classes.json",
            '{"classes": [0, 2, 1], "classes_of": 3}',
            "expected rising whole numbers from 0 to 2",
        ),
        (
            "classes.json",
            '{"classes": [0, 1, true], "classes_of": 3}',
            "expected rising whole numbers from 0 to 2",
        ),
        (
            "classes.json",
            '{"class_names": {}}',
            "class_names is not a list of 3 names",
        ),
        ("classes.json", '{"class_names": [1, 2, 3]}', "not a list of 3 names"),
        ("schema.json", "[]", "holds []: expected a JSON object"),
        ("schema.json", '{"level": 3}', "does not hold a schema"),
    ],
)
def test_notes_of_the_wrong_shape(saved, fails, member, text, expected):
    with zipfile.ZipFile(saved, "a") as file:
        file.writestr(member, text)
    line = fails("evaluate", f"--model={saved}", "--data=nowhere")
    assert f"{saved}: {member}" in line
    assert expected in line


def test_a_note_that_unpacks_to_too_much(saved, monkeypatch):
    notes.keep(saved, "note.json", {"a": "b" * 100})
    assert notes.read(saved, "note.json") == {"a": "b" * 100}
    assert notes.read(saved, "other.json") == {}
    monkeypatch.setattr(notes, "MOST_BYTES", 50)
    with pytest.raises(ValueError, match="expected 50 at most"):
        notes.read(saved, "note.json")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("null", "holds None: expected a JSON object"),
        (DEEP, "nested too deep"),
        ("{", "is not JSON"),
        ("{}", "has no classes"),
        ('{"classes": 8}', "classes is not a list of JSON objects"),
        ('{"classes": []}', "classes is not a list of JSON objects"),
        ('{"classes": ["a"]}', "classes is not a list of JSON objects"),
        ('{"classes": [{"name": 3}]}', "name of class 0 is 3: expected text"),
    ],
)
def test_a_manifest_of_the_wrong_shape(tmp_path, text, expected):
    path = records.write(tmp_path / "a.tfrecord", [records.video()])
    (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(ValueError, match="pass `num_classes`") as error:
        manifest.num_classes(str(path))
    assert f"{tmp_path / 'manifest.json'}" in str(error.value)
    assert expected in str(error.value)
    assert manifest.class_names(str(path), 4) == {}


def test_what_a_manifest_tells(tmp_path):
    path = str(records.write(tmp_path / "a.tfrecord", [records.video()]))
    assert manifest.num_classes(path) == 3862
    assert manifest.class_names(path, 3862) == {}
    classes = [{"name": "a"}, {"name": "b"}]
    (tmp_path / "manifest.json").write_text(
        json.dumps({"classes": classes}), "utf-8-sig"
    )
    assert manifest.num_classes(path) == 2
    assert manifest.class_names(path, 2) == {0: "a", 1: "b"}
    assert manifest.class_names(path, 3) == {}
    (tmp_path / "manifest.json").write_text(json.dumps({"classes": [{}, {}]}))
    assert manifest.class_names(path, 2) == {}
