"""What a YouTube-8M record holds, and which kind of record one is."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import tensorflow as tf
from google.protobuf.message import DecodeError


@dataclass(frozen=True)
class Modality:
    """One kind of feature of a video.

    Args:
        name: The name of the model's input, such as `"rgb"`.
        key: The name of the feature in the record, such as `"mean_rgb"`.
        size: Values a vector holds.
    """

    name: str
    key: str
    size: int


@dataclass(frozen=True)
class Schema:
    """The layout of a record.

    Args:
        level: `"video"` (a `tf.train.Example` with one float32 vector a
            modality) or `"frame"` (a `tf.train.SequenceExample` with one
            uint8 vector a second).
        modalities: The features, in the order of the model's inputs.
        id_keys: Names the video's id may have; the first one found counts.
        labels_key: Name of the list of class indices.
        max_frames: Frames kept of a video; unused at video level.

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
        names = [one.name for one in self.modalities]
        if not names or len(set(names)) < len(names):
            raise ValueError(
                f"A schema has modalities of different names, got {names}."
            )
        for one in self.modalities:
            if not isinstance(one.size, int) or one.size < 1:
                raise ValueError(
                    f"The size of {one.name} has to be 1 or more, got "
                    f"{one.size!r}."
                )

    @property
    def names(self) -> tuple[str, ...]:
        """The modalities' names, in order."""
        return tuple(modality.name for modality in self.modalities)


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
        ValueError: It is neither, or the file does not hold a schema.

    Example:

    >>> read_schema("audioset") is AUDIOSET
    True
    """
    if str(name) in SCHEMAS:
        return SCHEMAS[str(name)]
    path = Path(name)
    if not path.is_file():
        raise ValueError(
            f"{name} is no schema: give {' or '.join(SCHEMAS)}, or a JSON file."
        )
    try:
        given = json.loads(path.read_text())
        parts = given.pop("modalities")
        given["modalities"] = tuple(Modality(**one) for one in parts)
        if "id_keys" in given:
            given["id_keys"] = tuple(given["id_keys"])
        schema = Schema(**given)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"{path} holds no schema: {error}") from error
    return schema


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
            f"{len(serialized)} bytes are no tf.train.Example or "
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
    found = ", ".join(sorted(features | lists)) or "nothing"
    raise ValueError(
        f"The record holds {found}; a video-level record holds mean_rgb or "
        "mean_audio, a frame-level one the feature lists rgb or audio."
    )
