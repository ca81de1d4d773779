"""What a caller wants of each record, in one value."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass

from keras_attend_fusion.data.arguments import integer
from keras_attend_fusion.data.schema import (
    LEVELS,
    MOST_FRAMES,
    Modality,
    Schema,
)

# Of a float feature. Products of a few features and sums of their squares,
# which gradients hold, have to stay below 3.4e38.
MOST_MAGNITUDE = 1e9
YT8M_CLASSES = 3862


@dataclass(frozen=True)
class Plan:
    """How records are parsed and checked.

    Attributes:
        schema: The record's layout, with every dtype and storage.
        num_classes: Labels lie in `[0, num_classes)`.
        max_frames: Frames kept of a video.
        names: The modalities delivered. All of the schema's are checked.
        with_id: Whether the video's id is delivered, and so has to be there.
        rated: Whether it is the rated segments that are delivered.
    """

    schema: Schema
    num_classes: int
    max_frames: int
    names: tuple[str, ...]
    with_id: bool = False
    rated: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "schema", self.schema.resolved)

    @property
    def delivered(self) -> tuple[Modality, ...]:
        """The schema's modalities that the caller asked for."""
        return tuple(
            modality
            for modality in self.schema.modalities
            if modality.name in self.names
        )


def make_plan(
    schema: Schema,
    num_classes: int | None = None,
    max_frames: int | None = None,
    modalities: Sequence[str] | None = None,
    with_id: bool = False,
) -> Plan:
    """Checks the arguments and makes the plan of them.

    `num_classes` and `max_frames` count where they are given; else the
    schema's.
    """
    if max_frames is None:
        max_frames = schema.max_frames
    if num_classes is None:
        num_classes = class_count(schema)
    num_classes = integer("num_classes", num_classes, most=sys.maxsize)
    max_frames = integer("max_frames", max_frames, most=MOST_FRAMES)
    if with_id and not schema.id_keys:
        raise ValueError(
            "with_id: the schema has no id_keys, so that videos have no ids: "
            "name the feature that holds them in id_keys."
        )
    if isinstance(modalities, str):
        modalities = (modalities,)
    names = schema.names if modalities is None else tuple(modalities)
    unknown = [str(name) for name in names if name not in schema.names]
    if unknown or not names:
        raise ValueError(
            f"modalities has to name some of {', '.join(schema.names)}, "
            f"got {', '.join(unknown) or 'none'}."
        )
    return Plan(schema, num_classes, max_frames, names, with_id)


def class_count(schema: Schema) -> int:
    """How many classes a schema names; YouTube-8M's 3862 if it names none."""
    return YT8M_CLASSES if schema.classes is None else len(schema.classes)


def schema_of(level: str) -> Schema:
    """The ready schema of a level's name."""
    if level not in LEVELS:
        raise ValueError(
            f"level has to be 'auto', 'video', 'frame' or 'segment', "
            f"got {level!r}."
        )
    return LEVELS[level]
