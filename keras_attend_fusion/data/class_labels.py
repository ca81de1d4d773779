"""Labels as people give them, by index or by name, to indices."""

from __future__ import annotations

import operator
from collections.abc import Iterable
from typing import Any

import numpy as np

from keras_attend_fusion.data.schema import require_text

MOST_CLASSES = 1 << 20


class ClassLabels:
    """Turns labels into indices of classes.

    Args:
        classes: The names, in order; None to go by the labels: names are
            collected in the order in which they first come, and indices are
            their own names.

    Raises:
        ValueError: The names are not strings, or two are the same.

    Example:

    >>> labels = ClassLabels(["cat", "dog"])
    >>> labels.indices(["dog", 0])
    [0, 1]
    """

    def __init__(self, classes: Iterable[str] | None = None) -> None:
        self._given = classes is not None
        self._indices: dict[str, int] = {}
        self._highest = -1
        if classes is None:
            return
        if isinstance(classes, str):
            raise ValueError(
                f"classes is the text {classes!r}: give a list of names."
            )
        for index, name in enumerate(classes):
            require_text(f"The name of class {index}", name)
            first = self._indices.setdefault(str(name), index)
            if first != index:
                raise ValueError(
                    f"classes has {name!r} twice, as {first} and {index}."
                )
        if not self._indices:
            raise ValueError("classes has no names: give one at least.")

    @property
    def names(self) -> tuple[str, ...] | None:
        """The names of the classes, in order; None if no label came."""
        if self._indices:
            return tuple(self._indices)
        if self._highest < 0:
            return None
        return tuple(str(index) for index in range(self._highest + 1))

    def indices(self, labels: Any) -> list[int]:
        """The indices of a video's labels, ascending, each once.

        Args:
            labels: An index or a name, or several of them; None for none.

        Raises:
            ValueError: A label is neither, or not one of the classes.
        """
        if labels is None:
            return []
        if isinstance(labels, np.ndarray) and labels.dtype.kind == "f":
            raise ValueError(f"labels are {labels.dtype}, expected indices")
        if hasattr(labels, "__array__"):
            labels = np.asarray(labels).tolist()
        if not isinstance(labels, list | tuple | set | frozenset | range):
            labels = [labels]
        return sorted({self._index(label) for label in labels})

    def _index(self, label: Any) -> int:
        if isinstance(label, bytes):
            label = label.decode("utf-8", "replace")
        if isinstance(label, str):
            return self._index_of_name(label)
        try:
            if isinstance(label, bool | np.bool_):
                raise TypeError
            index = operator.index(label)
        except TypeError:
            raise ValueError(
                f"label {label!r} is neither an index nor a name"
            ) from None
        if index < 0:
            raise ValueError(f"label {index} is negative")
        if self._given and index >= len(self._indices):
            raise ValueError(
                f"label {index}, but there are {len(self._indices)} classes, "
                f"0 to {len(self._indices) - 1}"
            )
        if not self._given and self._indices:
            raise ValueError(
                f"label {index} is an index, but labels before it are names: "
                "pass classes, or labels of one kind"
            )
        if index >= MOST_CLASSES:
            raise ValueError(
                f"label {index} is not below {MOST_CLASSES}, the most classes"
            )
        self._highest = max(self._highest, index)
        return index

    def _index_of_name(self, name: str) -> int:
        if not name:
            raise ValueError("a label is an empty text")
        if name in self._indices:
            return self._indices[name]
        if self._given:
            raise ValueError(
                f"label {name!r} is not one of the {len(self._indices)} "
                f"classes ({', '.join(list(self._indices)[:3])}…)"
            )
        if self._highest >= 0:
            raise ValueError(
                f"label {name!r} is a name, but labels before it are indices: "
                "pass classes, or labels of one kind"
            )
        if len(self._indices) >= MOST_CLASSES:
            raise ValueError(f"label {name!r} makes more than a million names")
        self._indices[name] = len(self._indices)
        return self._indices[name]
