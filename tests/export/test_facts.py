"""What an exported model says of itself, wherever it is carried."""

from __future__ import annotations

import shutil
import zipfile

import numpy as np
import pytest

from keras_attend_fusion import export, models
from tests.export.conftest import CLASSES
from tests.export.features import frame_level, video_level

NAMES = ["Game", "Vidéo", "<b>", "two\nlines", "", "Car"]
FACTS = {"threshold": 0.25, "note": "Ünïcode"}
FORMATS = ["saved_model", "litert", "onnx"]


@pytest.fixture(params=FORMATS)
def path(request, video, tmp_path):
    """A copy of the video-level model's export in each format."""
    if request.param == "onnx":
        source = request.getfixturevalue("onnx_file")
    else:
        source = getattr(video, request.param)
    copy = shutil.copytree if source.is_dir() else shutil.copyfile
    return copy(source, tmp_path / source.name)


def test_facts_and_names_come_back(video, path):
    before = export.load(path)
    assert (before.facts, before.labels) == ({}, [])
    features = video_level(3)
    export.add_facts(path, FACTS, NAMES)
    after = export.load(path)
    assert after.facts == FACTS
    assert after.labels == ["Game", "Vidéo", "<b>", "two lines", "", "Car"]
    np.testing.assert_array_equal(after(features), before(features))
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def test_new_facts_replace_the_earlier_ones(path):
    export.add_facts(path, {"old": True}, NAMES)
    size = path.stat().st_size
    export.add_facts(path, {"new": True})
    loaded = export.load(path)
    assert (loaded.facts, loaded.labels) == ({"new": True}, [])
    if path.is_file():
        assert path.stat().st_size < size


def test_the_best_classes_go_by_name(video, path):
    features = video_level(3)
    loaded = export.load(path)
    scores = loaded(features)
    best = loaded.top_k(features, k=2)
    assert [[c for c, _ in one] for one in best] == [
        np.argsort(-row)[:2].tolist() for row in scores
    ]
    export.add_facts(path, {}, NAMES)
    loaded = export.load(path)
    named, labels = loaded.top_k(features, k=2), loaded.labels
    assert named == [[(labels[c], s) for c, s in one] for one in best]
    assert all(one[0][1] >= one[1][1] for one in named)


def test_the_names_have_to_be_as_many_as_the_classes(path):
    message = f"has {CLASSES} classes, got 2 labels"
    with pytest.raises(ValueError, match=message):
        export.add_facts(path, {}, ["a", "b"])
    assert export.load(path).facts == {}


def test_any_zip_program_reads_those_of_a_litert_file(video, tmp_path):
    path = shutil.copyfile(video.litert, tmp_path / "a.tflite")
    export.add_facts(path, FACTS, NAMES)
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        assert archive.read("labels.txt").decode().split("\n")[1] == "Vidéo"


def test_a_model_is_described(video, frame):
    facts = export.describe(video.model)
    assert facts["num_classes"] == CLASSES
    assert facts["parameters"] == video.model.count_params()
    assert facts["inputs"] == {
        "rgb": {"shape": [1024], "dtype": "float32"},
        "audio": {"shape": [128], "dtype": "float32"},
    }
    inputs = export.describe(frame.model)["inputs"]
    assert inputs["audio"] == {
        "shape": [None, 128],
        "dtype": "uint8",
        "dequantize": {"min_value": -2.0, "max_value": 2.0},
    }
    assert inputs["rgb_mask"] == {"shape": [None], "dtype": "bool"}


def test_the_export_can_be_described_after_it(tmp_path):
    """Exporting wires the layers up once more; the first wiring counts."""
    model = models.AttendFusion(
        CLASSES, "frame", members=1, trunk_units=8, hidden_units=8
    )
    before = export.describe(model)
    export.saved_model(model, tmp_path / "again")
    assert export.describe(model) == before
    loaded = export.load(tmp_path / "again")
    assert loaded(frame_level(2, 3)).shape == (2, CLASSES)
