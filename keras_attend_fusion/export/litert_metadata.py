"""The metadata table of a LiteRT file, as Android Studio, the Android library
`tensorflow-lite-metadata` and MediaPipe read it.

Its layout is TensorFlow Lite's `metadata_schema.fbs`: the numbers below are
the places of fields in the tables of that schema, and values of its enums.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import flatbuffers

from keras_attend_fusion.export import flatbuffer
from keras_attend_fusion.models.describe import is_mask

NAME = b"TFLITE_METADATA"  # of the entry in a LiteRT file
IDENTIFIER = b"M001"
PARSER = "1.0.0"  # the first that knows all of these fields

DESCRIPTIONS, AXIS_LABELS = 1, 2  # AssociatedFileType
FEATURES = 1  # ContentProperties
THRESHOLD = 3  # ProcessUnitOptions

Fill = Callable[[flatbuffers.Builder], None]


def with_metadata(
    flat: bytes,
    facts: Mapping[str, Any],
    facts_file: str,
    labels_file: str | None,
) -> bytes:
    """A LiteRT file that describes itself, its inputs and its scores.

    Args:
        flat: the file; a table that it has is replaced.
        facts: what `add_facts` got.
        facts_file: name of the associated file that holds them.
        labels_file: name of the one with a class name a line, if there is one.
    """
    schema = flatbuffer.schema()
    model = flatbuffer.read(flat)
    table = _table(_inputs(model), facts, facts_file, labels_file)
    entries = {entry.name: entry for entry in model.metadata or []}
    if NAME not in entries:
        entry = schema.MetadataT()
        entry.name, entry.buffer = NAME, len(model.buffers)
        model.buffers.append(schema.BufferT())
        model.metadata = [*entries.values(), entry]
        entries[NAME] = entry
    model.buffers[entries[NAME].buffer].data = list(table)
    return flatbuffer.write(model)


def _inputs(model: Any) -> dict[str, list[int]]:
    """Shape by name of the inputs, in the order of the file."""
    graph, signature = model.subgraphs[0], model.signatureDefs[0]
    names = {
        tensor_map.tensorIndex: tensor_map.name.decode()
        for tensor_map in signature.inputs
    }
    shapes: dict[str, list[int]] = {}
    for index in graph.inputs:
        tensor = graph.tensors[index]
        dynamic = tensor.shapeSignature
        shape = tensor.shape if dynamic is None else dynamic
        shapes[names[index]] = [int(size) for size in shape]
    return shapes


def _table(
    inputs: Mapping[str, Sequence[int]],
    facts: Mapping[str, Any],
    facts_file: str,
    labels_file: str | None,
) -> bytes:
    builder = flatbuffers.Builder(1024)
    input_facts = facts.get("inputs", {})
    tensors = [
        _input(builder, name, shape, input_facts.get(name, {}))
        for name, shape in inputs.items()
    ]
    scores = _scores(builder, facts, labels_file)
    graph = _write(
        builder,
        10,
        {
            2: _tables(builder, tensors),
            3: _tables(builder, [scores]),
        },
    )
    told_in = _file(builder, facts_file, "what the model is", DESCRIPTIONS)
    root = _write(
        builder,
        8,
        {
            0: builder.CreateString(str(facts.get("model", "model"))),
            1: builder.CreateString(_description(facts)),
            2: builder.CreateString(str(facts.get("made_by", ""))),
            3: _tables(builder, [graph]),
            6: _tables(builder, [told_in]),
            7: builder.CreateString(PARSER),
        },
    )
    builder.Finish(root, IDENTIFIER)
    return bytes(builder.Output())


def _description(facts: Mapping[str, Any]) -> str:
    parts = [
        f"{facts[name]:,} {unit}"
        for name, unit in (
            ("num_classes", "classes"),
            ("parameters", "parameters"),
        )
        if name in facts
    ]
    return ", ".join(["Scores the classes of a video", *parts]) + "."


def _input(
    builder: flatbuffers.Builder,
    name: str,
    shape: Sequence[int],
    facts: Mapping[str, Any],
) -> int:
    if is_mask(name):
        text = "True on seconds that the video has, False on padding."
    elif "dequantize" in facts:
        low, high = (
            facts["dequantize"][f"{end}_value"] for end in ("min", "max")
        )
        text = (
            f"Quantised features: 0 to 255 stand for {low:.9g} to {high:.9g}; "
            "the model itself dequantises them."
        )
    else:
        text = "Features as they are; a row of zeros where there are none."
    axes = ["batch", "seconds", "features"]
    if is_mask(name):
        axes = axes[:2]
    elif len(shape) == 2:
        axes = [axes[0], axes[2]]
    return _tensor(builder, name, text, axes, {})


def _scores(
    builder: flatbuffers.Builder,
    facts: Mapping[str, Any],
    labels_file: str | None,
) -> int:
    threshold = facts.get("threshold")
    more = {5: _score_range(builder)}
    if labels_file:
        names = _file(builder, labels_file, "a class name a line", AXIS_LABELS)
        more[6] = _tables(builder, [names])
    if threshold is not None:
        builder.StartObject(1)
        builder.PrependFloat32Slot(0, float(threshold), 0.0)
        more[4] = _tables(builder, [_union(builder, THRESHOLD)])
    return _tensor(
        builder,
        "scores",
        "The score of each class, from 0 to 1; together they are 1."
        if facts.get("activation") == "softmax"
        else "The score of each class, from 0 to 1, each for itself.",
        ["batch", "classes"],
        more,
    )


def _score_range(builder: flatbuffers.Builder) -> int:
    ends = []
    for value in (1.0, 0.0):  # the schema has the largest first
        builder.StartVector(4, 1, 4)
        builder.PrependFloat32(value)
        ends.append(builder.EndVector())
    return _write(builder, 2, dict(enumerate(ends)))


def _tensor(
    builder: flatbuffers.Builder,
    name: str,
    text: str,
    axes: Sequence[str],
    more: Mapping[int, int],
) -> int:
    builder.StartObject(0)  # FeatureProperties, which has no field
    content = _union(builder, FEATURES, fields=3)
    named = [builder.CreateString(axis) for axis in axes]
    fields = {
        0: builder.CreateString(name),
        1: builder.CreateString(text),
        2: _tables(builder, named),
        3: content,
        **more,
    }
    return _write(builder, 7, fields)


def _file(builder: flatbuffers.Builder, name: str, text: str, kind: int) -> int:
    fields = {0: builder.CreateString(name), 1: builder.CreateString(text)}
    builder.StartObject(5)
    for place, offset in fields.items():
        builder.PrependUOffsetTRelativeSlot(place, offset, 0)
    builder.PrependInt8Slot(2, kind, 0)
    return int(builder.EndObject())


def _union(builder: flatbuffers.Builder, kind: int, fields: int = 2) -> int:
    """A table whose first two fields are a union; its value was started."""
    value = builder.EndObject()
    builder.StartObject(fields)
    builder.PrependUint8Slot(0, kind, 0)
    builder.PrependUOffsetTRelativeSlot(1, value, 0)
    return int(builder.EndObject())


def _write(
    builder: flatbuffers.Builder, fields: int, values: Mapping[int, int]
) -> int:
    """A table of strings, vectors and tables, written before it."""
    builder.StartObject(fields)
    for place, offset in values.items():
        builder.PrependUOffsetTRelativeSlot(place, offset, 0)
    return int(builder.EndObject())


def _tables(builder: flatbuffers.Builder, offsets: Sequence[int]) -> int:
    """A vector of what was written before it."""
    builder.StartVector(4, len(offsets), 4)
    for offset in reversed(offsets):
        builder.PrependUOffsetTRelative(offset)
    return int(builder.EndVector())
