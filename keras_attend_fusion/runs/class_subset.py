"""The classes that a model scores, where it learned some of them alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from keras_attend_fusion.arguments import ArgumentError
from keras_attend_fusion.data.vocabulary import SHOWN, name_of, read_classes
from keras_attend_fusion.runs import folder as run_folder
from keras_attend_fusion.runs import load_model as any_model
from keras_attend_fusion.runs import notes

MEMBER = "classes.json"  # of the .keras file
INDICES, OF = "classes", "classes_of"  # there, and in an export's facts
NAMES = "class_names"  # there; an export has them as its labels


@dataclass(frozen=True)
class ClassList:
    """Which class of the labels each score is of.

    Attributes:
        indices: The class of each score, rising.
        of: How many classes the labels have.
        names: The classes' names by index, empty where they are not known.
    """

    indices: Sequence[int]
    of: int
    names: Mapping[int, str] = field(default_factory=dict)

    @property
    def some(self) -> bool:
        """Whether classes of the labels are left out."""
        return len(self.indices) < self.of

    @property
    def facts(self) -> dict[str, Any]:
        """Which classes a model scores; empty if it is every one."""
        return {INDICES: list(self.indices), OF: self.of} if self.some else {}

    def by_score(self, names: Mapping[int, str]) -> dict[int, str]:
        """As `shown`, but no names at all if none are known."""
        names = names or self.names
        return self.shown(names) if names else {}

    def shown(self, names: Mapping[int, str]) -> dict[int, str]:
        """Names by the place of the score, of every class; see `name_of`.

        `names` go before those that the model knows.
        """
        names = names or self.names
        return {
            place: name_of(names, index)
            for place, index in enumerate(self.indices)
        }

    @property
    def place(self) -> dict[int, int]:
        """The place of each class's score."""
        return {index: place for place, index in enumerate(self.indices)}


def chosen(
    text: str | None,
    num_classes: int,
    names: Mapping[int, str] | None = None,
) -> ClassList:
    """The classes that `classes` names: a file, or indices.

    `names` has those of the classes that are known.

    Raises:
        ValueError: as `read_classes` does.
    """
    names = names or {}
    if text is None:
        return ClassList(range(num_classes), num_classes, names)
    parts = [part.strip() for part in text.split(",")]
    if not all(part.isdecimal() for part in parts):
        indices = read_classes(text, range(num_classes))
        return ClassList(indices, num_classes, names)
    indices = sorted({int(part) for part in parts})
    beyond = [str(index) for index in indices if index >= num_classes]
    if beyond:
        raise ArgumentError(
            f"`classes` names {', '.join(beyond[:SHOWN])}, but there are "
            f"{num_classes}: 0 to {num_classes - 1}"
        )
    return ClassList(indices, num_classes, names)


def keep(path: Path, classes: ClassList) -> None:
    """Adds to a saved model which classes it scores, and their names."""
    facts = dict(classes.facts)
    if classes.names:
        facts[NAMES] = [classes.names[index] for index in classes.indices]
    if facts:
        notes.keep(path, MEMBER, facts)


def of_model(path: str, model: Any) -> ClassList:
    """The classes that the model of a --model flag scores.

    Raises:
        ValueError: if what is kept of them is not of this model.
    """
    from keras_attend_fusion.export.notes import check_classes

    if any_model.is_export(path):
        where, facts = path, dict(model.facts)
        facts[NAMES] = model.labels or None
    else:
        file = run_folder.model_file(path)
        where, facts = f"{file}: {MEMBER}", notes.read(file, MEMBER)
    scores = int(model.output_shape[-1])
    check_classes(facts, scores, where)
    indices: Sequence[int] = facts.get(INDICES, range(scores))
    of, names = facts.get(OF, scores), facts.get(NAMES)
    if names is None:
        return ClassList(indices, of)
    if (
        not isinstance(names, list)
        or len(names) != scores
        or not all(isinstance(name, str) for name in names)
    ):
        raise ValueError(
            f"{where}: {NAMES} is not a list of {scores} names, one a class "
            "that the model scores"
        )
    return ClassList(indices, of, dict(zip(indices, names, strict=True)))
