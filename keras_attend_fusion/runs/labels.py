"""Whether shards have anything to learn from, or to score by."""

from __future__ import annotations

from typing import Any

from keras_attend_fusion.arguments import ArgumentError
from keras_attend_fusion.runs.dataset import Shards

AT_ONCE = 64  # videos: mostly the first batch has a label
POSITIVE = 0.5  # a label, or the least score of a segment that makes one


def require_labels(
    reader: Shards,
    argument: str,
    text: str,
    num_classes: int,
    rated: bool = False,
    **arguments: Any,
) -> None:
    """Reads the shards of an argument until a label of the classes is met.

    Args:
        reader: Reads them.
        argument: The argument's name.
        text: Its value.
        num_classes: The classes that labels have.
        rated: Whether it is the rated segments that have to have one.
        **arguments: Those of `load`, or of `load_segments`.

    Raises:
        ArgumentError: None has one, or there is nothing to read.
    """
    from keras_attend_fusion import data

    # Training will tell of what is skipped.
    again = reader.again().with_batch_size(AT_ONCE)
    load = again.load_segments if rated else again.load
    batches = load(text, num_classes, **arguments)
    videos = 0
    for _, labels, *_ in batches.as_numpy_iterator():
        videos += len(labels)
        if (labels >= POSITIVE).any():
            return
    if not videos:
        missing = "rated segment" if rated else "record that can be used"
        raise ArgumentError(f"`{argument}` {text}: no {missing}")
    schema = reader.schema or data.VIDEO
    missing = "video has a label"
    key = f" (key {schema.labels_key})"
    if rated:
        missing, key = "segment is rated as positive", ""
    if reader.chosen is not None:
        missing += " of the classes that `classes` names"
    raise ArgumentError(
        f"`{argument}` {text}: no {missing}{key}, so there is nothing to "
        "learn or to score: pass labelled shards"
    )
