"""Facts and class names in an exported model, read and checked."""

from __future__ import annotations

import math
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from keras_attend_fusion.files import (
    open_archive,
    parse_json,
    printable,
    read_member,
    read_text,
)

# Where an exported model keeps what it says of itself, and its class names.
FACTS = "facts.json"
LABELS = "labels.txt"
EXTRA = "assets.extra"  # TensorFlow's own name for such a folder

CLASSES, CLASSES_OF = "classes", "classes_of"
ACTIVATIONS = ("sigmoid", "softmax")  # as layers have them, which need Keras
MOST_BYTES = 16 << 20  # of either


def in_folder(path: Path) -> dict[str, str]:
    """Their texts in a SavedModel's folder, by name."""
    folder = path / EXTRA
    return {
        name: read_text(folder / name, MOST_BYTES)
        for name in (FACTS, LABELS)
        if (folder / name).is_file()
    }


def behind(path: Path) -> dict[str, str]:
    """Their texts in the archive behind a LiteRT file's own bytes."""
    if not zipfile.is_zipfile(path):
        return {}
    with open_archive(path) as archive:
        names = set(archive.namelist()) & {FACTS, LABELS}
        return {
            name: read_member(archive, name, MOST_BYTES).decode()
            for name in names
        }


def facts_of(
    notes: Mapping[str, str], num_classes: int, name: str
) -> dict[str, Any]:
    """The facts in an exported model's texts, checked; empty if none.

    Args:
        notes: the texts.
        num_classes: how many classes the model scores.
        name: the model's, for errors.

    Raises:
        ValueError: they are not a JSON object, or those that this package
            goes by are not what they have to be.
    """
    where = f"{name}: {FACTS}"
    facts: dict[str, Any] = parse_json(notes.get(FACTS, "{}"), where)
    check_facts(facts, num_classes, where)
    return facts


def labels_of(
    notes: Mapping[str, str], num_classes: int, name: str
) -> list[str]:
    """The class names in an exported model's texts; empty if none.

    Raises:
        ValueError: they are more or fewer than the classes.
    """
    text = notes.get(LABELS, "")
    labels = text.split("\n") if text else []
    if len(labels) == num_classes + 1 and not labels[-1]:
        labels.pop()  # the end of the last line
    if labels and len(labels) != num_classes:
        raise ValueError(
            f"{name}: {LABELS} has {len(labels)} names, expected one for each "
            f"of the {num_classes} classes"
        )
    return labels


def check_facts(facts: Mapping[str, Any], num_classes: int, where: str) -> None:
    """Raises `ValueError` if facts that this package goes by are wrong.

    These are the threshold, the classes that are scored where they are not
    all of the labels', the activation and the inputs. Others may be anything.
    """
    threshold = facts.get("threshold")
    if threshold is not None and not (
        _is_number(threshold) and 0.0 <= threshold <= 1.0
    ):
        raise _wrong(where, "threshold", threshold, "a number from 0 to 1")
    check_classes(facts, num_classes, where)
    activation = facts.get("activation", ACTIVATIONS[0])
    if activation not in ACTIVATIONS:
        raise _wrong(
            where, "activation", activation, f"one of {', '.join(ACTIVATIONS)}"
        )
    inputs = facts.get("inputs", {})
    if not isinstance(inputs, dict) or not all(map(_is_input, inputs.values())):
        raise _wrong(
            where,
            "inputs",
            inputs,
            "an object of inputs by name, as kaf.export.describe gives",
        )


def check_classes(
    facts: Mapping[str, Any], num_classes: int, where: str
) -> None:
    """Raises `ValueError` if the classes that a model scores are wrong.

    `classes` has the class of each score, rising, and `classes_of` how many
    classes the labels have; both or neither are there.
    """
    if CLASSES not in facts and CLASSES_OF not in facts:
        return
    classes, of = facts.get(CLASSES), facts.get(CLASSES_OF)
    if type(of) is not int or of < 1:
        raise _wrong(where, CLASSES_OF, of, "a whole number of classes")
    if (
        not isinstance(classes, list)
        or not all(type(index) is int for index in classes)
        or classes != sorted(set(classes))
        or not all(0 <= index < of for index in classes)
    ):
        raise _wrong(
            where, CLASSES, classes, f"rising whole numbers from 0 to {of - 1}"
        )
    if len(classes) != num_classes:
        raise ValueError(
            f"{where} says that {len(classes)} classes are scored, but the "
            f"model has {num_classes} scores: pass a model with the "
            f"{CLASSES} that it was trained on"
        )


def _is_input(value: Any) -> bool:
    if not isinstance(value, dict):
        return False
    span = value.get("dequantize", {"min_value": 0.0, "max_value": 1.0})
    return isinstance(span, dict) and all(
        _is_number(span.get(f"{end}_value")) for end in ("min", "max")
    )


def _is_number(value: Any) -> bool:
    return type(value) in (int, float) and math.isfinite(value)


def _wrong(where: str, name: str, value: Any, expected: str) -> ValueError:
    return ValueError(
        f"{where}: {name} is {printable(repr(value), 60)}; expected {expected}"
    )
