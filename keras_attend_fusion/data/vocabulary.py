"""Which classes there are, by index and by name, from lists of any kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from keras_attend_fusion.data.class_files import Entry, read_entries

SHOWN = 5


def read_vocabulary(path: str | None) -> dict[int, str]:
    """Class names by index.

    Read are tables (`.csv`, `.tsv`) with a column of indices and one of
    names, such as YouTube-8M's `vocabulary.csv` and `label_names_2018.csv`
    and AudioSet's `class_labels_indices.csv`; `.txt` files with a name a
    line, as the `labels.txt` of exports; and `.json` files with a list of
    names, or an object of names by index. A class without a name goes by its
    knowledge-graph id, if the table has those.

    Args:
        path: The file; None for no names.

    Raises:
        ValueError: if the file is not one of those, or has an index twice.
    """
    if path is None:
        return {}
    entries = read_entries(path, "a vocabulary", named=True)
    return {entry.number: entry.name for entry in entries}


def read_class_names(path: str) -> list[str]:
    """The names of all classes, in the order of their indices.

    Args:
        path: A file as `read_vocabulary` reads.

    Raises:
        ValueError: as `read_vocabulary` does, and if an index from 0 on is
            missing, or has no name.
    """
    names = read_vocabulary(path)
    if not names:
        raise ValueError(f"{path} names no class")
    for index in range(len(names)):
        if not names.get(index):
            raise ValueError(
                f"{path} has no name for class {index}, of {len(names)}: names "
                "are of the classes 0, 1, 2 and so on"
            )
    return [names[index] for index in range(len(names))]


def name_of(names: Mapping[int, str], index: int) -> str:
    """The name of a class, or its index if it has none.

    Example:

    >>> names = {0: "Game", 1: ""}
    >>> name_of(names, 0), name_of(names, 1), name_of(names, 2)
    ('Game', 'class 1', 'class 2')
    """
    return names.get(index) or f"class {index}"


def named(names: Mapping[int, str], classes: Sequence[int]) -> dict[int, str]:
    """`name_of` each class; no names at all if none are given."""
    return {index: name_of(names, index) for index in classes if names}


def require_names(
    names: dict[int, str], path: str | None, classes: Sequence[int]
) -> None:
    """Raises `ValueError` if the vocabulary of a file lacks a class."""
    missing = [c for c in classes if c not in names]
    if path is not None and missing:
        raise ValueError(
            f"{path} lacks {len(missing)} of the {len(classes)} classes "
            f"(Index {_some(missing)}): pass the vocabulary of the classes "
            "that the model was trained on"
        )


def read_classes(path: str | None, known: Sequence[int]) -> list[int]:
    """Class indices in rising order, from a file that lists them.

    Read are tables as `read_vocabulary` reads, where the names may lack, and
    `.txt` and `.json` lists of indices.

    Args:
        path: The file; None for all classes.
        known: The classes that there are, rising.

    Raises:
        ValueError: as `read_vocabulary` does, at an index that is not a
            class, and if there is none.
    """
    if path is None:
        return list(known)
    entries: list[Entry] = read_entries(path, "a list of classes", named=False)
    classes = sorted(entry.number for entry in entries)
    every_class = set(known)
    lacking = [c for c in classes if c not in every_class]
    if lacking:
        allowed = f"{known[0]} to {known[-1]}"
        if len(known) < known[-1] - known[0] + 1:
            allowed = f"the model's {len(known)}, from {allowed}"
        raise ValueError(
            f"{path} names {len(lacking)} unknown classes (Index "
            f"{_some(lacking)}): expected some of {allowed}"
        )
    if not classes:
        raise ValueError(f"{path} names no class: expected an Index a line")
    return classes


def _some(indices: list[int]) -> str:
    more = ["…"] if len(indices) > SHOWN else []
    return ", ".join([str(index) for index in indices[:SHOWN]] + more)
