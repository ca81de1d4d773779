"""Exported files that were damaged on their way."""

from __future__ import annotations

import json
import shutil
import zipfile

import pytest

from keras_attend_fusion import export
from keras_attend_fusion.export import checksum
from tests.export.conftest import CLASSES
from tests.export.features import video_level

NAMES = [f"class {c}" for c in range(CLASSES)]


def flip(path, at):
    content = bytearray(path.read_bytes())
    content[at] ^= 0x40
    path.write_bytes(content)


def without_checksum(path):
    path.write_bytes(path.read_bytes().replace(checksum.MARK, b"kaf-nothing"))


def is_damaged(path):
    with pytest.raises(ValueError) as caught:
        export.load(path)
    message = str(caught.value)
    start = f"{path} cannot be loaded: it is damaged: "
    assert message.startswith(start), message
    return message


@pytest.fixture
def litert(video, tmp_path):
    return shutil.copyfile(video.litert, tmp_path / "a.tflite")


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_byte_of_a_litert_file(litert, share):
    export.load(litert)
    flip(litert, int(share * litert.stat().st_size))
    is_damaged(litert)


@pytest.mark.parametrize("what", ["names", "archive", "checksum", "cut", "end"])
def test_facts_and_names_of_a_litert_file(litert, what):
    export.add_facts(litert, {"threshold": 0.5}, NAMES)
    content = litert.read_bytes()
    if what == "cut":
        litert.write_bytes(content[:-5])
    elif what == "end":
        litert.write_bytes(content[:-4096] + bytes(4096))
    else:
        mark = content.index(checksum.MARK) + len(checksum.MARK) + 3
        names = content.index(b"class 0")
        at = {"names": names, "archive": len(content) - 9, "checksum": mark}
        flip(litert, at[what])
    is_damaged(litert)


def test_a_file_without_a_checksum_is_loaded(litert):
    """As earlier versions and others write."""
    without_checksum(litert)
    assert export.load(litert)(video_level(2)).shape == (2, CLASSES)
    export.add_facts(litert, {})
    flip(litert, 5000)
    is_damaged(litert)


def test_a_byte_of_an_onnx_file(onnx_file, tmp_path):
    path = shutil.copyfile(onnx_file, tmp_path / "a.onnx")
    export.load(path)
    flip(path, path.stat().st_size // 2)
    is_damaged(path)
    shutil.copyfile(onnx_file, path)
    export.add_facts(path, {"threshold": 0.5}, NAMES)
    assert export.load(path).labels == NAMES
    flip(path, path.read_bytes().index(b"class 0"))
    is_damaged(path)


@pytest.fixture
def saved_model(video, tmp_path):
    return shutil.copytree(video.saved_model, tmp_path / "saved_model")


def test_files_of_a_saved_model(saved_model):
    export.load(saved_model)
    (data,) = saved_model.glob("variables/variables.data*")
    flip(data, data.stat().st_size // 2)
    assert f"the checksum of variables/{data.name}" in is_damaged(saved_model)


def test_names_of_a_saved_model_that_are_lost(saved_model):
    export.add_facts(saved_model, {}, NAMES)
    assert export.load(saved_model).labels == NAMES
    (saved_model / "assets.extra" / "labels.txt").unlink()
    assert "it lacks 'assets.extra/labels.txt'" in is_damaged(saved_model)


@pytest.mark.parametrize("line", ["garbage", "\x00\xff", "0  ../../etc/passwd"])
def test_sums_of_a_saved_model_that_are_damaged(saved_model, line):
    (saved_model / "assets.extra" / checksum.SUMS).write_text(line, "utf-8")
    assert "which sha256sums.txt lists" in is_damaged(saved_model)


def test_a_saved_model_without_sums_is_loaded(saved_model):
    (saved_model / "assets.extra" / checksum.SUMS).unlink()
    assert export.load(saved_model)(video_level(1)).shape == (1, CLASSES)


FACTS = [
    ("5", "holds 5: expected a JSON object"),
    ("null", "holds None: expected a JSON object"),
    ("[" * 100_000, "nested too deep"),
    ("{", "is not JSON"),
    ({"threshold": "high"}, "threshold is 'high'; expected a number"),
    ({"threshold": 1e308}, "threshold is 1e+308; expected a number"),
    ({"threshold": True}, "threshold is True; expected a number"),
    ({"classes": [1, 2]}, "classes_of is None; expected a whole number"),
    ({"classes_of": 9}, "classes is None; expected rising whole numbers"),
    ({"classes": 6, "classes_of": 9}, "classes is 6; expected rising"),
    (
        {"classes": [0, 1, 2, 3, 4, "5"], "classes_of": 9},
        "expected rising whole numbers from 0 to 8",
    ),
    ({"classes": [5, 4, 3, 2, 1, 0], "classes_of": 9}, "expected rising"),
    ({"classes": [0, 1, 2, 3, 4, 9], "classes_of": 9}, "expected rising"),
    ({"classes": [0, 1], "classes_of": 9}, "2 classes are scored, but"),
    ({"inputs": [1]}, "inputs is [1]; expected an object"),
    ({"inputs": {"rgb": {"dequantize": {}}}}, "expected an object of inputs"),
]


@pytest.mark.parametrize(("facts", "message"), FACTS)
def test_facts_that_are_not_what_they_have_to_be(litert, facts, message):
    without_checksum(litert)
    text = facts if isinstance(facts, str) else json.dumps(facts)
    with zipfile.ZipFile(litert, "a") as archive:
        archive.writestr("facts.json", text)
    with pytest.raises(ValueError) as caught:
        export.load(litert)
    assert f"{litert} cannot be loaded: a.tflite: facts.json" in str(
        caught.value
    )
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("facts", [one for one, _ in FACTS[4:]])
def test_such_facts_are_not_written_either(litert, facts):
    before = litert.read_bytes()
    with pytest.raises(ValueError, match="the facts for a"):
        export.add_facts(litert, facts)
    assert litert.read_bytes() == before


@pytest.mark.parametrize("facts", [{"a": float("nan")}, {"a": object()}])
def test_facts_that_are_not_json(litert, facts):
    with pytest.raises(ValueError, match="are not JSON"):
        export.add_facts(litert, facts)


@pytest.mark.parametrize("count", [1, CLASSES - 1, CLASSES + 2])
def test_more_or_fewer_names_than_classes(saved_model, count):
    folder = saved_model / "assets.extra"
    (folder / "labels.txt").write_text("\n".join(["a"] * count))
    message = f"labels.txt has {count} names, expected one for each of the 6"
    with pytest.raises(ValueError, match=message):
        export.load(saved_model)


def test_an_archive_that_unpacks_to_far_more(litert):
    without_checksum(litert)
    with zipfile.ZipFile(litert, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("labels.txt", b"\n" * (20 << 20))
    with pytest.raises(ValueError, match="txt holds 20,971,520 bytes"):
        export.load(litert)


def test_scores_that_are_not_finite_name_the_file(video, litert):
    loaded = export.load(litert)
    features = video_level(3)
    features["rgb"][1] = float("nan")
    with pytest.raises(ValueError) as caught:
        loaded(features)
    assert str(caught.value).startswith(
        f"{litert} gives scores that are not finite numbers, first for the "
        "video 1 of 3: "
    )
