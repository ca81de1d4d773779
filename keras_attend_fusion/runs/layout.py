"""How the records of shards are laid out: what `schema` and a model say."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from keras_attend_fusion.arguments import ArgumentError
from keras_attend_fusion.data.patterns import split_patterns
from keras_attend_fusion.runs import folder as run_folder
from keras_attend_fusion.runs import load_model as any_model
from keras_attend_fusion.runs import notes

MEMBER = "schema.json"  # of the .keras file
FACT = "schema"  # in an export's facts and in config.json
LEARNED = "the model's schema"


def of_flag(value: Any) -> Any:
    """The schema of an argument: a name, a file, or what a config holds."""
    from keras_attend_fusion.data import schema

    if not value:
        return None
    if isinstance(value, schema.Schema):
        return value
    if isinstance(value, dict):
        return schema.parse_schema(value, f"{run_folder.CONFIG}: {FACT}")
    return schema.read_schema(value)


def origin(value: Any) -> str:
    """What errors call the schema of an argument, if it has one."""
    return "`schema`" if value and not isinstance(value, dict) else LEARNED


def of_shards(text: str, given: Any, learned: Any) -> tuple[Any, str]:
    """The layout of the shards that a flag names, and where it is from.

    What is given counts; else the `schema.json` beside the shards; else what
    the model learned. None for YouTube-8M's own. What of the storage it does
    not say is looked up in the first records.

    Args:
        text: The globs.
        given: The schema that is given, as `of_flag` takes it.
        learned: The schema of the shards that the model learned.

    Raises:
        ValueError: `schema.json` is not a schema, or does not fit the shards.
    """
    from keras_attend_fusion import data
    from keras_attend_fusion.data.find_schema import schema_beside
    from keras_attend_fusion.data.levels import choose_schema, with_storage

    paths = data.list_shards(split_patterns(text))
    schema = of_flag(given)
    if schema is not None:
        return with_storage(paths, schema), origin(given)
    beside = schema_beside(paths)
    if beside is not None:
        return choose_schema(paths, "auto", None), beside[0]
    return (with_storage(paths, learned) if learned else None), LEARNED


def require_same(schema: Any, text: str, flag: str) -> None:
    """Raises `ArgumentError` if the schema.json of other shards differs.

    Args:
        schema: The schema that they are read with.
        text: The globs of the other shards.
        flag: The argument that names them.
    """
    from keras_attend_fusion import data

    other = data.find_schema(split_patterns(text))
    if other is None:
        return
    difference = "modalities"
    if schema is not None and set(other.names) == set(schema.names):
        pairs = [
            ("level", schema.level, other.level),
            ("task", schema.task, other.task),
            ("classes", schema.classes, other.classes),
            *(
                (f"{kind} of {name}", ours.get(name), theirs.get(name))
                for kind, ours, theirs in (
                    ("size", schema.sizes, other.sizes),
                    ("dtype", schema.dtypes, other.dtypes),
                    ("range", schema.ranges, other.ranges),
                )
                for name in schema.names
            ),
        ]
        different = [what for what, ours, theirs in pairs if ours != theirs]
        if not different:
            return
        difference = different[0]
    raise ArgumentError(
        f"`{flag}` {text}: the schema.json beside these shards differs from "
        f"the layout of the training shards in {difference}: write both with "
        "one schema (kaf.data.write takes the ranges), or pass `schema`"
    )


def as_json(schema: Any) -> dict[str, Any] | None:
    """A schema as JSON gives it back; None for YouTube-8M's own layout.

    A dtype and a storage that are the level's own are left out, so that what
    earlier versions wrote is equal.
    """
    if schema is None:
        return None
    from keras_attend_fusion import data

    value: dict[str, Any] = schema.as_json()
    for modality in value["modalities"]:
        plain = data.Modality(
            modality["name"], modality["key"], modality["size"]
        )
        own = plain.resolved(schema.level).as_json()
        if "range" in modality or any(
            modality.get(key, own[key]) != own[key]
            for key in ("dtype", "storage")
        ):
            continue
        modality.pop("dtype", None)
        modality.pop("storage", None)
    return value


def keep(path: Path, schema: Any) -> None:
    """Adds to a saved model how the shards are laid out that it learned."""
    if schema is not None:
        notes.keep(path, MEMBER, as_json(schema) or {})


def of_model(path: str, model: Any) -> Any:
    """The schema of the shards that the model of a --model flag learned.

    None if it says nothing: YouTube-8M's own layout.

    Raises:
        ArgumentError: What the file holds is not a schema.
    """
    from keras_attend_fusion.data import schema

    if any_model.is_export(path):
        where, kept = f"{path}: {FACT}", model.facts.get(FACT)
    else:
        file = run_folder.model_file(path)
        where, kept = f"{file}: {MEMBER}", notes.read(file, MEMBER)
    return schema.parse_schema(kept, where) if kept else None


def native(model: Any) -> Any:
    """YouTube-8M's own layout, with vectors as a model takes them.

    None if they are YouTube-8M's own.

    Raises:
        ArgumentError: The model takes what YouTube-8M's shards do not have.
    """
    from keras_attend_fusion.data.schema import LEVELS
    from keras_attend_fusion.models import describe

    taken = describe(model)
    schema = LEVELS[taken.level]
    other = [name for name in taken.modalities if name not in schema.names]
    if other:
        raise ArgumentError(
            f"the model takes {' and '.join(taken.modalities)}, but the "
            f"shards have no schema that names {' and '.join(other)}: pass "
            "`schema`, or leave the schema.json beside them that "
            "`attend-fusion pack` writes"
        )
    own = schema.dtypes
    modalities = tuple(
        dataclasses.replace(
            modality,
            size=taken.sizes[modality.name],
            dtype=None
            if taken.dtypes[modality.name] == own[modality.name]
            else taken.dtypes[modality.name],
        )
        if modality.name in taken.modalities
        else modality
        for modality in schema.modalities
    )
    if modalities == schema.modalities:
        return None
    return dataclasses.replace(schema, modalities=modalities)


def left_out(schema: Any, taken: Sequence[str], origin: str) -> str:
    """A line about the modalities of a schema that are not taken, if any."""
    if schema is None:
        return ""
    others = [name for name in schema.names if name not in taken]
    if not others:
        return ""
    return (
        f"{origin} has {' and '.join(others)}, left out: the model takes "
        f"{' and '.join(name for name in schema.names if name in taken)}"
    )


def require_fit(schema: Any, model: Any, origin: str) -> None:
    """Raises `ArgumentError` if a model takes what a schema does not have."""
    from keras_attend_fusion.models import describe

    taken = describe(model)
    if schema.level != taken.level:
        raise ArgumentError(
            f"the model takes {taken.level}-level shards, but {origin} is of "
            f"{schema.level} level"
        )
    missing = [name for name in taken.modalities if name not in schema.names]
    if missing:
        shared = [name for name in schema.names if name in taken.modalities]
        taken_names = [*shared, *missing]
        raise ArgumentError(
            f"{origin} has {' and '.join(schema.names)}, but the model takes "
            f"{' and '.join(taken_names)}: add {' and '.join(missing)} "
            "to the schema, or pass a model that does without"
        )
    for name in taken.modalities:
        size, stored_size = taken.sizes[name], schema.sizes[name]
        if size != stored_size:
            raise ArgumentError(
                f"{origin} says that {name} has {stored_size} values, but "
                f"the model takes {size}: pass the schema of the shards that "
                "it was trained on, or another model"
            )
        dtype, stored_dtype = taken.dtypes[name], schema.dtypes[name]
        if (dtype == "uint8") != (stored_dtype == "uint8"):
            raise ArgumentError(
                f"{origin} says that {name} is {stored_dtype}, but the model "
                f"takes {dtype}: a cast would make other features of it. Pass "
                "shards that are stored as those the model was trained on"
            )
        span, stored = taken.ranges.get(name), schema.ranges.get(name)
        if span is not None and stored is not None and span != stored:
            raise ArgumentError(
                f"{origin} says that the bytes of {name} stand for values "
                f"from {stored[0]:g} to {stored[1]:g}, but the model "
                f"dequantises them from {span[0]:g} to {span[1]:g}: write the "
                "shards with the range of those it was trained on"
            )


def require_names(schema: Any, names: Mapping[int, str], origin: str) -> None:
    """Raises `ArgumentError` if a schema names classes as a model does not."""
    for index, name in names.items():
        if schema.classes is None or index >= len(schema.classes):
            return
        if schema.classes[index] != name:
            raise ArgumentError(
                f"{origin} names class {index} {schema.classes[index]!r}, but "
                f"the model's class {index} is {name!r}: pass shards whose "
                "labels count the model's classes"
            )
