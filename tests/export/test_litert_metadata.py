"""The metadata table of a LiteRT file, read field by field as others do."""

from __future__ import annotations

import shutil

import flatbuffers
import numpy as np
import pytest
from flatbuffers import number_types as types
from flatbuffers.table import Table
from tensorflow.lite.tools import flatbuffer_utils

from keras_attend_fusion import export
from tests.export.conftest import CLASSES
from tests.export.features import frame_level


class Fields:
    """A table of a flatbuffer whose fields are asked for by their places."""

    def __init__(self, table: Table) -> None:
        self.table = table

    def _at(self, place: int) -> int:
        offset = self.table.Offset(4 + 2 * place)
        return offset + self.table.Pos if offset else 0

    def text(self, place: int) -> str:
        return self.table.String(self._at(place)).decode()

    def number(self, place: int, kind: type) -> float:
        return self.table.Get(kind, self._at(place))

    def child(self, place: int) -> Fields:
        return Fields(
            Table(self.table.Bytes, self.table.Indirect(self._at(place)))
        )

    def has(self, place: int) -> bool:
        return bool(self._at(place))

    def _vector(self, place: int) -> range:
        at = self._at(place) - self.table.Pos
        start, length = self.table.Vector(at), self.table.VectorLen(at)
        return range(start, start + 4 * length, 4)

    def children(self, place: int) -> list[Fields]:
        data = self.table.Bytes
        return [
            Fields(Table(data, self.table.Indirect(at)))
            for at in self._vector(place)
        ]

    def texts(self, place: int) -> list[str]:
        return [self.table.String(at).decode() for at in self._vector(place)]

    def floats(self, place: int) -> list[float]:
        return [
            self.table.Get(types.Float32Flags, at) for at in self._vector(place)
        ]


def table_of(path) -> Fields:
    model = flatbuffer_utils.convert_bytearray_to_object(
        bytearray(path.read_bytes())
    )
    (entry,) = [one for one in model.metadata if one.name == b"TFLITE_METADATA"]
    data = bytearray(model.buffers[entry.buffer].data)
    assert flatbuffers.util.BufferHasIdentifier(data, 0, b"M001")
    return Fields(
        Table(
            data,
            flatbuffers.encode.Get(types.UOffsetTFlags.packer_type, data, 0),
        )
    )


@pytest.fixture
def path(frame, tmp_path):
    return shutil.copyfile(frame.litert, tmp_path / "a.tflite")


def test_it_tells_inputs_scores_threshold_and_files(frame, path):
    names = [f"class {c}" for c in range(CLASSES)]
    facts = {**export.describe(frame.model), "threshold": 0.25}
    export.add_facts(path, facts, names)
    told = table_of(path)
    assert told.text(0) == frame.model.name
    assert f"{CLASSES} classes" in told.text(1)
    assert told.text(2) == facts["made_by"]
    assert [one.text(0) for one in told.children(6)] == ["facts.json"]
    (graph,) = told.children(3)
    inputs = {one.text(0): one for one in graph.children(2)}
    assert set(inputs) == set(frame.model.input)
    assert inputs["rgb"].texts(2) == ["batch", "seconds", "features"]
    assert inputs["audio_mask"].texts(2) == ["batch", "seconds"]
    assert "0 to 255 stand for -2 to 2" in inputs["audio"].text(1)
    (scores,) = graph.children(3)
    assert (scores.text(0), scores.texts(2)) == ("scores", ["batch", "classes"])
    assert scores.child(5).floats(0) == [1.0]
    assert scores.child(5).floats(1) == [0.0]
    (unit,) = scores.children(4)
    assert unit.number(0, types.Uint8Flags) == 3  # a threshold
    assert unit.child(1).number(0, types.Float32Flags) == 0.25
    (labels,) = scores.children(6)
    assert labels.text(0) == "labels.txt"
    assert labels.number(2, types.Int8Flags) == 2  # of an axis


def test_the_inputs_are_in_the_order_of_the_file(path):
    """Readers take the first description for the first input."""
    export.add_facts(path, {})
    model = flatbuffer_utils.convert_bytearray_to_object(
        bytearray(path.read_bytes())
    )
    graph = model.subgraphs[0]
    (inner,) = table_of(path).children(3)
    told = [one.text(0) for one in inner.children(2)]
    tensors = [graph.tensors[index].name.decode() for index in graph.inputs]
    assert [f"serving_default_{name}:0" for name in told] == tensors


def test_the_scores_stay_and_a_later_table_replaces_the_first(path):
    features = frame_level(2, 5)
    before = export.load(path)(features)
    export.add_facts(path, {"model": "first", "threshold": 0.5})
    export.add_facts(path, {"model": "second"})
    np.testing.assert_array_equal(export.load(path)(features), before)
    told = table_of(path)
    assert told.text(0) == "second"
    (scores,) = told.children(3)[0].children(3)
    assert not scores.has(4)  # no threshold
    assert not scores.has(6)  # no names
