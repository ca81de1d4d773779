"""How the records of shards are laid out: what --schema and a model say."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from keras_attend_fusion.runs import folder as run_folder
from keras_attend_fusion.runs import load_model as any_model
from keras_attend_fusion.runs import notes

MEMBER = "schema.json"  # of the .keras file
FACT = "schema"  # in an export's facts and in config.json
LEARNED = "the model's schema"
MODALITIES = ("rgb", "audio")  # that models take


def of_flag(value: Any) -> Any:
    """The schema of --schema: a name, a file, or what a config holds."""
    from keras_attend_fusion.data import schema

    if not value:
        return None
    if isinstance(value, schema.Schema):
        return value
    if isinstance(value, dict):
        return schema.parse_schema(value, f"{run_folder.CONFIG}: {FACT}")
    return schema.read_schema(value)


def origin(value: Any) -> str:
    """What errors call the schema of a value of --schema, if it has one."""
    return "--schema" if value and not isinstance(value, dict) else LEARNED


def as_json(schema: Any) -> dict[str, Any] | None:
    """A schema as JSON gives it back; None for YouTube-8M's own layout."""
    if schema is None:
        return None
    value: dict[str, Any] = schema.as_json()
    return value


def keep(path: Path, schema: Any) -> None:
    """Adds to a saved model how the shards are laid out that it learned."""
    if schema is not None:
        notes.keep(path, MEMBER, as_json(schema) or {})


def of_model(path: str, model: Any) -> Any:
    """The schema of the shards that the model of a --model flag learned.

    None if it says nothing: YouTube-8M's own layout.

    Raises:
        ValueError: What the file holds is not a schema.
    """
    from keras_attend_fusion.data import schema

    if any_model.is_export(path):
        where, kept = f"{path}: {FACT}", model.facts.get(FACT)
    else:
        file = run_folder.model_file(path)
        where, kept = f"{file}: {MEMBER}", notes.read(file, MEMBER)
    return schema.parse_schema(kept, where) if kept else None


def native(model: Any) -> Any:
    """YouTube-8M's own layout, with vectors of the sizes of a model.

    None if those are YouTube-8M's too.
    """
    from keras_attend_fusion.data.schema import LEVELS

    schema = LEVELS[run_folder.level(model)]
    modalities = tuple(
        dataclasses.replace(
            modality, size=int(model.input[modality.name].shape[-1])
        )
        if modality.name in model.input
        else modality
        for modality in schema.modalities
    )
    if modalities == schema.modalities:
        return None
    return dataclasses.replace(schema, modalities=modalities)


def left_out(
    schema: Any,
    taken: Sequence[str],
    origin: str,
    takes: str = "the model takes",
) -> str:
    """A line about the modalities of a schema that are not taken, if any."""
    if schema is None:
        return ""
    others = [name for name in schema.names if name not in taken]
    if not others:
        return ""
    names = [name for name in MODALITIES if name in taken]
    return (
        f"{origin} has {' and '.join(others)}, left out: {takes} "
        f"{' and '.join(names)}"
    )


def require_fit(schema: Any, model: Any, origin: str) -> None:
    """Raises `ValueError` if a model takes what a schema does not have."""
    level = run_folder.level(model)
    if schema.level != level:
        raise ValueError(
            f"the model takes {level}-level shards, but {origin} is of "
            f"{schema.level} level"
        )
    taken = run_folder.modalities(model)
    sizes = {modality.name: modality.size for modality in schema.modalities}
    missing = [name for name in taken if name not in sizes]
    if missing:
        raise ValueError(
            f"{origin} has {' and '.join(sizes)}, but the model takes "
            f"{' and '.join(taken)}: add {' and '.join(missing)} to the "
            "schema, or pass a model that does without"
        )
    for name in taken:
        size = int(model.input[name].shape[-1])
        if size != sizes[name]:
            raise ValueError(
                f"{origin} says that {name} has {sizes[name]} values, but "
                f"the model takes {size}: pass the schema of the shards that "
                "it was trained on, or another model"
            )
