"""What an exported model says of itself, within its own file or folder."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import keras

from keras_attend_fusion.export import checksum
from keras_attend_fusion.export.litert_metadata import with_metadata
from keras_attend_fusion.export.notes import (
    EXTRA,
    FACTS,
    LABELS,
    check_facts,
)
from keras_attend_fusion.export.runtime import load
from keras_attend_fusion.extras import require
from keras_attend_fusion.files import beside
from keras_attend_fusion.models.describe import activation_of, ranges_of
from keras_attend_fusion.version import __version__


def add_facts(
    path: str | Path, facts: Mapping[str, Any], labels: Sequence[str] = ()
) -> None:
    """Writes facts and class names into an exported model.

    They need no second file beside it, and `load` gives them back. They are
    `facts.json` and `labels.txt` (a name a line), kept where each format has
    a place for such things: a SavedModel in its folder `assets.extra`; a
    LiteRT file in a ZIP archive behind its own bytes, as any unzip program
    reads it and interpreters pass over it; an ONNX file in its metadata. A
    LiteRT file also gets the metadata table of TensorFlow Lite, from which
    Android Studio, Android's metadata library and MediaPipe take inputs,
    scores, threshold and the names of those associated files.

    Args:
        path: what `saved_model`, `litert` or `onnx` wrote. Facts that were
            there are replaced.
        facts: anything that JSON holds, such as `describe` gives. Of these
            `load` checks what this package goes by: `threshold`, `classes`
            with `classes_of`, `activation` and `inputs`.
        labels: the name of each class, in order; none to leave them out.

    Raises:
        ValueError: if `path` is not an export, there are more or fewer names
            than classes, or facts that JSON does not hold or `load` refuses.

    Example:

    ```python
    path = kaf.export.litert(model, "model.tflite")
    kaf.export.add_facts(path, kaf.export.describe(model), names)
    kaf.export.load(path).top_k(features)
    ```
    """
    path = Path(path)
    exported = load(path)
    num_classes = exported.output_shape[-1]
    if labels and len(labels) != num_classes:
        raise ValueError(
            f"{path.name} has {num_classes} classes, got {len(labels)} labels."
        )
    try:
        text = json.dumps(facts, indent=2, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise ValueError(
            f"the facts for {path.name} are not JSON: {error}"
        ) from error
    check_facts(json.loads(text), num_classes, f"the facts for {path.name}")
    notes = {FACTS: text}
    if labels:
        notes[LABELS] = "\n".join(" ".join(label.split()) for label in labels)
    _WRITERS[exported.format](path, notes)


def describe(model: keras.Model) -> dict[str, Any]:
    """The facts that a Keras model itself tells.

    Returns:
        `model`, its name; `num_classes`; `activation`, "softmax" for classes
        that exclude each other, else "sigmoid"; `parameters`; `made_by`, this
        package's version; and `inputs`, by name: shape without the batch,
        dtype, and for quantised bytes `dequantize`, the range that 0 to 255
        stand for as `layers.Dequantize` has it.
    """
    ranges = ranges_of(model)
    inputs = {}
    for name, tensor in model.input.items():
        inputs[name] = {"shape": list(tensor.shape[1:]), "dtype": tensor.dtype}
        if tensor.dtype == "uint8" and name in ranges:
            least, greatest = ranges[name]
            inputs[name]["dequantize"] = {
                "min_value": least,
                "max_value": greatest,
            }
    return {
        "model": model.name,
        "num_classes": model.output_shape[-1],
        "activation": activation_of(model),
        "parameters": model.count_params(),
        "inputs": inputs,
        "made_by": f"keras-attend-fusion {__version__}, Keras "
        f"{keras.__version__}",
    }


def _to_saved_model(path: Path, notes: Mapping[str, str]) -> None:
    with beside(path / EXTRA) as folder:
        folder.mkdir()
        files = checksum.files_of(path)
        for name in [name for name in files if name.startswith(f"{EXTRA}/")]:
            del files[name]
        for name, text in notes.items():
            (folder / name).write_text(text, encoding="utf-8")
            files[f"{EXTRA}/{name}"] = folder / name
        (folder / checksum.SUMS).write_text(checksum.sums_of(files), "utf-8")


def _to_litert(path: Path, notes: Mapping[str, str]) -> None:
    with beside(path) as unfinished:
        shutil.copyfile(path, unfinished)
        _cut_archive(unfinished)
        flat = with_metadata(
            unfinished.read_bytes(),
            json.loads(notes[FACTS]),
            FACTS,
            LABELS if LABELS in notes else None,
        )
        unfinished.write_bytes(checksum.with_place(flat))
        with zipfile.ZipFile(unfinished, "a") as archive:
            for name, text in notes.items():
                archive.writestr(name, text)
        checksum.fill_in(unfinished)


def _cut_archive(path: Path) -> None:
    """Takes the archive off a file that has one behind its own bytes."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            start = min(entry.header_offset for entry in archive.infolist())
        with path.open("r+b") as file:
            file.truncate(start)


def _to_onnx(path: Path, notes: Mapping[str, str]) -> None:
    onnx = require("onnx", "Writing into an ONNX file needs onnx")
    model = onnx.load(str(path))
    place = {checksum.PROPERTY: checksum.PLACE.decode()}
    onnx.helper.set_model_props(model, {**place, **notes})
    with beside(path) as unfinished:
        onnx.save(model, str(unfinished))
        checksum.fill_in(unfinished)


_WRITERS = {
    "saved_model": _to_saved_model,
    "litert": _to_litert,
    "onnx": _to_onnx,
}
