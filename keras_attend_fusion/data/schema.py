"""What a record holds: its level, its features, its labels."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from keras_attend_fusion.data.arguments import integer
from keras_attend_fusion.data.modality import Modality as Modality
from keras_attend_fusion.data.modality import require_text
from keras_attend_fusion.files import read_json

MOST_FRAMES = 1 << 20  # of a video
TASKS = ("multi_label", "single_label")


@dataclass(frozen=True)
class Schema:
    """The layout of a record.

    Args:
        level: `"video"` (a `tf.train.Example` with one vector a modality) or
            `"frame"` (a `tf.train.SequenceExample` with one vector a second;
            what a video has one vector of is a list of one frame).
        modalities: The features, in the order of the model's inputs.
        id_keys: Names the video's id may have; the first one found counts.
            A string is one name. Without any, ids cannot be delivered.
        labels_key: Name of the list of class indices.
        max_frames: Frames kept of a video where the reader is not given
            another number; unused at video level.
        classes: Names of the classes, in the order of their indices; None if
            they have none.
        task: `"multi_label"`, or `"single_label"`: every record has one
            label and no more, and one with another number is refused.

    Raises:
        ValueError: An argument is of another type, or out of range, or two
            features or two classes have one name.

    Example:

    >>> AUDIOSET = Schema(
    ...     "frame", (Modality("audio", "audio_embedding", 128),)
    ... )
    >>> AUDIOSET.names
    ('audio',)
    """

    level: str
    modalities: tuple[Modality, ...]
    id_keys: tuple[str, ...] = ("id", "video_id")
    labels_key: str = "labels"
    max_frames: int = 300
    classes: tuple[str, ...] | None = None
    task: str = "multi_label"

    def __post_init__(self) -> None:
        if self.level not in ("video", "frame"):
            raise ValueError(
                f"A schema's level is 'video' or 'frame', got {self.level!r}."
                " Segment records have the frame layout."
            )
        if not isinstance(self.modalities, tuple | list) or not all(
            isinstance(modality, Modality) for modality in self.modalities
        ):
            raise ValueError(
                "A schema's modalities are a tuple of kaf.data.Modality, got "
                f"{self.modalities!r}."
            )
        id_keys = self.id_keys
        if isinstance(id_keys, str):
            id_keys = (id_keys,)
        if not isinstance(id_keys, tuple | list):
            raise ValueError(
                "A schema's id_keys are a tuple of names of features, got "
                f"{id_keys!r}."
            )
        for key in id_keys:
            require_text("One of id_keys", key)
        require_text("labels_key", self.labels_key)
        frames = integer("max_frames", self.max_frames, most=MOST_FRAMES)
        object.__setattr__(self, "modalities", tuple(self.modalities))
        object.__setattr__(self, "id_keys", tuple(id_keys))
        object.__setattr__(self, "max_frames", frames)
        self._require_distinct()
        self._require_classes()

    def _require_classes(self) -> None:
        if self.task not in TASKS:
            raise ValueError(
                f"A schema's task is one of {', '.join(TASKS)}, got "
                f"{self.task!r}."
            )
        if self.classes is None:
            return
        classes = self.classes
        if not isinstance(classes, tuple | list) or not classes:
            raise ValueError(
                "A schema's classes are a tuple of names, in the order of "
                f"their indices, got {classes!r}."
            )
        indices: dict[str, int] = {}
        for index, name in enumerate(classes):
            require_text(f"The name of class {index}", name)
            first = indices.setdefault(name, index)
            if first != index:
                raise ValueError(
                    f"Classes {first} and {index} both have the name {name!r}."
                )
        object.__setattr__(self, "classes", tuple(classes))

    def _require_distinct(self) -> None:
        names = list(self.names)
        if not names or len(set(names)) < len(names):
            raise ValueError(
                f"A schema has modalities of different names, got {names}."
            )
        masks = [name for name in names if name.removesuffix("_mask") != name]
        clash = [name for name in masks if name.removesuffix("_mask") in names]
        if clash:
            raise ValueError(
                f"A modality cannot be named {clash[0]}: that is the mask of "
                f"{clash[0].removesuffix('_mask')}."
            )
        keys = [modality.key for modality in self.modalities]
        beside = [*self.id_keys, self.labels_key]
        # Frames are kept apart from the id and the labels of a record.
        apart = [keys, beside] if self.level == "frame" else [[*keys, *beside]]
        for group in apart:
            twice = [key for key in group if group.count(key) > 1]
            if twice:
                raise ValueError(
                    f"A schema names a feature once, but {twice[0]!r} comes "
                    f"{group.count(twice[0])} times among {group}."
                )

    @property
    def names(self) -> tuple[str, ...]:
        """The modalities' names, in order."""
        return tuple(modality.name for modality in self.modalities)

    @property
    def resolved(self) -> Schema:
        """The same with a dtype and a storage for every modality.

        Those that are not said are the level's own. What records hold,
        `resolve_schema` looks up.
        """
        modalities = tuple(
            modality.resolved(self.level) for modality in self.modalities
        )
        if modalities == self.modalities:
            return self
        return dataclasses.replace(self, modalities=modalities)

    @property
    def sizes(self) -> dict[str, int]:
        """The values of a vector, by the names of the modalities."""
        return {modality.name: modality.size for modality in self.modalities}

    @property
    def dtypes(self) -> dict[str, str]:
        """What batches hold, `"uint8"` or `"float32"`, by name."""
        return {
            modality.name: modality.delivered_dtype
            for modality in self.resolved.modalities
        }

    @property
    def ranges(self) -> dict[str, tuple[float, float]]:
        """What the bytes 0 and 255 stand for, by name; of uint8 ones alone."""
        return {
            modality.name: modality.value_range
            for modality in self.resolved.modalities
            if modality.dtype == "uint8"
        }

    def as_json(self) -> dict[str, Any]:
        """The arguments by name, as `read_schema` reads them.

        What is None or the default is left out, but for `id_keys`,
        `labels_key` and `max_frames`.

        Example:

        >>> VIDEO.as_json()["modalities"][1]
        {'name': 'audio', 'key': 'mean_audio', 'size': 128}
        """
        values: dict[str, Any] = {
            "level": self.level,
            "modalities": [modality.as_json() for modality in self.modalities],
            "id_keys": list(self.id_keys),
            "labels_key": self.labels_key,
            "max_frames": self.max_frames,
        }
        if self.classes is not None:
            values["classes"] = list(self.classes)
        if self.task != "multi_label":
            values["task"] = self.task
        return values


