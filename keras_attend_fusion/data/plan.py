"""What a caller wants of each record, in one value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from keras_attend_fusion.data.schema import LEVELS, Modality, Schema


@dataclass(frozen=True)
class Plan:
    """How records are parsed and checked.

    Attributes:
        schema: The record's layout.
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

    @property
    def delivered(self) -> tuple[Modality, ...]:
        """The schema's modalities that the caller asked for."""
        return tuple(
            one for one in self.schema.modalities if one.name in self.names
        )


def make_plan(
    schema: Schema,
    num_classes: int = 3862,
    max_frames: int = 300,
    modalities: Sequence[str] | None = None,
    with_id: bool = False,
) -> Plan:
    """Checks the arguments and makes the plan of them."""
    if num_classes < 1:
        raise ValueError(f"num_classes has to be positive, got {num_classes}.")
    if max_frames < 1:
        raise ValueError(f"max_frames has to be positive, got {max_frames}.")
    if isinstance(modalities, str):
        modalities = (modalities,)
    names = schema.names if modalities is None else tuple(modalities)
    unknown = sorted(set(names) - set(schema.names))
    if unknown or not names:
        raise ValueError(
            f"modalities has to name some of {', '.join(schema.names)}, "
            f"got {', '.join(unknown) or 'none'}."
        )
    frames = min(max_frames, schema.max_frames)
    return Plan(schema, num_classes, frames, names, with_id)


def schema_of(level: str) -> Schema:
    """The ready schema of a level's name."""
    if level not in LEVELS:
        raise ValueError(
            f"level has to be 'auto', 'video', 'frame' or 'segment', "
            f"got {level!r}."
        )
    return LEVELS[level]
