"""What a YouTube-8M record holds, and which kind of record one is."""

from __future__ import annotations

from dataclasses import dataclass

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
LEVELS = {"video": VIDEO, "frame": FRAME, "segment": FRAME}


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
