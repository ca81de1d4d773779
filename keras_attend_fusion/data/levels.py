"""Which schema some shards have."""

from __future__ import annotations

from keras_attend_fusion.data.errors import CorruptRecordError
from keras_attend_fusion.data.plan import schema_of
from keras_attend_fusion.data.schema import Schema, detect_level
from keras_attend_fusion.data.shards import iter_records


def choose_schema(
    paths: list[str], level: str, schema: Schema | None
) -> Schema:
    """The schema that is given, or the one of a level's name.

    Raises:
        ValueError: Both are given, and differ; no level has that name; with
            `"auto"`, no first record can be read (`CorruptRecordError`).
    """
    if schema is not None:
        if not isinstance(schema, Schema):
            raise ValueError(
                f"schema has to be a kaf.data.Schema, got {schema!r}: "
                "read_schema reads one."
            )
        if level not in ("auto", schema.level):
            raise ValueError(
                f"level is {level!r}, but the schema is for {schema.level!r}:"
                " leave level out."
            )
        return schema
    return schema_of(_first_level(paths) if level == "auto" else level)


def _first_level(paths: list[str]) -> str:
    """The level of the first record that can be read."""
    problem: CorruptRecordError | None = None
    for path in paths:
        try:
            for offset, record in iter_records(path):
                try:
                    return detect_level(record)
                except ValueError as error:
                    reason = str(error)
                    problem = problem or CorruptRecordError(
                        path, offset, 0, reason
                    )
                    break
        except CorruptRecordError as error:
            problem = problem or error
    assert problem is not None
    raise problem
