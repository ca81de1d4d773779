"""The classes that a model scores, where it learned some of them alone."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from keras_attend_fusion.cli import any_model, run_folder
from keras_attend_fusion.cli.vocabulary import SHOWN, read_classes

MEMBER = "classes.json"  # of the .keras file, which is a zip
INDICES, OF = "classes", "classes_of"  # there, and in an export's facts


@dataclass(frozen=True)
class ClassList:
    """Which class of the labels each score is of.

    Attributes:
        indices: The class of each score, rising.
        of: How many classes the labels have.
    """

    indices: Sequence[int]
    of: int

    @property
    def some(self) -> bool:
        """Whether classes of the labels are left out."""
        return len(self.indices) < self.of

    @property
    def facts(self) -> dict[str, Any]:
        """What is kept beside a model; empty if it scores every class."""
        return {INDICES: list(self.indices), OF: self.of} if self.some else {}

    def by_score(self, names: Mapping[int, str]) -> dict[int, str]:
        """Names by the place of the score, of the classes that have one."""
        return {
            place: names[index]
            for place, index in enumerate(self.indices)
            if index in names
        }

    def shown(self, names: Mapping[int, str]) -> dict[int, str]:
        """As `by_score`, with the index for a class that has no name."""
        return {
            place: names.get(index) or f"class {index}"
            for place, index in enumerate(self.indices)
        }

    @property
    def place(self) -> dict[int, int]:
        """The place of each class's score."""
        return {index: place for place, index in enumerate(self.indices)}


def every(num_classes: int) -> ClassList:
    """All classes, each at its own place."""
    return ClassList(range(num_classes), num_classes)


def chosen(text: str | None, num_classes: int) -> ClassList:
    """The classes that --classes names: a file, or indices.

    Raises:
        ValueError: as `read_classes` does.
    """
    if text is None:
        return every(num_classes)
    parts = [part.strip() for part in text.split(",")]
    if not all(part.isdecimal() for part in parts):
        return ClassList(read_classes(text, range(num_classes)), num_classes)
    indices = sorted({int(part) for part in parts})
    beyond = [str(one) for one in indices if one >= num_classes]
    if beyond:
        raise ValueError(
            f"--classes names {', '.join(beyond[:SHOWN])}, but there are "
            f"{num_classes}: 0 to {num_classes - 1}"
        )
    return ClassList(indices, num_classes)


def keep(path: Path, classes: ClassList) -> None:
    """Adds to a saved model which classes it scores, if it is not all."""
    if classes.some:
        with zipfile.ZipFile(path, "a") as file:
            file.writestr(MEMBER, json.dumps(classes.facts))


def of_model(path: str, model: Any) -> ClassList:
    """The classes that the model of a --model flag scores.

    Raises:
        ValueError: if what is kept of them is not of this model.
    """
    if any_model.is_export(path):
        facts = model.facts
    else:
        with zipfile.ZipFile(run_folder.model_file(path)) as file:
            known = MEMBER in file.namelist()
            facts = json.loads(file.read(MEMBER)) if known else {}
    scores = model.output_shape[-1]
    if INDICES not in facts:
        return every(scores)
    classes = ClassList(facts[INDICES], facts[OF])
    if len(classes.indices) != scores:
        raise ValueError(
            f"{path} says that it scores {len(classes.indices)} classes, but "
            f"it has {scores} scores: pass a model that `attend-fusion train` "
            "wrote"
        )
    return classes
