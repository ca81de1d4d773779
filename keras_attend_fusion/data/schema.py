"""What a YouTube-8M record holds, and which kind of record one is."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tensorflow as tf
from google.protobuf.message import DecodeError

from keras_attend_fusion.data.arguments import integer
from keras_attend_fusion.files import read_json

MOST_VALUES, MOST_FRAMES = 1 << 20, 1 << 20  # of a vector, of a video
# What the reader delivers beside the modalities, under these names.
RESERVED = ("id", "start", "labels")


@dataclass(frozen=True)
class Modality:
    """One kind of feature of a video.

    Args:
        name: The name of the model's input, such as `"rgb"`.
        key: The name of the feature in the record, such as `"mean_rgb"`.
        size: Values a vector holds.

    Raises:
        ValueError: An argument is of another type, or out of range.
    """

    name: str
    key: str
    size: int

    def __post_init__(self) -> None:
        _require_text("A modality's name", self.name)
        _require_text(f"The key of {self.name}", self.key)
        if self.name in RESERVED:
            raise ValueError(
                f"A modality cannot be named {self.name}: the reader delivers "
                "something else under that name."
            )
        size = integer(f"The size of {self.name}", self.size, most=MOST_VALUES)
        object.__setattr__(self, "size", size)


@dataclass(frozen=True)
class Schema:
    """The layout of a record.

    Args:
        level: `"video"` (a `tf.train.Example` with one float32 vector a
            modality) or `"frame"` (a `tf.train.SequenceExample` with one
            uint8 vector a second).
        modalities: The features, in the order of the model's inputs.
        id_keys: Names the video's id may have; the first one found counts.
            A string is one name. Without any, ids cannot be delivered.
        labels_key: Name of the list of class indices.
        max_frames: Frames kept of a video where the reader is not given
            another number; unused at video level.

    Raises:
        ValueError: An argument is of another type, or out of range, or two
            features have one name.

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
            _require_text("One of id_keys", key)
        _require_text("labels_key", self.labels_key)
        frames = integer("max_frames", self.max_frames, most=MOST_FRAMES)
        object.__setattr__(self, "modalities", tuple(self.modalities))
        object.__setattr__(self, "id_keys", tuple(id_keys))
        object.__setattr__(self, "max_frames", frames)
        self._require_distinct()

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


def _require_text(name: str, value: Any) -> None:
    if not isinstance(value, str) or not value:
        raise ValueError(f"{name} has to be a string, got {value!r}.")


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


def detect_level(serialized: bytes) -> str:
    """Tells which kind of YouTube-8M record some bytes are.

    Both message types keep their plain features in field 1, so one parse as
    a `SequenceExample` shows the features of either.

    Args:
        serialized: A serialised `tf.train.Example` or
            `tf.train.SequenceExample`.

    Returns:
        `"video"`, `"frame"` or `"segment"` (a frame-level record with rated
        segments).

    Raises:
        ValueError: The record has the features of neither level; the message
            lists those it has.

    Example:

    >>> means = tf.train.FloatList(value=[0.0] * 1024)
    >>> record = tf.train.Example()
    >>> record.features.feature["mean_rgb"].float_list.CopyFrom(means)
    >>> detect_level(record.SerializeToString())
    'video'
    """
    try:
        record = tf.train.SequenceExample.FromString(serialized)
    except DecodeError:
        raise ValueError(
            f"{len(serialized)} bytes are not a tf.train.Example or "
            "tf.train.SequenceExample."
        ) from None
    features = set(record.context.feature)
    lists = set(record.feature_lists.feature_list)
    if lists & {modality.key for modality in FRAME.modalities}:
        rated = any(key.startswith("segment_") for key in features)
        return "segment" if rated else "frame"
    if lists & {modality.key for modality in AUDIOSET.modalities}:
        raise ValueError(
            "The record is one of AudioSet's embeddings: pass "
            "schema=kaf.data.AUDIOSET (--schema=audioset)."
        )
    if features & {modality.key for modality in VIDEO.modalities}:
        return "video"
    keys = ", ".join(sorted(features | lists)) or "nothing"
    raise ValueError(
        f"The record holds {keys}; a video-level record holds mean_rgb or "
        "mean_audio, a frame-level one the feature lists rgb or audio."
    )