VIDEO = Schema(
    "video",
    (Modality("rgb", "mean_rgb", 1024), Modality("audio", "mean_audio", 128)),
)
FRAME = Schema(
    "frame",
    (Modality("rgb", "rgb", 1024), Modality("audio", "audio", 128)),
)
AUDIOSET = Schema(
    "frame", (Modality("audio", "audio_embedding", 128),), max_frames=10
)
SCHEMAS = {"audioset": AUDIOSET}
LEVELS = {"video": VIDEO, "frame": FRAME, "segment": FRAME}


def read_schema(name: str | Path) -> Schema:
    """A schema by its name, or from a JSON file.

    The file holds the arguments of `Schema`:

    ```json
    {
      "level": "frame",
      "modalities": [{"name": "audio", "key": "sound", "size": 512}],
      "id_keys": ["clip"],
      "labels_key": "tags",
      "max_frames": 60
    }
    ```

    Args:
        name: `"audioset"`, or the path of a file.

    Raises:
        ValueError: It is neither, or the file does not hold a schema; the
            message names the file and the key.

    Example:

    >>> read_schema("audioset") is AUDIOSET
    True
    """
    if str(name) in SCHEMAS:
        return SCHEMAS[str(name)]
    path = Path(name)
    if not path.is_file():
        raise ValueError(
            f"{name} is not a schema: give {' or '.join(SCHEMAS)}, or a JSON "
            "file."
        )
    return parse_schema(read_json(path), path)


def parse_schema(values: Any, name: str | Path) -> Schema:
    """A schema from the arguments of `Schema`, as JSON gives them.

    Args:
        values: The arguments by name; not changed.
        name: Where they come from, for errors.

    Raises:
        ValueError: They are not those of a schema.

    Example:

    >>> sound = {"name": "audio", "key": "sound", "size": 512}
    >>> parse_schema({"level": "frame", "modalities": [sound]}, "a.json").names
    ('audio',)
    """
    try:
        _require_keys(Schema, values, "a schema")
        if not isinstance(values["modalities"], list):
            raise ValueError(
                f"modalities is a list, got {values['modalities']!r}."
            )
        modalities = []
        for part in values["modalities"]:
            _require_keys(Modality, part, "a modality")
            modalities.append(Modality(**part))
        return Schema(**{**values, "modalities": tuple(modalities)})
    except ValueError as error:
        raise ValueError(f"{name} does not hold a schema: {error}") from error


def _require_keys(kind: Any, values: Any, subject: str) -> None:
    """Raises unless a JSON object has the arguments of a class, no others."""
    if not isinstance(values, dict):
        raise ValueError(f"{subject} is a JSON object, got {values!r}.")
    names = [field.name for field in dataclasses.fields(kind)]
    unknown = [key for key in values if key not in names]
    if unknown:
        raise ValueError(
            f"unknown key {unknown[0]!r}: {subject} has {', '.join(names)}."
        )
    missing = [
        field.name
        for field in dataclasses.fields(kind)
        if field.default is dataclasses.MISSING and field.name not in values
    ]
    if missing:
        raise ValueError(f"{subject} without {missing[0]!r}: {values!r}.")
